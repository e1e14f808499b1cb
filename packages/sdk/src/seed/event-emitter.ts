import type { EventSink, Logger, RunEvent, RunEventName } from "@millrace/protocols";

/** An event by its name. */
export type EventOf<N extends RunEventName> = Extract<RunEvent, { readonly event: N }>;

/** Tells functions of the events of runs, by their names in the seed: `pipeline_start`, `node_complete` … */
export class EventEmitter implements EventSink {
  readonly #listeners = new Map<RunEventName, ((event: RunEvent) => void | Promise<void>)[]>();
  readonly #logger: Logger | undefined;

  /** @param logger - Is told where a listener fails; a listener watches a run and never decides about it. */
  constructor(logger?: Logger) {
    this.#logger = logger;
  }

  on<N extends RunEventName>(event: N, listener: (event: EventOf<N>) => void | Promise<void>): this {
    const known = this.#listeners.get(event) ?? [];
    this.#listeners.set(event, [...known, listener as (event: RunEvent) => void | Promise<void>]);
    return this;
  }

  off<N extends RunEventName>(event: N, listener: (event: EventOf<N>) => void | Promise<void>): this {
    const known = this.#listeners.get(event) ?? [];
    this.#listeners.set(
      event,
      known.filter((one) => one !== listener),
    );
    return this;
  }

  async emit(event: RunEvent): Promise<void> {
    for (const listener of this.#listeners.get(event.event) ?? []) {
      try {
        await listener(event);
      } catch (error) {
        this.#logger?.warn(`a listener of "${event.event}" failed`, {
          error: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
}
