import { lstatSync } from "node:fs";
import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { PipelineSpec } from "@millrace/protocols";
import type { Finding } from "./finding.ts";
import { checkTargets, targetsOf } from "./rules/target.ts";
import type { Target } from "./rules/target.ts";

/** Most links that are followed from one to the next, as on Linux. */
const maxLinks = 40;

/** Targets that are one place by way of symbolic links, which only the file system knows. */
export async function findLinkedTargets(spec: PipelineSpec, root: string): Promise<readonly Finding[]> {
  const targets = targetsOf(spec.steps, root);
  const folders = new Map<string, Promise<string>>();
  const places = new Map<Target, string>();
  for (const target of targets)
    places.set(target, target.form === "path" ? await placeOfFile(target.place, folders) : target.place);
  const found: Finding[] = [];
  checkTargets(
    targets,
    (target) => places.get(target) ?? target.place,
    (finding) => found.push(finding),
  );
  return found;
}

/** The path of a file, which need not exist, with every link on its way followed. */
async function placeOfFile(path: string, folders: Map<string, Promise<string>>, links = 0): Promise<string> {
  const folder = dirname(path);
  const known = folders.get(folder) ?? placeOfFolder(folder, folders);
  folders.set(folder, known);
  const place = join(await known, basename(path));
  if (links >= maxLinks || !isLink(place)) return place;
  return placeOfFile(resolve(dirname(place), await readlink(place)), folders, links + 1);
}

async function placeOfFolder(folder: string, folders: Map<string, Promise<string>>): Promise<string> {
  try {
    return await realpath(folder);
  } catch {
    // It does not exist yet, or may not be looked at: then what is above it decides.
    return dirname(folder) === folder ? folder : placeOfFile(folder, folders);
  }
}

/** Asked at once and not awaited: a pipeline may have 100,000 targets, and this takes a microsecond each. */
function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch {
    // What may not be looked at counts as what it says.
    return false;
  }
}
