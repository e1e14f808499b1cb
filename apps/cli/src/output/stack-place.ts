import { fileURLToPath } from "node:url";
import { sep } from "node:path";
import type { SourcePosition } from "@millrace/protocols";

const frame = /^\s*at (?:.*?\()?(?:async )?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):(\d+)\)?$/gm;

/** The first place of a stack in files below a folder, what is installed left out. */
export function placeInProject(error: unknown, projectRoot: string): SourcePosition | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const match of stack.matchAll(frame)) {
    const place = match[1] ?? "";
    const file = place.startsWith("file:") ? fileURLToPath(place.replace(/[?#].*$/, "")) : place;
    const isOwn = file.startsWith(projectRoot + sep) && !file.includes(`${sep}node_modules${sep}`);
    if (isOwn) return { file, line: Number(match[2]), column: Number(match[3]) };
  }
  return undefined;
}
