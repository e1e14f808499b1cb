import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ErrorCode, Issue, RowFunction, StepFunction } from "@millrace/protocols";
import { TerminalError } from "@millrace/foundation";
import type { CallSite } from "./call-site.ts";
import { isDataset, isOwnedBy } from "./dataset.ts";
import type { FragmentPiece } from "./fragment.ts";
import { toUnknown } from "./lower-options.ts";
import type { PipelineOptions } from "./options.ts";
import { paramsOfSchema } from "./param-schema.ts";

/** A pipeline in the wire's form, before the loader has checked it. */
interface PipelineDocument {
  readonly name: string;
  readonly description?: string;
  readonly steps: readonly object[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly policy: object;
  readonly returns: readonly string[];
}

/** Where the SQL of a step was written. */
export type SqlOrigin =
  | { readonly kind: "text" }
  | { readonly kind: "fragment"; readonly pieces: readonly FragmentPiece[] }
  | { readonly kind: "file"; readonly file: string };

/** Where a step was written. */
export interface StepOrigin {
  readonly site: CallSite | undefined;
  readonly sql?: SqlOrigin;
}

/** Everything that a builder callback said. Plain data and functions; holds no state of a run. */
export interface PipelineDefinition {
  /** `builder`: policies have camelCase names. `rows`: everything has the wire's names. */
  readonly form: "builder" | "rows";
  readonly document: PipelineDocument;
  /** Where `pipeline(…)` was called. */
  readonly site: CallSite | undefined;
  /** One for each step, in order. */
  readonly origins: readonly StepOrigin[];
  /** Inline functions by step name. */
  readonly functions: ReadonlyMap<string, StepFunction | RowFunction>;
  /** Dataset key of each returned dataset, by the name under which it was returned. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly paramSchema?: StandardSchemaV1;
  readonly issues: readonly Issue[];
}

/** A step that a builder function adds. */
export interface DraftStep {
  readonly row: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly origin: StepOrigin;
  readonly fn?: StepFunction | RowFunction;
}

const policyKeys: readonly string[] = [
  "retry",
  "timeout",
  "stepTimeout",
  "onError",
  "workers",
  "levelBarrier",
  "requireGuarantee",
];

/** Collects what a builder callback says. */
export class PipelineDraft {
  readonly #name: string;
  readonly #site: CallSite | undefined;
  readonly #options: PipelineOptions<StandardSchemaV1>;
  readonly #steps: DraftStep[] = [];
  readonly #issues: Issue[] = [];
  #finished = false;

  constructor(name: string, options: PipelineOptions<StandardSchemaV1>, site: CallSite | undefined) {
    this.#name = name;
    this.#options = options;
    this.#site = site;
  }

  /** Folder-relative things resolve from here. */
  get file(): string | undefined {
    return this.#site?.file;
  }

  add(step: DraftStep): void {
    if (this.#finished) {
      throw new TerminalError({
        code: "DEFINITION_NOT_PURE",
        fault: "config",
        message: `Step "${step.row.name}" is added to "${this.#name}" after its callback returned. Add all steps before it returns; the callback cannot be async.`,
        context: { step: step.row.name },
      });
    }
    this.#steps.push(step);
  }

  /** Notes what is wrong with the step that is added next. */
  report(issue: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly step: string;
    readonly suggestion?: string;
    readonly site: CallSite | undefined;
    readonly path?: readonly string[];
  }): void {
    const { site, path = [], ...rest } = issue;
    this.#issues.push({
      severity: "error",
      ...rest,
      path: ["steps", this.#steps.length, ...path],
      ...(site === undefined ? {} : { position: site }),
    });
  }

  finish(outputs: unknown): PipelineDefinition {
    this.#finished = true;
    if (outputs instanceof Promise) {
      // A rejection would otherwise end the process.
      outputs.catch(() => undefined);
      throw new TerminalError({
        code: "DEFINITION_NOT_PURE",
        fault: "config",
        message: `The callback of pipeline "${this.#name}" is async. Read what it needs before, at the top of the module.`,
      });
    }
    const { params: schema, description, ...policy } = this.#options;
    const site = this.#site === undefined ? {} : { position: this.#site };
    for (const key of Object.keys(policy).filter((name) => !policyKeys.includes(name))) {
      const { message, ...hint } = toUnknown(key, ["params", "description", ...policyKeys]);
      const code = "DEFINITION_UNKNOWN_KEY";
      this.#issues.push({ severity: "error", code, message, path: ["policy", key], ...site, ...hint });
    }
    const returned = this.#outputs(outputs);
    return {
      form: "builder",
      document: {
        name: this.#name,
        ...(description === undefined ? {} : { description }),
        steps: this.#steps.map(({ row }) => row),
        params:
          schema === undefined
            ? {}
            : paramsOfSchema(
                schema,
                this.#steps.map(({ row }) => row["value"]),
              ),
        policy: Object.fromEntries(Object.entries(policy).filter(([key]) => policyKeys.includes(key))),
        returns: [...new Set(Object.values(returned))],
      },
      site: this.#site,
      origins: this.#steps.map(({ origin }) => origin),
      functions: new Map(this.#steps.flatMap(({ row, fn }) => (fn === undefined ? [] : [[row.name, fn] as const]))),
      outputs: returned,
      ...(schema === undefined ? {} : { paramSchema: schema }),
      issues: this.#issues,
    };
  }

  #outputs(outputs: unknown): Readonly<Record<string, string>> {
    if (outputs === undefined || outputs === null) return {};
    const entries = typeof outputs === "object" ? Object.entries(outputs) : [["", outputs] as const];
    return Object.fromEntries(
      entries.flatMap(([output, value]) => {
        if (isDataset(value) && isOwnedBy(value, this)) return [[output, value.name] as const];
        this.#issues.push({
          severity: "error",
          code: "DEFINITION_WRONG_TYPE",
          message: `the callback of pipeline "${this.#name}" returns ${isDataset(value) ? `the dataset "${value.name}" of another pipeline` : `a ${typeof value}`} as "${output}"`,
          path: ["returns"],
          expected: "an object of datasets of this pipeline, such as { daily }",
          ...(this.#site === undefined ? {} : { position: this.#site }),
        });
        return [];
      }),
    );
  }
}
