import type * as arrowModule from "apache-arrow";
import type { Data, DataType, Table, Vector } from "apache-arrow";

type Arrow = typeof arrowModule;

/** A column type with values that show its edges; `sample` is what `sample()` gives for them. */
export interface ArrowCase {
  readonly type: string;
  readonly vector: (arrow: Arrow) => Vector;
  readonly sample?: readonly unknown[];
}

const texts = [
  "",
  null,
  "twelve bytes",
  "thirteen byte",
  "ü".repeat(6),
  "ü".repeat(7),
  "漢字😀 and a longer text than fits",
  "line\nbreak\0nul",
];

const decimals = (
  type: string,
  [precision, scale]: readonly [number, number],
  values: readonly (bigint | null)[],
): ArrowCase => ({
  type,
  vector: (arrow) =>
    fixedWidth(arrow, new arrow.Decimal(scale, precision, 128), {
      data: new Uint32Array(values.flatMap((value) => limbs(value ?? 0n))),
      values,
    }),
  sample: values.map((value) => (value === null ? null : withPoint(value, scale))),
});

/**
 * Every type of `ColumnType` that has an Arrow form, in the form of `typeMappings`, with nulls and extreme values.
 *
 * Built from raw buffers where the builders of `apache-arrow` would lose something, such as microseconds.
 */
