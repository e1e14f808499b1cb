import type { IdSource } from "@millrace/protocols";

/**
 * Identifiers and random numbers that are the same in every run of a test: UUIDv7 in form, sorted as they are made.
 *
 * **Source** mulberry32 (Tommy Ettinger, public domain) for the numbers: enough for tests, not for secrets.
 */
export function createSeededIds(seed = 1): IdSource {
  let state = seed >>> 0;
  let count = 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, "0");
  return {
    uuid() {
      count += 1;
      const time = count.toString(16).padStart(12, "0");
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
    },
    random,
  };
}
