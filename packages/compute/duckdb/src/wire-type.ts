import type { DataType, Field } from "apache-arrow";
import { formatColumn, formatColumnType, isSameColumnType, isWidening, TerminalError } from "@millrace/foundation";
import type { Column, ColumnType } from "@millrace/protocols";
import type { Arrow } from "./arrow-type.ts";

const integerNames = [
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
] as const;
const integers: ReadonlySet<string> = new Set([...integerNames, "HUGEINT", "UHUGEINT"]);
/** Types that travel as text. */
const texts: ReadonlySet<string> = new Set(["VARCHAR", "JSON", "UUID", "ENUM", "BIT", "INTERVAL"]);

/**
 * The DuckDB type whose vectors take an Arrow column as it is; a cast makes the declared type of it afterwards.
 *
 * @returns undefined for an Arrow type that is not read
 */
function toWireType(arrow: Arrow, type: DataType, declared: ColumnType | undefined): ColumnType | undefined {
  const { DataType: Kind } = arrow;
  if (Kind.isDictionary(type)) return toWireType(arrow, type.dictionary as DataType, declared);
  if (Kind.isNull(type)) return { type: "INTEGER" };
  if (Kind.isBool(type)) return { type: "BOOLEAN" };
  if (Kind.isInt(type))
    return { type: integerNames[(type.isSigned ? 0 : 4) + Math.log2(type.bitWidth) - 3] as "BIGINT" };
  if (Kind.isFloat(type))
    return type.precision === 1 ? { type: "FLOAT" } : type.precision === 2 ? { type: "DOUBLE" } : undefined;
  if (Kind.isUtf8(type) || Kind.isLargeUtf8(type)) return { type: "VARCHAR" };
  if (Kind.isBinary(type) || Kind.isLargeBinary(type)) return { type: "BLOB" };
  if (Kind.isDecimal(type)) return decimalType(type, declared);
  if (Kind.isDate(type)) return { type: type.unit === 0 ? "DATE" : "TIMESTAMP_MS" };
  if (Kind.isTime(type)) return type.unit === 2 ? { type: "TIME" } : undefined;
  if (Kind.isTimestamp(type)) return timestampType(type.unit, type.timezone);
  return nestedType(arrow, type, declared);
}

function decimalType(
  type: { readonly precision: number; readonly scale: number; readonly bitWidth: number },
  declared: ColumnType | undefined,
): ColumnType | undefined {
  // All 128 bits are the number: a little more than 38 digits.
  if (declared?.type === "HUGEINT" && type.bitWidth === 128 && type.scale === 0) return declared;
  if (declared?.type === "UHUGEINT" && type.bitWidth === 256 && type.scale === 0) return declared;
  return type.bitWidth === 128 && type.precision <= 38
    ? { type: "DECIMAL", precision: type.precision, scale: type.scale }
    : undefined;
}

function timestampType(unit: number, zone: string | null | undefined): ColumnType | undefined {
  if (zone !== null && zone !== undefined && zone !== "") return unit === 2 ? { type: "TIMESTAMPTZ" } : undefined;
  return { type: (["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS"] as const)[unit] as "TIMESTAMP" };
}

function nestedType(arrow: Arrow, type: DataType, declared: ColumnType | undefined): ColumnType | undefined {
  const { DataType: Kind } = arrow;
  const wire = (field: Field | undefined, part: ColumnType | undefined): ColumnType | undefined =>
    field === undefined ? undefined : toWireType(arrow, field.type as DataType, part);
  if (Kind.isList(type)) {
    const element = wire(
      type.children[0],
      declared?.type === "LIST" || declared?.type === "ARRAY" ? declared.element : undefined,
    );
    return element === undefined ? undefined : { type: "LIST", element };
  }
  if (Kind.isStruct(type)) {
    const parts = declared?.type === "STRUCT" ? declared.fields : [];
    const fields = type.children.map((field) => ({
      name: field.name,
      type: wire(field, parts.find((part) => part.name === field.name)?.type),
    }));
    return fields.every((field): field is { name: string; type: ColumnType } => field.type !== undefined)
      ? { type: "STRUCT", fields }
      : undefined;
  }
  if (Kind.isMap(type)) {
    const [key, value] = (type.children[0]?.type as DataType | undefined)?.children ?? [];
    const keyType = wire(key, declared?.type === "MAP" ? declared.key : undefined);
    const valueType = wire(value, declared?.type === "MAP" ? declared.value : undefined);
    return keyType === undefined || valueType === undefined
      ? undefined
      : { type: "MAP", key: keyType, value: valueType };
  }
  return undefined;
}

/** A column of a stream: where it stands, and the type that its vectors have. */
export interface WireColumn {
  readonly column: Column;
  readonly index: number;
  readonly type: ColumnType;
}

/**
 * The columns of a stream, in the order declared.
 *
 * @throws MillraceError `STEP_OUTPUT_INVALID` where a column is missing, unknown, or of a type that would lose values
 */
export function matchColumns(
  arrow: Arrow,
  fields: readonly Field[],
  columns: readonly Column[],
): readonly WireColumn[] {
  const extra = fields.find((field) => !columns.some((column) => column.name === field.name));
  if (extra !== undefined)
    throw invalid(
      extra.name,
      `has a column "${extra.name}", which is not declared; declared: ${columns.map((column) => column.name).join(", ")}`,
    );
  return columns.map((column) => {
    const index = fields.findIndex((field) => field.name === column.name);
    const field = fields[index];
    if (field === undefined)
      throw invalid(
        column.name,
        `has no column "${column.name}"; it has ${fields.map((other) => other.name).join(", ")}`,
      );
    const type = toWireType(arrow, field.type as DataType, column.type);
    if (type === undefined || !fits(type, column.type, arrow.DataType.isNull(field.type)))
      throw invalid(
        column.name,
        `has "${column.name}" as ${String(field.type)}, which does not hold the declared ${formatColumn(column)}`,
      );
    return { column, index, type };
  });
}

/** Whether values of a wire type become the declared type without loss; what only may overflow fails in the cast. */
function fits(wire: ColumnType, declared: ColumnType, isNull = false): boolean {
  if (isNull || isSameColumnType(wire, declared) || isWidening(wire, declared)) return true;
  if (wire.type === "VARCHAR") return texts.has(declared.type);
  if (integers.has(wire.type) && integers.has(declared.type)) return true;
  if (wire.type === "TIME" && declared.type === "TIMETZ") return true;
  // Milliseconds of midnight, as `apache-arrow` writes days.
  if (wire.type === "TIMESTAMP_MS" && declared.type === "DATE") return true;
  if (wire.type === "LIST" && (declared.type === "LIST" || declared.type === "ARRAY"))
    return fits(wire.element, declared.element);
  if (wire.type === "MAP" && declared.type === "MAP")
    return fits(wire.key, declared.key) && fits(wire.value, declared.value);
  if (wire.type === "STRUCT" && declared.type === "STRUCT")
    return (
      wire.fields.length === declared.fields.length &&
      wire.fields.every((field) =>
        declared.fields.some((other) => other.name === field.name && fits(field.type, other.type)),
      )
    );
  return false;
}

function invalid(column: string, what: string): TerminalError {
  return new TerminalError({
    code: "STEP_OUTPUT_INVALID",
    fault: "caller",
    message: `The Arrow stream ${what}.`,
    context: { column },
  });
}

/** SQL that makes the declared type of a wire column. */
export function castWire({ column, type }: WireColumn, name: string): string {
  const target = formatColumnType(column.type);
  return isSameColumnType(type, column.type) ? name : `CAST(${name} AS ${target})`;
}
