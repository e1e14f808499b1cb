import { describe, expect, it } from "vitest";
import type { Dag } from "@millrace/protocols";
import { buildDag } from "../src/dag.ts";
import { selectSteps } from "../src/select.ts";
import { spec, step } from "./spec-fixture.ts";

const dag = buildDag(
  spec([
    step("raw", {}, { value: "data/raw.csv", metadata: { medallion: "bronze" } }),
    step("clean", { raw: "raw" }, { metadata: { tags: ["nightly"] } }),
    step("daily", { clean: "clean" }, { outputs: { data: "daily_totals" } }),
    step("other", { raw: "raw" }),
  ]),
).dag as Dag;

const names = (select?: readonly string[], exclude?: readonly string[]): string[] =>
  [
    ...selectSteps(dag, { ...(select === undefined ? {} : { select }), ...(exclude === undefined ? {} : { exclude }) })
      .steps,
  ].toSorted();

describe("selectSteps", () => {
  it("takes all steps where nothing is selected", () => expect(names()).toEqual(["clean", "daily", "other", "raw"]));
  it("takes a step by its name or by its dataset", () => {
    expect(names(["daily"])).toEqual(["daily"]);
    expect(names(["daily_totals"])).toEqual(["daily"]);
  });
  it("takes everything upstream with a plus before the name", () =>
    expect(names(["+daily"])).toEqual(["clean", "daily", "raw"]));
  it("takes everything downstream with a plus behind the name", () =>
    expect(names(["clean+"])).toEqual(["clean", "daily"]));
  it("takes steps by tag, path and medallion", () => {
    expect(names(["tag:nightly"])).toEqual(["clean"]);
    expect(names(["path:data/"])).toEqual(["raw"]);
    expect(names(["medallion:bronze"])).toEqual(["raw"]);
  });
  it("takes excluded steps away", () => expect(names(undefined, ["daily", "other"])).toEqual(["clean", "raw"]));
  it("refuses a word that matches nothing, with a suggestion", () => {
    expect(selectSteps(dag, { select: ["+dialy"] }).issues).toMatchObject([
      { code: "SELECTION_EMPTY", suggestion: "daily" },
    ]);
  });
  it("refuses a selection that leaves nothing", () => {
    expect(selectSteps(dag, { select: ["daily"], exclude: ["daily"] }).issues).toMatchObject([
      { code: "SELECTION_EMPTY" },
    ]);
  });
});
