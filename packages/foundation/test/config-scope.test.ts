import { setTimeout as pause } from "node:timers/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createConfigScope, mergeConfig } from "../src/index.ts";
import type { ConfigPatch, ConfigScope } from "../src/index.ts";

interface Config {
  readonly region: string;
  readonly limits: { readonly rows: number; readonly tags: readonly string[] };
}
const initial: Config = { region: "eu", limits: { rows: 10, tags: ["a"] } };
const createScope = (): ConfigScope<Config> => createConfigScope({ load: () => initial });

describe("config scope", () => {
  test("nothing is loaded before it is asked for, and once", () => {
    let loads = 0;
    const scope = createConfigScope({ load: () => ({ loads: ++loads }) });
    expect(loads).toBe(0);
    expect([scope.getConfig().loads, scope.getConfig().loads]).toEqual([1, 1]);
    scope.resetConfig();
    expect(scope.getConfig().loads).toBe(2);
  });

  test("set and reset", () => {
    const scope = createScope();
    scope.setConfig({ ...initial, region: "us" });
    expect(scope.getConfig().region).toBe("us");
    scope.resetConfig();
    expect(scope.getConfig()).toEqual(initial);
  });

  test("what is given and got cannot be changed from outside", () => {
    const mine = { region: "us", limits: { rows: 1, tags: ["x"] } };
    const scope = createScope();
    scope.setConfig(mine);
    mine.limits.tags.push("y");
    expect(scope.getConfig().limits.tags).toEqual(["x"]);
    expect(Object.isFrozen(mine)).toBe(false);
    expect(Object.isFrozen(scope.getConfig().limits.tags)).toBe(true);
    expect(() => Object.assign(scope.getConfig().limits, { rows: 2 })).toThrow(TypeError);
  });

  test("an override is seen by what it awaits and by nothing else", async () => {
    const scope = createScope();
    const seen: string[] = [];
    const look = async (): Promise<void> => {
      await pause(5);
      seen.push(scope.getConfig().region);
    };
    await Promise.all([
      scope.overrideConfig({ region: "inside" }, async () => {
        await pause(1);
        await look();
      }),
      look(),
    ]);
    expect(seen.toSorted()).toEqual(["eu", "inside"]);
    expect(scope.getConfig().region).toBe("eu");
  });

  test("overrides nest, and a throw restores", async () => {
    const scope = createScope();
    expect(
      scope.overrideConfig({ limits: { rows: 5 } }, () =>
        scope.overrideConfig({ region: "us" }, () => scope.getConfig()),
      ),
    ).toEqual({ region: "us", limits: { rows: 5, tags: ["a"] } });
    expect(() =>
      scope.overrideConfig({ region: "us" }, () => {
        throw new Error("boom");
      }),
    ).toThrow("boom");
    await expect(
      scope.overrideConfig({ region: "us" }, async () => {
        await pause(1);
        throw new Error("later");
      }),
    ).rejects.toThrow("later");
    expect(scope.getConfig()).toEqual(initial);
  });

  test("a base that is set during an override stays below it", () => {
    const scope = createScope();
    scope.overrideConfig({ limits: { rows: 5 } }, () => {
      scope.setConfig({ ...initial, region: "us" });
      expect(scope.getConfig()).toMatchObject({ region: "us", limits: { rows: 5 } });
    });
    expect(scope.getConfig()).toMatchObject({ region: "us", limits: { rows: 10 } });
  });

  test("two scopes never meet", async () => {
    const [one, two] = [createScope(), createScope()];
    await one.overrideConfig({ region: "one" }, async () =>
      two.overrideConfig({ region: "two" }, async () => {
        await pause(1);
        expect([one.getConfig().region, two.getConfig().region]).toEqual(["one", "two"]);
      }),
    );
    one.setConfig({ ...initial, region: "set" });
    expect(two.getConfig().region).toBe("eu");
  });

  test("a configuration that is not valid is never seen", () => {
    const scope = createConfigScope<Config>({
      load: () => initial,
      validate: (config) => {
        if (config.limits.rows < 0) throw new Error(`rows must not be negative: ${config.limits.rows}`);
      },
    });
    expect(() => scope.setConfig({ ...initial, limits: { rows: -1, tags: [] } })).toThrow("negative: -1");
    expect(() => scope.overrideConfig({ limits: { rows: -2 } }, () => scope.getConfig())).toThrow("negative: -2");
    expect(scope.getConfig()).toEqual(initial);
  });
});

describe("laws", () => {
  const patch: fc.Arbitrary<ConfigPatch<Config>> = fc.record(
    {
      region: fc.string(),
      limits: fc.record({ rows: fc.integer(), tags: fc.array(fc.string()) }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );

  test("an override sees the merge, nested ones the merge of merges", () => {
    fc.assert(
      fc.property(fc.array(patch, { maxLength: 5 }), (patches) => {
        const scope = createScope();
        const nest = ([first, ...rest]: readonly ConfigPatch<Config>[]): Config =>
          first === undefined ? scope.getConfig() : scope.overrideConfig(first, () => nest(rest));
        expect(nest(patches)).toEqual(
          patches.reduce<Config>((config, each) => mergeConfig<Config>(config, each), initial),
        );
        expect(scope.getConfig()).toEqual(initial);
      }),
    );
  });

  test("merging is idempotent, has the empty patch as its unit, and is associative", () => {
    fc.assert(
      fc.property(patch, patch, (a, b) => {
        const once = mergeConfig<Config>(initial, a);
        expect(mergeConfig(once, a)).toEqual(once);
        expect(mergeConfig<Config>(initial, {})).toEqual(initial);
        expect(mergeConfig(once, b)).toEqual(mergeConfig<Config>(initial, mergeConfig<ConfigPatch<Config>>(a, b)));
      }),
    );
  });

  test("interleaved overrides of any number of tasks see their own", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 }), async (turns) => {
        const scope = createScope();
        const seen = await Promise.all(
          turns.map(async (count, index) =>
            scope.overrideConfig({ limits: { rows: index } }, async () => {
              for (let turn = 0; turn < count; turn++) await Promise.resolve();
              return scope.getConfig().limits.rows;
            }),
          ),
        );
        expect(seen).toEqual(turns.map((_, index) => index));
      }),
    );
  });

  test("a key named __proto__ changes no prototype", () => {
    const hostile = JSON.parse('{"limits":{"__proto__":{"polluted":true}}}') as ConfigPatch<Config>;
    const merged = mergeConfig<Config>(initial, hostile);
    expect(Object.getPrototypeOf(merged.limits)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
