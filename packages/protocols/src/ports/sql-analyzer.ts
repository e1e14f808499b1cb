import type { Column } from "../column-type.ts";
import type { ParameterSpan } from "../dag.ts";

/** What a statement is. `select` includes VALUES, FROM-first, set operations and static PIVOT. */
export type StatementKind =
  | "select"
  | "dynamic_pivot"
  | "insert"
  | "update"
  | "delete"
  | "create"
  | "drop"
  | "alter"
  | "copy"
  | "attach"
  | "set"
  | "pragma"
  | "call"
  | "load"
  | "transaction"
  | "other";

/** A table that a statement reads, not a CTE of its own. */
export interface TableReference {
  readonly name: string;
  readonly schema?: string;
  readonly catalog?: string;
  /** Offset in the text, UTF-16 code units, where the parser tells. */
  readonly offset?: number;
}

/** SQL whose rows depend on an order that nothing fixes. */
export interface OrderDependence {
  readonly kind: "window" | "aggregate" | "limit" | "float_sum" | "distinct_on" | "sample" | "positional";
  /** Function or clause that is meant, such as `row_number`. */
  readonly what: string;
  readonly message: string;
  readonly offset?: number;
}

/** What can be said of a SELECT without running it. */
export interface SqlAnalysis {
  readonly kind: StatementKind;
  /** Tables read, without CTEs, each once, in order of appearance. */
  readonly tables: readonly TableReference[];
  /** Scalar and aggregate function names, lower case, each once. */
  readonly functions: readonly string[];
  /** Table functions such as `read_csv`, lower case, each once. */
  readonly tableFunctions: readonly string[];
  /** Functions whose value is not fixed by their arguments: `random`, `uuid`, `nextval`. Logical time is fixed. */
  readonly volatile: readonly string[];
  readonly orderDependence: readonly OrderDependence[];
  /** True where the statement ends in ORDER BY at its top. */
  readonly ordered: boolean;
  /** Names of tables that the text reads more than once, such as both sides of a self-join. */
  readonly repeatedTables: readonly string[];
}

/** Why a text is not one SELECT. Offsets are UTF-16 code units of the text. */
export interface SqlSyntaxError {
  readonly message: string;
  readonly offset?: number;
}

/** A parsed text, ready for questions. */
export interface ParsedSql {
  readonly text: string;
  readonly statements: number;
  readonly error?: SqlSyntaxError;
  /** `keys`: columns of an input that are unique together, where a check or a contract makes sure of it. */
  analyze(context: {
    readonly inputs: ReadonlyMap<string, readonly Column[]>;
    readonly keys?: ReadonlyMap<string, readonly (readonly string[])[]>;
  }): SqlAnalysis;
  /** Names of output columns that cannot be null, given which input columns cannot. */
  nonNullColumns(context: {
    readonly inputs: ReadonlyMap<string, readonly Column[]>;
    readonly outputs: readonly string[];
  }): ReadonlySet<string>;
}

/** Parsing and analysis of one SQL dialect, without running anything. */
export interface SqlAnalyzer {
  readonly dialect: "duckdb" | "spark";
  /** Parses many texts in one go; the answer keeps their order. Parameters (`$name`) are allowed. */
  parse(texts: readonly string[]): Promise<readonly ParsedSql[]>;
  /** Parameter names in a text (`$name`), by tokens: never inside strings, quoted names or comments. */
  parameters(text: string): readonly { readonly name: string; readonly offset: number }[];
  /** The text with each `$name` replaced by the literal given for it. */
  substitute(text: string, literals: ReadonlyMap<string, string>): string;
  /** Where `substitute` puts each literal, with the blanks and parentheses that it may put around it. */
  substitutionSpans(text: string, literals: ReadonlyMap<string, string>): readonly ParameterSpan[];
}

/** What a `SqlAnalyzer` needs from a compute: the syntax tree of each text, as its own JSON. */
export interface SqlSyntaxTreeSource {
  syntaxTrees(texts: readonly string[]): Promise<readonly (SyntaxTree | SqlSyntaxError)[]>;
}

/** Syntax tree of one text: DuckDB's `json_serialize_sql` statements, or the kind of a statement it does not serialise. */
export interface SyntaxTree {
  readonly statements: readonly { readonly kind: StatementKind; readonly node?: unknown }[];
}
