import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createIdSource, isRunIdMatch, shortRunId } from "../src/index.ts";

test("twenty random bits are four letters, and a chosen id stays", () => {
  // 0x12345 = 2 * 32^3 + 8 * 32^2 + 26 * 32 + 5, digits 2 8 t 5 of Crockford's alphabet (by hand).
  expect(shortRunId("01980000-0000-7000-8000-000000012345")).toBe("28t5");
  expect(shortRunId("nightly-7")).toBe("nightly-7");
});

test("a longer form ends in each shorter one, and every form means its run", () => {
  const ids = createIdSource();
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 12 }), (letters) => {
      const id = ids.uuid();
      const short = shortRunId(id, letters);
      expect(short).toMatch(/^[0-9a-hjkmnp-tv-z]+$/);
      expect(short).toHaveLength(letters);
      expect(shortRunId(id, 12).endsWith(short)).toBe(true);
      for (const text of [id, id.slice(0, 13), short, short.toUpperCase()]) expect(isRunIdMatch(id, text)).toBe(true);
      expect(isRunIdMatch(ids.uuid(), shortRunId(id, 12))).toBe(false);
    }),
  );
});

test.each([
  ["nightly-7", "night", true],
  ["nightly-7", "nigh", true],
  ["nightly-7", "nig", false],
  ["abc", "abc", true],
  ["01980000-0000-7000-8000-000000012345", "8t5", false],
  ["01980000-0000-7000-8000-000000012345", "0198", true],
])("%s is meant by %s: %s", (id, text, expected) => {
  expect(isRunIdMatch(id, text)).toBe(expected);
});
