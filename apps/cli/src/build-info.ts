declare const MILLRACE_BUILD: string | undefined;

/** Digest of everything that the bundle was made of; undefined where sources run. Set by scripts/bundle.ts. */
export function buildDigest(): string | undefined {
  return typeof MILLRACE_BUILD === "undefined" ? undefined : MILLRACE_BUILD;
}
