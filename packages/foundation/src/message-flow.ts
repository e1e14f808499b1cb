import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock, ErrorJson, IdSource, JsonObject } from "@millrace/protocols";
import { correlationContext, getCorrelationId } from "./correlation.ts";
import { toErrorJson } from "./error-json.ts";
import { TerminalError } from "./error.ts";
import { toJsonSafeObject } from "./json-safe.ts";

/** One hop of a message: its way into and through one service. Wire form, snake_case. */
export interface MessageHop {
  readonly hop_id: string;
  readonly message_id: string;
  readonly correlation_id: string;
  /** The hop that this one happened in, or that sent the message here. */
  readonly parent_hop_id?: string;
  /** 0 for the first hop of a message, one more for each hop it passed before. */
  readonly depth: number;
  readonly service: string;
  readonly stage?: string;
  readonly state: "started" | "completed" | "failed";
  readonly started_at: string;
  readonly duration_ms?: number;
  readonly attributes: JsonObject;
  readonly error?: ErrorJson;
}

/** What hops of one process go through. */
export interface MessageFlowOptions {
  /** Told of each hop twice: when it starts, and when it is completed or failed. Must not throw. */
  readonly onHop: (hop: MessageHop) => void;
  readonly clock: Clock;
  readonly ids: IdSource;
}

/** Where a message is, and what came with it. */
export interface HopOptions {
  readonly service: string;
  readonly stage?: string;
  /** @defaultValue the message of the hop around it, else a new id */
  readonly messageId?: string;
  /** Headers of a message from another service, as `headers()` made them there. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Follows messages over services. */
export interface MessageFlow {
  /** Runs `fn` as a hop. Hops inside it are its children. What `fn` throws ends the hop as failed and goes on. */
  track<R>(options: HopOptions, fn: () => Promise<R> | R): Promise<R>;
  /** Headers to send with a message, so that the next service's hop continues this one. Empty outside of a hop. */
  headers(): Readonly<Record<string, string>>;
}

const headerNames = { correlation: "x-correlation-id", message: "x-message-id", parent: "x-message-hop" } as const;

/** Follows messages: each hop is a record and an event. */
export function createMessageFlow(options: MessageFlowOptions): MessageFlow {
  const around = new AsyncLocalStorage<MessageHop>();
  const { onHop, clock, ids } = options;
  const start = (hop: HopOptions): MessageHop => {
    const outer = around.getStore();
    const came = readHeaders(hop.headers ?? {});
    const parent = came.parent ?? (outer === undefined ? undefined : { id: outer.hop_id, depth: outer.depth });
    return {
      hop_id: ids.uuid(),
      message_id: hop.messageId ?? came.message ?? outer?.message_id ?? ids.uuid(),
      correlation_id: came.correlation ?? getCorrelationId() ?? ids.uuid(),
      ...(parent === undefined ? {} : { parent_hop_id: parent.id }),
      depth: parent === undefined ? 0 : parent.depth + 1,
      service: hop.service,
      ...(hop.stage === undefined ? {} : { stage: hop.stage }),
      state: "started",
      started_at: clock.now().toISOString(),
      attributes: toJsonSafeObject(hop.attributes ?? {}),
    };
  };
  return {
    async track(hopOptions, fn) {
      const hop = start(hopOptions);
      const startedMs = clock.monotonicMs();
      const end = (rest: Partial<MessageHop>): void =>
        onHop({ ...hop, ...rest, duration_ms: Math.max(0, Math.round(clock.monotonicMs() - startedMs)) });
      onHop(hop);
      try {
        const result = await correlationContext(async () => around.run(hop, async () => fn()), {
          id: hop.correlation_id,
        });
        end({ state: "completed" });
        return result;
      } catch (error) {
        // Recorded and passed on: following a message never changes what happens to it.
        end({ state: "failed", error: toErrorJson(error, { step: hop.service }) });
        throw error;
      }
    },
    headers() {
      const hop = around.getStore();
      if (hop === undefined) return {};
      return {
        [headerNames.correlation]: hop.correlation_id,
        [headerNames.message]: hop.message_id,
        [headerNames.parent]: `${hop.hop_id};${hop.depth}`,
      };
    },
  };
}

/** Runs `fn` as one hop of a flow. */
export async function trackMessageFlow<R>(
  flow: MessageFlow,
  options: HopOptions,
  fn: () => Promise<R> | R,
): Promise<R> {
  return flow.track(options, fn);
}

interface CameFrom {
  readonly correlation?: string;
  readonly message?: string;
  readonly parent?: { readonly id: string; readonly depth: number };
}

/** Headers are other people's text: what has not the form that `headers()` writes is refused, not stored. */
function readHeaders(headers: Readonly<Record<string, string | undefined>>): CameFrom {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const read = (name: string, form: RegExp): string | undefined => {
    const value = lower.get(name);
    if (value === undefined || form.test(value)) return value;
    throw new TerminalError({
      code: "CONFIG_VALUE_INVALID",
      fault: "caller",
      message: `Header ${name} is not valid: ${JSON.stringify(value.slice(0, 60))}. Send it as the flow's headers() wrote it.`,
    });
  };
  const id = /^[\u0021-\u007e]{1,128}$/;
  const correlation = read(headerNames.correlation, id);
  const message = read(headerNames.message, id);
  const [parentId, depth] = (read(headerNames.parent, /^[0-9A-Za-z-]{1,64};\d{1,6}$/) ?? "").split(";");
  return {
    ...(correlation === undefined ? {} : { correlation }),
    ...(message === undefined ? {} : { message }),
    ...(parentId === undefined || depth === undefined ? {} : { parent: { id: parentId, depth: Number(depth) } }),
  };
}
