import type { ColumnType } from "@millrace/protocols";
import { toArrowType } from "./arrow-type.ts";
import {
  BooleanReader,
  copyPlain,
  FixedReader,
  NullReader,
  shiftToUtc,
  widenDecimal,
  widenUhugeint,
} from "./fixed-reader.ts";
import { ListReader, StructReader } from "./nested-reader.ts";
import { StringReader } from "./string-reader.ts";
import { toStorageType } from "./storage-type.ts";
import type { ReaderTools, VectorReader } from "./vector-range.ts";

/** Bytes of the values that DuckDB and Arrow lay out alike. */
const plainWidths: Partial<Record<ColumnType["type"], number>> = {
  TINYINT: 1,
  UTINYINT: 1,
  SMALLINT: 2,
  USMALLINT: 2,
  INTEGER: 4,
  UINTEGER: 4,
  BIGINT: 8,
  UBIGINT: 8,
  HUGEINT: 16,
  FLOAT: 4,
  DOUBLE: 8,
  DATE: 4,
  TIME: 8,
  TIMESTAMP: 8,
  TIMESTAMP_S: 8,
  TIMESTAMP_MS: 8,
  TIMESTAMP_NS: 8,
  TIMESTAMPTZ: 8,
};

/** The reader of a column whose type is stored as `toStorageType(type, "arrow")`. */
export function createVectorReader(type: ColumnType, tools: ReaderTools): VectorReader {
  const stored = toStorageType(type, "arrow");
  const arrowType = toArrowType(tools.arrow, stored);
  const width = plainWidths[stored.type];
  if (width !== undefined) return new FixedReader(arrowType, tools, copyPlain(width));
  switch (stored.type) {
    case "VARCHAR":
    case "BLOB":
      return new StringReader(arrowType, tools);
    case "BOOLEAN":
      return new BooleanReader(arrowType, tools);
    case "DECIMAL":
      return new FixedReader(arrowType, tools, stored.precision > 18 ? copyPlain(16) : widenDecimal(stored.precision));
    case "UHUGEINT":
      return new FixedReader(arrowType, tools, widenUhugeint);
    case "TIMETZ":
      return new FixedReader(arrowType, tools, shiftToUtc);
    case "LIST":
    case "ARRAY":
      return new ListReader(arrowType, tools, createVectorReader(stored.element, tools));
    case "MAP": {
      const entry: ColumnType = {
        type: "STRUCT",
        fields: [
          { name: "key", type: stored.key },
          { name: "value", type: stored.value },
        ],
      };
      return new ListReader(arrowType, tools, createVectorReader(entry, tools));
    }
    case "STRUCT":
      return new StructReader(
        arrowType,
        tools,
        stored.fields.map((field) => createVectorReader(field.type, tools)),
      );
    default:
      return new NullReader(arrowType, tools);
  }
}
