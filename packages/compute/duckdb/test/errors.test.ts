import { describe, expect, test } from "vitest";
import { errorRules, ruleOf, toComputeError } from "../src/errors.ts";
import { offsetOf, parseNativeError } from "../src/native-error.ts";
import { errorOf, withSession } from "./session-fixture.ts";

/** Statements over `raw (id INTEGER, k VARCHAR, d DATE)` that DuckDB 1.5.6 refuses, with what they are for us. */
const cases: readonly (readonly [sql: string, code: string, fault: string])[] = [
  ["selec 1", "SQL_SYNTAX", "config"],
  ["select id from raw where where", "SQL_SYNTAX", "config"],
  ["select nope from raw", "SQL_COLUMN_NOT_FOUND", "config"],
  ["select a.nope from raw a", "SQL_COLUMN_NOT_FOUND", "config"],
  ["select * exclude (nope) from raw", "SQL_COLUMN_NOT_FOUND", "config"],
  ["select ({a: 1}).b", "SQL_COLUMN_NOT_FOUND", "config"],
  ["select * from nowhere", "SQL_UNDECLARED_TABLE", "config"],
  ["select upperr(k) from raw", "SQL_FUNCTION_NOT_FOUND", "config"],
  ["select upper(id, k) from raw", "SQL_FUNCTION_NOT_FOUND", "config"],
  ["select now(1)", "SQL_FUNCTION_NOT_FOUND", "config"],
  ["select * from st_read('x')", "SQL_FUNCTION_NOT_FOUND", "config"],
  ["select id + k from raw", "SQL_TYPE_MISMATCH", "config"],
  ["select case when true then id else d end from raw", "SQL_TYPE_MISMATCH", "config"],
  ["select cast(id as nothing) from raw", "SQL_TYPE_MISMATCH", "config"],
  ["select unnest(id) from raw", "SQL_TYPE_MISMATCH", "config"],
  ["select id from raw group by k", "SQL_INVALID", "config"],
  ["select id from raw union all select id, k from raw", "SQL_INVALID", "config"],
  ["select sum(sum(id)) from raw", "SQL_INVALID", "config"],
  ["select id from raw where id > $since", "SQL_PARAMETER_UNKNOWN", "config"],
  ["select 1; select 2", "SQL_SEVERAL_STATEMENTS", "config"],
  ["create table x as select 1", "SQL_NOT_A_SELECT", "config"],
  ["-- nothing", "SQL_SYNTAX", "config"],
  ["pivot raw on k using count(*)", "SQL_INVALID", "config"],
  ["select union_value(a := 1) as u", "SQL_TYPE_MISMATCH", "config"],
];

/** Queries that bind and fail on their rows. */
const runtime: readonly (readonly [sql: string, code: string, fault: string])[] = [
  // DuckDB binds a cast that it does not have, and refuses it when the first value comes.
  ["select cast(id as date) from raw", "SQL_TYPE_MISMATCH", "config"],
  ["select cast(k as integer) from raw", "DATA_CONVERSION", "data"],
  ["select strptime(k, '%Y') from raw", "DATA_CONVERSION", "data"],
  ["select 9223372036854775807 + id from raw", "DATA_CONVERSION", "data"],
  ["select cast(id + 300 as utinyint) from raw", "DATA_CONVERSION", "data"],
  ["select error('boom ' || k) from raw", "COMPUTE_FAILED", "data"],
  ["select (select unnest([id, id])) from raw", "COMPUTE_FAILED", "data"],
];

