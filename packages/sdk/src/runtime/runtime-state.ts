import { TerminalError } from "@millrace/foundation";
import type { AdapterContext, ByteStore, DatasetStore } from "@millrace/protocols";
import { createDatasetStore, createLocalAppender, createRunStore, ensureStateFolder } from "@millrace/state";
import type { RunFolder, RunStore } from "@millrace/state";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";

/** The state folder: committed datasets, and a folder for each run. */
export interface RuntimeState {
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  /** Makes the state folder where it is not there, and the folder of a new run in it. */
  openRun(runId: string): Promise<RunFolder>;
}

/** Opens the state folder of a runtime. Nothing is made before a run needs it. */
export function openRuntimeState(options: ResolvedRuntimeOptions): RuntimeState {
  const { stateDir, faultPoints } = options;
  let datasets: DatasetStore | undefined;
  let runs: RunStore | undefined;
  return {
    get datasets() {
      datasets ??= openDatasetFolder(stateDir, options);
      return datasets;
    },
    get runs() {
      runs ??= createRunStore({
        store: openStore(stateDir, options),
        faultPoints,
        appender: createLocalAppender(stateDir),
      });
      return runs;
    },
    async openRun(runId) {
      await ensureStateFolder(stateDir);
      return this.runs.create(runId);
    },
  };
}

/** Committed datasets below a folder. */
export function openDatasetFolder(folder: string, options: ResolvedRuntimeOptions): DatasetStore {
  const { clock, ids, faultPoints } = options;
  return createDatasetStore({ store: openStore(folder, options), clock, ids, faultPoints });
}

function openStore(folder: string, { adapters, projectRoot, logger, faultPoints }: ResolvedRuntimeOptions): ByteStore {
  const adapter = adapters.find(({ schemes }) => schemes.includes("file"));
  const context: AdapterContext = { projectRoot, logger, faultPoints };
  if (adapter !== undefined) return adapter.openByteStore(folder, context);
  throw new TerminalError({
    code: "ADAPTER_UNKNOWN",
    fault: "config",
    message: `The state folder ${folder} needs an adapter for files. Pass one, such as createRuntime({ adapters: [files()] }).`,
    context: { scheme: "file" },
  });
}
