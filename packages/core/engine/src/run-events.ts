import type { Clock, EventBase, EventSink, Logger, RunEvent } from "@millrace/protocols";

/** An event without what every event carries. */
export type EventBody = RunEvent extends infer Event
  ? Event extends RunEvent
    ? Omit<Event, keyof EventBase>
    : never
  : never;

/** Numbers the events of one execution and hands them to its sink. A failing sink never hurts the run. */
export class RunEvents {
  readonly #head: Omit<EventBase, "time" | "sequence">;
  readonly #sink: EventSink;
  readonly #world: { readonly clock: Clock; readonly logger: Logger };
  readonly #pending = new Set<Promise<void>>();
  #sequence = 0;

  constructor(
    head: Omit<EventBase, "time" | "sequence">,
    sink: EventSink,
    world: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#head = head;
    this.#sink = sink;
    this.#world = world;
  }

  emit(body: EventBody): void {
    this.#sequence += 1;
    const time = this.#world.clock.now().toISOString();
    const event = { ...this.#head, time, sequence: this.#sequence, ...body } as RunEvent;
    try {
      const result = this.#sink.emit(event);
      if (result !== undefined) this.#track(event, result);
    } catch (error) {
      this.#world.logger.warn("an event sink threw", { event: event.event, error });
    }
  }

  /** Resolves when the sink has taken every event. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #track(event: RunEvent, result: Promise<void>): void {
    const settled = result
      .catch((error: unknown) => this.#world.logger.warn("an event sink failed", { event: event.event, error }))
      .finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }
}
