import type * as Sqlite from "node:sqlite";

let sqlite: Promise<typeof Sqlite> | undefined;

/** The SQLite of Node, on first use. Node 22 calls it experimental in a warning on stderr, which is of no use to whoever runs a pipeline. */
export function loadSqlite(): Promise<typeof Sqlite> {
  sqlite ??= importQuietly();
  return sqlite;
}

async function importQuietly(): Promise<typeof Sqlite> {
  const emitWarning = process.emitWarning.bind(process);
  const original = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (!String(warning).includes("SQLite")) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return await import("node:sqlite");
  } finally {
    if (original !== undefined) Object.defineProperty(process, "emitWarning", original);
  }
}
