import type { DuckDBConnection } from "@duckdb/node-api";
import { quoteLiteral, toMillraceError } from "@millrace/foundation";
import type {
  Column,
  FaultPoints,
  MaterialiseResult,
  MaterialiseTarget,
  RowCount,
  WrittenFile,
} from "@millrace/protocols";
import { toColumns } from "./column-type.ts";
import { listWritten, toCopySelect, toCopyTarget } from "./copy-target.ts";
import type { CopyTarget } from "./copy-target.ts";
import { stagePivots } from "./dynamic-pivot.ts";
import { verifyArchive } from "./file-content.ts";
import { blameRelation } from "./position.ts";
import { copiedRows, parseProfile } from "./profile.ts";
import type { ProfileNode } from "./profile.ts";
import type { Relation } from "./relation.ts";
import { composeStatement } from "./statement.ts";
import type { ComposedStatement } from "./statement.ts";
import { countTaps } from "./taps.ts";

/** A COPY that is about to run. */
export interface Materialisation {
  readonly connection: DuckDBConnection;
  readonly relation: Relation;
  readonly target: MaterialiseTarget;
  readonly taps: boolean;
  readonly signal: AbortSignal;
  readonly faultPoints: FaultPoints;
  /** Rows that footers of Parquet files state. */
  readonly footerRows: (files: readonly string[]) => Promise<number>;
}

/**
 * Runs a relation as one COPY into a staged place.
 *
 * With taps, the COPY runs under `EXPLAIN ANALYZE`, which returns the profile of that very run; it also works in a locked
 * instance, where profiling cannot be switched on.
 */
export async function copyRelation(copy: Materialisation): Promise<Omit<MaterialiseResult, "durationMs">> {
  const { connection, signal, taps } = copy;
  const target = toCopyTarget(copy.target);
  const staged = await stagePivots(connection, copy.relation);
  const columns = await bindColumns(connection, staged.relation);
  const before = taps ? "EXPLAIN (ANALYZE, FORMAT json) COPY (" : "COPY (";
  const statement = composeStatement(staged.relation, { taps, before, select: toCopySelect(columns, target.format) });
  const reports = target.reportsFiles && !taps;
  const options = reports ? target.options.replace(/\)$/, ", RETURN_STATS)") : target.options;
  const sql = `${statement.text}\n) TO ${quoteLiteral(target.path)} ${options}`;

  const running = connection.runAndReadAll(sql);
  const [result] = await endOf(running, [verifyPacked(statement, signal), passFault(copy)], (error) =>
    blameRelation(error, statement, signal),
  );
  const written = taps ? undefined : (result.getRows() as readonly (readonly unknown[])[]);
  const profile = taps ? parseProfile(String(result.getRows()[0]?.[1])) : undefined;
  const files = reports ? reportedFiles(written ?? []) : await listFiles(target, copy.footerRows);
  const rows = reports
    ? sumRows(written ?? [], 1)
    : profile === undefined
      ? sumRows(written ?? [], 0)
      : profiledRows(profile, files);
  const counts = new Map<string, RowCount>(staged.counts);
  if (profile !== undefined) {
    for (const [label, count] of countTaps(profile, statement.taps, statement.relations)) counts.set(label, count);
    for (const [label, count] of await footerCounts(statement, copy)) counts.set(label, count);
    counts.set(staged.relation.label, { rows, at_least: false });
  }
  const [only] = files;
  return { rows, columns, counts, files: files.length === 1 && only !== undefined ? [{ ...only, rows }] : files };
}

/** What was written says it best: Parquet's own footers, else what the profile saw go into the COPY. */
function profiledRows(profile: ProfileNode, files: readonly WrittenFile[]): number {
  const known = files.every((file) => file.rows !== undefined);
  return known && files.length > 0
    ? files.reduce((sum, file) => sum + (file.rows ?? 0), 0)
    : (copiedRows(profile) ?? 0);
}

/** Columns of a relation, by binding it without its data where it does not know them. */
export async function bindColumns(connection: DuckDBConnection, relation: Relation): Promise<readonly Column[]> {
  if (relation.kind === "scan" || relation.kind === "empty") return relation.columns;
  const statement = composeStatement(relation, { taps: false, before: "", data: false });
  try {
    const prepared = await connection.prepare(statement.text);
    try {
      return toColumns(prepared);
    } finally {
      prepared.destroySync();
    }
  } catch (error) {
    throw blameRelation(error, statement);
  }
}

/**
 * Waits for a statement and for what goes on beside it. All of them have ended afterwards; what is wrong with an input
 * explains an error of the statement, so it comes first.
 */
export async function endOf<T>(
  running: Promise<T>,
  beside: readonly Promise<void>[],
  blame: (error: unknown) => Error,
): Promise<readonly [T]> {
  const [statement, ...others] = await Promise.allSettled([running, ...beside]);
  for (const other of others)
    if (other.status === "rejected") throw toMillraceError(other.reason, { code: "COMPUTE_FAILED", fault: "internal" });
  if (statement.status === "rejected") throw blame(statement.reason);
  return [statement.value];
}

/** Checks the archives that a statement reads, while it reads them. */
export async function verifyPacked(statement: ComposedStatement, signal: AbortSignal): Promise<void> {
  for (const relation of statement.relations)
    for (const { path, compression } of relation.kind === "scan" ? relation.packed : [])
      await verifyArchive(path, compression, signal);
}

/** `output.write` is inside a running COPY: it is passed once the statement is on its way. */
async function passFault({ faultPoints, connection }: Materialisation): Promise<void> {
  try {
    await faultPoints.pass("output.write");
  } catch (error) {
    connection.interrupt();
    throw error;
  }
}

function reportedFiles(rows: readonly (readonly unknown[])[]): readonly WrittenFile[] {
  return rows
    .map(([uri, count, size]) => ({ uri: String(uri), sizeBytes: Number(size), rows: Number(count) }))
    .toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** Files by the file system; rows of Parquet parts by their footers. */
async function listFiles(
  target: CopyTarget,
  footerRows: Materialisation["footerRows"],
): Promise<readonly WrittenFile[]> {
  const files = await listWritten(target);
  if (target.format !== "parquet") return files;
  return Promise.all(files.map(async (file) => ({ ...file, rows: await footerRows([file.uri]) })));
}

function sumRows(rows: readonly (readonly unknown[])[], column: number): number {
  return rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);
}

/** Rows of Parquet scans: the profile shows them after filters that moved into the read. */
async function footerCounts(
  statement: ComposedStatement,
  { footerRows }: Materialisation,
): Promise<ReadonlyMap<string, RowCount>> {
  const counts = new Map<string, RowCount>();
  for (const relation of statement.relations)
    if (relation.kind === "scan" && relation.format === "parquet")
      counts.set(relation.label, { rows: relation.rows ?? (await footerRows(relation.files)), at_least: false });
  return counts;
}
