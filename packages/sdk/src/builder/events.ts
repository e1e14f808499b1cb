import { toCamelCase } from "@millrace/foundation";
import type { JsonObject, Logger, RunEvent } from "@millrace/protocols";

/** A wire name in TypeScript: `node_error` is `nodeError`. */
export type CamelCase<S extends string> = S extends `${infer H}_${infer R}` ? `${H}${Capitalize<CamelCase<R>>}` : S;

/** Name of a wire field in TypeScript: `layer`, as the seed has it, is a step's kind. */
export type FieldName<S extends string> = S extends "layer" ? "kind" : CamelCase<S>;

/** A wire record with camelCase fields. What is an author's own keeps its names. */
export type CamelRecord<T> = T extends JsonObject
  ? T
  : T extends readonly unknown[]
    ? T
    : T extends object
      ? { readonly [K in keyof T as FieldName<K & string>]: K extends "context" ? T[K] : CamelRecord<T[K]> }
      : T;

/** What happens in a run, by name: `nodeError`, `pipelineComplete`. The wire form is `RunEvent` of protocols. */
export type PipelineEvents = {
  readonly [E in RunEvent as CamelCase<E["event"]>]: CamelRecord<E>;
};

/** A function that is told of an event. What it returns is awaited before the run ends; what it throws is logged. */
export type PipelineListener<K extends keyof PipelineEvents> = (event: PipelineEvents[K]) => void | Promise<void>;

/** Functions by the event that they are told of. */
export type PipelineHooks = { readonly [K in keyof PipelineEvents]?: PipelineListener<K> };

type AnyListener = (event: never) => void | Promise<void>;

/** The listeners of one pipeline. */
export interface PipelineListeners {
  add(event: string, listener: AnyListener): void;
  /** Tells all listeners of a wire event. Never rejects. */
  emit(event: RunEvent, logger: Logger): Promise<void>;
}

/** Makes a list of listeners. */
export function createListeners(hooks: PipelineHooks = {}): PipelineListeners {
  const listeners = new Map<string, readonly AnyListener[]>(
    Object.entries(hooks).map(([event, hook]) => [event, [hook]]),
  );
  return {
    add(event, listener) {
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    },
    async emit(event, logger) {
      const name = event.event.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const told = listeners.get(name);
      if (told === undefined) return;
      const { layer, ...fields } = toCamelCase(event, { opaque: ["context"] }) as Readonly<Record<string, unknown>>;
      const camel = (layer === undefined ? fields : { ...fields, kind: layer }) as never;
      for (const listener of told) {
        try {
          await listener(camel);
        } catch (error) {
          // A listener watches a run; it does not decide about it.
          logger.warn(`a listener of "${name}" failed`, {
            error: error instanceof Error ? error.message : String(error),
          });
        }
      }
    },
  };
}
