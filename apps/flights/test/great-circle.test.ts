import { describe, expect, test } from "vitest";
import { greatCircleMiles } from "../src/great-circle.ts";

describe("greatCircleMiles", () => {
  test("measures a quarter of the globe along the equator", () => {
    // A quarter of 2 pi times the radius of 3958.7613 miles (hand computation).
    expect(greatCircleMiles([0, 0], [0, 90])).toBeCloseTo(6218.408, 3);
  });

  test("is the same in both directions, and zero to itself", () => {
    const lax = [33.9425, -118.408] as const;
    const jfk = [40.6398, -73.7789] as const;
    expect(greatCircleMiles(lax, jfk)).toBe(greatCircleMiles(jfk, lax));
    // 2475 miles on the ellipsoid, as the US Bureau of Transportation Statistics publishes it; a sphere is off by 0.5 %.
    expect(Math.abs(greatCircleMiles(lax, jfk) / 2475 - 1)).toBeLessThan(0.005);
    expect(greatCircleMiles(lax, lax)).toBe(0);
  });
});