export const arrowCases: readonly ArrowCase[] = [
  {
    type: "BOOLEAN",
    vector: (arrow) => arrow.vectorFromArray([true, null, false], new arrow.Bool()),
    sample: [true, null, false],
  },
  ...integerCases(),
  {
    type: "FLOAT",
    vector: (arrow) =>
      fixedWidth(arrow, new arrow.Float32(), { data: new Float32Array([1.5, 0, -0.25]), values: [1.5, null, -0.25] }),
    sample: [1.5, null, -0.25],
  },
  {
    type: "DOUBLE",
    vector: (arrow) =>
      fixedWidth(arrow, new arrow.Float64(), {
        data: new Float64Array([0.1, 0, 1e300, 5e-324]),
        values: [0.1, null, 1e300, 5e-324],
      }),
    sample: [0.1, null, 1e300, 5e-324],
  },
  decimals("DECIMAL(4,1)", [4, 1], [9999n, null, -1n]),
  decimals("DECIMAL(9,2)", [9, 2], [123_456_789n, null, -5n]),
  decimals("DECIMAL(18,4)", [18, 4], [999_999_999_999_999_999n, null, -1n, 0n]),
  decimals("DECIMAL(38,10)", [38, 10], [10n ** 38n - 1n, null, -(10n ** 38n) + 1n]),
  decimals("HUGEINT", [38, 0], [10n ** 38n - 1n, null, -(10n ** 38n) + 1n]),
  {
    type: "VARCHAR",
    // DuckDB keeps 12 bytes inline and longer ones behind a pointer: lengths around 12 bytes, also in multi-byte text.
    vector: (arrow) => arrow.vectorFromArray([...texts], new arrow.Utf8()),
    sample: [...texts],
  },
  {
    type: "BLOB",
    vector: (arrow) =>
      arrow.vectorFromArray(
        [
          Uint8Array.of(),
          null,
          Uint8Array.of(0, 255, 128),
          Uint8Array.from({ length: 300 }, (_, index) => index % 256),
        ],
        new arrow.Binary(),
      ),
  },
  {
    type: "DATE",
    vector: (arrow) =>
      fixedWidth(arrow, new arrow.DateDay(), {
        data: new Int32Array([19_782, 0, -1, -719_162]),
        values: [1, null, 1, 1],
      }),
    // Days since 1970-01-01: 2024-02-29 is day 19,782, 0001-01-01 day -719,162 (proleptic Gregorian).
    sample: ["2024-02-29", null, "1969-12-31", "0001-01-01"],
  },
  microseconds("TIME", (arrow) => new arrow.TimeMicrosecond(), [0n, null, 86_399_999_999n]),
  microseconds("TIMESTAMP", (arrow) => new arrow.TimestampMicrosecond(), [1_709_209_800_123_456n, null, -1n]),
  microseconds("TIMESTAMPTZ", (arrow) => new arrow.TimestampMicrosecond("UTC"), [1_709_209_800_123_456n, null, -1n]),
  microseconds("TIMESTAMP_S", (arrow) => new arrow.TimestampSecond(), [1_709_209_800n, null, -1n]),
  microseconds("TIMESTAMP_MS", (arrow) => new arrow.TimestampMillisecond(), [1_709_209_800_123n, null, -1n]),
  microseconds("TIMESTAMP_NS", (arrow) => new arrow.TimestampNanosecond(), [1_709_209_800_123_456_789n, null, -1n]),
  {
    type: "UUID",
    vector: (arrow) =>
      arrow.vectorFromArray(
        ["0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", null, "ffffffff-ffff-ffff-ffff-ffffffffffff"],
        new arrow.Utf8(),
      ),
    sample: ["0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", null, "ffffffff-ffff-ffff-ffff-ffffffffffff"],
  },
  { type: "JSON", vector: (arrow) => arrow.vectorFromArray(['{"a":[1,null]}', null, '"ü"'], new arrow.Utf8()) },
  {
    type: "ENUM('small', 'it''s big')",
    vector: (arrow) => arrow.vectorFromArray(["it's big", null, "small"], new arrow.Utf8()),
    sample: ["it's big", null, "small"],
  },
  {
    type: "INTEGER[]",
    vector: (arrow) =>
      arrow.vectorFromArray(
        [[1, 2], null, [], [null, 3]],
        new arrow.List(new arrow.Field("item", new arrow.Int32(), true)),
      ),
    sample: [[1, 2], null, [], [null, 3]],
  },
  {
    type: "VARCHAR[][]",
    vector: (arrow) => {
      const inner = new arrow.List(new arrow.Field("item", new arrow.Utf8(), true));
      return arrow.vectorFromArray(
        [[["ü", null], []], null, [], [null]],
        new arrow.List(new arrow.Field("item", inner, true)),
      );
    },
    sample: [[["ü", null], []], null, [], [null]],
  },
  {
    type: 'STRUCT(lat DOUBLE, "a b" VARCHAR)',
    vector: (arrow) =>
      arrow.vectorFromArray(
        [{ lat: 1.5, "a b": "ü" }, null, { lat: null, "a b": null }],
        new arrow.Struct([
          new arrow.Field("lat", new arrow.Float64(), true),
          new arrow.Field("a b", new arrow.Utf8(), true),
        ]),
      ),
    sample: [{ lat: 1.5, "a b": "ü" }, null, { lat: null, "a b": null }],
  },
  {
    type: "STRUCT(n INTEGER, tags VARCHAR[])[]",
    vector: (arrow) => {
      const tags = new arrow.List(new arrow.Field("item", new arrow.Utf8(), true));
      const struct = new arrow.Struct<{ n: DataType; tags: DataType }>([
        new arrow.Field("n", new arrow.Int32(), true),
        new arrow.Field("tags", tags, true),
      ]);
      return arrow.vectorFromArray(
        [
          [
            { n: 1, tags: ["a", null] },
            { n: null, tags: [] },
          ],
          null,
          [],
        ],
        new arrow.List(new arrow.Field("item", struct, true)),
      );
    },
    sample: [
      [
        { n: 1, tags: ["a", null] },
        { n: null, tags: [] },
      ],
      null,
      [],
    ],
  },
  {
    type: "MAP(VARCHAR, INTEGER)",
    vector: (arrow) => {
      const entry = new arrow.Struct<{ key: InstanceType<Arrow["Utf8"]>; value: InstanceType<Arrow["Int32"]> }>([
        new arrow.Field("key", new arrow.Utf8(), false),
        new arrow.Field("value", new arrow.Int32(), true),
      ]);
      const { Map_: MapType } = arrow;
      const type = new MapType(new arrow.Field("entries", entry, false));
      return arrow.vectorFromArray(
        [
          new Map([
            ["a", 1],
            ["ü", 2],
          ]),
          null,
          new Map<string, number>(),
        ],
        type,
      );
    },
  },
];

