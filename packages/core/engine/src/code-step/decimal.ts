import { TerminalError } from "@millrace/foundation";

/** A double divides exactly rounded only while both numbers are exact: 10^22 is the last power of ten that is. */
const largestExactPower = 22;
/** More digits than any column holds; a text such as `1e999999999` must not fill the memory. */
const mostDigits = 1000;

/**
 * An exact decimal: `value / 10^scale`.
 *
 * Operators convert it to a number, as `toNumber()` does; sums of money stay exact on `value`.
 *
 * @example Decimal.from("12.50").toString() // "12.50"
 */
export class Decimal {
  /** All digits as one integer. */
  readonly value: bigint;
  /** Digits after the point. */
  readonly scale: number;

  constructor(value: bigint, scale: number) {
    this.value = value;
    this.scale = scale;
  }

  /**
   * Reads a text (`12.50`, `-1e3`), an integer, or a number by its shortest text.
   *
   * @param scale - Digits after the point of the result. Default: those of the input.
   * @throws {@link MillraceError} `DECIMAL_INVALID` where the input is no decimal, or has more digits than `scale`.
   */
  static from(input: string | number | bigint | Decimal, scale?: number): Decimal {
    const read = input instanceof Decimal ? input : readDecimal(input);
    if (read === undefined) {
      throw invalid(`"${String(input).slice(0, 60)}" is not a decimal. Write digits with an optional sign and point.`);
    }
    if (scale === undefined) return read;
    const scaled = rescale(read, scale);
    if (scaled === undefined) {
      throw invalid(`${read.toString()} has more than ${scale} digits after the point. Round it first.`);
    }
    return scaled;
  }

  /** The nearest number; exact digits beyond 15 are lost. */
  toNumber(): number {
    const whole = Number(this.value);
    if (this.scale === 0) return whole;
    if (Number.isSafeInteger(whole) && this.scale <= largestExactPower) return whole / 10 ** this.scale;
    return Number(this.toString());
  }

  toString(): string {
    if (this.scale === 0) return this.value.toString();
    const sign = this.value < 0n ? "-" : "";
    const digits = (this.value < 0n ? -this.value : this.value).toString().padStart(this.scale + 1, "0");
    return `${sign}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`;
  }

  /** The text: JSON numbers do not keep all digits. */
  toJSON(): string {
    return this.toString();
  }

  /** Same number; `1.5` equals `1.50`. */
  equals(other: Decimal): boolean {
    const scale = Math.max(this.scale, other.scale);
    return rescale(this, scale)?.value === rescale(other, scale)?.value;
  }

  // Without this, `a < b` compares texts: "10" before "9".
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === "string" ? this.toString() : this.toNumber();
  }
}

/** Whether a value is a decimal, from whichever copy of this package. */
export function isDecimal(value: unknown): value is Decimal {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly value?: unknown }).value === "bigint" &&
    Number.isInteger((value as { readonly scale?: unknown }).scale)
  );
}

/** The same number with another scale, or undefined where digits would be lost. */
export function rescale(decimal: Decimal, scale: number): Decimal | undefined {
  if (decimal.scale === scale) return decimal;
  if (decimal.scale < scale) return new Decimal(decimal.value * 10n ** BigInt(scale - decimal.scale), scale);
  const divisor = 10n ** BigInt(decimal.scale - scale);
  return decimal.value % divisor === 0n ? new Decimal(decimal.value / divisor, scale) : undefined;
}

/** A decimal of a text or number, or undefined where it is none. */
export function readDecimal(input: string | number | bigint): Decimal | undefined {
  if (typeof input === "bigint") return new Decimal(input, 0);
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,4}))?$/.exec(
    typeof input === "number" ? String(input) : input.trim(),
  );
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const scale = fraction.length - Number(exponent);
  if (digits === "" || digits.length > mostDigits || Math.abs(scale) > mostDigits) return undefined;
  const value = BigInt(digits) * (sign === "-" ? -1n : 1n);
  return scale >= 0 ? new Decimal(value, scale) : new Decimal(value * 10n ** BigInt(-scale), 0);
}

function invalid(message: string): TerminalError {
  return new TerminalError({ code: "DECIMAL_INVALID", fault: "caller", message });
}
