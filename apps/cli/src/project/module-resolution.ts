// What pipelines and tests of a project get when they import `millrace`, and `vitest` where it is not installed.
import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { buildDigest } from "../build-info.ts";
import { readVersion } from "../version.ts";

/** This command line's own copies: chunks of the bundle, else the modules beside this package in the repository. */
const ownCopies: Readonly<Record<string, readonly string[]>> = {
  millrace: ["./millrace.js", "../../../millrace/src/index.ts", "../../../millrace/dist/index.js"],
  "millrace/testing": ["./testing.js", "../../../millrace/src/testing.ts", "../../../millrace/dist/testing.js"],
  "millrace/seed": ["./seed.js", "../../../millrace/src/seed.ts", "../../../millrace/dist/seed.js"],
};

/** The test functions, in a project without vitest. */
const ownTestModule: readonly string[] = [
  "./vitest-module.js",
  "../step-tests/vitest-module.ts",
  "../step-tests/vitest-module.js",
];

let isRegistered = false;

/**
 * Gives modules of a project this command line's own `millrace` where it is not installed, and where the bundle runs and
 * the installed one is of the same version: one instance, loaded once. Another version that is installed wins.
 */
export function registerOwnPackages(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const candidates = ownCopies[specifier];
      if (candidates === undefined) return nextResolve(specifier, context);
      const own = firstExisting(candidates);
      if (own !== undefined && isSameVersion(context.parentURL)) return nextResolve(own, context);
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        if (own === undefined) throw error;
        return nextResolve(own, context);
      }
    },
  });
}

/** Whether the `millrace` that a module would get is of the version that was bundled. */
function isSameVersion(parentUrl: string | undefined): boolean {
  if (buildDigest() === undefined || parentUrl === undefined) return false;
  try {
    const manifest = findPackageJSON("millrace", parentUrl);
    if (manifest === undefined) return false;
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version?: unknown };
    return version === readVersion();
  } catch {
    // Not installed, which is found again where it matters.
    return false;
  }
}

/** Lets test files import `vitest` in a project that has not installed it. */
export function registerTestModule(): void {
  const url = firstExisting(ownTestModule);
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      nextResolve(specifier === "vitest" && url !== undefined ? url : specifier, context),
  });
}

function firstExisting(candidates: readonly string[]): string | undefined {
  return candidates
    .map((candidate) => new URL(candidate, import.meta.url))
    .find((url) => existsSync(fileURLToPath(url)))?.href;
}
