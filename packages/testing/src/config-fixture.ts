import type { ConfigPatch, ConfigScope } from "@millrace/foundation";
import { afterEach } from "vitest";

/**
 * A test body that runs with a changed configuration, seen by it alone, also where tests run at the same time.
 *
 * @example test("limits rows", withConfig(scope, { limits: { rows: 5 } }, async () => { … }));
 */
export function withConfig<T extends object, R>(scope: ConfigScope<T>, patch: ConfigPatch<T>, body: () => R): () => R {
  return () => scope.overrideConfig(patch, body);
}

/** Forgets after each test what the test set on a scope. Call it where tests are described. */
export function resetConfigAfterEach(scope: Pick<ConfigScope<object>, "resetConfig">): void {
  afterEach(() => scope.resetConfig());
}
