import { suggestName, TerminalError } from "@millrace/foundation";
import { describeValue } from "./cell-mismatch.ts";
import { isArrowBatch, isArrowTable, isAsyncIterable, isIterable } from "./output-shape.ts";

/**
 * What a function returned, by the names of the step's outputs. One output takes all of it; several are the members of
 * an object.
 *
 * @throws {@link MillraceError} `STEP_OUTPUT_INVALID` where an output is missing or unknown
 */
export function splitOutputs(output: unknown, outputNames: readonly string[]): ReadonlyMap<string, unknown> {
  const [only] = outputNames;
  if (only === undefined) return new Map();
  if (outputNames.length === 1) return new Map([[only, output]]);
  const members = toMembers(output, outputNames);
  const unknown = Object.keys(members).find((name) => !outputNames.includes(name));
  if (unknown !== undefined) {
    const suggestion = suggestName(unknown, outputNames);
    const advice =
      suggestion === undefined ? `Its outputs: ${outputNames.join(", ")}.` : `Did you mean "${suggestion}"?`;
    throw invalid(`The function returned "${unknown}", which is no output of the step. ${advice}`, { output: unknown });
  }
  const missing = outputNames.find((name) => !Object.hasOwn(members, name));
  if (missing !== undefined) {
    throw invalid(`The function returned nothing for the output "${missing}". Return [] for no rows.`, {
      output: missing,
    });
  }
  return new Map(outputNames.map((name) => [name, members[name]]));
}

function toMembers(output: unknown, outputNames: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof output === "object" && output !== null) {
    const isOneOutput = isIterable(output) || isAsyncIterable(output) || isArrowTable(output) || isArrowBatch(output);
    if (!isOneOutput) return output as Readonly<Record<string, unknown>>;
  }
  const expected = `{ ${outputNames.join(", ")} }`;
  throw invalid(`The step has ${outputNames.length} outputs: return ${expected}, not ${describeValue(output)}.`, {
    expected,
  });
}

function invalid(message: string, context: Readonly<Record<string, unknown>>): TerminalError {
  return new TerminalError({ code: "STEP_OUTPUT_INVALID", fault: "caller", message, context });
}
