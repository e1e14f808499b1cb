import type { ComputeEngine } from "@millrace/protocols";

/** Version of Millrace. */
export async function readMillraceVersion(): Promise<string> {
  // Imported where it is needed: bundlers put it in, and the builder does not read it.
  const { default: manifest } = (await import("../../package.json", { with: { type: "json" } })) as {
    readonly default: { readonly version: string };
  };
  return manifest.version;
}

/** Versions that a run records: Millrace, Node, and the compute. */
export async function readVersions(
  compute: Pick<ComputeEngine, "name" | "version">,
): Promise<Readonly<Record<string, string>>> {
  return { millrace: await readMillraceVersion(), node: process.versions.node, [compute.name]: compute.version };
}
