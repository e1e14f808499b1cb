import { suggestName } from "@millrace/foundation";
import { describeValue, shorten } from "../finding.ts";
import type { Finding, Locate, Path, Place } from "../finding.ts";
import { locateInJson, parseJson } from "./json-document.ts";

/** Which rows of a table make the pipeline. */
export interface RowOptions {
  /** Rows of this project only. Without it, of all. */
  readonly project?: string;
  /** Rows whose `enabled` column is true, or that have none. @defaultValue true */
  readonly enabledOnly?: boolean;
  /** Rows of this layer only. */
  readonly layer?: string;
}

/** One cell of a table. */
export interface Cell {
  readonly value: unknown;
  /** Place of a stretch of the cell's text, or of the whole cell. */
  readonly place: (start?: number, end?: number) => Place;
}

/** One row: its cells by field of a step, or by name of a column that is none. */
export interface TableRow {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly place: Place;
  /** What people call the row: `line 3`, `transformation_config row 7`. */
  readonly label: string;
}

/** Column names without case and `_`, and the fields that they fill. */
const columns: Readonly<Record<string, string>> = {
  layer: "layer",
  stepname: "name",
  steptype: "type",
  engine: "engine",
  value: "value",
  params: "params",
  inputs: "inputs",
  outputs: "outputs",
  metadata: "metadata",
  project: "project",
  enabled: "enabled",
  executionorder: "execution_order",
};

/** Column names as the seed writes them, for suggestions. */
const columnNames: readonly string[] = [
  "Layer",
  "StepName",
  "StepType",
  "Engine",
  "Value",
  "Params",
  "Inputs",
  "Outputs",
  "Metadata",
  "project",
  "enabled",
  "execution_order",
];

/** The field that a column fills, or undefined where none does. */
export function fieldOfColumn(name: string): string | undefined {
  const key = plainColumn(name);
  return Object.hasOwn(columns, key) ? columns[key] : undefined;
}

/** A column name without case, spaces around it and `_`. */
export function plainColumn(name: string): string {
  return name.trim().toLowerCase().replaceAll("_", "");
}

/** The column that an unknown one was probably meant to be. */
export function suggestColumn(name: string): string | undefined {
  return suggestName(name, columnNames);
}

const jsonFields: ReadonlySet<string> = new Set(["params", "inputs", "outputs", "metadata"]);
const lowerFields: ReadonlySet<string> = new Set(["layer", "type", "engine"]);

/** Steps of rows, what was wrong with them, and the way back to their cells. */
export interface TableSteps {
  readonly steps: readonly unknown[];
  readonly findings: readonly Finding[];
  readonly locate: Locate;
}

/** Rows to steps: chosen by project, enabled and layer, ordered by execution order and name, JSON cells parsed. */
export async function readTableSteps(rows: readonly TableRow[], options: RowOptions): Promise<TableSteps> {
  const findings: Finding[] = [];
  const chosen = orderRows(
    rows.filter((row) => isChosen(row, options, findings)),
    findings,
  );
  const steps: unknown[] = [];
  for (const [index, row] of chosen.entries()) steps.push(await readRow(row, index, findings));
  return { steps, findings, locate: createLocate(chosen) };
}

function isChosen(row: TableRow, options: RowOptions, findings: Finding[]): boolean {
  const { project, layer, enabledOnly = true } = options;
  if (project !== undefined && row.cells.get("project")?.value !== project) return false;
  const own = row.cells.get("layer")?.value;
  if (layer !== undefined && (typeof own !== "string" || own.toLowerCase() !== layer.toLowerCase())) return false;
  const enabled = row.cells.get("enabled");
  if (!enabledOnly || enabled === undefined) return true;
  const text = String(enabled.value).trim().toLowerCase();
  if (["1", "true", "yes"].includes(text)) return true;
  if (["0", "false", "no", "", "null"].includes(text)) return false;
  findings.push({
    code: "DEFINITION_WRONG_TYPE",
    message: `${row.label}: "enabled" must be 1 or 0, received ${describeValue(enabled.value)}.`,
    path: [],
    place: enabled.place(),
    expected: "1 or 0",
  });
  return true;
}

/** By execution order, rows without one first, as SQL sorts NULL, then by name. Tables without that column keep their order. */
function orderRows(rows: readonly TableRow[], findings: Finding[]): readonly TableRow[] {
  const orderOf = (row: TableRow): number => {
    const cell = row.cells.get("execution_order");
    if (cell === undefined || cell.value === null || cell.value === "") return -Infinity;
    const order = Number(cell.value);
    if (Number.isFinite(order)) return order;
    findings.push({
      code: "DEFINITION_WRONG_TYPE",
      message: `${row.label}: "execution_order" must be a number, received ${describeValue(cell.value)}.`,
      path: [],
      place: cell.place(),
      expected: "a number",
    });
    return 0;
  };
  if (!rows.some((row) => row.cells.has("execution_order"))) return rows;
  const nameOf = (row: TableRow): string => {
    const name = row.cells.get("name")?.value;
    return typeof name === "string" ? name : "";
  };
  return rows
    .map((row) => ({ row, order: orderOf(row), name: nameOf(row) }))
    .toSorted((a, b) => (a.order === b.order ? (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) : a.order - b.order))
    .map(({ row }) => row);
}

async function readRow(row: TableRow, index: number, findings: Finding[]): Promise<Readonly<Record<string, unknown>>> {
  const step: Record<string, unknown> = {};
  for (const [field, cell] of row.cells) {
    const { value } = cell;
    if (field === "project" || field === "enabled" || field === "execution_order" || value === null || value === "")
      continue;
    if (typeof value !== "string") step[field] = value;
    else if (lowerFields.has(field)) step[field] = value.trim().toLowerCase();
    else if (jsonFields.has(field))
      step[field] = await readJsonCell(value, { cell, row, path: ["steps", index, field] }, findings);
    else step[field] = value;
  }
  return step;
}

interface CellPlace {
  readonly cell: Cell;
  readonly row: TableRow;
  readonly path: Path;
}

/** The value of a JSON cell; the text itself where it is none, so that nobody takes the field for empty. */
async function readJsonCell(text: string, { cell, row, path }: CellPlace, findings: Finding[]): Promise<unknown> {
  if (text.trim() === "") return undefined;
  const parsed = await parseJson(text);
  for (const { code, message, offset, length } of parsed.findings) {
    findings.push({
      code,
      message: `${row.label}: the cell ${shorten(String(path[2]))}: ${message}.`,
      path,
      place: cell.place(offset, offset + length),
    });
  }
  return parsed.value === undefined ? text : parsed.value;
}

function createLocate(rows: readonly TableRow[]): Locate {
  return (path, request = {}) => {
    const [first, index, field, ...rest] = path;
    const row = first === "steps" && typeof index === "number" ? rows[index] : undefined;
    if (row === undefined) return undefined;
    const cell = row.cells.get(String(field));
    if (cell === undefined) return row.place;
    if (typeof cell.value === "string" && jsonFields.has(String(field))) {
      const { start, end } = locateInJson(cell.value, rest, request);
      return cell.place(start, end);
    }
    return request.offset === undefined
      ? cell.place()
      : cell.place(request.offset, request.offset + (request.length ?? 0));
  };
}
