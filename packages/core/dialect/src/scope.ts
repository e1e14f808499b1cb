import type { Analysis } from "./analysis.ts";
import type { QueryShape } from "./shape.ts";
import { foldName, textAt, textsAt } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import type { ValueKind } from "./value-kind.ts";

/** A column of one table in one FROM clause: the two sides of a self-join have their own. */
export interface Column {
  /** Id of the expression that names it. */
  readonly id: number;
  readonly name: string;
  readonly kind: ValueKind | undefined;
  /** Set while a FROM clause is read: an inner join may prove it, an outer join takes it back. */
  nonNull: boolean;
  readonly numbers?: readonly number[];
}

/** A table, subquery or function in a FROM clause. */
export interface Relation {
  /** Name that columns are qualified with, in lower case; empty for none. */
  readonly alias: string;
  readonly columns: readonly Column[];
  readonly gap?: number;
  /** It may have columns of names that are not known. */
  readonly isOpen: boolean;
}

/** What a column reference means. */
export type Resolution =
  | { readonly kind: "column"; readonly column: Column; readonly isOuter: boolean }
  | { readonly kind: "field"; readonly column: Column }
  | { readonly kind: "alias"; readonly expression: SyntaxNode }
  | { readonly kind: "unknown" }
  | { readonly kind: "absent" };

const unknown: Resolution = { kind: "unknown" };
const absent: Resolution = { kind: "absent" };

/** Names of one FROM clause, of the select list above it, and of the queries around it. */
export class Scope {
  readonly analysis: Analysis;
  readonly relations: readonly Relation[];
  /** Columns that USING or NATURAL merged, by lower-case name. */
  readonly merged: ReadonlyMap<string, Column>;
  readonly outer: Scope | undefined;
  readonly #aliases = new Map<string, SyntaxNode>();
  readonly #resolved = new Map<SyntaxNode, Resolution>();
  readonly #open = new Set<SyntaxNode>();
  /** Ids of expressions, kept by `idOf`. */
  readonly ids: Map<SyntaxNode, number> = new Map<SyntaxNode, number>();
  /** Kinds of expressions, kept by `kindOf`. */
  readonly kinds: Map<SyntaxNode, ValueKind | undefined> = new Map<SyntaxNode, ValueKind | undefined>();

  constructor(
    analysis: Analysis,
    names: { readonly relations: readonly Relation[]; readonly merged: ReadonlyMap<string, Column> },
    outer?: Scope,
  ) {
    this.analysis = analysis;
    this.relations = names.relations;
    this.merged = names.merged;
    this.outer = outer;
  }

  /** Makes aliases of a select list known; a column of the same name goes before them. */
  addAliases(items: readonly SyntaxNode[]): void {
    for (const item of items) {
      const alias = foldName(textAt(item, "alias"));
      if (alias !== "" && !this.#aliases.has(alias)) this.#aliases.set(alias, item);
    }
  }

  alias(name: string): SyntaxNode | undefined {
    return this.#aliases.get(foldName(name));
  }

  /** What a COLUMN_REF means here. */
  resolve(reference: SyntaxNode): Resolution {
    let resolution = this.#resolved.get(reference);
    if (resolution === undefined) {
      const names = textsAt(reference, "column_names").map(foldName);
      resolution = this.#find(names, reference);
      this.#resolved.set(reference, resolution);
    }
    return resolution;
  }

  /** Reads the expression behind an alias; `otherwise` where an alias leads back to itself, which DuckDB refuses later. */
  throughAlias<T>(expression: SyntaxNode, read: (expression: SyntaxNode) => T, otherwise: T): T {
    if (this.#open.has(expression)) return otherwise;
    this.#open.add(expression);
    try {
      return read(expression);
    } finally {
      this.#open.delete(expression);
    }
  }

  /** The column of an unqualified name in this FROM clause alone. */
  ownColumn(name: string): Column | undefined {
    const resolution = this.#unqualified(foldName(name));
    return resolution.kind === "column" ? resolution.column : undefined;
  }

  #find(names: readonly string[], reference: SyntaxNode): Resolution {
    const own = this.#own(names);
    if (own.kind !== "absent") return own;
    const outer = this.outer?.outerColumn(names) ?? absent;
    const alias = names.length === 1 ? this.#aliases.get(names[0] ?? "") : undefined;
    if (alias === undefined || alias === reference) return outer;
    // DuckDB would have to choose between them; so nothing is said.
    return outer.kind === "absent" ? { kind: "alias", expression: alias } : unknown;
  }

  private outerColumn(names: readonly string[]): Resolution {
    const own = this.#own(names);
    if (own.kind === "column") return { ...own, isOuter: true };
    return own.kind === "absent" ? (this.outer?.outerColumn(names) ?? absent) : own;
  }

  #own(names: readonly string[]): Resolution {
    const [first = "", second = "", third] = names;
    if (names.length === 1) return this.#unqualified(first);
    const qualified = this.#qualified(first, second);
    if (qualified.kind === "column" && names.length > 2) return { kind: "field", column: qualified.column };
    if (qualified.kind !== "absent") return qualified;
    if (third !== undefined) {
      // schema.table.column; with one name more, a field of it or a catalog before it, which is told from neither.
      const bySchema = this.#qualified(second, third);
      if (bySchema.kind === "column" && names.length === 3) return bySchema;
      if (bySchema.kind !== "absent" || names.length > 3) return unknown;
    }
    const whole = this.#unqualified(first);
    return whole.kind === "column" ? { kind: "field", column: whole.column } : whole;
  }

  #unqualified(name: string): Resolution {
    const merged = this.merged.get(name);
    if (merged !== undefined) return { kind: "column", column: merged, isOuter: false };
    const found = this.relations.flatMap((relation) => relation.columns.filter((column) => column.name === name));
    const [column] = found;
    if (column !== undefined && found.length === 1) return { kind: "column", column, isOuter: false };
    return found.length > 1 || this.relations.some(({ isOpen }) => isOpen) ? unknown : absent;
  }

  #qualified(alias: string, name: string): Resolution {
    const relations = this.relations.filter((relation) => relation.alias === alias);
    const [relation] = relations;
    if (relation === undefined) return absent;
    const column = relation.columns.find((candidate) => candidate.name === name);
    if (column === undefined) return relation.isOpen ? unknown : absent;
    return relations.length === 1 ? { kind: "column", column, isOuter: false } : unknown;
  }
}

/** A relation whose columns are those of a shape, each with an identity of its own. */
export function relationOf(analysis: Analysis, alias: string, shape: QueryShape): Relation {
  const taken = new Set<string>();
  let isOpen = shape.gap !== undefined;
  const columns: Column[] = [];
  for (const [index, output] of shape.columns.entries()) {
    let name = foldName(output.name ?? "");
    if (name === "" || (shape.gap !== undefined && index >= shape.gap)) isOpen = true;
    // A column behind a gap may have a namesake inside it, which comes first.
    if (shape.gap !== undefined && index >= shape.gap) name = "";
    if (name !== "" && taken.has(name)) {
      // DuckDB calls the second one `name_1`, and so on: no name is given, and none can be told.
      isOpen = true;
      name = "";
    }
    taken.add(name);
    const { kind, nonNull, numbers, sameAs } = output;
    const id = (sameAs === undefined ? undefined : columns[sameAs]?.id) ?? analysis.nextColumnId();
    columns.push({ id, name, kind, nonNull, ...(numbers === undefined ? {} : { numbers }) });
  }
  return { alias: foldName(alias), columns, isOpen, ...(shape.gap === undefined ? {} : { gap: shape.gap }) };
}
