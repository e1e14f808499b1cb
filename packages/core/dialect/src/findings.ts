import type { OrderDependence, TableReference } from "@millrace/protocols";
import { foldName } from "./syntax-tree.ts";

/** How often each table is read, by folded name. A CTE counts its tables once for each time it is used. */
export class ReadCount {
  readonly #reads = new Map<string, number>();

  add(table: string, times = 1): void {
    this.#reads.set(table, (this.#reads.get(table) ?? 0) + times);
  }

  addAll(other: ReadCount, times = 1): void {
    for (const [table, count] of other.#reads) this.add(table, count * times);
  }

  /** Tables that are read more than once. */
  repeated(): readonly string[] {
    return [...this.#reads].filter(([, count]) => count > 1).map(([table]) => table);
  }
}

/** What the analysis has found in a statement, each thing once. */
export class Findings {
  readonly #tables = new Map<string, TableReference>();
  readonly #functions = new Set<string>();
  readonly #tableFunctions = new Set<string>();
  readonly #volatile = new Set<string>();
  readonly #orderDependence = new Map<string, OrderDependence>();

  /** Adds a table and gives the folded name under which it is counted. */
  addTable(table: TableReference): string {
    const parts = [table.catalog, table.schema, table.name].map((part) => (part === undefined ? "" : foldName(part)));
    const key = JSON.stringify(parts);
    const known = this.#tables.get(key);
    const isEarlier = known?.offset !== undefined && table.offset !== undefined && table.offset < known.offset;
    if (known === undefined || isEarlier) this.#tables.set(key, table);
    return key;
  }

  addFunction(name: string): void {
    this.#functions.add(name);
  }

  addTableFunction(name: string): void {
    this.#tableFunctions.add(name);
  }

  addVolatile(name: string): void {
    this.#volatile.add(name);
  }

  addOrderDependence(found: OrderDependence): void {
    const key = `${found.kind} ${found.what} ${found.offset ?? ""}`;
    if (!this.#orderDependence.has(key)) this.#orderDependence.set(key, found);
  }

  /** The tables in the order of the text: a CTE is written before the query that uses it. */
  tables(): readonly TableReference[] {
    return [...this.#tables.values()].toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  }

  tableName(key: string): string {
    return this.#tables.get(key)?.name ?? "";
  }

  functions(): readonly string[] {
    return [...this.#functions];
  }

  tableFunctions(): readonly string[] {
    return [...this.#tableFunctions];
  }

  volatile(): readonly string[] {
    return [...this.#volatile];
  }

  orderDependence(): readonly OrderDependence[] {
    return [...this.#orderDependence.values()].toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
  }
}
