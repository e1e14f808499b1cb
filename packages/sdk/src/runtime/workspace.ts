import { createDuckdbAnalyzer } from "@millrace/dialect";
import { bindDag, buildDag } from "@millrace/engine";
import type { EngineEnvironment } from "@millrace/engine";
import { digestOf, TerminalError } from "@millrace/foundation";
import type { BoundDag, ComputeEngine, Dag, Issue, JsonObject, RunLimits, SourceLock } from "@millrace/protocols";
import { pipelineState } from "../builder/pipeline.ts";
import { validateParams } from "../builder/param-schema.ts";
import type { LoadedCode } from "../module/load-module.ts";
import { createFunctionResolver } from "./function-resolver.ts";
import { computeMemoryBytes, resolveLimits } from "./limits.ts";
import type { LimitOptions } from "./limits.ts";
import { openSession } from "./open-session.ts";
import type { ResolvedRuntimeOptions } from "./runtime-options.ts";
import { sandboxPaths } from "./sandbox-paths.ts";
import { createRuntimeSecrets, withSecrets, withStepSecrets } from "./secret-wiring.ts";
import type { SessionLease, SessionPool } from "./session-pool.ts";

/** How a pipeline is bound. */
export interface BindSettings extends LimitOptions {
  readonly params?: JsonObject;
  /** Logical time: what `now()` gives in every step. @defaultValue the clock's time */
  readonly at?: Date | string;
  /** `lock`: sources that the lock knows are not read. `live`: they are read and compared with it. @defaultValue "live" */
  readonly sources?: "lock" | "live";
  /** @defaultValue what `lockFile` of the runtime holds */
  readonly lock?: SourceLock;
  /** Same bytes for the same inputs: one thread, order kept. @defaultValue false */
  readonly deterministic?: boolean;
  /** Confines the compute to the sources and targets that the pipeline names, and refuses code steps. @defaultValue false */
  readonly sandbox?: boolean;
  /** Warnings are errors. @defaultValue false */
  readonly strict?: boolean;
  /** Parameters that have no value count as null instead of missing: for checks, where nothing runs. @defaultValue false */
  readonly allowMissingParams?: boolean;
}

/** Settings with the lock that counts, if there is one. */
export type LockedSettings<T extends BindSettings> = Omit<T, "lock"> & { readonly lock: SourceLock | undefined };

/** A pipeline on its way: loaded, with the session in which it is bound, planned and run. */
export interface Workspace extends AsyncDisposable {
  readonly loaded: LoadedCode;
  readonly environment: EngineEnvironment;
  readonly limits: RunLimits;
  readonly logicalTime: Date;
  readonly deterministic: boolean;
  readonly sandbox: boolean;
}

/** What binding gave. */
export interface Binding {
  /** Undefined where the definition itself is not valid. */
  readonly dag: Dag | undefined;
  readonly bound: BoundDag | undefined;
  readonly issues: readonly Issue[];
}

