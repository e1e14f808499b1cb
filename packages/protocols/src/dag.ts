import type { Column, DatasetSchema } from "./column-type.ts";
import type { Issue } from "./issue.ts";
import type { JsonObject } from "./json.ts";
import type { PipelineSpec, StepSpec } from "./pipeline-spec.ts";
import type { SqlAnalysis } from "./ports/sql-analyzer.ts";

/** A step with its place in the graph. */
export interface DagNode {
  readonly step: StepSpec;
  /** Position in the definition, from 0. */
  readonly index: number;
  /** Topological depth, from 0. */
  readonly level: number;
  /** Names of the steps whose outputs it reads, sorted. */
  readonly dependsOn: readonly string[];
  /** Names of the steps that read its outputs, sorted. */
  readonly dependants: readonly string[];
}

/** The graph of a valid pipeline. */
export interface Dag {
  readonly spec: PipelineSpec;
  readonly nodes: ReadonlyMap<string, DagNode>;
  /** Step names by level, then name: the deterministic order. */
  readonly order: readonly string[];
  readonly levels: readonly (readonly string[])[];
  /** Dataset key to the step that produces it and its logical output name. */
  readonly producers: ReadonlyMap<string, { readonly step: string; readonly output: string }>;
  /** Dataset key to the steps that read it and under which logical name, sorted by step. */
  readonly consumers: ReadonlyMap<string, readonly { readonly step: string; readonly input: string }[]>;
}

/** A file of a source as the plan saw it: enough to notice any change. */
export interface PinnedFile {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly mtimeNs?: string;
  readonly inode?: string;
  readonly etag?: string;
}

/** What the plan fixes about a source before the run. */
export interface PinnedSource {
  readonly step: string;
  readonly dataset: string;
  readonly location: string;
  readonly format: string;
  /** Explicit reading options: the sniffed dialect of a CSV, or what the author said. */
  readonly options: JsonObject;
  readonly columns: readonly Column[];
  readonly files: readonly PinnedFile[];
  /** Rows that footers state; undefined where only reading tells. */
  readonly rows?: number;
  /** `native`: the compute reads the location itself. `spool`: the adapter copies it first. */
  readonly reading: "native" | "spool";
}

/** A parameter in the author's text and the literal in its place. Offsets and lengths are UTF-16 code units. */
export interface ParameterSpan {
  readonly authorOffset: number;
  readonly authorLength: number;
  readonly sqlOffset: number;
  readonly sqlLength: number;
}

/** What binding found out about a step. */
export interface BoundStep {
  readonly name: string;
  /** Schema of each output dataset, by dataset key. */
  readonly outputs: ReadonlyMap<string, DatasetSchema>;
  /** Schema of each input, by logical name. */
  readonly inputs: ReadonlyMap<string, DatasetSchema>;
  readonly analysis?: SqlAnalysis;
  readonly source?: PinnedSource;
  /** SQL with each `$name` as a typed literal. */
  readonly sql?: string;
  /** Where literals stand in `sql`, and their parameters in the author's text. */
  readonly parameterSpans?: readonly ParameterSpan[];
}

/** Columns and types of every dataset, found without reading data. */
export interface BoundDag {
  readonly dag: Dag;
  readonly steps: ReadonlyMap<string, BoundStep>;
  readonly schemas: ReadonlyMap<string, DatasetSchema>;
  readonly params: JsonObject;
  readonly issues: readonly Issue[];
}
