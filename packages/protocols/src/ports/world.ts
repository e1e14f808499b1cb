import type { RunEvent } from "../event.ts";
import type { FaultPointName } from "../fault-point.ts";

/** Fields of a log line. Secrets in them are redacted by value before they leave the process. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where libraries log. Only apps decide what becomes of it. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds fields to each line. */
  child(fields: LogFields): Logger;
}

/** Receives the events of runs, in order. Must not throw; what it returns is awaited before the run ends. */
export interface EventSink {
  emit(event: RunEvent): void | Promise<void>;
}

/** Looks up secrets by name. */
export interface SecretProvider {
  /** The value, or undefined when there is none. */
  get(name: string): Promise<string | undefined>;
}

/** Time. `monotonicMs` never jumps; `now` is the wall clock. */
export interface Clock {
  now(): Date;
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Makes identifiers and random numbers. */
export interface IdSource {
  /** A UUIDv7: sorts by time. */
  uuid(): string;
  /** Uniform in [0, 1). */
  random(): number;
}

/** Points where a test makes the product fail. Costs nothing when no fault is set. */
export interface FaultPoints {
  /** Passes a point; may end the process, throw, or wait. */
  pass(point: FaultPointName): void | Promise<void>;
}
