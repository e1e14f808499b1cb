import type { ParsedSql, SqlAnalyzer, SqlSyntaxError, SqlSyntaxTreeSource, SyntaxTree } from "@millrace/protocols";
import { findParameters, findPositional, substituteParameters } from "./parameter.ts";
import { failedSql, hasPositionalParameter, toParsedSql, toStatement } from "./parsed-sql.ts";
import type { StatementTree } from "./parsed-sql.ts";
import { readStatements } from "./statement.ts";
import { toStaticPivot } from "./static-pivot.ts";
import { tokensOf } from "./lexeme.ts";

/** What a DuckDB analyzer needs. */
export interface DuckdbAnalyzerOptions {
  /** Parses SQL with DuckDB's own parser; a compute provides it. All texts of a call are parsed in one go. */
  readonly trees: SqlSyntaxTreeSource;
}

/**
 * Creates the analysis of DuckDB's SQL: kinds, tables, functions, order dependence, nullability and parameters.
 *
 * Nothing is run or bound. The parser is injected, so that creating one loads nothing.
 *
 * **Source** syntax trees of DuckDB 1.5.6 (`json_serialize_sql`); each rule that a promise rests on is held against DuckDB
 * in the tests.
 *
 * @example
 * const analyzer = createDuckdbAnalyzer({ trees: engine });
 * const [sql] = await analyzer.parse(["SELECT k, first(v) AS v FROM t GROUP BY k"]);
 * sql?.analyze({ inputs: new Map() }).orderDependence[0]?.what; // first
 */
export function createDuckdbAnalyzer({ trees }: DuckdbAnalyzerOptions): SqlAnalyzer {
  return {
    dialect: "duckdb",
    parse: (texts) => parseAll(texts, trees),
    parameters: findParameters,
    substitute: (text, literals) => substituteParameters(text, literals).text,
    substitutionSpans: (text, literals) => substituteParameters(text, literals).spans,
  };
}

async function parseAll(texts: readonly string[], trees: SqlSyntaxTreeSource): Promise<readonly ParsedSql[]> {
  if (texts.length === 0) return [];
  const answers = await trees.syntaxTrees(texts);
  const pivots = await parsePivots(texts, answers, trees);
  return texts.map((text, index) => {
    const pivot = pivots.get(index);
    return pivot === undefined ? readAnswer(text, answers[index]) : toParsedSql(pivot);
  });
}

function readAnswer(text: string, answer: SyntaxTree | SqlSyntaxError | undefined): ParsedSql {
  const positional = findPositional(text);
  if (positional !== undefined) return failedSql(text, positionalError(positional.text, positional.offset), 1);
  if (answer === undefined) return failedSql(text, { message: "The parser gave no answer for this text." });
  if ("statements" in answer) {
    if (text.includes("?") && hasPositionalParameter(answer))
      return failedSql(text, positionalError("?", questionMark(text)), answer.statements.length);
    const statement = toStatement(text, answer);
    const isUnnamed = statement.kind === "other" && statement.query === undefined && statement.error === undefined;
    return toParsedSql(isUnnamed ? { ...statement, kind: readStatements(text)[0]?.kind ?? "other" } : statement);
  }
  // The parser serialises nothing but SELECT: what is clearly another statement is no error of syntax.
  const statements = readStatements(text);
  const other = statements.find(({ kind }) => kind !== undefined && kind !== "select");
  if (other?.kind === undefined) return failedSql(text, answer, statements.length);
  return toParsedSql({ text, kind: other.kind, statements: statements.length });
}

/** Dynamic PIVOTs, by index of their text: parsed again in a form that can be serialised. */
async function parsePivots(
  texts: readonly string[],
  answers: readonly (SyntaxTree | SqlSyntaxError)[],
  trees: SqlSyntaxTreeSource,
): Promise<ReadonlyMap<number, StatementTree>> {
  const candidates = texts.flatMap((text, index) => {
    if (!/pivot/i.test(text) || hasTree(answers[index])) return [];
    const statements = readStatements(text);
    const isPivot = statements.length === 1 && statements[0]?.kind === "select" && statements[0].hasPivot;
    const rewritten = isPivot ? toStaticPivot(text) : undefined;
    return rewritten === undefined ? [] : [{ index, text, rewritten }];
  });
  if (candidates.length === 0) return new Map<number, StatementTree>();
  const again = await trees.syntaxTrees(candidates.map(({ rewritten }) => rewritten.text));
  return new Map(
    candidates.flatMap(({ index, text, rewritten }, position) => {
      const answer = again[position];
      if (answer === undefined || !("statements" in answer)) return [];
      const { query, error } = toStatement(rewritten.text, answer);
      if (query === undefined) return [];
      const pivot: StatementTree = { text, kind: "dynamic_pivot", statements: 1, query, parsed: rewritten };
      return [[index, error === undefined ? pivot : { ...pivot, error }] as const];
    }),
  );
}

function hasTree(answer: SyntaxTree | SqlSyntaxError | undefined): boolean {
  return answer !== undefined && "statements" in answer && answer.statements.some(({ node }) => node !== undefined);
}

function positionalError(parameter: string, offset: number | undefined): SqlSyntaxError {
  const message = `The SQL has the positional parameter ${parameter}; parameters have names. Write $name instead.`;
  return offset === undefined ? { message } : { message, offset };
}

function questionMark(text: string): number | undefined {
  for (const token of tokensOf(text)) if (token.kind === "symbol" && text[token.start] === "?") return token.start;
  return undefined;
}
