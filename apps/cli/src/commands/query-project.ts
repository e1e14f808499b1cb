import { isMillraceError } from "@millrace/foundation";
import type { Sample } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import { openRuntime } from "../project/open-runtime.ts";
import { openProject } from "../project/project.ts";
import { listPipelineFiles } from "../project/pipeline-paths.ts";

/**
 * Asks a question of the project's datasets. What no run has committed is computed from its pipeline, which is only
 * loaded then.
 */
export async function queryProject(context: CommandContext, sql: string, rows: number): Promise<Sample> {
  const project = await openProject(context);
  await using runtime = await openRuntime(context, project);
  try {
    return await runtime.query(sql, { rows });
  } catch (error) {
    if (!isMillraceError(error) || error.code !== "DATASET_UNKNOWN") throw error;
    const pipelines = listPipelineFiles({ projectRoot: project.root, pipelinesDir: project.config.pipelinesDir });
    if (pipelines.length === 0) throw error;
    return await runtime.query(sql, { rows, pipelines });
  }
}
