import type {
  Column,
  DagNode,
  DatasetSchema,
  Issue,
  LoadedPipeline,
  ParsedSql,
  SqlAnalysis,
} from "@millrace/protocols";
import { formatColumnType, isMillraceError, suggestName, suggestNames } from "@millrace/foundation";
import type { MillraceError } from "@millrace/foundation";
import type { EngineEnvironment } from "./environment.ts";
import { authorOffset } from "./sql-parameters.ts";
import type { OffsetIssue, SubstitutedSql } from "./sql-parameters.ts";

/** A SQL step with everything that it is checked against. */
export interface SqlToBind {
  readonly node: DagNode;
  readonly text: SubstitutedSql;
  readonly parsed: ParsedSql;
  readonly inputs: ReadonlyMap<string, DatasetSchema>;
  readonly environment: EngineEnvironment;
}

/** A SQL step as bound. */
export interface BoundSql {
  readonly schema: DatasetSchema;
  readonly analysis: SqlAnalysis | undefined;
  readonly issues: readonly OffsetIssue[];
}

/** What differs from one issue of a step to the next. */
type StepIssue = Omit<OffsetIssue, "path" | "step" | "offset"> & {
  readonly path?: OffsetIssue["path"];
  /** Place in the text with literals. */
  readonly sqlOffset?: number | undefined;
};

/** Table functions that read nothing outside the statement. */
const pureTableFunctions = new Set([
  "range",
  "generate_series",
  "unnest",
  "repeat",
  "repeat_row",
  "json_each",
  "json_tree",
  "summary",
]);
/** Columns that a note lists before it cuts. */
const listedColumns = 12;
const open: DatasetSchema = { origin: "open", columns: [] };

/** Checks one SQL step: one SELECT, tables among its inputs, order dependence, then columns and types. */
export function bindSql(step: SqlToBind): Promise<BoundSql> {
  return new SqlBinding(step).bind();
}

class SqlBinding {
  readonly #sql: SqlToBind;
  readonly #columns: ReadonlyMap<string, readonly Column[]>;
  readonly #issues: OffsetIssue[] = [];

  constructor(sql: SqlToBind) {
    this.#sql = sql;
    this.#columns = new Map([...sql.inputs].map(([name, schema]) => [name, schema.columns]));
  }

