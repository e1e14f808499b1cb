import {
  decodeKeySegment,
  encodeKeySegment,
  isRunIdMatch,
  shortRunId,
  suggestNames,
  TerminalError,
} from "@millrace/foundation";
import type { LogRecord } from "@millrace/foundation";
import type { ByteStore, FaultPoints, RunEvent, RunRecord } from "@millrace/protocols";
import { LineWriter } from "./line-writer.ts";
import type { ObjectAppender } from "./object-appender.ts";
import { parseLines, parseRunRecord } from "./run-file.ts";

/** What a run store is built on. */
export interface RunStoreOptions {
  readonly store: ByteStore;
  readonly faultPoints: FaultPoints;
  /** Writes events and log while the run goes on. Without it they are written at its end. */
  readonly appender?: ObjectAppender;
}

/** The folder of a run while it goes on: `runs/<run-id>/`. */
export interface RunFolder {
  /** Absolute path or URI. */
  readonly path: string;
  event(event: RunEvent): void;
  log(record: LogRecord): void;
  /** Writes what is left of events and log, then `plan.json` and `run.json`, durable when it resolves. */
  finish(end: { readonly plan: object; readonly record: RunRecord }): Promise<void>;
}

/** A run as the list shows it. */
export interface RunEntry {
  readonly runId: string;
  /** Undefined where the run is not finished, or its process died. */
  readonly record: RunRecord | undefined;
}

/** Folders of runs. */
export interface RunStore {
  /** Makes the folder of a new run. */
  create(runId: string): Promise<RunFolder>;
  /** Runs, newest first: by their start where it is known, else by their id. */
  list(): Promise<readonly RunEntry[]>;
  /** The id that a text means: an id, the beginning of one, or a short form. @throws `RUN_NOT_FOUND`, `RUN_AMBIGUOUS` */
  resolve(text: string): Promise<string>;
  /** What came of a run; undefined where it is not finished. Takes what `resolve` takes. */
  read(text: string): Promise<RunRecord | undefined>;
  /** The plan of a finished run, as its JSON. */
  readPlan(text: string): Promise<unknown>;
  /** Events in their order, up to where a process that died stopped writing. */
  readEvents(text: string): AsyncIterable<RunEvent>;
  readLog(text: string): AsyncIterable<LogRecord>;
}

/** Keeps what runs leave behind in folders that a person can read without us. */
export function createRunStore(options: RunStoreOptions): RunStore {
  const { store, faultPoints, appender } = options;
  const keyOf = (runId: string, file: string): string => `runs/${encodeKeySegment(runId)}/${file}`;
  const listIds = async (): Promise<readonly string[]> => {
    const ids = new Set<string>();
    for await (const { key } of store.list("runs/")) {
      const runId = decodeKeySegment(key.split("/")[1] ?? "");
      if (runId !== undefined) ids.add(runId);
    }
    return [...ids];
  };
  const readFile = async (runId: string, file: string): Promise<string | undefined> => {
    const key = keyOf(runId, file);
    if ((await store.stat(key)) === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for await (const part of store.read(key)) parts.push(part);
    return Buffer.concat(parts).toString("utf8");
  };
  const readRecord = async (runId: string): Promise<RunRecord | undefined> => {
    const text = await readFile(runId, "run.json");
    return text === undefined ? undefined : parseRunRecord(text, keyOf(runId, "run.json"));
  };
  const readLines = async function* <T>(runId: string, file: string): AsyncGenerator<T> {
    const text = await readFile(runId, file);
    yield* parseLines<T>(text ?? "", keyOf(runId, file));
  };
  const runStore: RunStore = {
    async create(runId) {
      checkRunId(runId);
      await faultPoints.pass("run.create");
      const files = { store, appender };
      const events = new LineWriter(keyOf(runId, "events.ndjson"), files);
      const log = new LineWriter(keyOf(runId, "log.ndjson"), files);
      return {
        path: store.uri(`runs/${encodeKeySegment(runId)}`),
        event: (event) => events.add(event),
        log: (record) => log.add(record),
        async finish({ plan, record }) {
          await events.flush();
          await log.flush();
          await store.write(keyOf(runId, "plan.json"), encodeJson(plan));
          await faultPoints.pass("run.finish");
          // Last: a folder that has it is complete.
          await store.write(keyOf(runId, "run.json"), encodeJson(record));
        },
      };
    },
    async list() {
      const entries = await Promise.all(
        (await listIds()).map(async (runId): Promise<RunEntry> => ({ runId, record: await readRecord(runId) })),
      );
      return entries.toSorted((a, b) => (isNewer(a, b) ? -1 : 1));
    },
    async resolve(text) {
      const ids = await listIds();
      if (ids.includes(text)) return text;
      const [found, ...others] = ids.filter((runId) => isRunIdMatch(runId, text));
      if (found === undefined) throw notFound(text, ids);
      if (others.length > 0) throw ambiguous(text, [found, ...others]);
      return found;
    },
    read: async (text) => readRecord(await runStore.resolve(text)),
    async readPlan(text) {
      const runId = await runStore.resolve(text);
      const plan = await readFile(runId, "plan.json");
      return plan === undefined ? undefined : (JSON.parse(plan) as unknown);
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

/** UUIDv7 sorts by time, so that ids order runs that have no record yet. */
function isNewer(a: RunEntry, b: RunEntry): boolean {
  const [first, second] = [a.record?.started_at, b.record?.started_at];
  if (first !== undefined && second !== undefined && first !== second) return first > second;
  return a.runId > b.runId;
}

/** A run's folder must give its id back. */
function checkRunId(runId: string): void {
  if (runId !== "" && runId.isWellFormed() && decodeKeySegment(encodeKeySegment(runId)) === runId) return;
  throw new TerminalError({
    code: "CONFIG_VALUE_INVALID",
    fault: "caller",
    message: `A run id must have 1 to 180 characters, letters and digits best; received ${JSON.stringify(runId.slice(0, 60))}.`,
    context: { run_id: runId.slice(0, 200) },
  });
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}

function notFound(text: string, ids: readonly string[]): TerminalError {
  const [suggestion] = suggestNames(
    text,
    ids.flatMap((id) => [id, shortRunId(id)]),
    1,
  );
  const hint = suggestion === undefined ? "millrace runs list shows all." : `Did you mean ${suggestion}?`;
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
