import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Files that configure a project, by preference; a folder has one of them. */
const configFileNames: readonly string[] = [
  "millrace.config.ts",
  "millrace.config.mts",
  "millrace.config.js",
  "millrace.config.mjs",
  "millrace.yaml",
  "millrace.yml",
  "millrace.toml",
];

/** Configuration files of a folder, absolute. */
export async function findConfigFiles(folder: string): Promise<readonly string[]> {
  const found = await Promise.all(
    configFileNames.map(async (name) => ((await exists(join(folder, name))) ? [join(folder, name)] : [])),
  );
  return found.flat();
}

/** The project that a folder belongs to: the nearest one above it with a configuration, else with a `package.json`, else itself. */
export async function findProjectRoot(from: string): Promise<string> {
  const start = resolve(from);
  let packageRoot: string | undefined;
  for (let folder = start; ; folder = dirname(folder)) {
    if ((await findConfigFiles(folder)).length > 0) return folder;
    if (packageRoot === undefined && (await exists(join(folder, "package.json")))) packageRoot = folder;
    if (dirname(folder) === folder) return packageRoot ?? start;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Not there, or not for us: both mean that it is not used.
    return false;
  }
}
