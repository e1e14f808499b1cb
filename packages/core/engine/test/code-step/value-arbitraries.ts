import type { ColumnType } from "@millrace/protocols";
import * as fc from "fast-check";
import { formatDate, formatTime, microsPerDay } from "../../src/code-step/civil-time.ts";
import { Decimal } from "../../src/code-step/index.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const whole = (bits: number, signed: boolean): fc.Arbitrary<number> =>
  fc.integer(signed ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 } : { min: 0, max: 2 ** bits - 1 });
/** Every character of Unicode, well-formed; long enough to leave the fast path for short ASCII. */
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 60 }));
/** DuckDB's range: 290309-12-22 BC to 294247-01-10. */
const micros = fc.bigInt({ min: -9_223_372_022_400_000_000n, max: 2n ** 63n - 1n });

/** Values of a type as `rows({ int64: "bigint", time: "micros" })` gives them, extremes included. */
export function valuesOf(type: ColumnType): fc.Arbitrary<unknown> {
  switch (type.type) {
    case "BOOLEAN":
      return fc.boolean();
    case "TINYINT":
      return whole(8, true);
    case "SMALLINT":
      return whole(16, true);
    case "INTEGER":
      return whole(32, true);
    case "UTINYINT":
      return whole(8, false);
    case "USMALLINT":
      return whole(16, false);
    case "UINTEGER":
      return whole(32, false);
    case "BIGINT":
      return int64;
    case "UBIGINT":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case "HUGEINT":
      return fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
    case "UHUGEINT":
      return fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    case "FLOAT":
      return fc.float();
    case "DOUBLE":
      return fc.double();
    case "DECIMAL": {
      const most = 10n ** BigInt(type.precision) - 1n;
      return fc.bigInt({ min: -most, max: most }).map((value) => new Decimal(value, type.scale));
    }
    case "VARCHAR":
      return text;
    case "ENUM":
      return fc.constantFrom(...type.values);
    case "JSON":
      return fc.json();
    case "UUID":
      return fc.uuid();
    case "BIT":
      return fc.stringMatching(/^[01]{1,40}$/);
    case "BLOB":
      return fc.uint8Array({ maxLength: 40 });
    case "DATE":
      return fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }).map((days) => formatDate(days));
    case "TIME":
      return fc.integer({ min: 0, max: microsPerDay }).map((time) => formatTime(time));
    case "TIMETZ":
      return fc.integer({ min: 0, max: microsPerDay - 1 }).map((time) => `${formatTime(time)}+00`);
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return micros;
    case "TIMESTAMP_S":
      return micros.map((value) => (value / 1_000_000n) * 1_000_000n);
    case "TIMESTAMP_MS":
      return micros.map((value) => (value / 1000n) * 1000n);
    case "TIMESTAMP_NS":
      return int64.map((value) => value / 1000n);
    case "INTERVAL":
      return fc.constantFrom("PT0S", "P1Y2M3D", "P-11M-3DT-4H-5M-6.789S", "PT2562047788H54.775807S", "P178956970Y7M");
    case "NULL":
      return fc.constant(null);
    case "LIST":
      return fc.array(nullable(type.element), { maxLength: 4 });
    case "ARRAY":
      return fc.array(nullable(type.element), { minLength: type.length, maxLength: type.length });
    case "STRUCT":
      return fc
        .tuple(...type.fields.map((field) => nullable(field.type)))
        .map((values) => Object.fromEntries(type.fields.map(({ name }, index) => [name, values[index]])));
    case "MAP":
      return fc
        .uniqueArray(fc.tuple(valuesOf(type.key), nullable(type.value)), { selector: ([key]) => key, maxLength: 4 })
        .map((entries) => new Map(entries));
    default:
      return type satisfies never;
  }
}

function nullable(type: ColumnType): fc.Arbitrary<unknown> {
  return fc.option(valuesOf(type), { freq: 3 });
}

/** Each type once, and nests of them. */
export const everyType: readonly string[] = [
  "BOOLEAN",
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "HUGEINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "UHUGEINT",
  "FLOAT",
  "DOUBLE",
  "DECIMAL(4,1)",
  "DECIMAL(18,2)",
  "DECIMAL(38,10)",
  "VARCHAR",
  "BLOB",
  "BIT",
  "DATE",
  "TIME",
  "TIMETZ",
  "TIMESTAMP",
  "TIMESTAMP_S",
  "TIMESTAMP_MS",
  "TIMESTAMP_NS",
  "TIMESTAMPTZ",
  "INTERVAL",
  "UUID",
  "JSON",
  '"NULL"',
  "ENUM('eu', 'uk', 'ü')",
  "BIGINT[]",
  "VARCHAR[][]",
  "DOUBLE[3]",
  'STRUCT(lat DOUBLE, tags VARCHAR[], "__proto__" INTEGER)',
  "MAP(VARCHAR, DECIMAL(9,3))",
  "STRUCT(items STRUCT(price DECIMAL(12,2), at TIMESTAMP)[], extra MAP(BIGINT, DATE[]))",
];
