import { isSameColumnType, parseColumnType, quoteLiteral } from "@millrace/foundation";
import type { ColumnType, JsonObject } from "@millrace/protocols";
import { invalidCsv } from "./csv-groups.ts";
import type { CsvGroup } from "./csv-groups.ts";
import { isSet, toReadArguments } from "./read-options.ts";
import { toPattern } from "./source-files.ts";
import type { SourceFile } from "./source-files.ts";
import type { SourceReader } from "./source-reader.ts";

/** Files that are sampled for types, besides the first one of each header. */
const sampledFiles = 8;
/** Rows of a sample: DuckDB's own default, ten vectors. */
const sampleRows = 20_480;
/** Files up to this size are sampled whole: 30 ms a file. */
const wholeFileBytes = 8 * 1024 * 1024;
/** Wider files are not looked at value by value: four expressions a column would take longer than the read. */
const widestSample = 1000;

/** What DuckDB sees in a sample of one file. */
export interface SniffedCsv {
  readonly header: boolean;
  readonly types: readonly ColumnType[];
  readonly dateformat: string | undefined;
  readonly timestampformat: string | undefined;
}

/** Types of a file's columns by name; a column without a value in the sample has none. */
export interface SampledTypes {
  readonly types: ReadonlyMap<string, ColumnType | undefined>;
  readonly dateformat: string | undefined;
  readonly timestampformat: string | undefined;
}

/** What looking at a file takes. */
interface Look {
  readonly options: JsonObject;
  readonly reader: SourceReader;
}

/** Asks DuckDB for header and types; the dialect is fixed. Bad rows in a sample are left to the read, which names them. */
export async function sniffCsv(file: SourceFile, width: number, { options, reader }: Look): Promise<SniffedCsv> {
  const asked = options["sample_size"];
  const size = typeof asked === "number" ? asked : file.pin.sizeBytes <= wholeFileBytes ? -1 : sampleRows;
  const sniff = async (lenient: boolean): Promise<readonly unknown[]> => {
    const call = [
      quoteLiteral(toPattern(file.path)),
      ...toReadArguments("csv", options),
      `sample_size = ${size}`,
      `ignore_errors = ${lenient}`,
    ];
    const sql = `SELECT HasHeader, list_transform(Columns, lambda c: c.type), DateFormat, TimestampFormat FROM sniff_csv(${call.join(", ")})`;
    return reader.row(sql, file.path);
  };
  let row: readonly unknown[];
  try {
    row = await sniff(false).catch(async () => sniff(true));
  } catch (error) {
    // The sniffer only says that it found nothing; a strict read as text names the line.
    await reader.row(`SELECT count(c0) FROM ${readAsText(file, width, options)}`, file.path);
    throw error;
  }
  const [header, types, date, timestamp] = row as [
    boolean,
    { readonly items: readonly string[] },
    string | null,
    string | null,
  ];
  return {
    header,
    types: types.items.map((type) => parseColumnType(type)),
    dateformat: date ?? undefined,
    timestampformat: timestamp ?? undefined,
  };
}

function readAsText(file: SourceFile, width: number, options: JsonObject): string {
  const columns = Array.from({ length: Math.max(1, width) }, (_, index) => `'c${index}': 'VARCHAR'`);
  return `read_csv(${[quoteLiteral(toPattern(file.path)), "auto_detect = false", `columns = {${columns.join(", ")}}`, ...toReadArguments("csv", options)].join(", ")})`;
}

/** Types of one file's columns, none of which loses digits of the sample. */
export async function sampleTypes(
  file: SourceFile,
  names: readonly string[],
  { options, reader }: Look,
): Promise<SampledTypes> {
  if (isSet(options, "all_varchar"))
    return {
      types: new Map(names.map((name) => [name, { type: "VARCHAR" }])),
      dateformat: undefined,
      timestampformat: undefined,
    };
  const sniffed = await sniffCsv(file, names.length, { options, reader });
  if (sniffed.types.length !== names.length)
    throw invalidCsv(file, `its header has ${names.length} columns and its rows have ${sniffed.types.length}`);
  const facts = names.length > widestSample ? [] : await reader.row(factsSql(file, names.length, options), file.path);
  const types = names.map((name, index) => {
    const [filled, zeros, whole, digits] = facts.slice(index * 4, index * 4 + 4) as (
      bigint | boolean | null | undefined
    )[];
    const type = sniffed.types[index] as ColumnType;
    return [
      name,
      filled === 0n
        ? undefined
        : keepDigits(type, { zeros: zeros === true, whole: whole === true, digits: Number(digits ?? 0) }),
    ] as const;
  });
  return { ...sniffed, types: new Map(types) };
}

