import { readdirSync } from "node:fs";
import { join } from "node:path";

const testFile = /\.(test|spec)\.[mc]?[jt]s$/;
const maxDepth = 6;

/** Test files of a project, sorted. What is installed or generated is left out. */
export function listTestFiles(projectRoot: string): readonly string[] {
  return walk(projectRoot, maxDepth).toSorted();
}

function walk(folder: string, depth: number): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): readonly string[] => {
    if (entry.name.startsWith(".") || entry.name === "node_modules" || entry.name === "dist") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return depth > 0 ? walk(path, depth - 1) : [];
    return entry.isFile() && testFile.test(entry.name) ? [path] : [];
  });
}
