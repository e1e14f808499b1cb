import type { DatabaseSync } from "node:sqlite";
import { listNames, shorten } from "../finding.ts";
import type { Finding, Place } from "../finding.ts";
import { brokenDocument } from "./definition-document.ts";
import type { DefinitionDocument } from "./definition-document.ts";
import { checkRegularFile, readFirstBytes } from "./definition-file.ts";
import { LineMap } from "./line-map.ts";
import { loadSqlite } from "./sqlite-module.ts";
import { fieldOfColumn, plainColumn, readTableSteps, suggestColumn } from "./table-steps.ts";
import type { Cell, RowOptions, TableRow } from "./table-steps.ts";

/** Most text of all rows: as much as a JSON file may have. The database itself may be larger. */
const maxTextLength = 32 * 2 ** 20;

const stepTable = "transformation_config";
const sourceTable = "ingestion_source_config";

/** A SQLite database with the seed's tables. A position names the cell as if it were a file: `p.db#transformation_config[7].Value`. */
export async function readSqliteDocument(file: string, options: RowOptions): Promise<DefinitionDocument> {
  const at = (code: Finding["code"], message: string): DefinitionDocument =>
    brokenDocument([{ code, message: `${file}: ${message}.`, path: [], place: { position: { file } } }]);
  const unreadable = await checkRegularFile(file);
  if (unreadable !== undefined) return brokenDocument([unreadable]);
  const magic = Buffer.from(await readFirstBytes(file, 16)).toString("latin1");
  if (magic === "") return at("DEFINITION_EMPTY", "it is empty");
  if (magic !== "SQLite format 3\0") return at("DEFINITION_SYNTAX", "it is not a SQLite database");
  const { DatabaseSync } = await loadSqlite();
  const texts = new Map<string, string>();
  try {
    using database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    const tables = readTables(database, { file, texts });
    if ("tooLong" in tables)
      return at("DEFINITION_FILE_TOO_LARGE", `its rows have more than ${maxTextLength} characters`);
    if (tables.rows === undefined)
      return at(
        "DEFINITION_EMPTY",
        `it has neither the table ${stepTable} nor ${sourceTable}; its tables: ${listNames(tables.names)}`,
      );
    const { steps, findings, locate } = await readTableSteps(tables.rows, options);
    const place: Place = { position: { file } };
    return {
      value: steps,
      findings: [...tables.findings, ...findings],
      locate: (path, request) => locate(path, request) ?? place,
      text: (name) => texts.get(name),
    };
  } catch (error) {
    // Damaged, locked, or a query that does not fit: the text of SQLite says which.
    if (!isSqliteError(error)) throw error;
    return at("DEFINITION_SYNTAX", `it cannot be read as a SQLite database: ${error.message}`);
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

interface Context {
  readonly file: string;
  /** Texts of cells by the name that positions give them. */
  readonly texts: Map<string, string>;
}

type Tables =
  | { readonly tooLong: true }
  | {
      readonly rows: readonly TableRow[] | undefined;
      readonly names: readonly string[];
      readonly findings: readonly Finding[];
    };

function readTables(database: DatabaseSync, context: Context): Tables {
  const names = database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all()
    .map((row) => String(row["name"]));
  const findings: Finding[] = [];
  const find = (wanted: string): string | undefined => names.find((name) => name.toLowerCase() === wanted);
  const steps = find(stepTable);
  const sources = find(sourceTable);
  if (steps === undefined && sources === undefined) return { rows: undefined, names, findings };
  const rows: TableRow[] = [];
  let length = 0;
  for (const [table, toRow] of [
    [steps, stepRow],
    [sources, sourceRow],
  ] as const) {
    if (table === undefined) continue;
    for (const record of readRows(database, table)) {
      if (rows.length === 0 || rows.at(-1)?.label.startsWith(table) !== true)
        checkColumns(table, record, { context, findings });
      length += record.cells.reduce((sum, [, value]) => sum + (typeof value === "string" ? value.length : 0), 0);
      if (length > maxTextLength) return { tooLong: true };
      rows.push(toRow(table, record, context));
    }
  }
  return { rows, names, findings };
}

/** A record: its row id, or its number where the table has none, and its values by column. */
interface SqliteRecord {
  readonly id: number;
  readonly cells: readonly (readonly [column: string, value: unknown])[];
}

function* readRows(database: DatabaseSync, table: string): Iterable<SqliteRecord> {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const hasRowId = canPrepare(database, `SELECT rowid FROM ${quoted} ORDER BY rowid`);
  const statement = database.prepare(
    hasRowId ? `SELECT rowid AS "#", * FROM ${quoted} ORDER BY rowid` : `SELECT * FROM ${quoted}`,
  );
  statement.setReadBigInts(true);
  let number = 0;
  for (const row of statement.iterate()) {
    number += 1;
    const { "#": rowId, ...values } = row;
    yield {
      id: typeof rowId === "bigint" ? Number(rowId) : number,
      cells: Object.entries(values).map(([column, value]) => [column, plainValue(value)]),
    };
  }
}

/** Views and tables without row ids refuse the column. */
function canPrepare(database: DatabaseSync, sql: string): boolean {
  try {
    database.prepare(sql);
    return true;
  } catch (error) {
    if (isSqliteError(error)) return false;
    throw error;
  }
}

function plainValue(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

/** Columns of one's own are usual in a database; one that is almost a known name is a slip. */
function checkColumns(
  table: string,
  { cells }: SqliteRecord,
  target: { readonly context: Context; readonly findings: Finding[] },
): void {
  if (table.toLowerCase() !== stepTable) return;
  for (const [column] of cells) {
    const suggestion = fieldOfColumn(column) === undefined ? suggestColumn(column) : undefined;
    if (suggestion === undefined || cells.some(([other]) => fieldOfColumn(other) === fieldOfColumn(suggestion)))
      continue;
    target.findings.push({
      code: "DEFINITION_UNKNOWN_KEY",
      message: `The column ${shorten(column)} of ${table} is not known. Did you mean "${suggestion}"?`,
      path: [],
      place: { position: { file: `${target.context.file}#${table}` } },
      received: column,
      suggestion,
    });
  }
}

function cellOf(name: string, value: unknown, context: Context): Cell {
  const text = typeof value === "string" ? value : "";
  if (text !== "") context.texts.set(name, text);
  const lines = new LineMap(text);
  return {
    value,
    place: (start = 0, end = text.length) => ({
      position: { file: name, ...lines.at(start) },
      length: text.slice(start, end).split(/[\r\n]/, 1)[0]?.length ?? 0,
    }),
  };
}

function stepRow(table: string, record: SqliteRecord, context: Context): TableRow {
  const prefix = `${context.file}#${table}[${record.id}]`;
  const cells = new Map<string, Cell>();
  for (const [column, value] of record.cells) {
    const field = fieldOfColumn(column);
    if (field !== undefined) cells.set(field, cellOf(`${prefix}.${column}`, value, context));
  }
  const type = cells.get("type");
  // As the seed's program has it: a row of this table without a type is SQL.
  if (type === undefined || type.value === null || type.value === "")
    cells.set("type", { value: "sql", place: () => ({ position: { file: prefix } }) });
  return { cells, label: `${table} row ${record.id}`, place: { position: { file: prefix } } };
}

/** Formats of files that a source type may name. */
const formats: ReadonlySet<string> = new Set(["csv", "json", "ndjson", "parquet"]);

/** A source as an ingest step. **Source** ODIBI CORE 1.1.0 `_parse_ingestion_row`, both spellings of its columns. */
function sourceRow(table: string, record: SqliteRecord, context: Context): TableRow {
  const prefix = `${context.file}#${table}[${record.id}]`;
  const own = new Map(record.cells.map(([column, value]) => [plainColumn(column), { column, value }]));
  const cell = (...names: readonly string[]): Cell | undefined => {
    const found = names
      .map((name) => own.get(name))
      .find((entry) => entry !== undefined && entry.value !== null && entry.value !== "");
    return found === undefined ? undefined : cellOf(`${prefix}.${found.column}`, found.value, context);
  };
  const enabled = own.get("enabled");
  const fixed = (value: unknown, at?: Cell): Cell => ({
    value,
    place: () => at?.place() ?? { position: { file: prefix } },
  });
  const target = cell("targetid");
  const type = cell("sourcetype");
  const project = cell("project");
  const cells = new Map<string, Cell>([
    ["layer", fixed("ingest")],
    ["type", fixed("config_op")],
    ["outputs", fixed({ data: target?.value ?? "data" }, target)],
    ["metadata", fixed(definedOnly({ project: project?.value, source_type: type?.value }))],
  ]);
  const given: readonly (readonly [string, Cell | undefined])[] = [
    ["name", cell("sourceid")],
    ["engine", cell("engine")],
    ["value", cell("sourcepathorquery", "sourcepath")],
    ["project", project],
    ["enabled", enabled === undefined ? undefined : cellOf(`${prefix}.${enabled.column}`, enabled.value, context)],
    ["execution_order", cell("executionorder")],
    [
      "params",
      typeof type?.value === "string" && formats.has(type.value.toLowerCase())
        ? fixed({ format: type.value.toLowerCase() }, type)
        : undefined,
    ],
  ];
  for (const [field, value] of given) if (value !== undefined) cells.set(field, value);
  return { cells, label: `${table} row ${record.id}`, place: { position: { file: prefix } } };
}

function definedOnly(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
