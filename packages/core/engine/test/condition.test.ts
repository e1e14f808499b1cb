import { describe, expect, it } from "vitest";
import type { JsonValue, StepCondition } from "@millrace/protocols";
import { holdsCondition } from "../src/condition.ts";

const facts = { params: { region: "EU", limit: 5 }, rowsOf: (input: string) => (input === "raw" ? 12 : undefined) };
const holds = (field: string, operator: StepCondition["operator"], value?: JsonValue): boolean =>
  holdsCondition({ field, operator, ...(value === undefined ? {} : { value }) }, facts);

describe("holdsCondition", () => {
  it.each<[string, StepCondition["operator"], JsonValue | undefined, boolean]>([
    ["params.region", "eq", "EU", true],
    ["params.region", "eq", "UK", false],
    ["region", "ne", "UK", true],
    ["params.limit", "lt", 6, true],
    ["params.limit", "lt", 5, false],
    ["params.limit", "le", 5, true],
    ["params.limit", "gt", 5, false],
    ["params.limit", "ge", 5, true],
    ["params.region", "in", ["UK", "EU"], true],
    ["params.region", "not_in", ["UK", "EU"], false],
    ["params.region", "matches", "^E", true],
    ["params.limit", "matches", "5", false],
    ["params.region", "exists", undefined, true],
    ["params.nothing", "exists", undefined, false],
    ["params.nothing", "not_exists", undefined, true],
    ["inputs.raw.rows", "gt", 0, true],
    ["inputs.other.rows", "gt", 0, false],
    ["params.region", "lt", 5, false],
    ["params.toString", "exists", undefined, false],
  ])("%s %s %j is %s", (field, operator, value, expected) => expect(holds(field, operator, value)).toBe(expected));
});
