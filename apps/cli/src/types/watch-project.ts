import { watch } from "node:fs";
import { sep } from "node:path";
import type { Io } from "../io.ts";

/** Editors write in bursts: one refresh is enough. */
const quietMs = 150;
const left = /(^|[/\\])(node_modules|\.git|\.millrace|dist)([/\\]|$)|millrace-env\.d\.ts|millrace\.lock\.json|\.tmp$/;

/**
 * Calls a function after each change of a file in a project, until Ctrl-C. What is generated, installed or state does
 * not count.
 */
export async function watchProject(
  folder: string,
  options: { readonly io: Io; readonly ignored: readonly string[]; readonly onChange: (file: string) => Promise<void> },
): Promise<void> {
  const stop = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const watcher = watch(folder, { recursive: true }, (_, name) => {
    if (name === null || left.test(name) || options.ignored.some((one) => `${folder}${sep}${name}`.startsWith(one))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(() => options.onChange(name));
    }, quietMs);
  });
  const release = options.io.onSignal(() => stop.resolve());
  watcher.on("error", (error) => stop.reject(error));
  try {
    await stop.promise;
  } finally {
    clearTimeout(timer);
    watcher.close();
    release();
    await running;
  }
}
