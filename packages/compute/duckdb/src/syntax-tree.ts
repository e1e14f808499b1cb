import type { StatementKind, SqlSyntaxError, SyntaxTree } from "@millrace/protocols";
import { isDynamicPivot } from "./dynamic-pivot.ts";
import { Instance } from "./instance.ts";
import type { Native } from "./native.ts";
import { offsetOf } from "./native-error.ts";
import { splitStatements } from "./sql-scanner.ts";
import type { StatementSlice } from "./sql-scanner.ts";

/** Memory of the instance that parses: syntax trees of a thousand steps take 40 MB. */
const parserMemoryBytes = 512 * 1024 * 1024;

/** Kinds by first word; what begins otherwise is a query, or nothing that a pipeline knows. */
const kinds: Readonly<Record<string, StatementKind>> = {
  insert: "insert",
  merge: "update",
  update: "update",
  delete: "delete",
  truncate: "delete",
  create: "create",
  drop: "drop",
  alter: "alter",
  copy: "copy",
  export: "copy",
  import: "copy",
  attach: "attach",
  detach: "attach",
  set: "set",
  reset: "set",
  use: "set",
  pragma: "pragma",
  call: "call",
  load: "load",
  install: "load",
  begin: "transaction",
  start: "transaction",
  commit: "transaction",
  rollback: "transaction",
  abort: "transaction",
  end: "transaction",
};

/** Parses texts in a private instance that holds no data. */
export class SyntaxTrees {
  readonly #instance: Instance;
  readonly #native: Native;

  private constructor(native: Native, instance: Instance) {
    this.#native = native;
    this.#instance = instance;
  }

  static async open(native: Native): Promise<SyntaxTrees> {
    const setup = ["SET enable_external_access = false", "SET lock_configuration = true"];
    return new SyntaxTrees(
      native,
      await Instance.open(native, {
        threads: 1,
        memoryBytes: parserMemoryBytes,
        spillDirectory: "",
        keepsOrder: true,
        setup,
      }),
    );
  }

  /** Trees of many texts, in their order, by one query; texts that DuckDB does not serialise are looked at one by one. */
  async parse(texts: readonly string[]): Promise<readonly (SyntaxTree | SqlSyntaxError)[]> {
    const serialized = await this.#serialize(texts);
    return Promise.all(
      texts.map(async (text, index) => toTree(text, serialized[index] as Serialized) ?? this.#classify(text)),
    );
  }

  async close(): Promise<void> {
    await this.#instance.close();
  }

  async #serialize(texts: readonly string[]): Promise<readonly Serialized[]> {
    if (texts.length === 0) return [];
    const { LIST, listValue, VARCHAR } = this.#native.api;
    return this.#instance.use(async (connection) => {
      const statement = await connection.prepare("SELECT json_serialize_sql(text) FROM (SELECT unnest($1) AS text)");
      try {
        statement.bindList(1, listValue([...texts]), LIST(VARCHAR));
        const result = await statement.runAndReadAll();
        return result.getRows().map(([json]) => JSON.parse(String(json)) as Serialized);
      } finally {
        statement.destroySync();
      }
    });
  }

  /** What is no plain SELECT: each statement by itself, serialised where it is one. */
  async #classify(text: string): Promise<SyntaxTree> {
    const slices = splitStatements(text);
    const trees =
      slices.length === 1 ? [] : await this.#serialize(slices.map((slice) => text.slice(slice.start, slice.end)));
    const statements = await Promise.all(
      slices.map(async (slice, index) => {
        const node = trees[index]?.statements?.[0]?.node;
        return node === undefined ? { kind: await this.#kindOf(text, slice) } : { kind: "select" as const, node };
      }),
    );
    return { statements };
  }

  async #kindOf(text: string, { start, end, words }: StatementSlice): Promise<StatementKind> {
    const [first = ""] = words;
    const known = kinds[first];
    if (known !== undefined) return known;
    if (first === "with") {
      const verb = words.find(
        (word) => word === "insert" || word === "update" || word === "delete" || word === "merge",
      );
      if (verb !== undefined) return kinds[verb] ?? "other";
    }
    const isPivot = await this.#instance.use((connection) => isDynamicPivot(connection, text.slice(start, end)));
    return isPivot ? "dynamic_pivot" : "other";
  }
}

/** What `json_serialize_sql` returns. */
interface Serialized {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly position?: string;
  readonly statements?: readonly { readonly node: unknown }[];
}

/** Undefined where DuckDB parsed the text and does not serialise its kind of statement. */
function toTree(text: string, { error, statements, ...failure }: Serialized): SyntaxTree | SqlSyntaxError | undefined {
  if (!error) {
    if (statements === undefined || statements.length === 0) return { message: "the text has no statement" };
    return { statements: statements.map(({ node }) => ({ kind: "select", node })) };
  }
  const message = failure.error_message ?? "the text cannot be parsed";
  if (message.startsWith("Only SELECT statements")) return undefined;
  const position = Number(failure.position ?? Number.NaN);
  const offset = Number.isSafeInteger(position)
    ? offsetOf({ type: failure.error_type === "parser" ? "Parser" : "", position }, text)
    : undefined;
  return { message, ...(offset === undefined ? {} : { offset }) };
}
