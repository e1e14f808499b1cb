import { AsyncLocalStorage } from "node:async_hooks";
import type { ConfigProtocol } from "@millrace/protocols";

/** Any part of a configuration, however deep. Lists are replaced whole. */
export type ConfigPatch<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: ConfigPatch<T[K]> }
    : T;

/** What a scope needs. */
export interface ConfigScopeOptions<T extends object> {
  /** Makes the configuration when it is first asked for: creating a scope reads nothing. */
  readonly load: () => T;
  /** Checks a configuration before anybody sees it, also a patched one. Throws where it is not valid. */
  readonly validate?: (config: T) => void;
}

/** One configuration and who may see which part of it. Two scopes in one process never meet. */
export interface ConfigScope<T extends object> extends ConfigProtocol<T> {
  /** The configuration as the caller sees it: frozen. */
  getConfig(): T;
  /** Sets the configuration of the scope; overrides that are under way stay on top of it. */
  setConfig(config: T): void;
  /** Runs with a changed configuration, seen by `fn` and what it awaits, and by nothing else. Nests. */
  overrideConfig<R>(patch: ConfigPatch<T>, fn: () => R): R;
  /** Forgets what was set or loaded; the next `getConfig` loads again. */
  resetConfig(): void;
}

interface Layer<T extends object> {
  readonly patches: readonly ConfigPatch<T>[];
  /** Merged from this base; made again when the base changes. */
  base?: T;
  merged?: T;
}

/**
 * A configuration without a singleton: whoever needs one is given a scope.
 *
 * @example
 * const scope = createConfigScope({ load: () => ({ region: "eu", limits: { rows: 10 } }) });
 * await scope.overrideConfig({ limits: { rows: 5 } }, async () => scope.getConfig().limits.rows); // 5
 */
export function createConfigScope<T extends object>(options: ConfigScopeOptions<T>): ConfigScope<T> {
  const layers = new AsyncLocalStorage<Layer<T>>();
  let current: T | undefined;

  const admit = (config: T): T => {
    options.validate?.(config);
    return deepFreeze(config);
  };
  const base = (): T => {
    current ??= admit(copy(options.load()));
    return current;
  };
  return {
    getConfig() {
      const layer = layers.getStore();
      const below = base();
      if (layer === undefined) return below;
      if (layer.merged === undefined || layer.base !== below) {
        layer.merged = admit(layer.patches.reduce<T>((config, patch) => mergeConfig(config, patch), copy(below)));
        layer.base = below;
      }
      return layer.merged;
    },
    setConfig(config) {
      current = admit(copy(config));
    },
    overrideConfig(patch, fn) {
      const outer = layers.getStore()?.patches ?? [];
      return layers.run({ patches: [...outer, copy(patch)] }, fn);
    },
    resetConfig() {
      current = undefined;
    },
  };
}

/**
 * A configuration with a patch on top: objects merge field by field, everything else is replaced.
 *
 * A field that the patch leaves out or gives as undefined keeps its value; null is a value.
 */
export function mergeConfig<T extends object>(config: T, patch: ConfigPatch<T>): T {
  return mergeParts(config, patch) as T;
}

function mergeParts(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isRecord(below) || !isRecord(above)) return above;
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) define(result, key, mergeParts(ownValue(below, key), value));
  return result;
}

function ownValue(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Defined, not assigned: a key named __proto__ is a key. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Plain data is copied, so that a caller's later change does not reach the scope; functions and instances are shared. */
function copy<V>(value: V): V {
  if (Array.isArray(value)) return value.map((item: unknown) => copy(item)) as V;
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) define(result, key, copy(item));
  return result as V;
}

function deepFreeze<V>(value: V): V {
  if (Array.isArray(value)) for (const item of value as readonly unknown[]) deepFreeze(item);
  else if (isRecord(value)) for (const item of Object.values(value)) deepFreeze(item);
  else return value;
  return Object.freeze(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
