import { columnsFromText } from "@millrace/foundation";
import { toEnvironmentText } from "@millrace/sdk";
import { expect, test } from "vitest";

test("pipelines stand by name, unusual names are quoted, open columns are loose", () => {
  const text = toEnvironmentText(
    [
      { pipeline: "b", steps: [{ step: "open-step", columns: undefined, inputs: { raw: "a" } }] },
      {
        pipeline: "a",
        steps: [
          {
            step: "typed",
            columns: columnsFromText({
              "order id": "BIGINT!",
              tags: "VARCHAR[3]",
              kind: "ENUM('it''s', 'b\"c')!",
              place: 'STRUCT("a b" DOUBLE, m MAP(VARCHAR, DATE[]))!',
            }),
            inputs: {},
          },
        ],
      },
    ],
    "millrace",
  );
  expect(text)
    .toBe(`// Written by \`millrace types\`. Columns of every step, so that the compiler checks code steps. Commit it; do not edit it.
import type { Unbound } from "millrace";

declare module "millrace" {
  interface Register {
    pipelines: {
      a: {
        typed: {
          "order id": "BIGINT!";
          tags: { list: "VARCHAR"; length: 3 };
          kind: { enum: readonly ["it's", "b\\"c"]; notNull: true };
          place: { struct: { "a b": "DOUBLE"; m: { map: { key: "VARCHAR"; value: { list: "DATE" } } } }; notNull: true };
        };
      };
      b: {
        "open-step": Unbound;
      };
    };
    inputs: {
      a: {
        typed: {};
      };
      b: {
        "open-step": { raw: "a" };
      };
    };
  }
}
`);
});
