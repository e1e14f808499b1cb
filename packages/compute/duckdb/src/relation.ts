import type { Column, FileFormat, RelationId } from "@millrace/protocols";

/** An archive that a scan reads, to be checked while the statement runs. */
interface PackedFile {
  readonly path: string;
  readonly compression: "gzip" | "zstd";
}

/** A relation over files, as the text that reads them. */
export interface ScanRelation {
  readonly kind: "scan";
  readonly id: RelationId;
  readonly label: string;
  readonly columns: readonly Column[];
  readonly format: FileFormat;
  /** A whole SELECT. */
  readonly select: string;
  /** Paths of all files, in order. */
  readonly files: readonly string[];
  /** Files of each call of DuckDB's reader in the text: one a header. */
  readonly reads: readonly (readonly string[])[];
  readonly packed: readonly PackedFile[];
  /** Partitions may be left unread, so that the rows read are fewer than the relation's. */
  readonly prunesFiles: boolean;
  /** Rows that are known without reading: of our own scratch files. */
  readonly rows?: number;
  /** Folder of scratch files that goes when the relation is released. */
  readonly scratch?: string;
}

/** A relation by SQL over others. */
export interface QueryRelation {
  readonly kind: "query";
  readonly id: RelationId;
  readonly label: string;
  readonly sql: string;
  readonly inputs: ReadonlyMap<string, Relation>;
}

/** A relation without rows. */
interface EmptyRelation {
  readonly kind: "empty";
  readonly id: RelationId;
  readonly label: string;
  readonly columns: readonly Column[];
}

/** A table of the running connection that holds what one statement could not be part of. */
export interface TableRelation {
  readonly kind: "table";
  readonly id: RelationId;
  readonly label: string;
  readonly table: string;
  readonly rows: number;
}

/** What a relation id stands for. */
export type Relation = ScanRelation | QueryRelation | EmptyRelation | TableRelation;

/** Relations below one, itself last: each once, every one behind those it reads. */
export function inOrder(last: Relation): readonly Relation[] {
  const order = new Set<Relation>();
  const visit = (relation: Relation): void => {
    if (order.has(relation)) return;
    if (relation.kind === "query") for (const input of relation.inputs.values()) visit(input);
    order.add(relation);
  };
  visit(last);
  return [...order];
}
