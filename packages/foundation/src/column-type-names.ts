import type { ScalarTypeName } from "@millrace/protocols";

/** Scalar types by their names in DuckDB 1.5 (`duckdb_types()`), lower case, aliases included. */
export const scalarTypes: ReadonlyMap<string, ScalarTypeName> = new Map(
  Object.entries({
    BOOLEAN: ["bool", "logical"],
    TINYINT: ["int1"],
    SMALLINT: ["int2", "int16", "short"],
    INTEGER: ["int", "int4", "int32", "integral", "signed"],
    BIGINT: ["int8", "int64", "long", "oid"],
    HUGEINT: ["int128"],
    UTINYINT: ["uint8"],
    USMALLINT: ["uint16"],
    UINTEGER: ["uint32"],
    UBIGINT: ["uint64"],
    UHUGEINT: ["uint128"],
    FLOAT: ["float4", "real"],
    DOUBLE: ["float8", "double precision"],
    VARCHAR: ["char", "character", "character varying", "bpchar", "nvarchar", "string", "text"],
    BLOB: ["bytea", "binary", "varbinary"],
    BIT: ["bitstring"],
    DATE: [],
    TIME: ["time without time zone"],
    TIMETZ: ["time with time zone"],
    TIMESTAMP: ["datetime", "timestamp_us", "timestamp without time zone"],
    TIMESTAMP_S: [],
    TIMESTAMP_MS: [],
    TIMESTAMP_NS: [],
    TIMESTAMPTZ: ["timestamp with time zone"],
    INTERVAL: [],
    UUID: ["guid"],
    JSON: [],
    NULL: [],
  } satisfies Record<ScalarTypeName, readonly string[]>).flatMap(([name, aliases]) =>
    [name.toLowerCase(), ...aliases].map((alias) => [alias, name as ScalarTypeName] as const),
  ),
);

/** Names of more than one word, by their first. */
export const longTypeNames: readonly string[] = [...scalarTypes.keys()].filter((name) => name.includes(" "));

/**
 * Words that a field's name must be quoted for.
 *
 * **Source** `duckdb_keywords()` of DuckDB 1.5.6, categories reserved, column_name and type_function.
 */
const keywords: ReadonlySet<string> = new Set(
  (
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default " +
    "deferrable desc describe distinct do else end except false fetch for foreign from group having in initially " +
    "intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing " +
    "primary qualify references returning select show some summarize symmetric table then to trailing true union unique " +
    "unpivot using variadic when where window with " +
    "between varchar bit boolean char character coalesce dec decimal exists extract float grouping bigint inout int " +
    "integer interval national nchar none nullif numeric out overlay position precision real row setof smallint substring " +
    "time timestamp treat trim values xmltable xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces " +
    "xmlparse xmlpi xmlroot xmlserialize grouping_id " +
    "anti asof at authorization binary by collation columns concurrently cross freeze full generated glob ilike inner is " +
    "isnull join left like map natural notnull outer overlaps positional right semi similar struct tablesample try_cast " +
    "unpack verbose"
  ).split(" "),
);

/** A name of a STRUCT field as DuckDB writes it: quoted only where it must be. */
export function formatFieldName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !keywords.has(name.toLowerCase())
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}
