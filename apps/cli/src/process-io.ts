import type { Io, OutputStream } from "./io.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The real process as `Io`. A reader that went away (`| head`) ends the output, never the command. */
export function createProcessIo(): Io {
  const stdout = guardStream(() => process.stdout);
  const stderr = guardStream(() => process.stderr);
  return {
    environment: process.env,
    stdout: stdout.guarded,
    stderr: stderr.guarded,
    note: (text) => stderr.writeForeign(text),
    workingFolder: () => process.cwd(),
    onSignal: (listener) => {
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
    onForeignOutput: (listener) => {
      const release = [stdout, stderr].map((stream) =>
        stream.divert((chunk) => listener(() => stream.writeRaw(chunk))),
      );
      return () => {
        for (const one of release) one();
      };
    },
    reserveStdout: () => {
      stdout.divert((chunk) => stderr.writeRaw(chunk));
    },
    runAgain: (argv) =>
      new Promise((resolve, reject) => {
        // Loaded when it is needed: a start that needs it not is quicker by a millisecond.
        const { spawn } = process.getBuiltinModule("node:child_process");
        const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...argv], {
          stdio: ["ignore", 2, 2],
        });
        child.once("error", reject);
        child.once("exit", (code) => resolve(code ?? 50));
      }),
    exit: (code) => process.exit(code),
  };
}

type Chunk = string | Uint8Array;

interface GuardedStream {
  readonly guarded: OutputStream;
  /** Writes past a diversion. */
  writeRaw(chunk: Chunk): void;
  /** Writes as others do, so that a diversion takes it. */
  writeForeign(text: string): void;
  /** Gives what others write to a function instead, until the function that it returns is called. */
  divert(take: (chunk: Chunk) => void): () => void;
}

/** Opening a standard stream costs a millisecond, so it waits for the first use. */
function guardStream(open: () => NodeJS.WriteStream): GuardedStream {
  let isOpen = true;
  let opened: { readonly stream: NodeJS.WriteStream; readonly write: (chunk: Chunk) => unknown } | undefined;
  const get = (): NonNullable<typeof opened> => {
    if (opened !== undefined) return opened;
    const stream = open();
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // EPIPE: the reader is gone. EBADF, EIO: the stream was closed before the start, or its terminal is gone.
      if (!["EPIPE", "EBADF", "EIO", "ERR_STREAM_DESTROYED"].includes(error.code ?? "")) throw error;
      isOpen = false;
    });
    // Bound now: a command may turn what modules print elsewhere by replacing `write` of the stream.
    opened = { stream, write: stream.write.bind(stream) };
    return opened;
  };
  const writeRaw = (chunk: Chunk): void => {
    if (isOpen) get().write(chunk);
  };
  const guarded: OutputStream = {
    get isTTY() {
      return get().stream.isTTY;
    },
    get columns() {
      return get().stream.columns;
    },
    get rows() {
      return get().stream.rows;
    },
    write: writeRaw,
  };
  return {
    guarded,
    writeRaw,
    writeForeign: (text) => {
      if (isOpen) get().stream.write(text);
    },
    divert: (take) => {
      const { stream } = get();
      const before = Object.getOwnPropertyDescriptor(stream, "write");
      stream.write = (chunk: Chunk, ...rest: readonly unknown[]) => {
        take(chunk);
        const done = rest.find((argument) => typeof argument === "function") as (() => void) | undefined;
        if (done !== undefined) queueMicrotask(done);
        return true;
      };
      return () => {
        // Without an own property, the stream's class writes again.
        if (before === undefined) Reflect.deleteProperty(stream, "write");
        else Object.defineProperty(stream, "write", before);
      };
    },
  };
}