/** Opens a pipeline for binding. The session is opened when it is first needed. */
export function openWorkspace(
  loaded: LoadedCode,
  settings: BindSettings,
  { options, pool }: { readonly options: ResolvedRuntimeOptions; readonly pool: SessionPool },
): Workspace {
  const compute = pickCompute(loaded, options.compute);
  const limits = resolveLimits(settings, options.limits, loaded.spec);
  const logicalTime = resolveTime(settings.at, options);
  const deterministic = settings.deterministic ?? false;
  const kind = {
    threads: deterministic ? 1 : limits.threads,
    memoryBytes: computeMemoryBytes(limits),
    logicalTime,
    deterministic,
  };
  const acquire = async (): Promise<SessionLease> => {
    const { spec } = loaded;
    const sandbox =
      settings.sandbox === true && spec !== undefined ? { sandbox: await sandboxPaths(spec, options) } : {};
    const confined = { ...kind, ...sandbox };
    return pool.acquire(digestOf({ ...confined, compute: compute.name }), () =>
      openSession(compute, confined, options),
    );
  };
  let lease: Promise<SessionLease> | undefined;
  const secrets = createRuntimeSecrets(options);
  return {
    loaded,
    limits,
    logicalTime,
    deterministic,
    sandbox: settings.sandbox ?? false,
    environment: {
      projectRoot: options.projectRoot,
      ...(loaded.file === undefined ? {} : { pipelineFile: loaded.file }),
      session: async () => {
        lease ??= acquire();
        return (await lease).session;
      },
      compute,
      analyzer: createDuckdbAnalyzer({ trees: compute }),
      adapters: options.adapters.map((adapter) => withSecrets(adapter, secrets)),
      handlers: options.handlers.map((handler) => withStepSecrets(handler, secrets)),
      functions: createFunctionResolver(options.functions, loaded.functions),
      logger: options.logger,
      clock: options.clock,
      ids: options.ids,
      faultPoints: options.faultPoints,
    },
    [Symbol.asyncDispose]: async () => {
      // One that did not open said so to who asked for it.
      const opened = await lease?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}

/** Finds columns and types of every step. What an author can mend comes back as issues. */
export async function bindWorkspace(
  { loaded, environment }: Workspace,
  settings: LockedSettings<BindSettings>,
  defaults: JsonObject,
): Promise<Binding> {
  if (loaded.spec === undefined) return { dag: undefined, bound: undefined, issues: loaded.issues };
  const { dag, issues } = buildDag(loaded.spec);
  const placed = issues.map((issue) => withPosition(issue, loaded));
  if (dag === undefined) return { dag, bound: undefined, issues: [...loaded.issues, ...placed] };
  const { params, issues: wrong } = await resolveParams(loaded, settings, defaults);
  const bound = await bindDag(dag, environment, {
    params,
    sources: settings.sources ?? "live",
    locate: (path, offset) => loaded.locate(path, offset),
    ...(settings.lock === undefined ? {} : { lock: settings.lock }),
    ...(settings.sandbox === undefined ? {} : { sandbox: settings.sandbox }),
  });
  const all = [...loaded.issues, ...placed, ...wrong, ...bound.issues.map((issue) => withPosition(issue, loaded))];
  return { dag, bound, issues: settings.strict === true ? all.map(toError) : all };
}

function withPosition(issue: Issue, loaded: LoadedCode): Issue {
  const position = issue.position ?? loaded.locate(issue.path);
  return position === undefined ? issue : { ...issue, position };
}

/** A warning as `strict` sees it. */
function toError(issue: Issue): Issue {
  return issue.severity === "warning" ? { ...issue, severity: "error" } : issue;
}

async function resolveParams(
  loaded: LoadedCode,
  { params = {}, allowMissingParams = false }: Pick<BindSettings, "params" | "allowMissingParams">,
  defaults: JsonObject,
): Promise<{ readonly params: JsonObject; readonly issues: readonly Issue[] }> {
  const declared = loaded.spec?.params ?? {};
  const known = Object.entries(defaults).filter(([name]) => Object.hasOwn(declared, name));
  const given: JsonObject = { ...Object.fromEntries(known), ...params };
  const schema = loaded.pipeline === undefined ? undefined : pipelineState(loaded.pipeline).definition.paramSchema;
  const missing = allowMissingParams
    ? Object.keys(declared).filter((name) => declared[name]?.default === undefined && !Object.hasOwn(given, name))
    : [];
  const filled = Object.fromEntries(missing.map((name) => [name, null]));
  if (schema === undefined || missing.length > 0) return { params: { ...filled, ...given }, issues: [] };
  const checked = await validateParams(schema, given, declared);
  // Refused once: nulls in their place let everything else be checked.
  return checked.issues.length === 0
    ? checked
    : { params: Object.fromEntries(Object.keys(declared).map((name) => [name, null])), issues: checked.issues };
}

function pickCompute({ spec }: LoadedCode, computes: ResolvedRuntimeOptions["compute"]): ComputeEngine {
  const asked = new Set(spec?.steps.map(({ engine }) => engine));
  return computes.find(({ name }) => asked.has(name)) ?? computes[0];
}

function resolveTime(at: Date | string | undefined, { clock }: ResolvedRuntimeOptions): Date {
  if (at === undefined) return clock.now();
  const time = typeof at === "string" ? new Date(at) : at;
  if (!Number.isNaN(time.getTime())) return time;
  throw new TerminalError({
    code: "PARAMETER_INVALID",
    fault: "config",
    message: `at: ${JSON.stringify(String(at))} is no time. Write ISO 8601, such as 2026-01-31 or 2026-01-31T06:00:00Z.`,
  });
}
