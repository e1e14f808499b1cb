// What pipelines and tests of a project get when they import packages that the project has not installed.
import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** This command line's own copies: chunks of the bundle, else the modules beside this package in the repository. */
const ownCopies: Readonly<Record<string, readonly string[]>> = {
  millrace: ["./millrace.js", "../../../millrace/src/index.ts", "../../../millrace/dist/index.js"],
  "millrace/testing": ["./testing.js", "../../../millrace/src/testing.ts", "../../../millrace/dist/testing.js"],
  "millrace/seed": ["./seed.js", "../../../millrace/src/seed.ts", "../../../millrace/dist/seed.js"],
};

/** The test functions, in a project without vitest. */
const ownTestModule: readonly string[] = ["./vitest-module.js", "../step-tests/vitest-module.ts", "../step-tests/vitest-module.js"];

let isRegistered = false;

/**
 * Lets modules of a project import `millrace` where it is not installed: they get the copy of this command line, one
 * instance with it. An installed copy always wins.
 */
export function registerOwnPackages(): void {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const candidates = ownCopies[specifier];
      if (candidates === undefined) return nextResolve(specifier, context);
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        const url = firstExisting(candidates);
        if (url === undefined) throw error;
        return nextResolve(url, context);
      }
    },
  });
}

/** Lets test files import `vitest` in a project that has not installed it. */
export function registerTestModule(): void {
  const url = firstExisting(ownTestModule);
  registerHooks({
    resolve: (specifier, context, nextResolve) => nextResolve(specifier === "vitest" && url !== undefined ? url : specifier, context),
  });
}

function firstExisting(candidates: readonly string[]): string | undefined {
  return candidates.map((candidate) => new URL(candidate, import.meta.url)).find((url) => existsSync(fileURLToPath(url)))?.href;
}
