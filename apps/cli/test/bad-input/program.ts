// The real program on bad input: how it ended, what it said, and what it cost, measured inside the process.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entry } from "../millrace.ts";

/** How a command line ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** User and system time of all its processes: what else the machine does hardly changes it. */
  readonly cpuMs: number;
  readonly peakRssBytes: number;
}

/** Where and how a command line is started. */
export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called once the process is there, with a promise of its end. */
  readonly meanwhile?: (ended: Promise<unknown>) => Promise<void>;
}

/** Processes at a time: the machine of CI has two cores. */
const processesAtOnce = 2;
/** A process that is still there after this hangs: it is killed, which no test expects. */
const hangMs = 120_000;

/**
 * Appends what each process used to a file as it exits. The peak is that of its own memory map: `maxRSS` begins with
 * what the process that started it had.
 */
const meter = `data:text/javascript,${encodeURIComponent(`
  import { appendFileSync, readFileSync } from "node:fs";
  const file = process.env.BAD_INPUT_METER;
  process.on("exit", () => {
    const { user, system } = process.cpuUsage();
    const peakKb = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    appendFileSync(file, JSON.stringify({ cpuMs: (user + system) / 1000, peakRssBytes: peakKb * 1024 }) + "\\n");
  });
`)}`;

/** One folder for all processes of a test file: what was compiled once is not compiled again. */
const compileCache = mkdtempSync(join(tmpdir(), "millrace-compiled-"));

const waiting: (() => void)[] = [];
let running = 0;

/** Runs a command line to its end, after those that were asked for before. */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<Ending> {
  if (running >= processesAtOnce) await new Promise<void>((resolve) => void waiting.push(resolve));
  running += 1;
  try {
    return await start(args, options);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

async function start(args: readonly string[], { cwd, env = {}, meanwhile }: ProgramOptions): Promise<Ending> {
  const meterFile = join(mkdtempSync(join(tmpdir(), "millrace-meter-")), "usage.ndjson");
  const child = spawn(process.execPath, [`--import=${meter}`, entry, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], BAD_INPUT_METER: meterFile, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (chunk: string) => (text[name] += chunk));
  const hang = setTimeout(() => child.kill("SIGKILL"), hangMs);
  const ended = new Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status, signal) => resolve({ status, signal }));
    },
  );
  await meanwhile?.(ended);
  const end = await ended;
  clearTimeout(hang);
  return { ...end, ...text, ...readMeter(meterFile) };
}

function readMeter(file: string): Pick<Ending, "cpuMs" | "peakRssBytes"> {
  const usages = (existsSync(file) ? readFileSync(file, "utf8") : "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Pick<Ending, "cpuMs" | "peakRssBytes">);
  return {
    cpuMs: usages.reduce((sum, usage) => sum + usage.cpuMs, 0),
    peakRssBytes: Math.max(0, ...usages.map((usage) => usage.peakRssBytes)),
  };
}
