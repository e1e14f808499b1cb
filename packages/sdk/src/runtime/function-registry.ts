import { suggestName, TerminalError } from "@millrace/foundation";
import type { RowFunction, StepFunction } from "@millrace/protocols";

/** A function that a step may name. */
export type NamedFunction = StepFunction | RowFunction;

/** Functions by name, nested as far as one likes: `{ thermo: { steam: { calc_enthalpy } } }` is `thermo.steam.calc_enthalpy`. */
export interface FunctionTree {
  readonly [name: string]: NamedFunction | FunctionTree;
}

/** Functions that steps name in `value`, by dotted names. */
export interface FunctionRegistry {
  /** Adds a function. @throws MillraceError `DEFINITION_INVALID_NAME` where the name is taken or cannot be used. */
  register(name: string, fn: NamedFunction): void;
  /** The function of a name, or undefined. */
  get(name: string): NamedFunction | undefined;
  /** All names, sorted. */
  names(): readonly string[];
}

const goodName = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** A registry of its own: two in one process never meet. */
export function createFunctionRegistry(functions: FunctionTree = {}): FunctionRegistry {
  const known = new Map<string, NamedFunction>();
  const registry: FunctionRegistry = {
    register(name, fn) {
      if (!goodName.test(name))
        throw invalid(name, "cannot be used: write letters, digits and _, in parts joined by points");
      if (known.has(name)) throw invalid(name, "is registered already");
      if (typeof fn !== "function") throw invalid(name, `is no function, but ${typeof fn}`);
      known.set(name, fn);
    },
    get: (name) => known.get(name),
    names: () => [...known.keys()].toSorted(),
  };
  addAll(functions, "", registry);
  return registry;
}

function addAll(tree: FunctionTree, prefix: string, registry: FunctionRegistry): void {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === "object" && value !== null) addAll(value, `${prefix}${name}.`, registry);
    else registry.register(`${prefix}${name}`, value);
  }
}

function invalid(name: string, problem: string): TerminalError {
  return new TerminalError({
    code: "DEFINITION_INVALID_NAME",
    fault: "config",
    message: `The function name ${JSON.stringify(name)} ${problem}.`,
    context: { name },
  });
}

/** What stands beside a name that is not there: the nearest one. @internal */
export function didYouMean(received: string, names: Iterable<string>): string {
  const suggestion = suggestName(received, names);
  return suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
}
