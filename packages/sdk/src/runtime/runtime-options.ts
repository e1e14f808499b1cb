import { resolve } from "node:path";
import {
  createIdSource,
  createRedactor,
  mapSecretProvider,
  noFaults,
  silentLogger,
  systemClock,
  TerminalError,
} from "@millrace/foundation";
import type { Redactor, SecretSource } from "@millrace/foundation";
import type {
  Adapter,
  Clock,
  ComputeEngine,
  EventSink,
  FaultPoints,
  IdSource,
  JsonObject,
  Logger,
  SecretProvider,
  StepHandler,
} from "@millrace/protocols";
import { createListeners } from "../builder/events.ts";
import type { PipelineHooks, PipelineListeners } from "../builder/events.ts";
import { createFunctionRegistry } from "./function-registry.ts";
import type { FunctionRegistry, FunctionTree } from "./function-registry.ts";
import type { LimitOptions } from "./limits.ts";

/** What a runtime is made of. Nothing is found by itself: no environment variable, file or service is looked for. */
export interface RuntimeOptions extends LimitOptions {
  /** What computes; the first runs steps that name no other. Closed with the runtime: give each runtime its own. */
  readonly compute: readonly ComputeEngine[];
  /** What reaches outside systems, by URI scheme. */
  readonly adapters?: readonly Adapter[];
  /** Step types of one's own. */
  readonly handlers?: readonly StepHandler[];
  /** Functions that steps name. */
  readonly functions?: FunctionRegistry | FunctionTree;
  /** Folder from which data paths count. @defaultValue the working folder */
  readonly projectRoot?: string;
  /** Folder of committed datasets and runs; made on the first run. @defaultValue `<projectRoot>/.millrace` */
  readonly stateDir?: string;
  /** File of the source lock: read where it is there, written by `types` and the first run. @defaultValue none */
  readonly lockFile?: string;
  /** Values of parameters for every pipeline that declares them. */
  readonly params?: JsonObject;
  /** Answers `secret:NAME` in connections; every value is kept out of logs, events and records. */
  readonly secrets?: SecretSource;
  /** Names of secrets that may have fewer than 8 characters. Such a value hides other text wherever it occurs. */
  readonly allowShortSecrets?: readonly string[];
  /** Answers `${env.NAME}` in paths and params. @defaultValue every variable is unset */
  readonly variables?: (name: string) => string | undefined;
  readonly logger?: Logger;
  /** Receives the events of all runs, in their wire form. */
  readonly events?: EventSink;
  /** Functions that are told of the events of all runs: `{ nodeError: (event) => … }`. */
  readonly hooks?: PipelineHooks;
  readonly clock?: Clock;
  readonly ids?: IdSource;
  readonly faultPoints?: FaultPoints;
}

/** Options, complete. */
export interface ResolvedRuntimeOptions {
  readonly compute: readonly [ComputeEngine, ...ComputeEngine[]];
  readonly adapters: readonly Adapter[];
  readonly handlers: readonly StepHandler[];
  readonly functions: FunctionRegistry;
  readonly projectRoot: string;
  readonly stateDir: string;
  readonly lockFile: string | undefined;
  readonly params: JsonObject;
  readonly secrets: SecretProvider;
  readonly variables: (name: string) => string | undefined;
  readonly allowShortSecrets: readonly string[];
  readonly redactor: Redactor;
  readonly hooks: PipelineListeners;
  readonly logger: Logger;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly faultPoints: FaultPoints;
  readonly limits: LimitOptions;
}

const quiet: EventSink = { emit: () => undefined };

/** @throws MillraceError `ENGINE_UNKNOWN` where no compute is passed. */
export function resolveRuntimeOptions(options: RuntimeOptions): ResolvedRuntimeOptions {
  const [first, ...others] = options.compute;
  if (first === undefined) {
    throw new TerminalError({
      code: "ENGINE_UNKNOWN",
      fault: "config",
      message: "createRuntime: `compute` is empty. Pass one, such as createRuntime({ compute: [duckdb()] }).",
    });
  }
  const projectRoot = resolve(options.projectRoot ?? ".");
  const { workers, threads, memory, timeout } = options;
  return {
    compute: [first, ...others],
    adapters: options.adapters ?? [],
    handlers: options.handlers ?? [],
    functions: isRegistry(options.functions) ? options.functions : createFunctionRegistry(options.functions),
    projectRoot,
    stateDir: resolve(projectRoot, options.stateDir ?? ".millrace"),
    lockFile: options.lockFile === undefined ? undefined : resolve(projectRoot, options.lockFile),
    params: options.params ?? {},
    secrets: mapSecretProvider(options.secrets ?? {}),
    variables: options.variables ?? (() => undefined),
    allowShortSecrets: options.allowShortSecrets ?? [],
    redactor: createRedactor(),
    hooks: createListeners(options.hooks),
    logger: options.logger ?? silentLogger,
    events: options.events ?? quiet,
    clock: options.clock ?? systemClock,
    ids: options.ids ?? createIdSource(),
    faultPoints: options.faultPoints ?? noFaults,
    limits: {
      ...(workers === undefined ? {} : { workers }),
      ...(threads === undefined ? {} : { threads }),
      ...(memory === undefined ? {} : { memory }),
      ...(timeout === undefined ? {} : { timeout }),
    },
  };
}

function isRegistry(functions: RuntimeOptions["functions"]): functions is FunctionRegistry {
  return typeof functions?.["names"] === "function" && typeof functions["register"] === "function";
}
