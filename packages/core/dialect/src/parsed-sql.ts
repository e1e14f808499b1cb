import type { ParsedSql, SqlAnalysis, SqlSyntaxError, StatementKind, SyntaxTree } from "@millrace/protocols";
import { Analysis } from "./analysis.ts";
import type { AnalysisContext } from "./analysis.ts";
import { ReadCount } from "./findings.ts";
import { modifiersOf } from "./limit-order.ts";
import { readQuery } from "./query.ts";
import { nonNullNames } from "./result-columns.ts";
import { asNode, depthOf, nodeAt, nodesAt, textAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { createOffsetMap } from "./text-offset.ts";
import type { OffsetMap } from "./text-offset.ts";

/**
 * Deepest tree that is read. DuckDB's own limit of 1,000 nested expressions gives trees of up to 5,400; half of that again
 * fits into the smallest stack that Node gives a thread, as `test/deep-sql.test.ts` shows.
 */
const maxDepth = 6_000;

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
  if (first === undefined) return { text, kind: "other", statements: 0, error: { message: "The text has no statement.", offset: 0 } };
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
  const { text, kind, statements, query, error } = statement;
  let offsets: OffsetMap | undefined;
  const run = (context: AnalysisContext): { readonly analysis: Analysis; readonly reads: ReadCount; readonly query: SyntaxNode } | undefined => {
    if (query === undefined || error !== undefined) return undefined;
    offsets ??= offsetsOf(statement);
    const parsedText = statement.parsed?.text ?? text;
    const analysis = new Analysis({ text: parsedText, offsets, context, readQuery });
    return { analysis, reads: new ReadCount(), query };
  };
  return {
    text,
    statements,
    ...(error === undefined ? {} : { error }),
    analyze: (context: AnalysisContext): SqlAnalysis => {
      const started = run(context);
      if (started === undefined) return { kind, ...emptyAnalysis };
      const { analysis, reads } = started;
      readQuery(started.query, { analysis, ctes: undefined, outer: undefined, reads });
      const { findings } = analysis;
      return {
        kind,
        tables: findings.tables(),
        functions: findings.functions(),
        tableFunctions: findings.tableFunctions(),
        volatile: findings.volatile(),
        orderDependence: findings.orderDependence(),
        ordered: modifiersOf(started.query).order.length > 0,
        repeatedTables: reads.repeated().map((key) => findings.tableName(key)),
      };
    },
    nonNullColumns: (context: AnalysisContext & { readonly outputs: readonly string[] }): ReadonlySet<string> => {
      const started = run(context);
      if (started === undefined || kind !== "select") return new Set<string>();
      const { analysis, reads } = started;
      return nonNullNames(readQuery(started.query, { analysis, ctes: undefined, outer: undefined, reads }), context.outputs);
    },
  };
}

function offsetsOf({ text, parsed }: StatementTree): OffsetMap {
  const map = createOffsetMap(parsed?.text ?? text);
  return parsed === undefined ? map : (offset) => parsed.originalOffset(map(offset));
}

/** Positional parameters in a tree: `?` has a number for a name, as `$1` has. */
export function hasPositionalParameter(tree: SyntaxTree): boolean {
  return tree.statements.some(({ node }) => {
    const holder = asNode(node);
    return holder !== undefined && nodesAt(holder, "named_param_map").some((entry) => /^\d+$/.test(textAt(entry, "key")));
  });
}

