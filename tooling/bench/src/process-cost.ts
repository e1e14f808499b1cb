import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/** What one process cost, with everything it started. */
export interface ProcessCost {
  readonly exitCode: number;
  readonly wallMs: number;
  /** User and system time of the process and of its children that ended. */
  readonly cpuMs: number;
  /** Highest sum of resident memory of the tree, sampled every 20 ms. */
  readonly peakBytes: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is started. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const timing = "@@millrace-bench ";

/**
 * Runs a command to its end and accounts for it. CPU time comes from bash's `time`, which reads what the kernel
 * accounted for ended children; Node offers no such figure for a child.
 */
export async function runProcess(command: readonly string[], options: ProcessOptions = {}): Promise<ProcessCost> {
  const started = process.hrtime.bigint();
  const child = spawn("bash", ["-c", `TIMEFORMAT='${timing}%3U %3S'; time "$@"`, "bash", ...command], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  let peakBytes = 0;
  const ended = new AbortController();
  const sampling = (async (): Promise<void> => {
    while (!ended.signal.aborted) {
      peakBytes = Math.max(peakBytes, await treeBytes(child.pid ?? 0));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const exitCode = await new Promise<number>((resolve, reject) =>
    child.on("error", reject).on("close", (code) => resolve(code ?? 1)),
  );
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  ended.abort();
  await sampling;
  const line = stderr.split("\n").findLast((one) => one.startsWith(timing));
  const [user = 0, system = 0] = (line ?? "").slice(timing.length).split(" ").map(Number);
  return {
    exitCode,
    wallMs,
    cpuMs: (user + system) * 1000,
    peakBytes,
    stdout,
    stderr: stderr.replace(`${line ?? ""}\n`, ""),
  };
}

/** Resident memory of a process and all below it; 0 where the system has no /proc. */
async function treeBytes(root: number): Promise<number> {
  const children = new Map<number, number[]>();
  const pages = new Map<number, number>();
  const entries = await readdir("/proc").catch(() => []);
  await Promise.all(
    entries.map(async (entry) => {
      if (!/^\d+$/.test(entry)) return;
      // A process may end between listing and reading.
      const text = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      const parent = Number(fields[1]);
      pages.set(Number(entry), Number(fields[21] ?? 0));
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    }),
  );
  let total = 0;
  const queue = [root];
  for (const id of queue) {
    total += pages.get(id) ?? 0;
    queue.push(...(children.get(id) ?? []));
  }
  return total * 4096;
}
