import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PipelineSpec, SessionOptions, StepSpec } from "@millrace/protocols";

/**
 * What a sandboxed session may reach: the sources and targets that the definition names, and the state folder.
 *
 * A pattern opens the folder before its first wildcard; a target opens its own folder, since files are staged beside it.
 */
export function sandboxPaths(spec: PipelineSpec, { projectRoot, stateDir }: { readonly projectRoot: string; readonly stateDir: string }): NonNullable<SessionOptions["sandbox"]> {
  const roots = new Map(spec.steps.filter(({ layer }) => layer === "connect").map(({ name, value }) => [name, value]));
  const pathOf = (step: StepSpec): readonly string[] => {
    const named = step.params["connection"];
    const root = typeof named === "string" ? roots.get(named) : undefined;
    const path = toLocalPath(root === undefined ? step.value : `${root.replace(/\/+$/, "")}/${step.value}`, projectRoot);
    return path === undefined ? [] : [path];
  };
  const ofLayer = (...layers: readonly StepSpec["layer"][]): readonly string[] => spec.steps.filter(({ layer, type }) => layers.includes(layer) && type === "config_op").flatMap(pathOf);
  return {
    read: [...ofLayer("ingest").map(withoutPattern), stateDir],
    write: [...ofLayer("store", "publish").map((path) => dirname(path)), stateDir],
  };
}

/** Undefined for what is no file: another adapter reaches it, and not the compute. */
function toLocalPath(value: string, projectRoot: string): string | undefined {
  if (/^file:\/\//i.test(value)) return fileURLToPath(value);
  const path = value.replace(/^file:/i, "");
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return undefined;
  return isAbsolute(path) ? path : resolve(projectRoot, path);
}

function withoutPattern(path: string): string {
  const wildcard = path.search(/[*?[{]/);
  return wildcard === -1 ? path : dirname(`${path.slice(0, wildcard)}_`);
}
