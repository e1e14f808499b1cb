import { fromKeyPart, toKeyPart } from "./key-part.ts";

/** Folder of a dataset that has its manifests. No version folder has this name. */
const logFolder = "_millrace";

/** A dataset of a pipeline. */
export interface DatasetName {
  readonly pipeline: string;
  readonly dataset: string;
}

/** Whose attempt stages a dataset. */
export interface StagingOwner extends DatasetName {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
}

/** What every key of a dataset starts with; ends in `/`. */
export function datasetPrefix({ pipeline, dataset }: DatasetName): string {
  return `data/${toKeyPart(pipeline)}/${toKeyPart(dataset)}/`;
}

/** What every manifest key of a dataset starts with. */
export function manifestPrefix(name: DatasetName): string {
  return `${datasetPrefix(name)}${logFolder}/`;
}

/** Key of a manifest: sorts as its version counts. */
export function manifestKey(name: DatasetName, version: number): string {
  return `${manifestPrefix(name)}${String(version).padStart(20, "0")}.json`;
}

/** The version of a manifest's key; undefined for another key. */
export function versionOf(key: string): number | undefined {
  const digits = new RegExp(`/${logFolder}/(\\d{20})\\.json$`).exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The dataset of a manifest's key; a name is undefined where it was too long for a key. */
export function datasetOf(
  key: string,
): { readonly pipeline: string | undefined; readonly dataset: string | undefined } | undefined {
  const [data, pipeline = "", dataset = "", folder, ...rest] = key.split("/");
  if (data !== "data" || folder !== logFolder || rest.length !== 1) return undefined;
  return { pipeline: fromKeyPart(pipeline), dataset: fromKeyPart(dataset) };
}

/** Key of the hint at a version: written now and then, so that finding the highest one does not take the whole log. */
export function hintKey(name: DatasetName): string {
  return `${manifestPrefix(name)}hint`;
}

/**
 * Where an attempt stages a dataset; ends in `/`.
 *
 * @param id - Makes it nobody else's: two processes may believe that they are the same attempt of the same run.
 */
export function stagingPrefix({ runId, step, attempt }: StagingOwner, id: string): string {
  return `staging/${toKeyPart(runId)}/${toKeyPart(step)}/${attempt}-${id}/`;
}
