// Seed 001 (factflow-foundation), public API, message-flow tracing: hops of one message over two services.
import assert from "node:assert/strict";
import { createIdSource, createMessageFlow, systemClock, trackMessageFlow } from "millrace/seed";
import type { MessageHop } from "millrace/seed";

const hops: MessageHop[] = [];
const flow = createMessageFlow({ onHop: (hop) => hops.push(hop), clock: systemClock, ids: createIdSource() });

await trackMessageFlow(flow, { service: "intake", messageId: "order-7" }, async () => {
  const headers = flow.headers();
  await trackMessageFlow(flow, { service: "billing", headers }, () => "billed");
});

assert.deepEqual(
  hops.map(({ service, message_id, depth, state }) => [service, message_id, depth, state]),
  [
    ["intake", "order-7", 0, "started"],
    ["billing", "order-7", 1, "started"],
    ["billing", "order-7", 1, "completed"],
    ["intake", "order-7", 0, "completed"],
  ],
);
assert.equal(new Set(hops.map((hop) => hop.correlation_id)).size, 1);
