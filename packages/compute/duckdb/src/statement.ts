import { formatColumnType, quoteIdentifier } from "@millrace/foundation";
import type { Column } from "@millrace/protocols";
import { inOrder } from "./relation.ts";
import type { QueryRelation, Relation } from "./relation.ts";
import { trimStatementEnd } from "./sql-scanner.ts";
import { openTap } from "./taps.ts";
import type { Tap } from "./taps.ts";

/** Where a relation stands in the text of a statement, UTF-16 code units. */
export interface Segment {
  readonly relation: Relation;
  readonly start: number;
  readonly end: number;
  /** Where the author's own SQL begins; undefined for text that is ours. */
  readonly sqlStart?: number;
}

/** A relation as one SELECT, and what is needed to find the way back from it. */
export interface ComposedStatement {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly relations: readonly Relation[];
  readonly taps: readonly Tap[];
}

/** How a SELECT is composed. */
export interface ComposeOptions {
  /** Taps queries inside the statement, all but the last: its rows are the result's. */
  readonly taps: boolean;
  /** Text before the SELECT, counted in the segments: `COPY (`. */
  readonly before: string;
  /** Select list over the last relation. @defaultValue `*` */
  readonly select?: string;
  /** Without their data, sources are empty relations of their columns: binding touches no file. @defaultValue true */
  readonly data?: boolean;
}

/**
 * One SELECT for a relation: each relation below it a CTE, a query's logical inputs CTEs of its own inside it, so that
 * names of different steps never meet and nothing is created in the catalogue.
 *
 * Sources and inputs are never materialised by DuckDB: read twice, they are read with their filters twice. A query that
 * is read twice is left to DuckDB, which computes it once where its rows might differ.
 */
export function composeStatement(last: Relation, options: ComposeOptions): ComposedStatement {
  const relations = inOrder(last);
  const prefix = freePrefix(relations);
  const names = new Map(relations.map((relation, index) => [relation, `${prefix}${index + 1}`]));
  const segments: Segment[] = [];
  const taps: Tap[] = [];
  let text = `${options.before}WITH `;
  relations.forEach((relation, index) => {
    const name = names.get(relation) as string;
    text += `${index === 0 ? "" : ",\n"}${quoteIdentifier(name)} AS ${relation.kind === "query" ? "" : "NOT MATERIALIZED "}(`;
    const start = text.length;
    if (relation.kind === "query") {
      const tap = options.taps && relation !== last ? openTap(name, index + 1) : undefined;
      if (tap !== undefined) taps.push({ ...tap, relation });
      text += `${composeInputs(relation, names)}${tap?.before ?? "SELECT * FROM ("}`;
      const sqlStart = text.length;
      // The line break ends a comment on the SQL's last line.
      text += `${trimStatementEnd(relation.sql)}\n)${tap?.after ?? ""}`;
      segments.push({ relation, start, end: text.length, sqlStart });
    } else {
      text += composeLeaf(relation, options.data ?? true);
      segments.push({ relation, start, end: text.length });
    }
    text += ")";
  });
  text += `\nSELECT ${options.select ?? "*"} FROM ${quoteIdentifier(names.get(last) as string)}`;
  return { text, segments, relations, taps };
}

function composeInputs(relation: QueryRelation, names: ReadonlyMap<Relation, string>): string {
  if (relation.inputs.size === 0) return "";
  const inputs = [...relation.inputs].map(
    ([input, source]) =>
      `${quoteIdentifier(input)} AS NOT MATERIALIZED (SELECT * FROM ${quoteIdentifier(names.get(source) as string)})`,
  );
  return `WITH ${inputs.join(", ")} `;
}

function composeLeaf(relation: Exclude<Relation, QueryRelation>, data: boolean): string {
  if (relation.kind === "scan" && data) return relation.select;
  if (relation.kind === "table") return `SELECT * FROM temp.main.${quoteIdentifier(relation.table)}`;
  return emptySelect(relation.columns);
}

/** A SELECT of columns without rows. */
export function emptySelect(columns: readonly Column[]): string {
  const nulls = columns.map(
    (column) => `CAST(NULL AS ${formatColumnType(column.type)}) AS ${quoteIdentifier(column.name)}`,
  );
  return `SELECT ${nulls.join(", ")} WHERE false`;
}

/** A prefix that no step's text has, so that no step reads another one's CTE by accident. */
function freePrefix(relations: readonly Relation[]): string {
  const texts = relations.flatMap((relation) => (relation.kind === "query" ? [relation.sql.toLowerCase()] : []));
  for (let attempt = 0; ; attempt++) {
    const prefix = attempt === 0 ? "mr:" : `mr${attempt}:`;
    if (!texts.some((text) => text.includes(prefix))) return prefix;
  }
}