  async bind(): Promise<BoundSql> {
    const { parsed, inputs } = this.#sql;
    if (!this.#isOneStatement()) return { schema: open, analysis: undefined, issues: this.#issues };
    const analysis = parsed.analyze({ inputs: this.#columns });
    const isSelect = analysis.kind === "select" || analysis.kind === "dynamic_pivot";
    if (isSelect) this.#checkTables(analysis);
    else
      this.#add({
        severity: "error",
        code: "SQL_NOT_A_SELECT",
        message: `is ${withArticle(analysis.kind)} statement; a step is one SELECT`,
        received: analysis.kind,
      });
    if (this.#issues.some((issue) => issue.severity === "error"))
      return { schema: open, analysis, issues: this.#issues };
    const isOpen = [...inputs.values()].some((one) => one.origin === "open");
    this.#warnOfOrder(analysis, isOpen);
    const unknown = analysis.kind === "dynamic_pivot" || isOpen;
    const schema = unknown ? open : await this.#describe();
    return { schema, analysis, issues: this.#issues };
  }

  #add(issue: StepIssue): void {
    const { node, text } = this.#sql;
    const { sqlOffset, message, ...rest } = issue;
    const offset = authorOffset(text.spans, sqlOffset);
    this.#issues.push({
      path: ["steps", node.index, "value"],
      step: node.step.name,
      message: `step "${node.step.name}" ${message}`,
      ...rest,
      ...(offset === undefined ? {} : { offset }),
    });
  }

  #isOneStatement(): boolean {
    const { parsed } = this.#sql;
    if (parsed.error !== undefined)
      this.#add({
        severity: "error",
        code: "SQL_SYNTAX",
        message: `cannot be parsed: ${parsed.error.message}`,
        sqlOffset: parsed.error.offset,
      });
    else if (parsed.statements > 1)
      this.#add({
        severity: "error",
        code: "SQL_SEVERAL_STATEMENTS",
        message: `has ${parsed.statements} statements; a step is one SELECT`,
      });
    return this.#issues.length === 0;
  }

  #checkTables(analysis: SqlAnalysis): void {
    const { node, inputs } = this.#sql;
    const known = [...inputs.keys()];
    const byLowerCase = new Map(known.map((name) => [name.toLowerCase(), name]));
    const used = new Set<string>();
    for (const table of analysis.tables) {
      const plain = table.schema === undefined && table.catalog === undefined;
      const input = plain ? byLowerCase.get(table.name.toLowerCase()) : undefined;
      if (input === undefined) this.#refuseTable(table, known);
      else used.add(input);
    }
    for (const name of analysis.tableFunctions)
      if (!pureTableFunctions.has(name))
        this.#add({
          severity: "error",
          code: "SQL_TABLE_FUNCTION",
          message: `reads outside its inputs with ${name}(); read the data with an ingest step`,
          received: name,
        });
    for (const input of known)
      if (!used.has(input))
        this.#add({
          severity: "warning",
          code: "SQL_UNUSED_INPUT",
          message: `declares input "${input}" and does not read it`,
          path: ["steps", node.index, "inputs", input],
        });
  }

  #refuseTable(table: SqlAnalysis["tables"][number], known: readonly string[]): void {
    const { step } = this.#sql.node;
    const name = [table.catalog, table.schema, table.name].filter((part) => part !== undefined).join(".");
    const byDataset = Object.entries(step.inputs).find(([, dataset]) => dataset === table.name)?.[0];
    const suggestion = byDataset ?? suggestName(table.name, known);
    const hint = byDataset === undefined ? "" : `; the dataset "${name}" is its input "${byDataset}"`;
    const listed = known.map((input) => `${input} (${step.inputs[input] ?? input})`).join(", ");
    this.#add({
      severity: "error",
      code: "SQL_UNDECLARED_TABLE",
      message: `reads "${name}", which is not one of its inputs${hint}`,
      received: name,
      length: table.name.length,
      notes: [known.length === 0 ? "the step has no inputs" : `inputs: ${listed}`],
      ...(suggestion === undefined ? {} : { suggestion }),
      sqlOffset: table.offset,
    });
  }

  #warnOfOrder(analysis: SqlAnalysis, isOpen: boolean): void {
    for (const found of analysis.orderDependence) {
      // Over columns that nobody knows, every sum may be one of floating numbers: saying so would be noise.
      if (isOpen && found.kind === "float_sum") continue;
      this.#add({
        severity: "warning",
        code: "SQL_ORDER_DEPENDENT",
        message: `depends on an order that nothing fixes: ${found.message}`,
        length: found.what.length,
        sqlOffset: found.offset,
      });
    }
    for (const name of analysis.volatile)
      this.#add({
        severity: "warning",
        code: "SQL_VOLATILE",
        message: `calls ${name}(), which gives another value each time: the same inputs do not give the same rows`,
      });
  }

  async #describe(): Promise<DatasetSchema> {
    const { parsed, text, environment } = this.#sql;
    try {
      const session = await environment.session();
      const columns = await session.describe({ sql: text.sql, inputs: this.#columns });
      const seen = new Set<string>();
      for (const { name } of columns) {
        if (seen.has(name.toLowerCase()))
          this.#add({
            severity: "error",
            code: "SQL_INVALID",
            message: `has two columns named "${name}"; give one of them another name`,
            received: name,
          });
        seen.add(name.toLowerCase());
      }
      const outputs = columns.map((column) => column.name);
      const nonNull = parsed.nonNullColumns({ inputs: this.#columns, outputs });
      return {
        origin: "bound",
        columns: columns.map((column) => ({ ...column, nullable: !nonNull.has(column.name) })),
      };
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      this.#addBindFailure(error);
      return open;
    }
  }

  #addBindFailure(error: MillraceError): void {
    const { node, inputs } = this.#sql;
    const { offset, name, candidates } = error.context;
    const base = {
      severity: "error",
      code: error.code,
      sqlOffset: typeof offset === "number" ? offset : undefined,
    } as const;
    const given = Array.isArray(candidates) ? candidates.filter((one) => typeof one === "string") : [];
    if (typeof name !== "string") {
      this.#add({ ...base, message: `cannot be bound: ${error.message}` });
      return;
    }
    const isColumn = error.code === "SQL_COLUMN_NOT_FOUND";
    const columns = isColumn ? [...this.#columns.values()].flat().map((column) => column.name) : given;
    const suggestion = suggestNames(name, [...new Set(columns)], 1)[0] ?? given[0];
    const places = [...inputs.keys()].map((input) => `"${input}"`).join(", ") || "its inputs";
    this.#add({
      ...base,
      message: isColumn ? `has no column "${name}" in ${places}` : `cannot be bound: ${error.message}`,
      received: name,
      length: name.length,
      ...(suggestion === undefined ? {} : { suggestion }),
      notes: isColumn
        ? [...inputs].map(([input, schema]) => listColumns(`${input} is ${node.step.inputs[input] ?? input}`, schema))
        : [],
    });
  }
}

function listColumns(head: string, schema: DatasetSchema): string {
  const shown = schema.columns
    .slice(0, listedColumns)
    .map((column) => `${column.name} ${formatColumnType(column.type)}`);
  const rest = schema.columns.length > shown.length ? `, … (${schema.columns.length} columns)` : "";
  return `${head}: ${shown.join(", ")}${rest}`;
}

function withArticle(kind: string): string {
  const name = kind.toUpperCase().replaceAll("_", " ");
  return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** Turns offsets into positions in the author's file. */
export function placeIssues(issues: readonly OffsetIssue[], locate: LoadedPipeline["locate"] | undefined): Issue[] {
  return issues.map((issue) => {
    const { offset, ...plain } = issue;
    if (plain.position !== undefined) return plain;
    const position = locate?.(plain.path, offset);
    return position === undefined ? plain : { ...plain, position };
  });
}
