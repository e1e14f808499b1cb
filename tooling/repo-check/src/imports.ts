import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseSync } from "oxc-parser";
import { checkEdge } from "./manifests.ts";
import type { WorkspacePackage } from "./workspace.ts";

/** Installed at the root, so that every package's tests may use them. */
const sharedTestTools: ReadonlySet<string> = new Set(["vitest", "fast-check"]);

/** Every module a file names: static, type-only, re-exported, dynamic with a literal, and `import("x")` types. */
function readSpecifiers(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  // Parsed, not matched: SQL text such as `from "orders"` looks like an import to a regular expression.
  const { module, program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) => entry.entries.flatMap((part) => part.moduleRequest?.value ?? [])),
    ...module.dynamicImports.flatMap(
      (entry) => /^["'](.+)["']$/.exec(text.slice(entry.moduleRequest.start, entry.moduleRequest.end))?.[1] ?? [],
    ),
  ];
  if (!/\bimport\(/.test(text)) return found;
  JSON.stringify(program, (_key, node: { type?: string; source?: { value?: unknown } } | null) => {
    if (node?.type === "TSImportType" && typeof node.source?.value === "string") found.push(node.source.value);
    // JSON has no form for the value of a bigint literal.
    return typeof node === "bigint" ? null : node;
  });
  return found;
}

/** What the sources and tests of a package import, against what its manifest declares and others export. */
export function checkImports(root: string, packages: readonly WorkspacePackage[]): readonly string[] {
  const byName = new Map(packages.map((entry) => [entry.manifest.name, entry]));
  return packages
    .filter((entry) => entry.tier !== "tooling")
    .flatMap((entry) =>
      globSync(["{src,test}/**/*.{ts,tsx}"], { cwd: join(root, entry.folder) })
        .filter((path) => !path.replaceAll(sep, "/").startsWith("test/cases/"))
        .flatMap((path) => checkFile(root, entry, { path, byName })),
    );
}

function checkFile(
  root: string,
  entry: WorkspacePackage,
  { path, byName }: { readonly path: string; readonly byName: ReadonlyMap<string, WorkspacePackage> },
): readonly string[] {
  const { folder, label, manifest } = entry;
  const file = join(root, folder, path);
  const where = relative(root, file).replaceAll(sep, "/");
  const inTests = path.startsWith("test");
  const production = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  const problems: string[] = [];
  for (const specifier of new Set(readSpecifiers(file))) {
    if (specifier.startsWith(".")) {
      if (relative(join(root, folder), resolve(dirname(file), specifier)).startsWith(".."))
        problems.push(`${where}: "${specifier}" leaves the package; import the package by its name`);
      continue;
    }
    if (specifier.startsWith("node:") || builtinModules.includes(specifier)) continue;
    const name = specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");
    const target = byName.get(name);
    if (target !== undefined && target.manifest.exports?.[`.${specifier.slice(name.length)}`] === undefined)
      problems.push(`${where}: "${specifier}" is not in the exports of ${name}`);
    if (name === manifest.name || (inTests && sharedTestTools.has(name))) continue;
    if (production[name] !== undefined || (inTests && manifest.devDependencies?.[name] !== undefined)) continue;
    const breach =
      target === undefined ? undefined : checkEdge(entry, target, inTests ? "devDependencies" : "dependencies");
    problems.push(
      breach === undefined
        ? `${where}: "${name}" is not in the ${inTests ? "devDependencies" : "dependencies"} of ${label}`
        : `${where}: ${breach}`,
    );
  }
  return problems;
}
