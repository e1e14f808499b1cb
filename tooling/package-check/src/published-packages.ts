import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
}

export interface PublishedPackage {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** Declaration file of each entry, by the name of its report: `engine`, `protocols-schemas`. */
  readonly entries: ReadonlyMap<string, string>;
}

const patterns = ["packages/*", "packages/{core,compute,adapters,formats}/*", "apps/*"];

/** Every package of the workspace that is not private. */
export function readPublishedPackages(root: string): readonly PublishedPackage[] {
  const files = globSync(
    patterns.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  );
  return files.toSorted().flatMap((file) => {
    const manifest = JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
    if (manifest.private === true) return [];
    const label = manifest.name.replace(/^@millrace\//, "");
    const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, entry]): [string, string][] =>
      typeof entry === "string" || entry.types === undefined
        ? []
        : [[path === "." ? label : `${label}-${path.slice(2).replaceAll("/", "-")}`, entry.types]],
    );
    const folder = join(root, dirname(file));
    return [{ folder, name: manifest.name, version: manifest.version, entries: new Map(entries) }];
  });
}
