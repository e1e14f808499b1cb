import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ParameterSpan } from "@millrace/protocols";
import { authorOffset } from "../src/sql-parameters.ts";

describe("authorOffset", () => {
  it("finds every character of the author's text behind literals of any length", () => {
    const piece = fc.tuple(fc.string({ maxLength: 8 }), fc.integer({ min: 2, max: 9 }), fc.string({ maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.string({ maxLength: 8 }), (pieces, tail) => {
        let author = 0;
        let sql = 0;
        const spans: ParameterSpan[] = [];
        const plain: [sql: number, author: number][] = [];
        const text = (length: number): void => {
          for (let at = 0; at < length; at += 1) plain.push([sql + at, author + at]);
          author += length;
          sql += length;
        };
        for (const [before, authorLength, literal] of pieces) {
          text(before.length);
          spans.push({ authorOffset: author, authorLength, sqlOffset: sql, sqlLength: literal.length });
          author += authorLength;
          sql += literal.length;
        }
        text(tail.length);
        for (const [from, to] of plain) expect(authorOffset(spans, from)).toBe(to);
        for (const span of spans)
          for (let at = 0; at < span.sqlLength; at += 1)
            expect(authorOffset(spans, span.sqlOffset + at)).toBe(span.authorOffset);
      }),
    );
  });

  it("keeps an unknown place unknown", () => expect(authorOffset([], undefined)).toBeUndefined());
});
