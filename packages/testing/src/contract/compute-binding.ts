import { expect } from "vitest";
import { errorOf } from "./checks.ts";
import { columnsOf, typesOf } from "./compute-bench.ts";
import type { ComputeBench } from "./compute-bench.ts";
import type { Facts } from "./gap.ts";

const orders = columnsOf({
  id: "BIGINT",
  customer: "VARCHAR",
  amount_usd: "DECIMAL(12,2)",
  day: "DATE",
  placed_at: "TIMESTAMP",
});

/** What a SELECT gives, found without data. */
export const bindingFacts: Facts<ComputeBench> = {
  "describe gives names and types in the order of the SELECT": async (bench) => {
    const session = await bench.openSession();
    const columns = await session.describe({
      sql: "select customer, day, id, amount_usd, placed_at, count(*) over () as n, cast(id as double) / 2 as half from raw",
      inputs: new Map([["raw", orders]]),
    });
    expect(typesOf(columns)).toEqual(
      typesOf(
        columnsOf({
          customer: "VARCHAR",
          day: "DATE",
          id: "BIGINT",
          amount_usd: "DECIMAL(12,2)",
          placed_at: "TIMESTAMP",
          n: "BIGINT",
          half: "DOUBLE",
        }),
      ),
    );
  },
  "describe passes nested types through": async (bench) => {
    const session = await bench.openSession();
    const nested = columnsOf({
      list: "INTEGER[]",
      place: "STRUCT(lat DOUBLE, names VARCHAR[])",
      tags: "MAP(VARCHAR, BIGINT)",
    });
    const columns = await session.describe({ sql: "select * from raw", inputs: new Map([["raw", nested]]) });
    expect(typesOf(columns)).toEqual(typesOf(nested));
  },
  "describe binds joins over several inputs": async (bench) => {
    const session = await bench.openSession();
    const columns = await session.describe({
      sql: "select o.id, c.region, sum(o.amount_usd) as total from orders o left join customers c on c.name = o.customer group by o.id, c.region",
      inputs: new Map([
        ["orders", orders],
        ["customers", columnsOf({ name: "VARCHAR", region: "VARCHAR" })],
      ]),
    });
    expect(typesOf(columns)).toEqual(
      // The widest DECIMAL holds the sum: SQL of DuckDB and Spark agree on the scale.
      typesOf(columnsOf({ id: "BIGINT", region: "VARCHAR", total: "DECIMAL(38,2)" })).map((entry, index) =>
        index === 2 ? [columns[2]?.name, columns[2]?.type] : entry,
      ),
    );
    expect(columns[2]?.type).toMatchObject({ type: "DECIMAL", scale: 2 });
  },
  "describe is right for equal input names in parallel": async (bench) => {
    const session = await bench.openSession();
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const described = await Promise.all(
      names.map(async (name) =>
        session.describe({ sql: "select * from raw", inputs: new Map([["raw", columnsOf({ [name]: "BIGINT" })]]) }),
      ),
    );
    expect(described.map((columns) => columns.map((column) => column.name))).toEqual(names.map((name) => [name]));
  },
  "an unknown column is an error with its offset and candidates": async (bench) => {
    const session = await bench.openSession();
    // Offsets are UTF-16 code units: the emoji counts two, although it is four bytes.
    const sql = "select '😀é' as label,\n  amount_us as amount from raw";
    const error = await errorOf(session.describe({ sql, inputs: new Map([["raw", orders]]) }));
    expect(error).toMatchObject({ code: "SQL_COLUMN_NOT_FOUND", failureClass: "terminal", fault: "config" });
    expect(error.context["offset"]).toBe(sql.indexOf("amount_us"));
    expect(error.context["candidates"]).toContain("amount_usd");
  },
  "an unknown table is an error with its offset": async (bench) => {
    const session = await bench.openSession();
    const sql = "select * from nowhere";
    const error = await errorOf(session.describe({ sql, inputs: new Map([["raw", orders]]) }));
    expect(error).toMatchObject({ code: "SQL_UNDECLARED_TABLE", failureClass: "terminal" });
    expect(error.context["offset"]).toBe(sql.indexOf("nowhere"));
  },
  "an unknown function is an error with its offset": async (bench) => {
    const session = await bench.openSession();
    const sql = "select no_such_function(id) as x from raw";
    const error = await errorOf(session.describe({ sql, inputs: new Map([["raw", orders]]) }));
    expect(error).toMatchObject({ code: "SQL_FUNCTION_NOT_FOUND", failureClass: "terminal" });
    expect(error.context["offset"]).toBe(sql.indexOf("no_such_function"));
  },
  "a text that cannot be parsed is an error with its offset": async (bench) => {
    const session = await bench.openSession();
    const sql = "select id from raw where where";
    const error = await errorOf(session.describe({ sql, inputs: new Map([["raw", orders]]) }));
    expect(error).toMatchObject({ code: "SQL_SYNTAX", failureClass: "terminal" });
    expect(error.context["offset"]).toBe(sql.lastIndexOf("where"));
  },
  "a session describes on after an error": async (bench) => {
    const session = await bench.openSession();
    await errorOf(session.describe({ sql: "select nope from raw", inputs: new Map([["raw", orders]]) }));
    const columns = await session.describe({ sql: "select id from raw", inputs: new Map([["raw", orders]]) });
    expect(typesOf(columns)).toEqual(typesOf(columnsOf({ id: "BIGINT" })));
  },
  "syntax trees keep the order of the texts and tell statements from errors": async (bench) => {
    const [select, two, broken] = await bench.engine.syntaxTrees([
      "select 1 as a",
      "select 1 as a; select 2 as b",
      "select from where",
    ]);
    expect(select).toMatchObject({ statements: [{ kind: "select" }] });
    expect(two).toMatchObject({ statements: [{ kind: "select" }, { kind: "select" }] });
    expect(broken).toMatchObject({ message: expect.any(String) as string });
    expect(broken).not.toHaveProperty("statements");
  },
};
