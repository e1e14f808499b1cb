import type {
  Adapter,
  Clock,
  ComputeEngine,
  ComputeSession,
  FaultPoints,
  FunctionResolver,
  IdSource,
  Logger,
  SqlAnalyzer,
  StepHandler,
} from "@millrace/protocols";

/** What binding, planning and running share. Built once by the runtime; holds no state of a run. */
export interface EngineEnvironment {
  /** Folder that data paths resolve from. */
  readonly projectRoot: string;
  /** File that the pipeline was read from: `./module.ts#export` resolves from its folder. */
  readonly pipelineFile?: string;
  /** The compute session; opened on first call. */
  readonly session: () => Promise<ComputeSession>;
  readonly compute: ComputeEngine;
  readonly analyzer: SqlAnalyzer;
  readonly adapters: readonly Adapter[];
  readonly handlers: readonly StepHandler[];
  readonly functions: FunctionResolver;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly faultPoints: FaultPoints;
}
