import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isMillraceError, TerminalError } from "@millrace/foundation";
import type { CommandModule } from "../command-line/command.ts";
import { createProjectFiles } from "../init/project-files.ts";
import { resolveWorkingFolder } from "../project/working-folder.ts";
import { resolvePipelineFiles } from "../project/pipeline-files.ts";
import { openProjectAt } from "../project/project.ts";
import { generateTypes } from "../types/generated-files.ts";
import { readVersion } from "../version.ts";

/** `millrace init [dir]`: asks nothing, downloads nothing. */
export const command: CommandModule = {
  run: async (context) => {
    const here = resolveWorkingFolder(context.io);
    const folder = resolve(here, context.positionals[0] ?? ".");
    await refuseUsedFolder(folder, here);
    const files = createProjectFiles({ name: packageName(folder), version: readVersion() });
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text, { flag: "wx" });
    }
    const project = await openProjectAt(context, folder, here);
    const pipelines = resolvePipelineFiles({
      named: undefined,
      projectRoot: folder,
      workingFolder: here,
      pipelinesDir: project.config.pipelinesDir,
    });
    const generated = await generateTypes(context, { project, files: pipelines, refresh: true });
    await generated.write();
    const written = [...files.keys(), ...generated.stale.map((file) => relative(folder, file))];
    const shown = relative(here, folder);
    const enter = shown === "" ? "" : `cd ${shown} && `;
    const { style } = context;
    return {
      exitCode: 0,
      data: { folder, files: written, next: `${enter}npx millrace run` },
      text: [
        ...written.map((path) => ` ${style.green(style.signs.done)} ${path}`),
        "",
        ` ${style.bold(`${enter}npx millrace run`)}`,
      ].join("\n"),
    };
  },
};

/** A folder may be there already when nothing in it could be overwritten or mixed up. */
async function refuseUsedFolder(folder: string, here: string): Promise<void> {
  const entries = await listEntries(folder);
  const used = entries.filter((entry) => entry !== ".git" && entry !== ".DS_Store");
  if (used.length === 0) return;
  throw new TerminalError({
    code: "CLI_FOLDER_NOT_EMPTY",
    fault: "caller",
    message: `${relative(here, folder) || "this folder"} is not empty (${used.slice(0, 3).join(", ")}${used.length > 3 ? ", …" : ""}). Name a new folder: millrace init my-project`,
    context: { folder },
  });
}

async function listEntries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    const isFile =
      code === "ENOTDIR" ||
      (await stat(folder).then(
        (found) => found.isFile(),
        () => false,
      ));
    if (!isFile || isMillraceError(error)) throw error;
    throw new TerminalError({
      code: "CLI_USAGE",
      fault: "caller",
      message: `${folder} is a file, not a folder`,
      cause: error,
    });
  }
}

/** A name that npm accepts, made from the folder's. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 100);
  return name === "" || name === "millrace" ? "pipelines" : name;
}
