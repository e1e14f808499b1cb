/** What a fault does when it fires. */
export type FaultAction = "kill" | "kill-tree" | "term" | "exit" | "throw" | "eio" | "enospc" | `sleep=${number}`;

/** A place where a test can make the product fail. Listed by `millrace points`. */
export interface FaultPoint {
  readonly name: string;
  readonly where: string;
}

/** Every fault point that this version passes. One list: code names points only from here. */
export const faultPoints = [
  { name: "run.create", where: "before the run folder is made" },
  { name: "attempt.start", where: "before an attempt of a group starts" },
  { name: "output.write", where: "while a file is written, inside a running COPY" },
  { name: "output.fsync", where: "before a staged file is synced" },
  { name: "output.rename", where: "between the sync of a staged file and its rename" },
  { name: "manifest.commit", where: "before the manifest of a dataset is created" },
  { name: "effect.commit", where: "before a sink commits" },
  { name: "attempt.end", where: "after the work of an attempt, before it is recorded" },
  { name: "run.finish", where: "before run.json is written" },
] as const;

/** Name of a fault point. */
export type FaultPointName = (typeof faultPoints)[number]["name"];
