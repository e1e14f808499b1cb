import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as sdk from "@millrace/sdk";
import * as sdkSeed from "@millrace/sdk/seed";
import * as sdkTesting from "@millrace/sdk/testing";
import * as millrace from "millrace";
import * as seed from "millrace/seed";
import * as testing from "millrace/testing";
import { describe, expect, test } from "vitest";

/** Names of the types that an entry exports. */
const typesOf = (file: string): readonly string[] =>
  [...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(/^export type \{([^}]*)\}/gm)].flatMap(
    ([, names = ""]) =>
      names
        .split(",")
        .map((name) => name.trim().replace(/^.* as /, ""))
        .filter((name) => name !== ""),
  );

describe("the meta package", () => {
  test.each([
    ["millrace", millrace, sdk],
    ["millrace/seed", seed, sdkSeed],
    ["millrace/testing", testing, sdkTesting],
  ])("%s gives everything that the sdk does", (_, meta, plain) => {
    expect(Object.keys(plain).filter((name) => !(name in meta))).toEqual([]);
  });

  test.each([
    ["index.ts", "index.ts"],
    ["seed.ts", "seed.ts"],
    ["testing.ts", "testing.ts"],
  ])("every type of the sdk's %s is there", (own, plain) => {
    const exported = typesOf(`../src/${own}`);
    expect(typesOf(`../../../packages/sdk/src/${plain}`).filter((name) => !exported.includes(name))).toEqual([]);
  });

  test("adds what is wired with DuckDB and files", () => {
    expect(
      Object.keys(millrace)
        .filter((name) => !(name in sdk))
        .toSorted(),
    ).toEqual(["duckdb", "duckdbCapabilities", "duckdbVersion", "files", "testStep"]);
    expect(
      Object.keys(seed)
        .filter((name) => !(name in sdkSeed))
        .toSorted(),
    ).toEqual(["ODIBI", "PandasEngineContext", "Pipeline"]);
  });
});