function integerCases(): readonly ArrowCase[] {
  const sizes = [
    ["TINYINT", "Int8", Int8Array, -(2n ** 7n), 2n ** 7n - 1n],
    ["SMALLINT", "Int16", Int16Array, -(2n ** 15n), 2n ** 15n - 1n],
    ["INTEGER", "Int32", Int32Array, -(2n ** 31n), 2n ** 31n - 1n],
    ["BIGINT", "Int64", BigInt64Array, -(2n ** 63n), 2n ** 63n - 1n],
    ["UTINYINT", "Uint8", Uint8Array, 0n, 2n ** 8n - 1n],
    ["USMALLINT", "Uint16", Uint16Array, 0n, 2n ** 16n - 1n],
    ["UINTEGER", "Uint32", Uint32Array, 0n, 2n ** 32n - 1n],
    ["UBIGINT", "Uint64", BigUint64Array, 0n, 2n ** 64n - 1n],
  ] as const;
  return sizes.map(([type, name, array, least, most]) => {
    const values = [least, null, most, 7n];
    const wide = type.endsWith("BIGINT");
    const numbers = values.map((value) => (wide ? (value ?? 0n) : Number(value ?? 0n)));
    return {
      type,
      // The constructors differ in what they take, which the list above keeps in step.
      vector: (arrow) =>
        fixedWidth(arrow, new arrow[name](), { data: new (array as new (v: unknown) => Int32Array)(numbers), values }),
      sample: values.map((value) => (value === null ? null : wide ? String(value) : Number(value))),
    };
  });
}

function microseconds(
  type: string,
  arrowType: (arrow: Arrow) => DataType,
  values: readonly (bigint | null)[],
): ArrowCase {
  const data = new BigInt64Array(values.map((value) => value ?? 0n));
  return { type, vector: (arrow) => fixedWidth(arrow, arrowType(arrow), { data, values }) };
}

interface FixedWidth {
  readonly data: ArrayBufferView;
  readonly values: readonly unknown[];
}

function fixedWidth(arrow: Arrow, type: DataType, { data, values }: FixedWidth): Vector {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, index) => {
    if (value !== null) nullBitmap[index >> 3] = (nullBitmap[index >> 3] ?? 0) | (1 << (index & 7));
  });
  const nullCount = values.filter((value) => value === null).length;
  const options = { type, length: values.length, nullCount, nullBitmap, data };
  return arrow.makeVector(arrow.makeData(options as Parameters<Arrow["makeData"]>[0])) as Vector;
}

/** A 128-bit whole number as four 32-bit words, lowest first, two's complement. */
function limbs(value: bigint): readonly number[] {
  return [0n, 32n, 64n, 96n].map((shift) => Number((value >> shift) & 0xffff_ffffn));
}

function withPoint(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Cells of a column in a form that can be compared, whatever buffers they lie in. */
export function cellsOf(table: Table, column: string): readonly unknown[] {
  const vector = table.getChild(column);
  if (vector === null) return [];
  // `get` gives timestamps as milliseconds in a double, which cannot hold nanoseconds.
  if (String(vector.type).startsWith("Timestamp")) return vector.data.flatMap((data) => rawCells(data));
  return Array.from({ length: table.numRows }, (_, row) => plain(vector.get(row)));
}

function rawCells(data: Data): readonly unknown[] {
  const values = data.values as BigInt64Array;
  return Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? `${values[row]}n` : null));
}

function plain(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return `${value}n`;
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  if (typeof value !== "object") return value;
  if (value instanceof Date) return value.toISOString();
  // Struct rows are proxies whose `in` knows only their columns.
  const { [Symbol.iterator]: iterate } = value as Partial<Iterable<unknown>>;
  return typeof iterate === "function" ? [...(value as Iterable<unknown>)].map(plain) : value;
}
