import * as fc from "fast-check";

// Queries whose rows may or may not depend on the order of rows, over the tables of `order-corpus.ts`.

interface Source {
  readonly from: string;
  readonly columns: readonly string[];
}

const sources: readonly Source[] = [
  { from: "t", columns: ["k", "x", "day", "dec"] },
  {
    from: "(SELECT k, day, count(*) AS n, sum(x) AS total FROM t GROUP BY k, day)",
    columns: ["k", "day", "n", "total"],
  },
  { from: "(SELECT DISTINCT k, x FROM t)", columns: ["k", "x"] },
  { from: "(SELECT DISTINCT ON (k) k, x, day FROM t ORDER BY k, x, day)", columns: ["k", "x", "day"] },
  {
    from: "(SELECT k, max(x) AS x FROM t GROUP BY k) JOIN (SELECT k, min(day) AS day FROM t GROUP BY k) USING (k)",
    columns: ["k", "x", "day"],
  },
  {
    from: "(SELECT k, max(x) AS x FROM t GROUP BY k) LEFT JOIN (SELECT k, day FROM t) USING (k)",
    columns: ["k", "x", "day"],
  },
  { from: "(SELECT k AS k, x FROM t UNION SELECT k, z FROM t, s)", columns: ["k", "x"] },
  {
    from: "(SELECT * FROM (SELECT k, x, row_number() OVER (PARTITION BY k ORDER BY k, x) AS n FROM t) WHERE n = 1)",
    columns: ["k", "x", "n"],
  },
  {
    from: "(SELECT k, day, x FROM t QUALIFY row_number() OVER (PARTITION BY k, day ORDER BY k, day, x) = 1)",
    columns: ["k", "day", "x"],
  },
  { from: "(SELECT x FROM t ORDER BY x LIMIT 5) a, (SELECT DISTINCT z FROM s) b", columns: ["x", "z"] },
];

const some = (columns: readonly string[], minLength = 0): fc.Arbitrary<string> =>
  fc.shuffledSubarray([...columns], { minLength }).map((chosen) => chosen.join(", "));

const clause = (word: string, list: string): string => (list === "" ? "" : `${word} ${list}`);

const frame = fc.constantFrom(
  "",
  "",
  "ROWS UNBOUNDED PRECEDING",
  "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
  "GROUPS 1 PRECEDING",
);

function windowOver(columns: readonly string[]): fc.Arbitrary<string> {
  const call = fc.tuple(
    fc.constantFrom("row_number", "rank", "ntile", "lag", "first_value", "last_value", "count", "sum", "max", "list"),
    fc.constantFrom(...columns),
  );
  return fc.tuple(call, some(columns), some(columns), frame).map(([[name, column], partition, order, rows]) => {
    const special = new Map([
      ["row_number", ""],
      ["rank", ""],
      ["ntile", "2"],
      ["sum", `length(${column}::VARCHAR)`],
    ]);
    const argument = special.get(name) ?? column;
    const isFramed = order !== "" && !["row_number", "rank", "ntile", "lag"].includes(name);
    const over = [clause("PARTITION BY", partition), clause("ORDER BY", order), isFramed ? rows : ""]
      .filter(Boolean)
      .join(" ");
    return `${name}(${argument}) OVER (${over})`;
  });
}

const plain = fc.constantFrom(...sources).chain(({ from, columns }) =>
  fc
    .record({
      shown: some(columns, 1),
      windows: fc.array(windowOver(columns), { maxLength: 2 }),
      distinct: fc.constantFrom("", "", "DISTINCT"),
      qualify: fc.option(
        windowOver(columns).map(
          (call) =>
            `QUALIFY row_number() OVER ${/OVER (.*)$/.exec(call)?.[1]?.replace(/(ROWS|GROUPS).*\)/, ")") ?? "()"} <= 2`,
        ),
      ),
      order: some([...columns, "1"]),
      limit: fc.constantFrom("", "", "LIMIT 3", "LIMIT 2 OFFSET 2"),
      where: fc.constantFrom("", "", `WHERE ${columns[0] ?? ""} = 'a'`),
    })
    .map(({ shown, windows, distinct, qualify, order, limit, where }) => {
      const items = [shown, ...windows.map((call, index) => `${call} AS w${index}`)].join(", ");
      const filter = columns[0] === "k" ? where : "";
      return `SELECT ${distinct} ${items} FROM ${from} ${filter} ${qualify ?? ""} ${clause("ORDER BY", order)} ${limit}`;
    }),
);

const distinctOn = fc
  .constantFrom(...sources)
  .chain(({ from, columns }) =>
    fc
      .tuple(some(columns, 1), some(columns, 1), some(columns))
      .map(
        ([on, shown, order]) =>
          `SELECT DISTINCT ON (${on}) ${shown} FROM ${from} ${clause("ORDER BY", [on, order].filter(Boolean).join(", "))}`,
      ),
  );

const grouped = fc.constantFrom(...sources).chain(({ from, columns }) => {
  const argument = fc.constantFrom(...columns);
  const aggregate = fc.oneof(
    argument.map((column) => `first(${column})`),
    argument.map((column) => `list(${column})`),
    argument.map((column) => `string_agg(${column}::VARCHAR ORDER BY ${column})`),
    argument.map((column) => `mode(${column})`),
    fc.tuple(argument, argument).map(([column, by]) => `arg_max(${column}, ${by})`),
    fc.tuple(argument, argument).map(([column, by]) => `arg_max(${column}, (${by}, ${column}))`),
    argument.map((column) => `sum(length(${column}::VARCHAR) / 3)`),
    argument.map((column) => `count(DISTINCT ${column})`),
    argument.map((column) => `max(${column})`),
    argument.map((column) => `sum(length(${column}::VARCHAR))`),
  );
  return fc
    .record({
      keys: some(columns),
      aggregates: fc.array(aggregate, { minLength: 1, maxLength: 2 }),
      order: some(columns),
      limit: fc.constantFrom("", "LIMIT 2"),
    })
    .map(({ keys, aggregates, order, limit }) => {
      const items = [keys, ...aggregates.map((call, index) => `${call} AS a${index}`)].filter(Boolean).join(", ");
      const sorted = order
        .split(", ")
        .filter((column) => keys.split(", ").includes(column))
        .join(", ");
      return `SELECT ${items} FROM ${from} ${clause("GROUP BY", keys)} ${clause("ORDER BY", sorted)} ${limit}`;
    });
});

/** A query that DuckDB can run, most of the time. */
export const randomOrderQuery: fc.Arbitrary<string> = fc.oneof({ weight: 3, arbitrary: plain }, distinctOn, {
  weight: 2,
  arbitrary: grouped,
});
