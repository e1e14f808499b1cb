import { readFileSync, statSync } from "node:fs";

/** Larger files are data, and a frame of them helps nobody. */
const maxFrameBytes = 4 * 2 ** 20;

/** Text of a file for a frame; undefined where it cannot be had. */
export function readSmallFile(file: string): string | undefined {
  try {
    const stat = statSync(file);
    return stat.isFile() && stat.size <= maxFrameBytes ? readFileSync(file, "utf8") : undefined;
  } catch {
    // The frame is left out then.
    return undefined;
  }
}
