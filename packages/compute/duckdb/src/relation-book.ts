import { rm } from "node:fs/promises";
import { TerminalError } from "@millrace/foundation";
import type { RelationId } from "@millrace/protocols";
import { inOrder } from "./relation.ts";
import type { Relation } from "./relation.ts";

/** The relations of a session, by their ids. */
export class RelationBook {
  readonly #prefix: string;
  readonly #relations = new Map<RelationId, Relation>();
  /** Scratch folders of released relations that others still read. */
  #abandoned: readonly Relation[] = [];
  #next = 0;
  #isOpen = true;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Records a relation under a new id. */
  add(make: (id: RelationId) => Relation): RelationId {
    this.checkOpen();
    const id = `${this.#prefix}.${++this.#next}` as RelationId;
    this.#relations.set(id, make(id));
    return id;
  }

  /** @throws MillraceError `INTERNAL` for an id that was released or never given */
  get(id: RelationId): Relation {
    this.checkOpen();
    const relation = this.#relations.get(id);
    if (relation !== undefined) return relation;
    throw new TerminalError({
      code: "INTERNAL",
      fault: "caller",
      message: `Relation "${id}" is not one of this session, or was released.`,
      context: { relation: id },
    });
  }

  /** Forgets a relation. Rows that came in as Arrow go when no other relation reads them. */
  async release(id: RelationId): Promise<void> {
    const relation = this.get(id);
    this.#relations.delete(id);
    const inUse = new Set([...this.#relations.values()].flatMap((other) => inOrder(other)));
    const gone = [...this.#abandoned, ...inOrder(relation)].filter((one) => !inUse.has(one));
    this.#abandoned = [...this.#abandoned, relation].filter((one) => inUse.has(one));
    for (const one of gone)
      if (one.kind === "scan" && one.scratch !== undefined) await rm(one.scratch, { recursive: true, force: true });
  }

  /** @throws MillraceError `INTERNAL` where the session is closed */
  checkOpen(): void {
    if (!this.#isOpen)
      throw new TerminalError({ code: "INTERNAL", fault: "caller", message: "The session is closed." });
  }

  close(): void {
    this.#isOpen = false;
    this.#relations.clear();
  }
}
