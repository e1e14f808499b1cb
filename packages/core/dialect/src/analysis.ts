import type { Column as InputColumn, OrderDependence } from "@millrace/protocols";
import { Findings } from "./findings.ts";
import type { ReadCount } from "./findings.ts";
import type { Scope } from "./scope.ts";
import type { QueryShape } from "./shape.ts";
import { foldName, locationOf } from "./syntax-tree.ts";
import type { SyntaxNode } from "./syntax-tree.ts";
import type { OffsetMap } from "./text-offset.ts";
import { kindOfColumnType } from "./value-kind.ts";

/** A CTE that a query can see. */
export interface Cte {
  readonly shape: QueryShape;
  readonly reads: ReadCount;
}

/** CTEs in reach, innermost first. */
export interface CteScope {
  readonly name: string;
  readonly cte: Cte;
  readonly next: CteScope | undefined;
}

/** Where a query stands. */
export interface Place {
  readonly analysis: Analysis;
  readonly ctes: CteScope | undefined;
  /** Names of the queries around it, for correlated columns. */
  readonly outer: Scope | undefined;
  readonly reads: ReadCount;
  /** Only whether it has rows matters, as under EXISTS. */
  readonly isExistence?: boolean;
}

/** Input columns by dataset, and the columns of it that are known to be unique together. */
export interface AnalysisContext {
  readonly inputs: ReadonlyMap<string, readonly InputColumn[]>;
  readonly keys?: ReadonlyMap<string, readonly (readonly string[])[]>;
}

export type QueryReader = (query: SyntaxNode, place: Place) => QueryShape;

/** One reading of one statement: what it may ask, and what it finds. */
export class Analysis {
  readonly findings: Findings = new Findings();
  /** Reads a query of any kind; given from outside, since expressions hold queries and queries expressions. */
  readonly readQuery: QueryReader;
  /** Words such as ROLLUP stand in the text. */
  readonly hasGroupingSets: boolean;
  readonly #inputs: ReadonlyMap<string, QueryShape>;
  readonly #offsets: OffsetMap;
  readonly #interned = new Map<string, number>();
  readonly #subqueries = new Map<SyntaxNode, QueryShape>();

  constructor(options: {
    readonly text: string;
    readonly offsets: OffsetMap;
    readonly context: AnalysisContext;
    readonly readQuery: QueryReader;
  }) {
    this.readQuery = options.readQuery;
    this.hasGroupingSets = /rollup|cube|grouping/i.test(options.text);
    this.#offsets = options.offsets;
    this.#inputs = readInputs(options.context);
  }

  input(name: string): QueryShape | undefined {
    return this.#inputs.get(foldName(name));
  }

  /** The number that stands for a text, the same one each time. */
  intern(text: string): number {
    const known = this.#interned.get(text);
    if (known !== undefined) return known;
    this.#interned.set(text, this.#interned.size);
    return this.#interned.size - 1;
  }

  nextColumnId(): number {
    return this.intern(`column ${this.#interned.size}`);
  }

  /** Id of an expression that equals no other one, not even one that is written the same. */
  nextUniqueId(): number {
    return this.intern(`unique ${this.#interned.size}`);
  }

  offsetOf(node: SyntaxNode): number | undefined {
    const location = locationOf(node);
    return location === undefined ? undefined : this.#offsets(location);
  }

  report(found: Omit<OrderDependence, "offset">, at: SyntaxNode | undefined): void {
    const offset = at === undefined ? undefined : this.offsetOf(at);
    this.findings.addOrderDependence(offset === undefined ? found : { ...found, offset });
  }

  setSubquery(node: SyntaxNode, shape: QueryShape): void {
    this.#subqueries.set(node, shape);
  }

  subquery(node: SyntaxNode): QueryShape | undefined {
    return this.#subqueries.get(node);
  }
}

export function findCte(ctes: CteScope | undefined, name: string): Cte | undefined {
  const folded = foldName(name);
  for (let scope = ctes; scope !== undefined; scope = scope.next) if (scope.name === folded) return scope.cte;
  return undefined;
}

function readInputs({ inputs, keys }: AnalysisContext): ReadonlyMap<string, QueryShape> {
  const shapes = new Map<string, QueryShape>();
  for (const [input, columns] of inputs) {
    const names = columns.map(({ name }) => foldName(name));
    const sets = (keys?.get(input) ?? []).map((set) => set.map((name) => names.indexOf(foldName(name))));
    shapes.set(foldName(input), {
      columns: columns.map(({ name, nullable, type }) => ({ name, nonNull: !nullable, kind: kindOfColumnType(type) })),
      keys: sets.filter((set) => !set.includes(-1)),
      isOneRow: false,
      // A dataset without known columns may have any.
      ...(columns.length === 0 ? { gap: 0 } : {}),
    });
  }
  return shapes;
}
