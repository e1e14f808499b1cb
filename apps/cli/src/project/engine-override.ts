import type { EngineName, PipelineSpec } from "@millrace/protocols";
import type { CommandContext } from "../command-context.ts";
import type { Project } from "./project.ts";

/** The pipeline with every step on the engine that somebody asked for: by flag, variable or configuration. */
export function resolveEngine(spec: PipelineSpec, project: Project, context: CommandContext): PipelineSpec {
  const isAsked =
    context.flags.text("engine") !== undefined ||
    project.loaded.settings.some(({ key, source }) => key === "engine" && source !== "default");
  if (!isAsked) return spec;
  const engine: EngineName = project.config.engine;
  return { ...spec, steps: spec.steps.map((step) => ({ ...step, engine })) };
}
