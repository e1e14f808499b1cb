/**
 * What `millrace types` knows of your pipelines: augmented by `millrace-env.d.ts`, never by hand.
 *
 * `pipelines` maps pipeline, step and column to the column's type; `inputs` maps pipeline, step and logical input
 * name to the step that it reads.
 */
// The interface has no member here: each project adds its own.
export interface Register {}

/** What is known of pipelines. */
export type Pipelines = Register extends { readonly pipelines: infer P } ? P : unknown;
/** What is known of inputs. */
export type Inputs = Register extends { readonly inputs: infer I } ? I : unknown;

/** Columns of a dataset before `millrace types` has run: every name is allowed, every value loose. */
export interface Unbound {
  readonly __unbound: true;
}

/** Columns of a step that `millrace-env.d.ts` does not know yet. Run `millrace types`. */
export interface RunMillraceTypes<Step extends string> {
  readonly __step: Step;
}

/** Columns that the step `S` of the pipeline `P` produces, as far as they are known. */
export type ColumnsOf<P extends string, S extends string> = P extends keyof Pipelines
  ? S extends keyof Pipelines[P]
    ? Pipelines[P][S]
    : RunMillraceTypes<S>
  : Unbound;

/** Names of the steps of a pipeline, as far as they are known. */
export type StepNames<P extends string> = P extends keyof Pipelines ? Extract<keyof Pipelines[P], string> : string;

/** Logical input names of a step, each with the step that it reads. Any name before `millrace types` has run. */
export type InputsOf<P extends string, S extends string> = P extends keyof Inputs
  ? S extends keyof Inputs[P]
    ? Inputs[P][S]
    : unknown
  : Readonly<Record<string, string>>;
