import { posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { StepSpec } from "@millrace/protocols";
import { shorten } from "../finding.ts";
import type { Report } from "../finding.ts";

/** A step that writes, and the place where it does. */
export interface Target {
  readonly step: string;
  readonly index: number;
  readonly value: string;
  /** Absolute path, or URI without `.` and `..`. */
  readonly place: string;
  readonly form: "path" | "uri";
}

/** What a store or publish step writes to by itself. Functions and handlers decide on their own. */
export function targetsOf(steps: readonly StepSpec[], root: string): readonly Target[] {
  return steps.flatMap((step, index) => {
    const { layer, type, value } = step;
    if ((layer !== "store" && layer !== "publish") || type !== "config_op" || value.trim() === "") return [];
    return [{ step: step.name, index, value, ...placeOf(value, root) }];
  });
}

/** Whether a value is a URI, such as `s3://bucket/key`. One letter before `:` is a drive. */
export function isUri(value: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(value);
}

function placeOf(value: string, root: string): Pick<Target, "place" | "form"> {
  if (!isUri(value)) return { place: resolve(root, value), form: "path" };
  const local = /^file:/i.test(value) ? filePath(value) : undefined;
  if (local !== undefined) return { place: local, form: "path" };
  const [, scheme = "", rest = ""] = /^([^:]+):(?:\/\/)?(.*)$/s.exec(value) ?? [];
  return { place: `${scheme.toLowerCase()}://${posix.normalize(rest).replace(/\/$/, "")}`, form: "uri" };
}

function filePath(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    // Another host, or an encoded `/`: the adapter of the step says what is wrong with it.
    return undefined;
  }
}

/** Reports targets that two steps write, compared as `canonical` gives them. */
export function checkTargets(targets: readonly Target[], canonical: (target: Target) => string, report: Report): void {
  const seen = new Map<string, Target>();
  for (const target of targets) {
    const place = canonical(target);
    // Names that differ only in case are one file on macOS and Windows.
    const key = target.form === "path" ? place.toLowerCase() : place;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, target);
      continue;
    }
    const how =
      first.value === target.value
        ? ""
        : ` as ${shorten(first.value)}${canonical(first) === place ? "" : ", which differs only in case"}`;
    report({
      code: "DEFINITION_DUPLICATE_TARGET",
      message: `Steps ${shorten(first.step)} and ${shorten(target.step)} write to one target: ${shorten(target.value)}, which the first has${how === "" ? " too" : how}.`,
      path: ["steps", target.index, "value"],
      step: target.step,
      received: target.value,
    });
  }
}
