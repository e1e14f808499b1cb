import { faultPoints } from "@millrace/protocols";
import type { Clock, FaultAction, FaultPointName, FaultPoints } from "@millrace/protocols";
import { TerminalError } from "./error.ts";
import { suggestName } from "./suggestion.ts";
import { noFaults, systemClock } from "./world.ts";

/** What a process does when a fault ends it. An action without its handler is refused when the text is parsed. */
export interface FaultHandlers {
  /** Ends this process as `kill -9` does. */
  readonly onKill?: () => void;
  /** Ends this process and its supervisor as `kill -9` does. */
  readonly onKillTree?: () => void;
  /** Sends SIGTERM to this process. */
  readonly onTerm?: () => void;
  /** Exits with code 1. */
  readonly onExit?: () => void;
  /** Told of each fault before it happens, so that a supervisor does not set it again. */
  readonly onFire?: (text: string) => void;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock;
}

interface Fault {
  readonly text: string;
  readonly point: FaultPointName;
  readonly hit: number;
  readonly action: FaultAction;
  passes: number;
}

const plainActions = ["kill", "kill-tree", "term", "exit", "throw", "eio", "enospc"] as const;

/**
 * Fault points that act as a text says: `point:n:action`, several separated by commas, each at its n-th hit and once.
 *
 * @param spec - Value of `MILLRACE_FAULT`. Undefined or empty: no faults, at no cost.
 * @throws MillraceError `CONFIG_VALUE_INVALID` for a point, a number or an action that is not known.
 * @example createFaultPoints("manifest.commit:2:kill", { onKill: () => process.kill(process.pid, "SIGKILL") })
 */
export function createFaultPoints(spec: string | undefined, handlers: FaultHandlers = {}): FaultPoints {
  if (spec === undefined || spec.trim() === "") return noFaults;
  const faults = spec.split(",").map((text) => parseFault(text.trim(), handlers));
  const clock = handlers.clock ?? systemClock;
  return {
    pass(point) {
      const here = faults.filter((fault) => fault.point === point);
      for (const fault of here) fault.passes += 1;
      const due = here.filter((fault) => fault.passes === fault.hit);
      // Points are passed often and fire once: no promise where nothing is due.
      return due.length === 0 ? undefined : fire(due, handlers, clock);
    },
  };
}

async function fire(due: readonly Fault[], handlers: FaultHandlers, clock: Clock): Promise<void> {
  for (const fault of due) {
    handlers.onFire?.(fault.text);
    if (fault.action.startsWith("sleep=")) await clock.sleep(Number(fault.action.slice("sleep=".length)));
    else act(fault, handlers);
  }
}

function act(fault: Fault, handlers: FaultHandlers): void {
  switch (fault.action) {
    case "kill":
      return handlers.onKill?.();
    case "kill-tree":
      return handlers.onKillTree?.();
    case "term":
      return handlers.onTerm?.();
    case "exit":
      return handlers.onExit?.();
    case "eio":
      throw systemError("EIO", "i/o error", fault);
    case "enospc":
      throw systemError("ENOSPC", "no space left on device", fault);
    case "throw":
    default:
      throw new Error(`Fault at ${fault.point}`);
  }
}

/** Looks like what Node throws, so that the code under test takes its real path. */
function systemError(code: string, text: string, fault: Fault): Error {
  return Object.assign(new Error(`${code}: ${text}, fault at ${fault.point}`), { code, syscall: "write" });
}

function parseFault(text: string, handlers: FaultHandlers): Fault {
  const [name = "", count = "", action = "", ...rest] = text.split(":");
  const known = faultPoints.map((point) => point.name);
  const point = known.find((candidate) => candidate === name);
  if (point === undefined)
    throw invalid(text, `no fault point "${name}"`, suggestName(name, known) ?? known.join(", "));
  if (!/^[1-9]\d{0,8}$/.test(count)) throw invalid(text, `"${count}" is not a hit`, "1, 2, 3, …");
  if (rest.length > 0 || !isAction(action))
    throw invalid(text, `no action "${[action, ...rest].join(":")}"`, `${plainActions.join(", ")}, sleep=<ms>`);
  const handler = { kill: "onKill", "kill-tree": "onKillTree", term: "onTerm", exit: "onExit" } as const;
  if (action in handler && handlers[handler[action as keyof typeof handler]] === undefined)
    throw invalid(text, `this process cannot ${action}`, "throw, eio, enospc, sleep=<ms>");
  return { text, point, hit: Number(count), action, passes: 0 };
}

function isAction(text: string): text is FaultAction {
  return plainActions.some((action) => action === text) || /^sleep=\d{1,9}$/.test(text);
}

function invalid(text: string, problem: string, expected: string): TerminalError {
  return new TerminalError({
    code: "CONFIG_VALUE_INVALID",
    fault: "config",
    message: `Fault "${text}": ${problem}. Write point:n:action; expected ${expected}.`,
    context: { fault: text, expected },
  });
}
