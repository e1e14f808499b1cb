import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteLiteral } from "@millrace/foundation";
import type { Column } from "@millrace/protocols";
import { toColumns } from "./column-type.ts";
import { toComputeError } from "./errors.ts";
import type { Instance } from "./instance.ts";
import type { FileAccess } from "./source-files.ts";

/** Small questions to DuckDB about files. */
export interface SourceReader extends FileAccess {
  /** The one row of a query; its errors name the file. */
  row(sql: string, file?: string): Promise<readonly unknown[]>;
  rows(sql: string, file?: string): Promise<readonly (readonly unknown[])[]>;
  /** Columns of a query, without running it. */
  columns(sql: string, file?: string): Promise<readonly Column[]>;
}

/** Questions to one instance. What DuckDB says of a file is about its content, so that codes of SQL do not apply. */
export function createSourceReader(instance: Instance, guard: FileAccess["guard"]): SourceReader {
  const ask = async <T>(file: string | undefined, action: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    try {
      return await instance.use(action);
    } catch (error) {
      throw toComputeError(error, {
        codes: {
          COMPUTE_FAILED: "DATA_INVALID_FILE",
          DATA_CONVERSION: "DATA_INVALID_FILE",
          SQL_INVALID: "SOURCE_UNREADABLE",
          STORE_IO: "SOURCE_UNREADABLE",
        },
        ...(file === undefined ? {} : { prefix: `"${file}"`, context: { file } }),
      });
    }
  };
  const rows = (sql: string, file?: string): Promise<readonly (readonly unknown[])[]> =>
    ask(file, async (connection) => (await connection.runAndReadAll(sql)).getRows());
  return {
    guard,
    glob: async (pattern) =>
      (await rows(`SELECT file FROM glob(${quoteLiteral(pattern)})`, pattern)).map(([file]) => String(file)),
    rows,
    row: async (sql, file) => (await rows(sql, file))[0] ?? [],
    columns: (sql, file) =>
      ask(file, async (connection) => {
        const statement = await connection.prepare(sql);
        try {
          return toColumns(statement);
        } finally {
          statement.destroySync();
        }
      }),
  };
}
