import { isRunIdMatch, shortRunId, suggestNames, TerminalError } from "@millrace/foundation";
import type { LogRecord } from "@millrace/foundation";
import type { ByteStore, RunEvent, RunRecord } from "@millrace/protocols";
import { fromKeyPart, toKeyPart } from "./key-part.ts";
import { parseLines, parsePlan, parseRunRecord } from "./run-file.ts";
import { createRunFolder } from "./run-folder.ts";
import type { RunFolder, RunStoreOptions } from "./run-folder.ts";
import { atFaultPoint } from "./store-error.ts";

/** A run as the list shows it. */
export interface RunEntry {
  readonly runId: string;
  /** Undefined where the run is not finished, its process died, or its record is damaged: `read` says which. */
  readonly record: RunRecord | undefined;
}

/** Folders of runs. */
export interface RunStore {
  /** Makes the folder of a new run. */
  create(runId: string): Promise<RunFolder>;
  /**
   * Runs, newest first: by the time in their id, or of their first file where somebody chose the id.
   *
   * @param options.limit - Reads no more records than this. @defaultValue all
   */
  list(options?: { readonly limit?: number }): Promise<readonly RunEntry[]>;
  /** The id that a text means: an id, the beginning of one, or a short form. @throws `RUN_NOT_FOUND`, `RUN_AMBIGUOUS` */
  resolve(text: string): Promise<string>;
  /** What came of a run; undefined where it is not finished. Takes what `resolve` takes. @throws `MANIFEST_INVALID` */
  read(text: string): Promise<RunRecord | undefined>;
  /** The plan of a finished run, as its JSON. */
  readPlan(text: string): Promise<unknown>;
  /** Events in their order, up to where a process that died stopped writing. */
  readEvents(text: string): AsyncIterable<RunEvent>;
  readLog(text: string): AsyncIterable<LogRecord>;
}

/** Records that are read at a time: each is an open file. */
const readBatch = 32;

/** Keeps what runs leave behind in folders that a person can read without us. */
export function createRunStore(options: RunStoreOptions): RunStore {
  const { store, faultPoints } = options;
  const folderOf = (runId: string): string => `runs/${toKeyPart(runId)}`;
  const readFile = async (
    runId: string,
    file: string,
  ): Promise<{ readonly text: string; readonly key: string } | undefined> => {
    const key = `${folderOf(runId)}/${file}`;
    if ((await store.stat(key)) === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for await (const part of store.read(key)) parts.push(part);
    return { text: Buffer.concat(parts).toString("utf8"), key };
  };
  const readRecord = async (runId: string): Promise<RunRecord | undefined> => {
    const file = await readFile(runId, "run.json");
    return file === undefined ? undefined : parseRunRecord(file.text, file.key);
  };
  const toEntry = async (runId: string): Promise<RunEntry> => {
    try {
      return { runId, record: await readRecord(runId) };
    } catch (error) {
      // One damaged record must not hide the other runs.
      if ((error as { readonly code?: unknown }).code !== "MANIFEST_INVALID") throw error;
      return { runId, record: undefined };
    }
  };
  const readLines = async function* <T>(runId: string, file: string): AsyncGenerator<T> {
    const found = await readFile(runId, file);
    if (found !== undefined) yield* parseLines<T>(found.text, found.key);
  };
  const runStore: RunStore = {
    async create(runId) {
      checkRunId(runId);
      await atFaultPoint(faultPoints, "run.create", `make the folder of run ${runId}`);
      return createRunFolder(folderOf(runId), options);
    },
    async list({ limit = Infinity } = {}) {
      const ids = (await listRunIds(store)).slice(0, limit);
      const entries: RunEntry[] = [];
      for (let at = 0; at < ids.length; at += readBatch)
        entries.push(...(await Promise.all(ids.slice(at, at + readBatch).map(toEntry))));
      return entries;
    },
    async resolve(text) {
      const ids = await listRunIds(store);
      if (ids.includes(text)) return text;
      const [found, ...others] = ids.filter((runId) => isRunIdMatch(runId, text));
      if (found === undefined) throw notFound(text, ids);
      if (others.length > 0) throw ambiguous(text, [found, ...others]);
      return found;
    },
    read: async (text) => readRecord(await runStore.resolve(text)),
    async readPlan(text) {
      const file = await readFile(await runStore.resolve(text), "plan.json");
      return file === undefined ? undefined : parsePlan(file.text, file.key);
    },
    async *readEvents(text) {
      yield* readLines<RunEvent>(await runStore.resolve(text), "events.ndjson");
    },
    async *readLog(text) {
      yield* readLines<LogRecord>(await runStore.resolve(text), "log.ndjson");
    },
  };
  return runStore;
}

/** Ids of runs, newest first. */
async function listRunIds(store: ByteStore): Promise<readonly string[]> {
  const startedMs = new Map<string, number>();
  for await (const { key, modifiedAt } of store.list("runs/")) {
    const runId = fromKeyPart(key.split("/")[1] ?? "");
    if (runId !== undefined)
      startedMs.set(runId, Math.min(startedMs.get(runId) ?? Infinity, timeOf(runId) ?? modifiedAt.getTime()));
  }
  return [...startedMs].toSorted(([a, aMs], [b, bMs]) => bMs - aMs || (a > b ? -1 : 1)).map(([runId]) => runId);
}

/** When a UUIDv7 was made, by its first 48 bits. **Source** RFC 9562, section 5.7. */
function timeOf(runId: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/i.exec(runId) ?? [];
  return high === undefined || low === undefined ? undefined : Number.parseInt(`${high}${low}`, 16);
}

/** A run's folder must give its id back. */
function checkRunId(runId: string): void {
  if (runId !== "" && runId.isWellFormed() && fromKeyPart(toKeyPart(runId)) === runId) return;
  throw new TerminalError({
    code: "CONFIG_VALUE_INVALID",
    fault: "caller",
    message: `A run id must have 1 to 180 characters, small letters and digits best; received ${JSON.stringify(runId.slice(0, 60))}.`,
    context: { run_id: runId.slice(0, 200) },
  });
}

function notFound(text: string, ids: readonly string[]): TerminalError {
  const [suggestion] = suggestNames(
    text,
    ids.flatMap((id) => [id, shortRunId(id)]),
    1,
  );
  const [newest] = ids;
  const known = newest === undefined ? "There is no run yet." : `The newest is ${shortRunId(newest)}.`;
  const hint = suggestion === undefined ? known : `Did you mean ${suggestion}?`;
  const short = text.length < 4 ? " A short id has four characters or more." : "";
  return new TerminalError({
    code: "RUN_NOT_FOUND",
    fault: "caller",
    message: `No run "${text}" is known.${short} ${hint}`,
    context: { run: text, ...(suggestion === undefined ? {} : { suggestion }) },
  });
}

function ambiguous(text: string, ids: readonly string[]): TerminalError {
  const longer = ids.slice(0, 5).map((id) => shortRunId(id, 8));
  return new TerminalError({
    code: "RUN_AMBIGUOUS",
    fault: "caller",
    message: `"${text}" means ${ids.length} runs: ${longer.join(", ")}. Write more of it.`,
    context: { run: text, candidates: ids.slice(0, 20) },
  });
}
