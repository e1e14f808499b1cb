import { expect } from "vitest";
import { registerFacts } from "../../src/contract/gap.ts";
import type { Facts } from "../../src/contract/gap.ts";

const facts: Facts<number> = {
  "one is one": async (bench) => expect(bench).toBe(1),
  "one is two": async (bench) => expect(bench).toBe(2),
};
const run = async (check: (bench: number) => Promise<void>): Promise<void> => check(1);

registerFacts(facts, run, {
  gaps: JSON.parse(process.env["CONTRACT_GAPS"] ?? "{}") as Readonly<
    Record<string, { readonly reason: "notImplemented"; readonly note: string }>
  >,
});
