// The types behind the types: what the compiler computes for the builder. Named, so that an editor can show them and
// the API report has them; nobody writes them.
export type { CamelCase, CamelRecord, FieldName } from "./events.ts";
export type { Inputs, Pipelines } from "./register.ts";
export type { Base, BaseIn, Instant, Integer64, Nested, Number32, TypedArray } from "./row.ts";
export type { Before, Digit, Found, IsLiteral, Lower, Name, Plain, Strip, Word } from "./sql-text.ts";
export type { ColumnAt, ColumnName, ParamValue } from "./step-function.ts";
export type { FixtureValue } from "../testing/test-step.ts";
