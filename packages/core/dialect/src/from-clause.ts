import { findCte } from "./analysis.ts";
import type { Analysis, Place } from "./analysis.ts";
import { kindOf } from "./expression-kind.ts";
import { placeInside, visitExpression } from "./expression-visit.ts";
import { readJoin } from "./join.ts";
import { readPivot } from "./pivot.ts";
import { relationOf, Scope } from "./scope.ts";
import type { Column } from "./scope.ts";
import { renameColumns, unknownShape } from "./shape.ts";
import type { QueryShape } from "./shape.ts";
import { asNode, functionName, isExpression, nodeAt, nodesAt, queryAt, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import { emptySource, starOf } from "./source.ts";
import type { Source } from "./source.ts";
import type { ValueKind } from "./value-kind.ts";
import { readValues } from "./values.ts";

/** Reads a FROM clause: tables, CTEs, subqueries, joins, functions, VALUES, PIVOT. */
export function readSource(node: SyntaxNode | undefined, place: Place): Source {
  if (node === undefined) return emptySource;
  reportSample(nodeAt(node, "sample"), node, place.analysis);
  switch (textAt(node, "type")) {
    case "EMPTY":
      return emptySource;
    case "BASE_TABLE":
      return readTable(node, place);
    case "SUBQUERY": {
      const query = queryAt(node, "subquery");
      const shape =
        query === undefined ? unknownShape : place.analysis.readQuery(query, placeInside(place, place.outer));
      return sourceOf(node, shape, place.analysis);
    }
    case "JOIN":
      return readJoin(node, place, readSource);
    case "TABLE_FUNCTION":
      return readTableFunction(node, place);
    case "EXPRESSION_LIST":
      return sourceOf(node, readValues(node, place), place.analysis);
    case "PIVOT":
      return sourceOf(node, readPivot(node, place, readSource), place.analysis);
    case "SHOW_REF":
      return readShow(node, place);
    default:
      return sourceOf(node, unknownShape, place.analysis);
  }
}

/** The clause `FROM` of one relation with this shape. */
function sourceOf(node: SyntaxNode, shape: QueryShape, analysis: Analysis): Source {
  const alias = textAt(node, "alias");
  const call = nodeAt(node, "function");
  const name = call === undefined ? textAt(node, "table_name") : functionName(call);
  const relation = relationOf(
    analysis,
    alias === "" ? name : alias,
    renameColumns(shape, textsAt(node, "column_name_alias")),
  );
  const { columns } = relation;
  const keys = shape.keys.map((key) => new Set(key.flatMap((index) => columns[index]?.id ?? [])));
  return { relations: [relation], merged: new Map<string, Column>(), star: starOf(relation), keys };
}

function readTable(node: SyntaxNode, place: Place): Source {
  const { analysis, reads } = place;
  const name = textAt(node, "table_name");
  const schema = textAt(node, "schema_name");
  const catalog = textAt(node, "catalog_name");
  const isPlain = schema === "" && catalog === "";
  const cte = isPlain ? findCte(place.ctes, name) : undefined;
  if (cte !== undefined) {
    reads.addAll(cte.reads);
    return sourceOf(node, cte.shape, analysis);
  }
  const offset = analysis.offsetOf(node);
  const key = analysis.findings.addTable({
    name,
    ...(schema === "" ? {} : { schema }),
    ...(catalog === "" ? {} : { catalog }),
    ...(offset === undefined ? {} : { offset }),
  });
  reads.add(key);
  return sourceOf(node, (isPlain ? analysis.input(name) : undefined) ?? unknownShape, analysis);
}

function readTableFunction(node: SyntaxNode, place: Place): Source {
  const { analysis, outer } = place;
  const call = nodeAt(node, "function");
  const name = call === undefined ? "" : functionName(call);
  if (name !== "") analysis.findings.addTableFunction(name);
  // Arguments see the tables to the left, as LATERAL does, and no columns of their own.
  const scope = new Scope(analysis, { relations: [], merged: new Map<string, Column>() }, outer);
  const children = call === undefined ? [] : nodesAt(call, "children");
  for (const argument of children) visitArgument(argument, scope, place);
  const isSeries = name === "range" || name === "generate_series";
  const isCounting = children.every((argument) => kindOf(argument, scope) === "integer");
  return sourceOf(node, isSeries ? seriesShape(name, isCounting ? "integer" : "other") : unknownShape, analysis);
}

/** `header = true` names an option and not a column. */
function visitArgument(argument: SyntaxNode, scope: Scope, place: Place): void {
  const isOption = textAt(argument, "type") === "COMPARE_EQUAL";
  const value = isOption ? nodeAt(argument, "right") : argument;
  if (value !== undefined && isExpression(value)) visitExpression(value, scope, place);
}

/** A series has one column, named like the function, which counts up: never NULL, never twice the same. */
function seriesShape(name: string, kind: ValueKind): QueryShape {
  return { columns: [{ name, nonNull: true, kind }], keys: [[0]], isOneRow: false };
}

/** DESCRIBE, SHOW and SUMMARIZE in a FROM clause. */
function readShow(node: SyntaxNode, place: Place): Source {
  const { analysis } = place;
  const query = asNode(node["query"]);
  if (query !== undefined) analysis.readQuery(query, placeInside(place, place.outer));
  if (textAt(node, "show_type") === "SUMMARY") {
    analysis.report(
      {
        kind: "aggregate",
        what: "summarize",
        message:
          "SUMMARIZE estimates quantiles and adds floating numbers, which come out differently with the order of rows. Write the aggregates that are needed.",
      },
      query === undefined ? undefined : nodeAt(query, "from_table"),
    );
  } else {
    analysis.findings.addTableFunction(textAt(node, "show_type") === "DESCRIBE" ? "describe" : "show");
  }
  return sourceOf(node, unknownShape, analysis);
}

/** A sample is drawn by chance; REPEATABLE repeats it with one thread only. */
export function reportSample(sample: SyntaxNode | undefined, at: SyntaxNode | undefined, analysis: Analysis): void {
  if (sample === undefined) return;
  analysis.report(
    {
      kind: "sample",
      what: "sample",
      message:
        "A sample takes other rows in each run, with REPEATABLE too where several threads read. Choose rows by a hash of a key, such as hash(id) % 100 < 10.",
    },
    at,
  );
}
