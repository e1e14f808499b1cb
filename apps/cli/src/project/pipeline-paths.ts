// The pipeline files of a project, by their names and what they say. Node built-ins only: `validate` may end here.
import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, isAbsolute, join, relative, sep } from "node:path";

const moduleExtensions = new Set([".ts", ".mts", ".js", ".mjs"]);
const dataExtensions = new Set([".json", ".yaml", ".yml", ".csv", ".db", ".sqlite"]);

/** Where a project keeps its pipelines. */
export interface PipelinePlaces {
  readonly projectRoot: string;
  readonly pipelinesDir: string;
}

/** Folders below it that are looked into. A deeper tree is somebody's library. */
const maxDepth = 2;

/**
 * Pipeline files of a project, sorted: everything in its folder of pipelines that is one by its kind, and modules at the root that
 * import millrace and have a default export.
 */
export function listPipelineFiles({ projectRoot, pipelinesDir }: PipelinePlaces): readonly string[] {
  const inFolder = listCandidates(pipelinesDir, maxDepth).filter(
    (file) => dataExtensions.has(extname(file)) || isPipelineModule(file),
  );
  const atRoot = listCandidates(projectRoot, 0).filter(
    (file) => !/^(millrace\.config|vitest\.config)\./.test(basename(file)) && isPipelineModule(file),
  );
  return [...new Set([...inFolder, ...atRoot])].toSorted();
}

/** Files of a folder that could hold a pipeline by their extension. */
export function listCandidates(folder: string, depth: number): readonly string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // No such folder: the project keeps its pipelines elsewhere, and names them.
    return [];
  }
  return entries.flatMap((entry): readonly string[] => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? listCandidates(path, depth - 1) : [];
    return entry.isFile() && (moduleExtensions.has(extname(path)) || dataExtensions.has(extname(path))) ? [path] : [];
  });
}

/** Read, not imported: importing a module that is no pipeline would run somebody's code. */
function isPipelineModule(file: string): boolean {
  if (!moduleExtensions.has(extname(file)) || file.endsWith(".d.ts") || /\.(test|spec)\.[mc]?[jt]s$/.test(file))
    return false;
  const text = readFileSync(file, "utf8");
  return /^export\s+default\b/m.test(text) && /from\s*["'](millrace|@millrace\/sdk)["']/.test(text);
}

/** A path as people read it: relative to the working folder where it is below it. */
export function shownPath(file: string, workingFolder: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(workingFolder, file);
  if (path === "") return ".";
  return path.startsWith(`..${sep}..`) || isAbsolute(path) ? file : path;
}
