import { stat } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PipelineSpec, SessionOptions, StepSpec } from "@millrace/protocols";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";

/** More files than this are named by their folder: the compute is given the list in a statement. */
const mostFiles = 1000;

/**
 * What a sandboxed session may reach: the sources and targets that the definition names, and the state folder, in which
 * files are staged.
 *
 * A pattern opens the files that it matches now. Where a target is on another file system than the state folder, files
 * are staged beside it, and its folder is opened too.
 */
export async function sandboxPaths(
  spec: PipelineSpec,
  options: ResolvedRuntimeOptions,
): Promise<NonNullable<SessionOptions["sandbox"]>> {
  const { stateDir } = options;
  const sources = pathsOf(spec, ["ingest"], options.projectRoot).map((path) => expand(path, options));
  const targets = pathsOf(spec, ["store", "publish"], options.projectRoot).map(async (path) =>
    (await deviceOf(dirname(path))) === (await deviceOf(stateDir)) ? [path] : [path, dirname(path)],
  );
  return {
    read: [...(await Promise.all(sources)).flat(), stateDir],
    write: [...(await Promise.all(targets)).flat(), stateDir],
  };
}

/** Local paths that steps of these layers name. Others are reached by an adapter, and not by the compute. */
function pathsOf(spec: PipelineSpec, layers: readonly StepSpec["layer"][], projectRoot: string): readonly string[] {
  const roots = new Map(spec.steps.filter(({ layer }) => layer === "connect").map(({ name, value }) => [name, value]));
  return spec.steps
    .filter(({ layer, type }) => layers.includes(layer) && type === "config_op")
    .flatMap((step) => {
      const named = step.params["connection"];
      const root = typeof named === "string" ? roots.get(named) : undefined;
      return (
        toLocalPath(root === undefined ? step.value : `${root.replace(/\/+$/, "")}/${step.value}`, projectRoot) ?? []
      );
    });
}

function toLocalPath(value: string, projectRoot: string): string | undefined {
  if (/^file:\/\//i.test(value)) return fileURLToPath(value);
  const path = value.replace(/^file:/i, "");
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return undefined;
  return isAbsolute(path) ? path : resolve(projectRoot, path);
}

async function expand(path: string, options: ResolvedRuntimeOptions): Promise<readonly string[]> {
  const wildcard = path.search(/[*?[{]/);
  if (wildcard === -1) return [path];
  const adapter = options.adapters.find(({ schemes }) => schemes.includes("file"));
  const { projectRoot, logger, faultPoints } = options;
  const files = (await adapter?.listFiles(path, { projectRoot, logger, faultPoints })) ?? [];
  return files.length <= mostFiles ? files.map(({ uri }) => uri) : [dirname(`${path.slice(0, wildcard)}_`)];
}

/** File system of a path, or of the nearest folder above it that exists. */
async function deviceOf(path: string): Promise<number | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      return (await stat(folder)).dev;
    } catch {
      // Not there yet, or not readable: what is above it decides.
      if (dirname(folder) === folder) return undefined;
    }
  }
}
