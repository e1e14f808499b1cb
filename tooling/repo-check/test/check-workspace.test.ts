import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkDocuments } from "../src/documents.ts";
import { checkImports } from "../src/imports.ts";
import { checkManifests } from "../src/manifests.ts";
import { readWorkspace, resolveTier } from "../src/workspace.ts";
import { FixtureWorkspace } from "./fixture-workspace.ts";

const engine = "packages/core/engine";

function check({ root }: FixtureWorkspace): readonly string[] {
  const packages = readWorkspace(root);
  return [...checkManifests(root, packages), ...checkImports(root, packages), ...checkDocuments(root)];
}

test("a workspace that keeps the rules has no problems", () => {
  using workspace = new FixtureWorkspace();
  expect(check(workspace)).toEqual([]);
});

test("testing may be a devDependency of a package above foundation", () => {
  using workspace = new FixtureWorkspace();
  workspace.edit(`${engine}/package.json`, (text) =>
    text.replace('"devDependencies": {}', '"devDependencies": { "@millrace/testing": "workspace:^" }'),
  );
  workspace.write(`${engine}/test/a.test.ts`, 'import { fakeRow } from "@millrace/testing";\nvoid fakeRow;\n');
  expect(check(workspace)).toEqual([]);
});

test.each([
  ["packages/core/engine", {}, 2],
  ["packages/formats/avro", {}, 2],
  ["packages/testing", {}, 2],
  ["apps/millrace", {}, 6],
  ["apps/flights", { private: true }, 7],
  ["apps/other", {}, undefined],
  ["packages/other", {}, undefined],
  ["tooling/bench", {}, "tooling"],
])("the folder %s %j has tier %s", (folder, manifest, tier) => {
  expect(resolveTier(folder, { name: "x", ...manifest })).toBe(tier);
});

const plants: readonly (readonly [string, (workspace: FixtureWorkspace) => void, RegExp])[] = [
  [
    "a dependency inside tier 2",
    (w) => w.addDependency(engine, "@millrace/lineage", "workspace:^"),
    /^engine \(tier 2\) imports lineage \(tier 2\): put the shared interface into protocols$/,
  ],
  [
    "an upward dependency",
    (w) => w.addDependency("packages/foundation", "@millrace/engine", "workspace:^"),
    /^foundation \(tier 1\) imports engine \(tier 2\): a package imports only lower tiers/,
  ],
  [
    "an upward devDependency",
    (w) =>
      w.edit("packages/foundation/package.json", (text) =>
        text.replace('"devDependencies": {}', '"devDependencies": { "@millrace/engine": "workspace:^" }'),
      ),
    /^foundation \(tier 1\) imports engine \(tier 2\)/,
  ],
  [
    "testing in dependencies",
    (w) => w.addDependency(engine, "@millrace/testing", "workspace:^"),
    /^engine \(tier 2\) imports testing \(tier 2\): only tests/,
  ],
  [
    "testing imported by a source",
    (w) => w.write(`${engine}/src/fake.ts`, 'export { fakeRow } from "@millrace/testing";\n'),
    /src\/fake\.ts: engine \(tier 2\) imports testing \(tier 2\): only tests/,
  ],
  [
    "an upward type import by import()",
    (w) => w.write("packages/protocols/src/a.ts", 'export type A = import("@millrace/engine").A;\n'),
    /protocols\/src\/a\.ts: protocols \(tier 0\) imports engine \(tier 2\)/,
  ],
  [
    "an undeclared package",
    (w) => w.write(`${engine}/src/a.ts`, 'import { z } from "zod";\nvoid z;\n'),
    /src\/a\.ts: "zod" is not in the dependencies of engine/,
  ],
  [
    "an import past exports",
    (w) => w.write(`${engine}/src/a.ts`, 'export * from "@millrace/foundation/src/index.ts";\n'),
    /"@millrace\/foundation\/src\/index\.ts" is not in the exports of @millrace\/foundation/,
  ],
  [
    "a relative path into another package",
    (w) => w.write(`${engine}/src/a.ts`, 'export * from "../../lineage/src/index.ts";\n'),
    /leaves the package/,
  ],
  ["a literal version", (w) => w.addDependency(engine, "zod", "^4.0.0"), /"zod": "\^4\.0\.0", expected "catalog:"/],
  [
    "a literal version of a workspace package",
    (w) => w.addDependency("packages/core/lineage", "@millrace/foundation", "^0.1.0"),
    /expected "workspace:\^"/,
  ],
  [
    "a wildcard in exports",
    (w) =>
      w.edit(`${engine}/package.json`, (text) =>
        text.replace('"./package.json": ', '"./*": "./dist/*.js", "./package.json": '),
      ),
    /exports has the wildcard "\.\/\*"/,
  ],
  [
    "a missing project reference",
    (w) => w.edit(`${engine}/tsconfig.json`, (text) => text.replace(/"references": \[[\s\S]*?\]/, '"references": []')),
    /engine: .*tsconfig\.json has no reference to packages\/foundation/,
  ],
  [
    "a package missing from the solution",
    (w) => w.writeJson("tooling/build/tsconfig.json", { files: [], references: [] }),
    /tooling\/build\/tsconfig\.json has no reference to packages\/core\/engine/,
  ],
  ["a missing tag", (w) => w.write(`${engine}/turbo.json`, "{}"), /has the tags \[\], expected "tier:2"/],
  [
    "a folder outside the tiers",
    (w) => w.writeJson("packages/other/package.json", { name: "@millrace/other" }),
    /other: the folder packages\/other is no tier/,
  ],
  ["no README", (w) => rmSync(join(w.root, engine, "README.md")), /engine: .*README\.md is missing/],
  ["no API report", (w) => rmSync(join(w.root, engine, "engine.api.md")), /engine\.api\.md is missing/],
  ["no changelog", (w) => rmSync(join(w.root, engine, "CHANGELOG.md")), /CHANGELOG\.md is missing/],
  ["no licence file", (w) => rmSync(join(w.root, engine, "LICENSE")), /LICENSE is missing/],
  [
    "no description",
    (w) => w.edit(`${engine}/package.json`, (text) => text.replace(/"description": ".*"/, '"description": ""')),
    /engine: package\.json has no description/,
  ],
  [
    "a document that names a path that is not there",
    (w) => w.write("docs/a.md", "Look at `packages/core/missing.ts`.\n"),
    /^docs\/a\.md names packages\/core\/missing\.ts, which does not exist$/,
  ],
  [
    "a document with a dead link",
    (w) => w.write(`${engine}/README.md`, "See [the plan](docs/plan.md#steps).\n"),
    /README\.md names packages\/core\/engine\/docs\/plan\.md/,
  ],
];

test.each(plants)("reports %s", (_name, plant, sentence) => {
  using workspace = new FixtureWorkspace();
  plant(workspace);
  expect(check(workspace)).toContainEqual(expect.stringMatching(sentence));
});

test("a document may name a pattern, a placeholder and other people's folders in a fenced block", () => {
  using workspace = new FixtureWorkspace();
  workspace.write("docs/a.md", "`packages/core/*` and `packages/core/<name>/`\n\n```\ndocs/none.md\n```\n");
  expect(check(workspace)).toEqual([]);
});
