import { suggestName } from "@millrace/foundation";
import type { JsonObject, JsonValue, ParamSpec } from "@millrace/protocols";
import { quoteArgument, UsageError } from "../command-line/usage-error.ts";

/**
 * Values of `--param name=value`, in the type that the pipeline declares. Without a declared type, text that is a JSON
 * number, boolean, null, array or object counts as that, all else as text.
 *
 * @throws UsageError `CLI_USAGE` for a word without `=`, and for one parameter given twice.
 */
export function parseParams(words: readonly string[], declared: Readonly<Record<string, ParamSpec>>): JsonObject {
  const values = new Map<string, JsonValue>();
  for (const word of words) {
    const equals = word.indexOf("=");
    const name = word.slice(0, equals);
    if (equals < 1)
      throw new UsageError({ code: "CLI_USAGE", message: `--param is name=value; received ${quoteArgument(word)}` });
    if (values.has(name)) throw new UsageError({ code: "CLI_USAGE", message: `--param ${name} is given twice` });
    if (!Object.hasOwn(declared, name)) throw unknownParam(name, Object.keys(declared));
    values.set(name, toValue(word.slice(equals + 1), declared[name]));
  }
  return Object.fromEntries(values);
}

function unknownParam(name: string, known: readonly string[]): UsageError {
  const suggestion = suggestName(name.slice(0, 200), known);
  const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
  const list = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return new UsageError({
    code: "PARAMETER_INVALID",
    message: `the pipeline has no parameter ${quoteArgument(name)} (${list})${hint}`,
  });
}

function toValue(text: string, spec: ParamSpec | undefined): JsonValue {
  const type = spec?.type?.toUpperCase();
  const isText =
    type === undefined
      ? typeof spec?.default === "string"
      : !/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|FLOAT|DOUBLE|BOOLEAN|JSON|.*\[\d*\]|STRUCT|MAP)/.test(type);
  if (isText) return text;
  if (!/^(-?\d|true$|false$|null$|[[{"])/.test(text)) return text;
  try {
    const value = JSON.parse(text) as JsonValue;
    // A number that JavaScript cannot hold stays text, and the compute casts it.
    return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
  } catch {
    // "2026-01-01" begins like a number and is none.
    return text;
  }
}
