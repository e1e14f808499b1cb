import type { ErrorCode, Issue, IssueSeverity } from "@millrace/protocols";

/** Where in a definition: `["steps", 3, "inputs", "raw"]`. */
export type Path = readonly (string | number)[];

/** A stretch of a file: what a frame underlines. */
export interface Place {
  readonly position: NonNullable<Issue["position"]>;
  readonly length?: number;
  /** The text as it is written, where that differs from the value. */
  readonly source?: string;
}

/** What of a path is meant, and which part of its text. */
export interface PlaceRequest {
  /** The key that leads to the value, or the value. @defaultValue "value" */
  readonly at?: "key" | "value";
  /** Offset in a text value, UTF-16 code units. */
  readonly offset?: number;
  /** Length from `offset`. */
  readonly length?: number;
}

/** An issue before its place in a file is known. */
export interface Finding extends PlaceRequest {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: Path;
  /** @defaultValue "error" */
  readonly severity?: IssueSeverity;
  readonly step?: string;
  readonly expected?: string;
  readonly received?: string;
  readonly suggestion?: string;
  readonly notes?: readonly string[];
  /** Known where the text itself is at fault. */
  readonly place?: Place;
}

/** Receives findings, in the order of the definition. */
export type Report = (finding: Finding) => void;

/** Gives the place of a value of a definition. */
export type Locate = (path: Path, request?: PlaceRequest) => Place | undefined;

const nowhere: Locate = () => undefined;

/** A finding with its place, in the wire's form. */
export function toIssue(finding: Finding, locate: Locate = nowhere): Issue {
  const place = finding.place ?? locate(finding.path, finding);
  const length = place?.length ?? 0;
  const suggestion = finding.suggestion ?? (finding.expected === "text" ? quoted(place?.source) : undefined);
  return {
    severity: finding.severity ?? "error",
    code: finding.code,
    message: finding.message,
    path: finding.path,
    ...(finding.step === undefined ? {} : { step: finding.step }),
    ...(place === undefined ? {} : { position: place.position }),
    ...(length === 0 ? {} : { length }),
    ...(finding.expected === undefined ? {} : { expected: finding.expected }),
    ...(finding.received === undefined ? {} : { received: finding.received }),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(finding.notes === undefined ? {} : { notes: finding.notes }),
  };
}

/** `012` is a number in YAML; what the author meant is `"012"`. */
function quoted(source: string | undefined): string | undefined {
  return source === undefined || source.length > 100 ? undefined : JSON.stringify(source);
}

/** Findings in the order that people read: of the file, then step by step, each step's own before those about its neighbours. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const stepOf = ({ path }: Finding): number => (path[0] === "steps" && typeof path[1] === "number" ? path[1] : -1);
  return findings.toSorted((a, b) => stepOf(a) - stepOf(b));
}

/** What was received, for people: short, on one line, never a whole document. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${shorten(value)}`;
  if (typeof value === "number" || typeof value === "bigint") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  return isRecord(value) ? "an object" : `a ${value.constructor.name || "value"}`;
}

/** A text in quotes, cut, with control and format characters spelled: nothing in a message can move a terminal's cursor. */
export function shorten(text: string, length = 60): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return JSON.stringify(cut).replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Whether a value is an object literal, or what a parser makes of one. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Names in quotes, the first ten, for a message. */
export function listNames(names: readonly string[], max = 10): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, max).map((name) => shorten(name));
  return names.length > max ? `${shown.join(", ")} and ${names.length - max} more` : shown.join(", ");
}
