import type { ParsedSql, SqlAnalysis, SqlSyntaxError, StatementKind, SyntaxTree } from "@millrace/protocols";
import { Analysis } from "./analysis.ts";
import type { AnalysisContext } from "./analysis.ts";
import { ReadCount } from "./findings.ts";
import { modifiersOf } from "./limit-order.ts";
import { readQuery } from "./query.ts";
import { nonNullNames } from "./result-columns.ts";
import type { QueryShape } from "./shape.ts";
import { asNode, depthOf, nodeAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { createOffsetMap } from "./text-offset.ts";
import type { OffsetMap } from "./text-offset.ts";

/**
 * Deepest tree that is read, in nested expressions, tables and queries. DuckDB parses 1,000 of them; the stack of a Node
 * process holds 1,400 of any form, as measured on Node 24.
 */
const maxDepth = 1_200;

/** What a statement came to: a tree, or what kept it from one. */
export interface StatementTree {
  readonly text: string;
  readonly kind: StatementKind;
  readonly statements: number;
  readonly query?: SyntaxNode;
  /** For a text that was changed to be parsed: its offsets, and those of the text as it was written. */
  readonly parsed?: { readonly text: string; originalOffset(offset: number): number };
  readonly error?: SqlSyntaxError;
}

const emptyAnalysis: Omit<SqlAnalysis, "kind"> = {
  tables: [],
  functions: [],
  tableFunctions: [],
  volatile: [],
  orderDependence: [],
  ordered: false,
  repeatedTables: [],
};

/** A text with an error: nothing can be said of it. */
export function failedSql(text: string, error: SqlSyntaxError, statements = 0): ParsedSql {
  return toParsedSql({ text, kind: "other", statements, error });
}

/** The query of a tree's first statement, and its kind. */
export function toStatement(text: string, { statements }: SyntaxTree): StatementTree {
  const [first] = statements;
  if (first === undefined)
    return { text, kind: "other", statements: 0, error: { message: "The text has no statement.", offset: 0 } };
  const holder = asNode(first.node);
  const query = holder === undefined ? undefined : (nodeAt(holder, "node") ?? holder);
  const count = statements.length;
  if (query === undefined) return { text, kind: first.kind, statements: count };
  if (depthOf(query) > maxDepth) {
    const message = `The SQL nests too deeply: ${depthOf(query)} levels, at most ${maxDepth}. Split it into several steps.`;
    return { text, kind: first.kind, statements: count, error: { message, offset: 0 } };
  }
  return { text, kind: isShow(query) ? "other" : first.kind, statements: count, query };
}

/** SHOW and DESCRIBE are a SELECT to the parser; SUMMARIZE is one. */
function isShow(query: SyntaxNode): boolean {
  const from = nodeAt(query, "from_table");
  return from !== undefined && textAt(from, "type") === "SHOW_REF" && textAt(from, "show_type") !== "SUMMARY";
}

export function toParsedSql(statement: StatementTree): ParsedSql {
  const { text, kind, statements, error } = statement;
  const readings = new Readings(statement);
  return {
    text,
    statements,
    ...(error === undefined ? {} : { error }),
    analyze: (context: AnalysisContext): SqlAnalysis => {
      const reading = readings.read(context);
      if (reading === undefined) return { kind, ...emptyAnalysis };
      const { findings } = reading.analysis;
      return {
        kind,
        tables: findings.tables(),
        functions: findings.functions(),
        tableFunctions: findings.tableFunctions(),
        volatile: findings.volatile(),
        orderDependence: findings.orderDependence(),
        ordered: reading.isOrdered,
        repeatedTables: reading.reads.repeated().map((key) => findings.tableName(key)),
      };
    },
    nonNullColumns: (context: AnalysisContext & { readonly outputs: readonly string[] }): ReadonlySet<string> => {
      const reading = kind === "select" ? readings.read(context) : undefined;
      return reading === undefined ? new Set<string>() : nonNullNames(reading.shape, context.outputs);
    },
  };
}

interface Reading {
  readonly analysis: Analysis;
  readonly shape: QueryShape;
  readonly reads: ReadCount;
  readonly isOrdered: boolean;
}

/** Readings of one statement. Both questions of a step are asked with the same inputs, so that the last one is kept. */
class Readings {
  readonly #statement: StatementTree;
  #offsets: OffsetMap | undefined;
  #last: { readonly context: AnalysisContext; readonly reading: Reading } | undefined;

  constructor(statement: StatementTree) {
    this.#statement = statement;
  }

  read(context: AnalysisContext): Reading | undefined {
    const { query, error, text, parsed } = this.#statement;
    if (query === undefined || error !== undefined) return undefined;
    const last = this.#last;
    if (last !== undefined && last.context.inputs === context.inputs && last.context.keys === context.keys)
      return last.reading;
    this.#offsets ??= offsetsOf(this.#statement);
    const analysis = new Analysis({ text: parsed?.text ?? text, offsets: this.#offsets, context, readQuery });
    const reads = new ReadCount();
    const shape = readQuery(query, { analysis, ctes: undefined, outer: undefined, reads });
    const reading = { analysis, shape, reads, isOrdered: modifiersOf(query).order.length > 0 };
    this.#last = { context, reading };
    return reading;
  }
}

function offsetsOf({ text, parsed }: StatementTree): OffsetMap {
  const map = createOffsetMap(parsed?.text ?? text);
  return parsed === undefined ? map : (offset) => parsed.originalOffset(map(offset));
}

/** Positional parameters in a tree: `?` has a number for a name, as `$1` has. Iterative, so that no tree is too deep for it. */
export function hasPositionalParameter(tree: SyntaxTree): boolean {
  const pending: object[] = [...tree.statements];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const node = asNode(value);
    if (node !== undefined && textAt(node, "class") === "PARAMETER" && /^\d+$/.test(textAt(node, "identifier")))
      return true;
    for (const part of Object.values(value) as unknown[])
      if (typeof part === "object" && part !== null) pending.push(part);
  }
  return false;
}
