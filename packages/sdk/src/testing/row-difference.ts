import { isDecimal } from "@millrace/engine";

/** A row as a test compares it. */
export type TestRow = Readonly<Record<string, unknown>>;

/** How two values of a cell are compared. */
export type CellEquality = (received: unknown, expected: unknown) => boolean;

/** What is left when rows that match each other are taken away. */
export interface RowDifference {
  readonly matched: number;
  /** Expected rows without a partner, each with the received row that is nearest to it. */
  readonly missing: readonly { readonly expected: TestRow; readonly nearest: TestRow | undefined }[];
  /** Received rows without a partner that are nearest to none. */
  readonly surplus: readonly TestRow[];
}

/**
 * Pairs expected rows with received ones, in any order; an expected row names only the columns that count.
 *
 * **Source** augmenting paths for maximum bipartite matching (Kuhn 1955): a row that fits two is given to the one
 * that fits nothing else.
 */
export function compareRows(
  received: readonly TestRow[],
  expected: readonly TestRow[],
  equal: CellEquality,
): RowDifference {
  const fits = expected.map((row) =>
    received.flatMap((candidate, index) => (fitsRow(candidate, row, equal) ? [index] : [])),
  );
  const partnerOf = new Map<number, number>();
  const assign = (row: number, tried: Set<number>): boolean =>
    (fits[row] ?? []).some((candidate) => {
      if (tried.has(candidate)) return false;
      tried.add(candidate);
      const holder = partnerOf.get(candidate);
      if (holder !== undefined && !assign(holder, tried)) return false;
      partnerOf.set(candidate, row);
      return true;
    });
  const missing = expected.filter((_, row) => !assign(row, new Set()));
  const free = received.filter((_, index) => !partnerOf.has(index));
  const pairs = missing.map((row) => {
    const nearest = free
      .map((candidate) => ({
        candidate,
        score: Object.keys(row).filter((name) => equal(candidate[name], row[name])).length,
      }))
      .reduce<{ readonly candidate: TestRow; readonly score: number } | undefined>(
        (best, one) => (best === undefined || one.score > best.score ? one : best),
        undefined,
      )?.candidate;
    if (nearest !== undefined) free.splice(free.indexOf(nearest), 1);
    return { expected: row, nearest };
  });
  return { matched: partnerOf.size, missing: pairs, surplus: free };
}

function fitsRow(received: TestRow, expected: TestRow, equal: CellEquality): boolean {
  return Object.keys(expected).every((name) => Object.hasOwn(received, name) && equal(received[name], expected[name]));
}

/** Rows shown; more would push the test's own lines off the screen. */
const mostRows = 20;
/** Characters of a cell. */
const mostCharacters = 40;

/** The difference as a table: `-` is expected and missing, `+` is what came instead. */
export function formatDifference({ missing, surplus }: RowDifference, columns: readonly string[]): string {
  const lines = [
    ...missing.flatMap(({ expected, nearest }) => [
      ["-", expected] as const,
      ...(nearest === undefined ? [] : [["+", nearest] as const]),
    ]),
    ...surplus.map((row) => ["+", row] as const),
  ];
  const shown = lines.slice(0, mostRows);
  const cells = shown.map(([, row]) => columns.map((name) => (Object.hasOwn(row, name) ? formatCell(row[name]) : "")));
  const widths = columns.map((name, index) => Math.max(name.length, ...cells.map((row) => row[index]?.length ?? 0)));
  const line = (sign: string, values: readonly string[]): string =>
    `${sign} ${values.map((value, index) => value.padEnd(widths[index] ?? 0)).join(" | ")}`.trimEnd();
  const more = lines.length - shown.length;
  return [
    line(" ", columns),
    ...shown.map(([sign], index) => line(sign, cells[index] ?? [])),
    ...(more > 0 ? [`  and ${more} more rows`] : []),
  ].join("\n");
}

function formatCell(value: unknown): string {
  const text = toText(value).replaceAll(/\s+/g, " ");
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text;
}

function toText(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (isDecimal(value)) return value.toString();
  if (typeof value === "object" && "toAsymmetricMatcher" in value && typeof value.toAsymmetricMatcher === "function")
    return String(value.toAsymmetricMatcher());
  // Undefined for a function or a symbol.
  const text: string | undefined = JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? `${part}n` : part,
  );
  return text ?? typeof value;
}