describe("native errors", () => {
  test.each(cases)("describe: %s", async (sql, code, fault) => {
    await withSession(async ({ session }) => {
      const columns = [
        { name: "id", type: { type: "INTEGER" }, nullable: true },
        { name: "k", type: { type: "VARCHAR" }, nullable: true },
        { name: "d", type: { type: "DATE" }, nullable: true },
      ] as const;
      const error = await errorOf(session.describe({ sql, inputs: new Map([["raw", columns]]) }));
      expect([error.code, error.fault, error.failureClass]).toEqual([code, fault, "terminal"]);
    });
  });

  test.each(runtime)("run: %s", async (sql, code, fault) => {
    await withSession(async ({ session, query }) => {
      const raw = await query("raw", "select 1 as id, 'x' as k");
      const error = await errorOf(session.sample(await query("step", sql, { raw }), 5));
      expect([error.code, error.fault]).toEqual([code, fault]);
      expect(error.context["label"] ?? error.context["labels"]).toBeDefined();
    });
  });

  test("every rule can be reached: none stands behind a wider one of its type", () => {
    for (const [index, rule] of errorRules.entries()) {
      const wider = errorRules
        .slice(0, index)
        .find(
          (other) =>
            other.type === rule.type &&
            other.subtype === undefined &&
            other.entry === undefined &&
            other.message === undefined &&
            other.errno === undefined,
        );
      expect(wider, `${rule.type} ${rule.code}`).toBeUndefined();
    }
  });

  test.each([
    [{ type: "Out of Memory", message: "could not allocate block" }, "COMPUTE_OUT_OF_MEMORY", "terminal"],
    [{ type: "Permission", message: "Cannot access file" }, "SANDBOX_VIOLATION", "terminal"],
    [{ type: "IO", message: 'Could not write file "x": No space left on device', errno: 28 }, "STORE_IO", "retryable"],
    [{ type: "IO", message: 'Cannot open file "x": No such file or directory', errno: 2 }, "STORE_IO", "terminal"],
    [{ type: "IO", message: "No files found that match the pattern" }, "DATA_SOURCE_CHANGED", "terminal"],
    [{ type: "IO", message: "Input is not a GZIP stream" }, "DATA_INVALID_FILE", "terminal"],
    [{ type: "Invalid", message: "TProtocolException: Invalid data" }, "DATA_INVALID_FILE", "terminal"],
    [{ type: "FATAL", message: "database has been invalidated" }, "COMPUTE_FAILED", "retryable"],
    [{ type: "Something new", message: "?" }, "COMPUTE_FAILED", undefined],
  ] as const)("%o is %s", (native, code, failureClass) => {
    const rule = ruleOf({ candidates: [], ...native });
    expect(rule.code).toBe(code);
    if (failureClass !== undefined) expect(rule.failureClass ?? "terminal").toBe(failureClass);
  });

  test("plain text of the binding is kept as it is", () => {
    const error = toComputeError(new Error("Failed to retrieve bind parameter index"));
    expect([error.code, error.message]).toEqual(["COMPUTE_FAILED", "Failed to retrieve bind parameter index"]);
  });

  test("advice that names settings is left out, facts stay", () => {
    const message = JSON.stringify({
      exception_type: "Invalid Input",
      exception_message:
        "CSV Error on Line: 3\nOriginal Line: 4,5\nExpected Number of Columns: 3 Found: 2\nPossible fixes:\n* Enable ignore errors (ignore_errors=true) to skip this row\n\n  file = /data/a.csv\n  delimiter = ,",
    });
    const error = toComputeError(new Error(message));
    expect(error.message).toBe("CSV Error on Line: 3; Original Line: 4,5; Expected Number of Columns: 3 Found: 2");
    expect(error.context).toMatchObject({ file: "/data/a.csv", fileLine: 3 });
    expect(error.code).toBe("DATA_INVALID_FILE");
  });

  test("parse errors carry their JSON behind a prefix", () => {
    const native = parseNativeError(
      new Error('Parser Error: {"exception_type":"Parser","exception_message":"syntax error","position":"7"}'),
    );
    expect(native).toEqual({ type: "Parser", message: "syntax error", candidates: [], position: 7 });
  });

  test("an offset in bytes, or in characters where the parser says it, is one in UTF-16 code units", () => {
    const text = "é😀漢字";
    // "é" is 2 bytes and 1 unit, the emoji 4 bytes and 2 units, "漢" 3 bytes and 1 unit.
    expect([0, 2, 6, 9].map((position) => offsetOf({ type: "Binder", position }, text))).toEqual([0, 1, 3, 4]);
    expect([0, 1, 2, 3].map((position) => offsetOf({ type: "Parser", position }, text))).toEqual([0, 1, 3, 4]);
    expect(offsetOf({ type: "Binder" }, text)).toBeUndefined();
  });

  test.each([
    ["select '😀é', frm frm frm from raw", "frm from raw"],
    ["select '😀é', nope from raw", "nope"],
    ["select '😀é', nofn(id) from raw", "nofn"],
    ["select '😀é', id from rwa", "rwa"],
    ["select\u{a0}'\u{a0}',\u{2003}/*\u{a0}*/ nope from raw", "nope"],
  ])("%s: the offset is right for the parser and for the binder", async (sql, at) => {
    await withSession(async ({ session }) => {
      const error = await errorOf(
        session.describe({
          sql,
          inputs: new Map([["raw", [{ name: "id", type: { type: "INTEGER" }, nullable: true }]]]),
        }),
      );
      expect(error.context["offset"]).toBe(sql.indexOf(at));
    });
  });
});
