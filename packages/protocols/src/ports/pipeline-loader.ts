import type { Issue } from "../issue.ts";
import type { PipelineSpec, SourcePosition } from "../pipeline-spec.ts";

/** A pipeline with what is needed to speak about its text. */
export interface LoadedPipeline {
  /** Undefined where issues of severity `error` make it unusable. */
  readonly spec: PipelineSpec | undefined;
  readonly issues: readonly Issue[];
  /** Files that the definition was read from; their bytes decide whether it changed. Absolute, sorted. */
  readonly files: readonly string[];
  /** Position of a value of the definition, such as `["steps", 2, "value"]`; with an offset into that text, of a character in it. */
  locate(path: readonly (string | number)[], offset?: number): SourcePosition | undefined;
  /** Text of a file of the definition, for frames. */
  text(file: string): string | undefined;
}

/** Reads a pipeline from where it is written. */
export interface PipelineLoader {
  load(path: string): Promise<LoadedPipeline>;
}
