import { beforeAll, describe, expect, test } from "vitest";
import type { DuckDBConnection } from "@duckdb/node-api";
import { openDuckdb, readRows } from "./duckdb-fixture.ts";
import * as catalog from "../src/function-catalog.ts";

let connection: DuckDBConnection;
const kinds = new Map<string, ReadonlySet<string>>();

beforeAll(async () => {
  connection = await openDuckdb();
  const { rows } = await readRows(
    connection,
    "SELECT function_name, list(DISTINCT function_type) FROM duckdb_functions() GROUP BY ALL",
  );
  for (const [name, types] of rows)
    kinds.set(String(name), new Set((types as { readonly items: readonly string[] }).items));
});

/** Names that only the grammar knows. */
const grammar = new Set(["current_timestamp", "current_time", "localtime", "localtimestamp", "->"]);
const isKnown = (name: string): boolean => kinds.has(name) || grammar.has(name);

test.each(Object.entries(catalog).map(([name, names]) => [name, [...names.keys()]] as const))(
  "%s has only functions of DuckDB",
  (_, names) => {
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  },
);

test("aggregates are all of DuckDB's aggregates, and macros made of them", async () => {
  const windowOnly =
    "cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number".split(
      " ",
    );
  const native = [...kinds].filter(([, types]) => types.has("aggregate")).map(([name]) => name);
  const { rows } = await readRows(
    connection,
    "SELECT DISTINCT function_name, macro_definition FROM duckdb_functions() WHERE function_type = 'macro'",
  );
  const known = new Set(native);
  const macros = rows.filter(([name, body]) => {
    const calls = [...String(body).matchAll(/"?(\w+)"?\(/g)].map(([, called]) => called ?? "");
    return !known.has(String(name)) && calls.some((called) => catalog.aggregates.has(called));
  });
  // sum_no_overflow() is for DuckDB itself.
  const expected = [...native, ...macros.map(([name]) => String(name))].filter(
    (name) => !windowOnly.includes(name) && !["count_star", "sum_no_overflow"].includes(name),
  );
  expect([...catalog.aggregates].toSorted()).toEqual([...new Set(expected)].toSorted());
});

test("volatile functions are all that DuckDB calls so, or fixes only for a query, but those that give one value or none", async () => {
  const { rows } = await readRows(
    connection,
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'",
  );
  const missing = rows
    .map(([name]) => String(name))
    .filter((name) => !catalog.volatileFunctions.has(name) && !catalog.logicalClock.has(name));
  // error() never returns.
  expect(missing.toSorted()).toEqual(["error"]);
});

const listOf = (
  names: string,
  ...calls: readonly (readonly string[])[]
): readonly (readonly [string, readonly (readonly string[])[]])[] =>
  names.split(" ").map((name) => [name, calls] as const);

/** Arguments that each function takes, none of them NULL: empty, infinite and far out where that may matter. */
const examples = new Map<string, readonly (readonly string[])[]>([
  ...listOf("+ - * / // %", ["7", "2"], ["1.5", "0.5"], ["'inf'::DOUBLE", "'nan'::DOUBLE"]),
  ...listOf("^ ** pow power", ["2", "3"], ["0.0", "-1"]),
  ...listOf("~~ !~~ ~~* !~~* ~~~", ["'a'", "'b'"], ["''", "''"]),
  ...listOf("->>", ["'{\"a\": 1}'::JSON", "'a'"]),
  ...listOf("abs ceil ceiling floor round trunc sign", ["-7"], ["1.5"], ["'nan'::DOUBLE"], ["'-inf'::FLOAT"]),
  ...listOf("sqrt cbrt exp ln log log2 log10", ["2"], ["'inf'::DOUBLE"], ["'nan'::DOUBLE"]),
  ...listOf("mod", ["7", "2"]),
  ...listOf(
    "lower lcase upper ucase trim ltrim rtrim length len strlen reverse md5 sha256 hex ascii typeof",
    ["''"],
    ["'é'"],
  ),
  ...listOf("chr", ["65"]),
  ...listOf("substring substr", ["'abc'", "9"], ["'abc'", "-2"], ["'abc'", "2", "0"]),
  ...listOf("left right repeat", ["'abc'", "-9"], ["'abc'", "9"]),
  ...listOf("lpad rpad", ["'a'", "0", "'b'"]),
  ...listOf("replace", ["'a'", "'a'", "''"]),
  ...listOf(
    "starts_with prefix suffix ends_with strpos instr regexp_matches regexp_full_match levenshtein",
    ["'abc'", "'z'"],
    ["''", "''"],
  ),
  ...listOf("contains", ["'abc'", "'z'"], ["[1, NULL]", "2"], ["[]::INTEGER[]", "1"]),
  ...listOf("regexp_replace", ["'a'", "'z'", "'b'"]),
  ...listOf("regexp_extract", ["'a'", "'z'"], ["'a'", "'(z)'", "1"]),
  ...listOf("split_part", ["'a,b'", "','", "9"]),
  ...listOf("string_split", ["''", "','"]),
  ...listOf("strptime try_strptime", ["'2024'", "'%Y'"]),
  ...listOf("strftime", ["DATE 'infinity'", "'%Y'"], ["TIMESTAMP '2024-01-01'", "'%Y'"]),
  ...listOf(
    "date_trunc",
    ["'day'", "TIMESTAMP 'infinity'"],
    ["'month'", "DATE '-infinity'"],
    ["'day'", "INTERVAL 1 DAY"],
  ),
  ...listOf(
    "year month day hour minute second quarter week dayofweek dayofyear isodow epoch epoch_ms dayname monthname last_day",
    ["TIMESTAMP '2024-01-01'"],
  ),
  ...listOf("date_part datepart", ["'day'", "DATE '2024-01-01'"]),
  ...listOf("date_diff datediff", ["'day'", "DATE '2024-01-01'", "DATE '2024-01-02'"]),
  ...listOf("make_date", ["2024", "1", "1"]),
  ...listOf("greatest least hash list_value array_value row", ["1", "2"], ["'a'", "'b'"]),
  ...listOf("struct_pack", ["1"]),
  ...listOf("concat concat_ws", ["','", "'a'"]),
  ...listOf("to_years to_months to_weeks to_days to_hours to_minutes to_seconds", ["1"]),
  ...listOf("now today get_current_timestamp uuid gen_random_uuid uuidv7 random pi", []),
]);

/** Arguments that DuckDB wants to be constants. */
const constantArguments: Readonly<Record<string, number>> = {
  strptime: 1,
  try_strptime: 1,
  strftime: 1,
  regexp_extract: 2,
};

const operators: Readonly<Record<string, string>> = {
  "~~": "LIKE",
  "!~~": "NOT LIKE",
  "~~*": "ILIKE",
  "!~~*": "NOT ILIKE",
  "~~~": "GLOB",
};

function callOf(name: string, values: readonly string[]): string {
  if (name === "struct_pack") return `struct_pack(a := ${values.join()})`;
  return /^\w+$/.test(name) ? `${name}(${values.join(", ")})` : values.join(` ${operators[name] ?? name} `);
}

/** Whether a call gives NULL, with its arguments as columns, so that nothing is folded away, and one of them NULL if asked for. */
async function isNull(name: string, values: readonly string[], nullAt?: number): Promise<boolean> {
  const given = values.map((value, index) =>
    index === nullAt ? `CASE WHEN k = 'k' THEN NULL ELSE ${value} END` : value,
  );
  const columns = ["k", ...given.map((value, index) => `${value} AS a${index}`)];
  const isConstant = (index: number): boolean => constantArguments[name] === index;
  const names = values.map((value, index) => (!isConstant(index) ? `a${index}` : index === nullAt ? "NULL" : value));
  const { rows } = await readRows(
    connection,
    `SELECT (${callOf(name, names)}) IS NULL FROM (SELECT ${columns.join(", ")} FROM (SELECT 'k' AS k))`,
  );
  return rows[0]?.[0] === true;
}

describe("total functions are not NULL for arguments that are not", () => {
  test.each([...catalog.totalFunctions.keys()])("%s", async (name) => {
    const calls = examples.get(name) ?? [];
    expect(calls.length).toBeGreaterThan(0);
    for (const values of calls) expect([values, await isNull(name, values)]).toEqual([values, false]);
  });
});

describe("strict functions are NULL where an argument is", () => {
  test.each([...catalog.strictFunctions])("%s", async (name) => {
    const calls = examples.get(name) ?? [];
    expect(calls.length).toBeGreaterThan(0);
    for (const values of calls) {
      for (const index of values.keys())
        expect([values, index, await isNull(name, values, index)]).toEqual([values, index, true]);
    }
  });
});

describe("what functions give", () => {
  const types: Readonly<Record<string, RegExp>> = {
    integer: /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/,
    float: /^(DOUBLE|FLOAT)$/,
    boolean: /^BOOLEAN$/,
    text: /^VARCHAR$/,
    other: /^(?!U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|DOUBLE$|FLOAT$|VARCHAR$|BOOLEAN$|DECIMAL)/,
  };
  test.each([...catalog.totalFunctions].filter(([, kind]) => kind !== "same"))("%s gives %s", async (name, kind) => {
    const { rows } = await readRows(connection, `SELECT typeof(${callOf(name, examples.get(name)?.[0] ?? [])})`);
    expect(rows[0]?.[0]).toMatch(types[kind] ?? /^$/);
  });
});

test("functions that are said to be exact never give floating numbers, in any of their forms", async () => {
  const kindsOf = new Map([...catalog.aggregateKinds, ...catalog.otherFunctions, ...catalog.totalFunctions]);
  const exact = [...kindsOf].filter(([, kind]) => /^(integer|boolean|text|json)$/.test(kind)).map(([name]) => name);
  const { rows } = await readRows(
    connection,
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE return_type IN ('DOUBLE', 'FLOAT') AND function_type <> 'table'",
  );
  const floating = new Set(rows.map(([name]) => String(name)));
  expect(exact.filter((name) => floating.has(name))).toEqual([]);
  expect(exact.length).toBeGreaterThan(60);
});

describe("aggregates", () => {
  const call = (name: string): string => {
    if (/^(bool_and|bool_or|count_if|countif)$/.test(name)) return `${name}(x > 0)`;
    if (catalog.argumentAggregates.has(name)) return `${name}(x, x)`;
    if (name.startsWith("quantile")) return `${name}(x, 0.5)`;
    if (name === "regr_count") return `${name}(x, x)`;
    return `${name}(x)`;
  };
  const over = async (name: string, values: string): Promise<unknown> =>
    (await readRows(connection, `SELECT ${call(name)} IS NULL FROM (SELECT unnest(${values}) AS x)`)).rows[0]?.[0];

  test.each([...catalog.neverNullAggregates])("%s is not NULL over no rows", async (name) => {
    expect(await over(name, "[]::INTEGER[]")).toBe(false);
    expect(await over(name, "[NULL]::INTEGER[]")).toBe(false);
  });

  test.each([...catalog.rowAggregates])("%s is not NULL over a row, not even over one NULL", async (name) => {
    expect(await over(name, "[NULL]::INTEGER[]")).toBe(false);
  });

  test.each([...catalog.totalAggregates])("%s is not NULL over a row without NULL", async (name) => {
    const isBits = name.startsWith("bit_");
    for (const values of isBits ? ["[0]", "[1, 2]"] : ["[0]", "[1, 2, 2]", "['nan', 'inf', '-inf']::DOUBLE[]"]) {
      if (name.endsWith("_pop") && values.includes("nan")) continue; // out of range, an error
      expect([values, await over(name, values)]).toEqual([values, false]);
    }
  });
});
