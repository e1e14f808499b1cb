import { join, relative, resolve, sep } from "node:path";
import { fileExists, readJson, testingPackage } from "./workspace.ts";
import type { WorkspacePackage } from "./workspace.ts";

const kinds = ["dependencies", "optionalDependencies", "peerDependencies", "devDependencies"] as const;
type Kind = (typeof kinds)[number];

/** What one package declares: tiers, versions, exports, references, and the files each package has. */
export function checkManifests(root: string, packages: readonly WorkspacePackage[]): readonly string[] {
  const byName = new Map(packages.map((entry) => [entry.manifest.name, entry]));
  return [
    ...packages.flatMap((entry) => [
      ...checkPlace(root, entry),
      ...checkDependencies(entry, byName),
      ...checkReferences(root, entry, byName),
      ...checkFiles(root, entry),
    ]),
    ...checkSolution(root, packages),
  ];
}

function checkPlace(root: string, { folder, tier, label }: WorkspacePackage): readonly string[] {
  if (tier === undefined) return [`${label}: the folder ${folder} is no tier; docs/architecture.md lists the tiers`];
  const file = join(root, folder, "turbo.json");
  const tags = fileExists(file) ? (readJson<{ readonly tags?: readonly string[] }>(file).tags ?? []) : [];
  const own = tags.filter((tag) => tag.startsWith("tier:"));
  return own.length === 1 && own[0] === `tier:${tier}`
    ? []
    : [`${label}: ${folder}/turbo.json has the tags [${tags.join(", ")}], expected "tier:${tier}"`];
}

/** One sentence when `from` may not depend on `to`. */
export function checkEdge(from: WorkspacePackage, to: WorkspacePackage, kind: Kind): string | undefined {
  if (typeof from.tier !== "number" || from === to) return undefined;
  const edge = `${from.label} (tier ${from.tier}) imports ${to.label} (tier ${to.tier})`;
  if (to.manifest.name === testingPackage) {
    if (kind === "devDependencies" && from.tier > 1) return undefined;
    return `${edge}: only tests of packages above foundation use it, so declare it in devDependencies`;
  }
  if (typeof to.tier !== "number") return `${edge}: no package depends on tooling`;
  if (to.tier < from.tier) return undefined;
  return to.tier === from.tier
    ? `${edge}: put the shared interface into protocols`
    : `${edge}: a package imports only lower tiers; put the interface into protocols and let a higher tier wire it`;
}

function checkDependencies(entry: WorkspacePackage, byName: ReadonlyMap<string, WorkspacePackage>): readonly string[] {
  const { label, manifest } = entry;
  const problems: string[] = [];
  for (const kind of kinds) {
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      const target = byName.get(name);
      const expected = target === undefined ? "catalog:" : "workspace:^";
      if (range !== expected) problems.push(`${label}: ${kind} has "${name}": "${range}", expected "${expected}"`);
      const breach = target === undefined ? undefined : checkEdge(entry, target, kind);
      if (breach !== undefined) problems.push(breach);
    }
  }
  for (const key of Object.keys(manifest.exports ?? {})) {
    if (key.includes("*")) problems.push(`${label}: exports has the wildcard "${key}"; name each subpath`);
  }
  return problems;
}

function checkReferences(
  root: string,
  { folder, label, tier, manifest }: WorkspacePackage,
  byName: ReadonlyMap<string, WorkspacePackage>,
): readonly string[] {
  if (tier === "tooling") return [];
  const file = join(root, folder, "tsconfig.json");
  if (!fileExists(file)) return [`${label}: ${folder}/tsconfig.json is missing`];
  const names = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const expected = names.flatMap((name) => byName.get(name)?.folder ?? []);
  return compareReferences(`${label}: ${folder}/tsconfig.json`, readReferences(root, folder), expected);
}

/** The solution file is the one list of what `tsc -b` builds; a package missing there is never compiled. */
function checkSolution(root: string, packages: readonly WorkspacePackage[]): readonly string[] {
  const expected = packages.filter((entry) => entry.tier !== "tooling").map((entry) => entry.folder);
  return compareReferences("tooling/build/tsconfig.json", readReferences(root, "tooling/build"), expected);
}

function readReferences(root: string, folder: string): readonly string[] {
  const { references } = readJson<{ readonly references?: readonly { readonly path: string }[] }>(
    join(root, folder, "tsconfig.json"),
  );
  return (references ?? []).map(({ path }) => relative(root, resolve(root, folder, path)).replaceAll(sep, "/"));
}

function compareReferences(file: string, actual: readonly string[], expected: readonly string[]): readonly string[] {
  return [
    ...expected.filter((path) => !actual.includes(path)).map((path) => `${file} has no reference to ${path}`),
    ...actual.filter((path) => !expected.includes(path)).map((path) => `${file} refers to ${path}, no dependency`),
  ];
}

function checkFiles(root: string, { folder, label, tier, manifest }: WorkspacePackage): readonly string[] {
  if (tier === "tooling") return [];
  const report = `${label}.api.md`;
  const files = manifest.private === true ? ["README.md"] : ["README.md", "CHANGELOG.md", "LICENSE", report];
  return [
    ...files.filter((file) => !fileExists(root, folder, file)).map((file) => `${label}: ${folder}/${file} is missing`),
    ...(["description", "license"] as const)
      .filter((field) => (manifest[field] ?? "") === "")
      .map((field) => `${label}: package.json has no ${field}`),
  ];
}
