import type { JsonObject, JsonValue, StepSpec } from "@millrace/protocols";
import { formatCount } from "@millrace/foundation";
import { isRecord, shorten } from "../finding.ts";
import type { Finding, Path, Report } from "../finding.ts";

/** Gives the value of an environment variable. Undefined and `""` are unset. */
export type VariableLookup = (name: string) => string | undefined;

/** Most text that references of one pipeline may add: a definition stays a definition. */
const maxExpansion = 2 ** 20;

/** Resolves `${env.NAME}` in texts, once: what a variable holds is never looked at again. */
export class ReferenceResolver {
  readonly #lookup: VariableLookup;
  readonly #report: Report;
  #left = maxExpansion;

  constructor(lookup: VariableLookup, report: Report) {
    this.#lookup = lookup;
    this.#report = report;
  }

  /** A step with its references resolved. SQL text has none: `$name` reaches it as a typed value. */
  resolveStep(step: StepSpec, index: number): StepSpec {
    const where = { path: ["steps", index, "value"], step: step.name, label: `Step ${shorten(step.name)}` };
    const value = step.type === "sql" ? step.value : this.resolveText(step.value, { ...where, oneLine: true });
    if (step.type === "sql") this.#warnOfSql(step, where);
    const params = mayRefer(step.params)
      ? (this.resolveAny(step.params, { ...where, path: ["steps", index, "params"] }) as JsonObject)
      : step.params;
    return value === step.value && params === step.params ? step : { ...step, value, params };
  }

  /** A text with its references resolved; where one cannot be, a finding, and the reference stays. `$${` stands for `${`. */
  resolveText(text: string, where: Where): string {
    if (!text.includes("${")) return text;
    let result = "";
    let at = 0;
    for (let start = text.indexOf("${"); start !== -1; start = text.indexOf("${", at)) {
      const escaped = start > at && text[start - 1] === "$";
      const close = text.indexOf("}", start);
      const end = close === -1 ? text.length : close + 1;
      result += text.slice(at, escaped ? start - 1 : start);
      result += escaped ? "${" : (this.#resolve(text.slice(start, end), start, where) ?? text.slice(start, end));
      at = escaped ? start + 2 : end;
    }
    return result + text.slice(at);
  }

  /** A value with the references of all its texts resolved. What is not JSON stays as it is: whoever reads it says so. */
  resolveAny(value: unknown, where: Where): unknown {
    if (typeof value === "string") return this.resolveText(value, where);
    if (Array.isArray(value))
      return value.map((item: unknown, index) => this.resolveAny(item, { ...where, path: [...where.path, index] }));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        this.resolveAny(item, { ...where, path: [...where.path, key] }),
      ]),
    );
  }

  #resolve(reference: string, offset: number, where: Where): string | undefined {
    const place = { offset, length: reference.length };
    const name = /^\$\{env\.([A-Za-z_]\w*)\}$/.exec(reference)?.[1];
    if (name === undefined)
      return this.#unset(`${shorten(reference)} is not a reference: ${whyNot(reference)}`, where, place);
    const value = this.#lookup(name);
    if (value === undefined || value === "")
      return this.#unset(
        `the variable ${name} of ${shorten(reference)} is not set, or empty. Set it, or remove the reference`,
        where,
        place,
      );
    if (where.oneLine === true && /\p{Cc}/u.test(value))
      return this.#refuse(
        `the variable ${name} has a line break or another control character, which cannot stand here`,
        where,
        place,
      );
    this.#left -= value.length;
    if (this.#left >= 0) return value;
    return this.#refuse(
      `references add more than ${formatCount(maxExpansion)} characters, at ${shorten(reference)}`,
      where,
      place,
    );
  }

  #unset(message: string, where: Where, place: Pick<Finding, "offset" | "length">): undefined {
    this.#finding("DEFINITION_VARIABLE_UNSET", message, { where, place });
  }

  #refuse(message: string, where: Where, place: Pick<Finding, "offset" | "length">): undefined {
    this.#finding("DEFINITION_INVALID_VALUE", message, { where, place });
  }

  #finding(
    code: Finding["code"],
    message: string,
    at: { readonly where: Where; readonly place: Pick<Finding, "offset" | "length"> },
  ): void {
    const { where, place } = at;
    const step = where.step === undefined ? {} : { step: where.step };
    this.#report({ code, message: `${where.label}: ${message}.`, path: where.path, ...step, ...place });
  }

  #warnOfSql(step: StepSpec, where: Where): void {
    const match = /\$\{env\.(\w+)\}/.exec(step.value);
    if (match === null) return;
    this.#report({
      severity: "warning",
      code: "DEFINITION_INVALID_VALUE",
      message: `${where.label}: ${shorten(match[0])} stays as it is, since nothing is pasted into SQL text. Declare a parameter and write $${match[1]?.toLowerCase()}.`,
      path: where.path,
      ...(where.step === undefined ? {} : { step: where.step }),
      offset: match.index,
      length: match[0].length,
    });
  }
}

/** The text that is resolved, for findings. */
export interface Where {
  readonly path: Path;
  readonly label: string;
  readonly step?: string;
  /** The text is a path or URI: control characters are refused. */
  readonly oneLine?: boolean;
}

function mayRefer(value: JsonValue): boolean {
  if (typeof value === "string") return value.includes("${");
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(mayRefer);
}

function whyNot(reference: string): string {
  const inner = reference.slice(2, reference.endsWith("}") ? -1 : undefined);
  if (!reference.endsWith("}") && !inner.includes("${")) return 'it has no "}". Write $${ for a plain ${';
  if (inner.includes("${")) return "references do not nest";
  if (inner.startsWith("params."))
    return "parameters reach SQL as $name, and functions as context.params. Known here: ${env.NAME}";
  if (inner.startsWith("env.")) return "the name of a variable has letters, digits and _";
  return "known is ${env.NAME}. Write $${ for a plain ${";
}
