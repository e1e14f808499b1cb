// 200 orders of a small shop, made by arithmetic: the same bytes on every machine, and no data file to ship.

const customers = ["Ada", "Björk", "Chen", "Dara", "Emeka", "Fatima", "Goran", "Hana", "Ines", "Jonas"];

/** Rows that no shop wants: a refund that should not be here, an order of nothing, an amount that was never typed. */
const badAmounts: ReadonlyMap<number, string> = new Map([
  [41, "-12.50"],
  [97, "0.00"],
  [163, ""],
]);

/** Number of orders in the sample. */
export const sampleRows = 200;

/** The sample as CSV with a header. */
export function formatSampleOrders(): string {
  const rows = Array.from({ length: sampleRows }, (_, index) => formatOrder(index + 1));
  return `order_id,customer,amount,ordered_at\n${rows.join("\n")}\n`;
}

function formatOrder(id: number): string {
  // Two multipliers prime to their moduli spread customers and amounts without a pattern that meets the eye.
  const customer = customers[(id * 7) % customers.length] ?? "";
  const cents = 500 + ((id * 7919) % 19_500);
  const amount = badAmounts.get(id) ?? (cents / 100).toFixed(2);
  const start = Date.UTC(2026, 0, 1, 8);
  const orderedAt = new Date(start + id * 3 * 3_600_000 + ((id * 613) % 3600) * 1000);
  return `${id},${customer},${amount},${orderedAt.toISOString().slice(0, 19).replace("T", " ")}`;
}
