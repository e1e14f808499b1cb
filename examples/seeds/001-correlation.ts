// Seed 001 (factflow-foundation), public API, correlation and logging: an id that follows asynchronous work.
import assert from "node:assert/strict";
import { correlationContext, getCorrelationId, withCorrelation } from "millrace/seed";

const lines: unknown[] = [];
const plain = {
  debug: (message: string, fields = {}): void => void lines.push({ message, ...fields }),
  info: (message: string, fields = {}): void => void lines.push({ message, ...fields }),
  warn: (message: string, fields = {}): void => void lines.push({ message, ...fields }),
  error: (message: string, fields = {}): void => void lines.push({ message, ...fields }),
  child: () => plain,
};

// `get_contextual_logger()`: every line has the id of the work that logs it.
const logger = withCorrelation(plain);

async function handle(order: number, after: Promise<unknown>): Promise<string | undefined> {
  await after;
  logger.info(`order ${order}`);
  return getCorrelationId();
}

// The first request waits for the second: their work is interleaved.
const second = Promise.withResolvers<void>();
const ids = await Promise.all([
  correlationContext(() => handle(0, second.promise), { id: "request-0" }),
  correlationContext(() => handle(1, Promise.resolve()).finally(second.resolve), { id: "request-1" }),
]);

assert.deepEqual(ids, ["request-0", "request-1"]);
assert.deepEqual(lines, [
  { message: "order 1", correlation_id: "request-1" },
  { message: "order 0", correlation_id: "request-0" },
]);
assert.equal(getCorrelationId(), undefined);
