import type { ColumnType } from "./column-type.ts";

/** What a column type is in other systems. `null`: there is no lossless counterpart. */
export interface TypeMapping {
  readonly duckdb: string;
  readonly spark: string | null;
  /** Arrow logical type, in the notation of `apache-arrow`. */
  readonly arrow: string;
  /** Parquet physical type and logical annotation, as DuckDB 1.5 writes it. */
  readonly parquet: string;
  /** ODCS 3.1 `logicalType`. */
  readonly odcs: string;
  readonly postgresql: string | null;
  readonly mysql: string | null;
  readonly avro: string | null;
}

/**
 * One row for each type of `ColumnType`.
 *
 * **Source** DuckDB 1.5 type reference, Spark 4.0 SQL reference, Arrow columnar format 1.5, ODCS 3.1.0 (2025-12-08),
 * PostgreSQL 17, MySQL 9, Avro 1.12. Spark stores timestamps with microseconds and has no unsigned integers: these
 * go to the next wider signed type.
 */
export const typeMappings: Readonly<Record<ColumnType["type"], TypeMapping>> = {
  BOOLEAN: { duckdb: "BOOLEAN", spark: "BOOLEAN", arrow: "Bool", parquet: "BOOLEAN", odcs: "boolean", postgresql: "boolean", mysql: "tinyint(1)", avro: "boolean" },
  TINYINT: { duckdb: "TINYINT", spark: "TINYINT", arrow: "Int8", parquet: "INT32 INT(8,true)", odcs: "integer", postgresql: "smallint", mysql: "tinyint", avro: "int" },
  SMALLINT: { duckdb: "SMALLINT", spark: "SMALLINT", arrow: "Int16", parquet: "INT32 INT(16,true)", odcs: "integer", postgresql: "smallint", mysql: "smallint", avro: "int" },
  INTEGER: { duckdb: "INTEGER", spark: "INT", arrow: "Int32", parquet: "INT32", odcs: "integer", postgresql: "integer", mysql: "int", avro: "int" },
  BIGINT: { duckdb: "BIGINT", spark: "BIGINT", arrow: "Int64", parquet: "INT64", odcs: "integer", postgresql: "bigint", mysql: "bigint", avro: "long" },
  HUGEINT: { duckdb: "HUGEINT", spark: "DECIMAL(38,0)", arrow: "Decimal128(38,0)", parquet: "DOUBLE", odcs: "integer", postgresql: "numeric(39,0)", mysql: "decimal(39,0)", avro: null },
  UTINYINT: { duckdb: "UTINYINT", spark: "SMALLINT", arrow: "Uint8", parquet: "INT32 INT(8,false)", odcs: "integer", postgresql: "smallint", mysql: "tinyint unsigned", avro: "int" },
  USMALLINT: { duckdb: "USMALLINT", spark: "INT", arrow: "Uint16", parquet: "INT32 INT(16,false)", odcs: "integer", postgresql: "integer", mysql: "smallint unsigned", avro: "int" },
  UINTEGER: { duckdb: "UINTEGER", spark: "BIGINT", arrow: "Uint32", parquet: "INT32 INT(32,false)", odcs: "integer", postgresql: "bigint", mysql: "int unsigned", avro: "long" },
  UBIGINT: { duckdb: "UBIGINT", spark: "DECIMAL(20,0)", arrow: "Uint64", parquet: "INT64 INT(64,false)", odcs: "integer", postgresql: "numeric(20,0)", mysql: "bigint unsigned", avro: null },
  UHUGEINT: { duckdb: "UHUGEINT", spark: null, arrow: "Decimal256(39,0)", parquet: "DOUBLE", odcs: "integer", postgresql: "numeric(39,0)", mysql: "decimal(39,0)", avro: null },
  FLOAT: { duckdb: "FLOAT", spark: "FLOAT", arrow: "Float32", parquet: "FLOAT", odcs: "number", postgresql: "real", mysql: "float", avro: "float" },
  DOUBLE: { duckdb: "DOUBLE", spark: "DOUBLE", arrow: "Float64", parquet: "DOUBLE", odcs: "number", postgresql: "double precision", mysql: "double", avro: "double" },
  DECIMAL: { duckdb: "DECIMAL(p,s)", spark: "DECIMAL(p,s)", arrow: "Decimal128(p,s)", parquet: "INT32, INT64 or FIXED_LEN_BYTE_ARRAY DECIMAL(p,s)", odcs: "number", postgresql: "numeric(p,s)", mysql: "decimal(p,s)", avro: "bytes decimal(p,s)" },
  VARCHAR: { duckdb: "VARCHAR", spark: "STRING", arrow: "Utf8", parquet: "BYTE_ARRAY STRING", odcs: "string", postgresql: "text", mysql: "longtext", avro: "string" },
  BLOB: { duckdb: "BLOB", spark: "BINARY", arrow: "Binary", parquet: "BYTE_ARRAY", odcs: "string", postgresql: "bytea", mysql: "longblob", avro: "bytes" },
  BIT: { duckdb: "BIT", spark: null, arrow: "Utf8", parquet: "BYTE_ARRAY", odcs: "string", postgresql: "bit varying", mysql: null, avro: null },
  DATE: { duckdb: "DATE", spark: "DATE", arrow: "DateDay", parquet: "INT32 DATE", odcs: "date", postgresql: "date", mysql: "date", avro: "int date" },
  TIME: { duckdb: "TIME", spark: null, arrow: "TimeMicrosecond", parquet: "INT64 TIME(MICROS)", odcs: "time", postgresql: "time", mysql: "time(6)", avro: "long time-micros" },
  TIMETZ: { duckdb: "TIMETZ", spark: null, arrow: "TimeMicrosecond", parquet: "INT64 TIME(MICROS,UTC)", odcs: "time", postgresql: "timetz", mysql: null, avro: null },
  TIMESTAMP: { duckdb: "TIMESTAMP", spark: "TIMESTAMP_NTZ", arrow: "TimestampMicrosecond", parquet: "INT64 TIMESTAMP(MICROS,local)", odcs: "timestamp", postgresql: "timestamp", mysql: "datetime(6)", avro: "long local-timestamp-micros" },
  TIMESTAMP_S: { duckdb: "TIMESTAMP_S", spark: "TIMESTAMP_NTZ", arrow: "TimestampSecond", parquet: "INT64 TIMESTAMP(MILLIS,local)", odcs: "timestamp", postgresql: "timestamp(0)", mysql: "datetime", avro: "long local-timestamp-millis" },
  TIMESTAMP_MS: { duckdb: "TIMESTAMP_MS", spark: "TIMESTAMP_NTZ", arrow: "TimestampMillisecond", parquet: "INT64 TIMESTAMP(MILLIS,local)", odcs: "timestamp", postgresql: "timestamp(3)", mysql: "datetime(3)", avro: "long local-timestamp-millis" },
  TIMESTAMP_NS: { duckdb: "TIMESTAMP_NS", spark: null, arrow: "TimestampNanosecond", parquet: "INT64 TIMESTAMP(NANOS,local)", odcs: "timestamp", postgresql: null, mysql: null, avro: "long local-timestamp-nanos" },
  TIMESTAMPTZ: { duckdb: "TIMESTAMP WITH TIME ZONE", spark: "TIMESTAMP", arrow: "TimestampMicrosecond(UTC)", parquet: "INT64 TIMESTAMP(MICROS,UTC)", odcs: "timestamp", postgresql: "timestamptz", mysql: "timestamp(6)", avro: "long timestamp-micros" },
  INTERVAL: { duckdb: "INTERVAL", spark: null, arrow: "Utf8", parquet: "FIXED_LEN_BYTE_ARRAY(12) INTERVAL", odcs: "string", postgresql: "interval", mysql: null, avro: null },
  UUID: { duckdb: "UUID", spark: "STRING", arrow: "Utf8", parquet: "FIXED_LEN_BYTE_ARRAY(16) UUID", odcs: "string", postgresql: "uuid", mysql: "char(36)", avro: "string uuid" },
  JSON: { duckdb: "JSON", spark: "STRING", arrow: "Utf8", parquet: "BYTE_ARRAY JSON", odcs: "string", postgresql: "jsonb", mysql: "json", avro: "string" },
  NULL: { duckdb: "\"NULL\"", spark: "VOID", arrow: "Null", parquet: "INT32", odcs: "string", postgresql: null, mysql: null, avro: "null" },
  ENUM: { duckdb: "ENUM(…)", spark: "STRING", arrow: "Utf8", parquet: "BYTE_ARRAY ENUM", odcs: "string", postgresql: "text", mysql: "enum(…)", avro: "enum" },
  LIST: { duckdb: "T[]", spark: "ARRAY<T>", arrow: "List<T>", parquet: "LIST", odcs: "array", postgresql: "T[]", mysql: "json", avro: "array" },
  ARRAY: { duckdb: "T[n]", spark: "ARRAY<T>", arrow: "List<T>", parquet: "LIST", odcs: "array", postgresql: "T[]", mysql: "json", avro: "array" },
  STRUCT: { duckdb: "STRUCT(…)", spark: "STRUCT<…>", arrow: "Struct<…>", parquet: "group", odcs: "object", postgresql: "jsonb", mysql: "json", avro: "record" },
  MAP: { duckdb: "MAP(K, V)", spark: "MAP<K,V>", arrow: "Map<K,V>", parquet: "MAP", odcs: "object", postgresql: "jsonb", mysql: "json", avro: "map" },
};
