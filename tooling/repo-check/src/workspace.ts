import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Relative to the root, with forward slashes. */
  readonly folder: string;
  /** The number of the folder's tier; `undefined` where the folder is no tier, `"tooling"` outside the tiers. */
  readonly tier: number | "tooling" | undefined;
  /** The name in sentences: without the scope. */
  readonly label: string;
  readonly manifest: Manifest;
}

export const testingPackage = "@millrace/testing";

const tierByFolder: ReadonlyMap<string, number> = new Map([
  ["packages/protocols", 0],
  ["packages/foundation", 1],
  ["packages/testing", 2],
  ["packages/sdk", 3],
  ["packages/mods", 4],
  ["apps/cli", 5],
  ["apps/console", 5],
  ["apps/millrace", 6],
]);

/** The folder is the tier; an app that is private and has no place of its own is a reference app. */
export function resolveTier(folder: string, manifest: Manifest): WorkspacePackage["tier"] {
  if (folder.startsWith("tooling/")) return "tooling";
  if (/^packages\/(core|compute|adapters|formats)\/[^/]+$/.test(folder)) return 2;
  return tierByFolder.get(folder) ?? (folder.startsWith("apps/") && manifest.private === true ? 7 : undefined);
}

export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

export function readWorkspace(root: string): readonly WorkspacePackage[] {
  const patterns = ["packages/*", "packages/{core,compute,adapters,formats}/*", "apps/*", "tooling/*"];
  const files = globSync(
    patterns.map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  );
  return files.toSorted().map((file) => {
    const folder = dirname(file).replaceAll(sep, "/");
    const manifest = readJson<Manifest>(join(root, file));
    const label = manifest.name.replace(/^@millrace\//, "");
    return { folder, tier: resolveTier(folder, manifest), label, manifest };
  });
}

export function fileExists(root: string, ...parts: readonly string[]): boolean {
  return existsSync(join(root, ...parts));
}