function factsSql(file: SourceFile, width: number, options: JsonObject): string {
  const columns = Array.from({ length: width }, (_, index) => `c${index}`);
  const facts = columns.flatMap((name) => [
    `count(${name})`,
    `bool_or(regexp_matches(${name}, '^[+-]?0[0-9]'))`,
    `bool_and(regexp_matches(${name}, '^[+-]?[0-9]+$'))`,
    `max(length(${name}))`,
  ]);
  const lenient = readAsText(file, width, options).replace(/\)$/, ", ignore_errors = true)");
  return `SELECT ${facts.join(", ")} FROM (SELECT * FROM ${lenient} LIMIT ${sampleRows})`;
}

/**
 * Sniffed numbers that would lose digits become what keeps them: codes with leading zeros (`00501`) stay text, whole
 * numbers beyond 64 bits become HUGEINT instead of DOUBLE.
 */
function keepDigits(
  type: ColumnType,
  facts: { readonly zeros: boolean; readonly whole: boolean; readonly digits: number },
): ColumnType {
  if (type.type !== "BIGINT" && type.type !== "DOUBLE") return type;
  if (facts.zeros) return { type: "VARCHAR" };
  if (type.type === "DOUBLE" && facts.whole) return { type: facts.digits <= 38 ? "HUGEINT" : "VARCHAR" };
  return type;
}

/** The first file of each header, and a few more spread over all. */
export function filesToSample(
  groups: readonly CsvGroup[],
): readonly { readonly file: SourceFile; readonly names: readonly string[] }[] {
  const all = groups.flatMap(({ files, names }) => files.map((file) => ({ file, names })));
  const firsts = new Set(groups.map(({ files }) => files[0]));
  const step = Math.max(1, Math.ceil(all.length / sampledFiles));
  return all.filter(({ file }, index) => firsts.has(file) || index % step === 0);
}

const numbers = ["BIGINT", "HUGEINT", "DOUBLE"] as const;

/** One type for what several files hold: the wider number, DATE and TIMESTAMP as TIMESTAMP, anything else as text. */
export function mergeTypes(types: readonly (ColumnType | undefined)[]): ColumnType {
  const seen = types.filter((type) => type !== undefined);
  const merged = seen.reduce<ColumnType | undefined>((before, type) => {
    if (before === undefined || isSameColumnType(before, type)) return type;
    const ranks = [before, type].map((one) => numbers.findIndex((name) => name === one.type));
    const widest = numbers[Math.max(...ranks)];
    if (ranks.every((rank) => rank >= 0) && widest !== undefined) return { type: widest };
    const isTime = (one: ColumnType): boolean => one.type === "DATE" || one.type === "TIMESTAMP";
    return { type: isTime(before) && isTime(type) ? "TIMESTAMP" : "VARCHAR" };
  }, undefined);
  return merged ?? { type: "VARCHAR" };
}

/** ISO 8601 is read by default, and a tenth faster than by the format that says the same. */
const isoFormat = /^%Y-%m-%d( %H:%M:%S(\.%[fgn])?)?$/;

/** Formats that all samples agree on, pinned unless the author gave one. */
export function mergeFormats(samples: readonly SampledTypes[], options: JsonObject): JsonObject {
  const agreed = (name: "dateformat" | "timestampformat"): JsonObject => {
    const seen = new Set(samples.map((sample) => sample[name]).filter((format) => format !== undefined));
    const [format] = seen;
    const isNews = format !== undefined && seen.size === 1 && !isoFormat.test(format);
    return isNews && options[name] === undefined ? { [name]: format } : {};
  };
  return { ...agreed("dateformat"), ...agreed("timestampformat") };
}
