import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isMillraceError, TerminalError } from "@millrace/foundation";
import type { FunctionResolver, ResolvedFunction, RowFunction, StepFunction } from "@millrace/protocols";
import { isPipeline, pipelineState } from "../builder/pipeline.ts";
import { readImportGraph } from "../module/import-graph.ts";
import type { ImportGraph } from "../module/import-graph.ts";
import type { InlineFunction } from "../module/load-module.ts";
import { freshModuleUrl } from "../module/resolution-hook.ts";
import { didYouMean } from "./function-registry.ts";
import type { FunctionRegistry } from "./function-registry.ts";

/**
 * Finds the function of a code step: an inline function of the loaded pipeline, `./module.ts#export`,
 * `./module.ts#export/step` of a pipeline in another module, or a registered name.
 */
export function createFunctionResolver(
  registry: FunctionRegistry,
  inline: ReadonlyMap<string, InlineFunction>,
): FunctionResolver {
  return {
    names: () => registry.names(),
    async resolve(value, { step, pipelineFile }) {
      const own = inline.get(value);
      if (own !== undefined) return own;
      const named = registry.get(value);
      if (named !== undefined) return { fn: named, origin: value };
      const address = /^(\.{1,2}\/[^#]+)#([\w$]+)(?:\/(.+))?$/.exec(value);
      if (address === null) return undefined;
      const [, path = "", exported = "", inner] = address;
      const file = resolve(pipelineFile === undefined ? "." : dirname(pipelineFile), path);
      const graph = await readImportGraph(file);
      const module = await importModule(file, graph, step);
      return pickExport(module, { value, file, exported, inner, step, graph });
    },
  };
}

type Module = Readonly<Record<string, unknown>>;

async function importModule(file: string, graph: ImportGraph, step: string): Promise<Module> {
  try {
    return (await import(freshModuleUrl(pathToFileURL(file).href, graph.content))) as Module;
  } catch (cause) {
    if (isMillraceError(cause)) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new TerminalError({
      code: "FUNCTION_NOT_FOUND",
      fault: "config",
      message: `Step "${step}": the module ${file} cannot be imported: ${message}`,
      context: { step, file },
      cause,
    });
  }
}

interface Pick {
  readonly value: string;
  readonly file: string;
  readonly exported: string;
  readonly inner: string | undefined;
  readonly step: string;
  readonly graph: ImportGraph;
}

function pickExport(module: Module, { value, file, exported, inner, step, graph }: Pick): ResolvedFunction {
  const found = module[exported];
  const notFound = (problem: string, names: Iterable<string>, received: string): TerminalError =>
    new TerminalError({
      code: "FUNCTION_NOT_FOUND",
      fault: "config",
      message: `Step "${step}": ${value}: ${problem}.${didYouMean(received, names)}`,
      context: { step, file },
    });
  if (found === undefined) throw notFound(`${file} has no export "${exported}"`, Object.keys(module), exported);
  const functions = isPipeline(found) ? pipelineState(found).definition.functions : undefined;
  const fn = inner === undefined ? found : functions?.get(inner);
  if (inner !== undefined && fn === undefined)
    throw notFound(`the export "${exported}" has no code step "${inner}"`, functions?.keys() ?? [], inner);
  if (typeof fn !== "function")
    throw notFound(`the export "${exported}" is no function, but ${typeof fn}`, [], exported);
  return {
    fn: fn as StepFunction | RowFunction,
    origin: file,
    ...(graph.digest === undefined ? {} : { digest: graph.digest }),
  };
}
