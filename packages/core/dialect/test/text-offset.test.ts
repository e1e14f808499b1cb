import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openAnalyzer } from "./duckdb-fixture.ts";

/** Pieces of a FROM clause whose bytes, code points and UTF-16 units differ, quoted and not. */
const filler = fc.constantFrom(
  " ",
  "\n",
  "\u00a0",
  "\u2003\u3000",
  "/* é\u00a0 😀 */",
  "-- \u00a0é\n",
  '"é\u00a0😀", ',
  "(SELECT 'é\u00a0''😀') q, ",
  "(SELECT $é$ \u00a0 $é$) r, ",
  "é, ",
);

test("a table stands at its UTF-16 offset, whatever characters and blanks come before it", async () => {
  const analyzer = await openAnalyzer();
  const texts = fc.sample(
    fc.array(filler, { maxLength: 8 }).map((parts) => `SELECT 1 FROM ${parts.join("")} target`),
    { numRuns: 300, seed: 3 },
  );
  for (const sql of await analyzer.parse(texts)) {
    const table = sql.analyze({ inputs: new Map() }).tables.find(({ name }) => name === "target");
    expect([sql.text, sql.error, table?.offset]).toEqual([sql.text, undefined, sql.text.indexOf("target")]);
  }
});

test("a text of ASCII letters has the parser's own offsets", async () => {
  const [sql] = await (await openAnalyzer()).parse(["SELECT first(x) FROM t LIMIT 2"]);
  const { orderDependence } = sql?.analyze({ inputs: new Map() }) ?? { orderDependence: [] };
  expect(orderDependence.map(({ what, offset }) => [what, offset])).toEqual([["first", 7]]);
});
