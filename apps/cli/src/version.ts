import manifest from "../package.json" with { type: "json" };

/** Version of this package. */
export function readVersion(): string {
  return manifest.version;
}
