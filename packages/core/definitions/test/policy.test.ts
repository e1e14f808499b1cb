import { lowerPipelinePolicy, lowerPolicy, normalizeSpec } from "@millrace/definitions";
import type { BuilderPolicy } from "@millrace/definitions";
import type { StepPolicy } from "@millrace/protocols";
import { describe, expect, it } from "vitest";
import { codesOf, withPolicy } from "./definition-fixture.ts";

const read = (policy: unknown): { readonly policy: StepPolicy | undefined; readonly codes: readonly string[] } => {
  const { spec, issues } = normalizeSpec({ name: "p", params: { day: {} }, steps: withPolicy(policy) });
  return {
    policy: spec?.steps[1]?.metadata.policy,
    codes: codesOf(issues).map((text) => text.replace("steps.1.metadata.policy.", "")),
  };
};

describe("a policy gets its one form", () => {
  it.each<readonly [unknown, StepPolicy]>([
    [{ retry: 3 }, { retry: { attempts: 3 } }],
    [
      { retry: { attempts: 5, base: "1s", cap: "1m", factor: 1.5, jitter: "none" } },
      { retry: { attempts: 5, base_ms: 1000, factor: 1.5, cap_ms: 60_000, jitter: "none" } },
    ],
    [{ timeout: "10m" }, { timeout_ms: 600_000 }],
    [{ timeout: 1500 }, { timeout_ms: 1500 }],
    [{ timeout_ms: 1500 }, { timeout_ms: 1500 }],
    [
      { condition: { field: "params.day", operator: "in", value: ["mon"] } },
      { condition: { field: "params.day", operator: "in", value: ["mon"] } },
    ],
    [{ columns: { id: "BIGINT!", at: "TIMESTAMP" } }, { columns: { id: "BIGINT!", at: "TIMESTAMP" } }],
  ])("%j", (written, expected) => {
    expect(read(written)).toEqual({ policy: expected, codes: [] });
  });

  it("and an empty one is none", () => {
    expect(read({})).toEqual({ policy: undefined, codes: [] });
  });
});

describe("a policy is refused", () => {
  it.each<readonly [unknown, readonly string[]]>([
    [{ onError: "ignore" }, ["DEFINITION_UNKNOWN_KEY onError"]],
    [{ on_error: "stop" }, ["DEFINITION_INVALID_VALUE on_error"]],
    [{ retry: 0 }, ["DEFINITION_INVALID_VALUE retry"]],
    [{ retry: "3" }, ["DEFINITION_WRONG_TYPE retry"]],
    [
      { retry: { attempts: 2.5, factor: 0.5, jitter: "some" } },
      [
        "DEFINITION_INVALID_VALUE retry.attempts",
        "DEFINITION_INVALID_VALUE retry.factor",
        "DEFINITION_INVALID_VALUE retry.jitter",
      ],
    ],
    [{ timeout: "10m", timeout_ms: 1 }, ["DEFINITION_DUPLICATE_KEY timeout"]],
    [{ timeout_ms: "10m" }, ["DEFINITION_WRONG_TYPE timeout_ms"]],
    [{ condition: { field: "rows", operator: "gt", value: 0 } }, ["DEFINITION_INVALID_VALUE condition.field"]],
    [
      { condition: { field: "params.day", operator: "in", value: "mon" } },
      ["DEFINITION_INVALID_VALUE condition.value"],
    ],
    [
      { condition: { field: "params.day", operator: "matches", value: "(" } },
      ["DEFINITION_INVALID_VALUE condition.value"],
    ],
    [{ condition: { field: "params.day", operator: "eq" } }, ["DEFINITION_MISSING_KEY condition.value"]],
    [{ condition: { operator: "exists" } }, ["DEFINITION_MISSING_KEY condition.field"]],
    [{ columns: { id: "BIGNIT" } }, ["DEFINITION_INVALID_VALUE columns.id"]],
    [{ columns: { id: "BIGINT", ID: "BIGINT" } }, ["DEFINITION_INVALID_NAME columns.ID"]],
    [{ columns: { id: "BIGINT", 2024: "DOUBLE" } }, ["DEFINITION_INVALID_NAME columns.2024"]],
    // Nothing enforces checks before contracts exist: accepting them would promise what is not kept.
    [{ checks: [{ rule: "unique", columns: ["id"] }] }, ["DEFINITION_UNKNOWN_KEY checks"]],
    [
      { materialize: "yes", optional_inputs: "raw" },
      ["DEFINITION_INVALID_VALUE materialize", "DEFINITION_WRONG_TYPE optional_inputs"],
    ],
    ["fast", ["DEFINITION_WRONG_TYPE steps.1.metadata.policy"]],
  ])("%j", (written, expected) => {
    const { policy, codes } = read(written);
    expect(policy).toBeUndefined();
    expect(codes).toEqual(expected);
  });

  it("but keys beside it are the author's own", () => {
    const { issues } = normalizeSpec({
      name: "p",
      steps: withPolicy({}).map((step) => ({ ...(step as object), metadata: { owner: "me", polcy: 1 } })),
    });
    expect(issues).toEqual([]);
  });

  it("and a wrong SQL type is shown at its character", () => {
    const { issues } = normalizeSpec({ name: "p", steps: withPolicy({ columns: { a: "STRUCT(x BIGNIT)" } }) });
    expect(issues).toMatchObject([{ suggestion: "BIGINT", received: "STRUCT(x BIGNIT)" }]);
  });
});

describe("lowerPolicy", () => {
  it("gives the names of the wire, which are then read like rows", () => {
    const policy: Required<BuilderPolicy> = {
      retry: { attempts: 2, base: "1s", cap: "2s", factor: 2, jitter: "full" },
      timeout: "10m",
      onError: "ignore",
      condition: { field: "params.day", operator: "exists" },
      materialize: "always",
      optionalInputs: ["raw"],
      columns: { id: "BIGINT!" },
    };
    expect(read(lowerPolicy(policy))).toEqual({
      codes: [],
      policy: {
        retry: { attempts: 2, base_ms: 1000, factor: 2, cap_ms: 2000, jitter: "full" },
        timeout_ms: 600_000,
        on_error: "ignore",
        condition: { field: "params.day", operator: "exists" },
        materialize: "always",
        optional_inputs: ["raw"],
        columns: { id: "BIGINT!" },
      },
    });
  });

  it("leaves what it does not know to be reported", () => {
    expect(lowerPolicy({ onFail: "x" } as unknown as BuilderPolicy)).toEqual({ onFail: "x" });
  });

  it("lowers the policy of a pipeline", () => {
    expect(
      lowerPipelinePolicy({ stepTimeout: "1m", levelBarrier: true, requireGuarantee: "atomic-replace", workers: 2 }),
    ).toEqual({
      step_timeout: "1m",
      level_barrier: true,
      require_guarantee: "atomic-replace",
      workers: 2,
    });
  });
});
