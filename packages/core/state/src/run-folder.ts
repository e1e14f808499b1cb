import type { LogRecord, Redactor } from "@millrace/foundation";
import type { ByteStore, FaultPoints, RunEvent, RunRecord } from "@millrace/protocols";
import { LineWriter } from "./line-writer.ts";
import type { ObjectAppender } from "./object-appender.ts";
import { atFaultPoint } from "./store-error.ts";

/** What a run store is built on. */
export interface RunStoreOptions {
  readonly store: ByteStore;
  readonly faultPoints: FaultPoints;
  /** Writes events and log while the run goes on. Without it they are written at its end. */
  readonly appender?: ObjectAppender;
  /** Takes secrets out of everything that is written. @defaultValue nothing is changed */
  readonly redactor?: Pick<Redactor, "redactValue">;
}

/** The folder of a run while it goes on: `runs/<run-id>/`. */
export interface RunFolder {
  /** Absolute path or URI. */
  readonly path: string;
  event(event: RunEvent): void;
  log(record: LogRecord): void;
  /**
   * Writes what is left of events and log, then `plan.json` and `run.json`, durable when it resolves.
   *
   * The record is written although lines were lost; then it rejects with the reason.
   */
  finish(end: { readonly plan: object; readonly record: RunRecord }): Promise<void>;
}

/** Opens the folder of a run for writing. The store makes it with the first file. */
export function createRunFolder(folder: string, options: RunStoreOptions): RunFolder {
  const { store, faultPoints, redactor } = options;
  const redact = <T>(value: T): T => (redactor === undefined ? value : redactor.redactValue(value));
  const events = new LineWriter(`${folder}/events.ndjson`, options);
  const log = new LineWriter(`${folder}/log.ndjson`, options);
  return {
    path: store.uri(folder),
    event: (event) => events.add(redact(event)),
    log: (record) => log.add(redact(record)),
    async finish({ plan, record }) {
      const lines = await Promise.allSettled([events.flush(), log.flush()]);
      await store.write(`${folder}/plan.json`, encodeJson(redact(plan)));
      await atFaultPoint(faultPoints, "run.finish", `write the record of run ${record.run_id}`);
      // Last: a folder that has it is complete.
      await store.write(`${folder}/run.json`, encodeJson(redact(record)));
      for (const result of lines) if (result.status === "rejected") throw result.reason;
    },
  };
}

function encodeJson(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, 2)}\n`);
}
