import type { JsonValue, SourcePosition } from "@millrace/protocols";
import { isRecord } from "../finding.ts";
import type { Locate, Path, Report } from "../finding.ts";
import { ReferenceResolver } from "../rules/reference.ts";
import type { VariableLookup } from "../rules/reference.ts";
import { configKeys } from "./config-key.ts";
import type { ConfigKey, ConfigName } from "./config-key.ts";
import type { ConfigLayer, ConfigSource, RawSetting } from "./config-layer.ts";

/** Where the value of a key came from: what `config show --explain` prints. */
export interface ConfigSetting {
  /** The key, or `params.<name>`. */
  readonly key: string;
  /** Undefined where nothing sets it, and the runtime decides. */
  readonly value: JsonValue | undefined;
  readonly source: ConfigSource;
  /** What set it: `built in`, a file, `environments.dev`, `MILLRACE_WORKERS`, `--workers`. */
  readonly detail: string;
  readonly position?: SourcePosition;
}

/** A key with its winner: the parsed value, and where it came from. */
export interface Setting {
  readonly name: ConfigName;
  readonly value: JsonValue | undefined;
  readonly source: ConfigSource;
  readonly raw: RawSetting;
  /** Of `params`: each, by its name, with a source of its own. */
  readonly parts?: ReadonlyMap<string, Omit<Setting, "name">>;
}

export interface Resolving {
  readonly unused: readonly ConfigLayer[];
  readonly variables: VariableLookup;
  readonly locate: Locate;
  readonly report: Report;
}

export function resolveSettings(layers: readonly ConfigLayer[], context: Resolving): readonly Setting[] {
  const resolver = new ReferenceResolver(context.variables, context.report);
  const parse = (key: ConfigKey, raw: RawSetting, isUsed: boolean): JsonValue | undefined => {
    const { path = [], detail } = raw;
    // Variables and flags are named by the key itself.
    const scope = {
      path: path.slice(0, -1),
      label: path.length === 0 ? "The configuration" : detail,
      report: context.report,
    };
    const value = isUsed ? resolver.resolveAny(raw.value, { path, label: detail }) : raw.value;
    return key.parse(value, path.length === 0 ? detail : String(path.at(-1)), scope);
  };
  return configKeys.map((key): Setting => {
    const own = layers.flatMap(({ source, settings }) => {
      const raw = settings.get(key.name);
      return raw === undefined ? [] : [{ source, raw }];
    });
    const others = context.unused.flatMap(({ settings }) => settings.get(key.name) ?? []);
    const losers = key.name === "params" ? [] : own.slice(0, -1).map(({ raw }) => raw);
    for (const raw of [...losers, ...others]) if (!mayRefer(raw.value)) parse(key, raw, false);
    if (key.name === "params") return mergeParams(own, (raw) => parse(key, raw, true));
    const winner = own.at(-1);
    if (winner === undefined)
      return { name: key.name, value: undefined, source: "default", raw: { value: undefined, detail: "not set" } };
    return { name: key.name, value: parse(key, winner.raw, true), source: winner.source, raw: winner.raw };
  });
}

function mayRefer(value: unknown): boolean {
  return JSON.stringify(value)?.includes("${") ?? false;
}

/** Parameters win one by one. */
function mergeParams(
  own: readonly { readonly source: ConfigSource; readonly raw: RawSetting }[],
  parse: (raw: RawSetting) => JsonValue | undefined,
): Setting {
  const parts = new Map<string, Omit<Setting, "name">>();
  for (const { source, raw } of own) {
    const value = parse(raw);
    if (!isRecord(value)) continue;
    for (const [name, item] of Object.entries(value)) {
      const path: Path = [...(raw.path ?? []), name];
      parts.set(name, {
        value: item,
        source,
        raw: { value: item, detail: raw.detail, ...(raw.path === undefined ? {} : { path }) },
      });
    }
  }
  const value = Object.fromEntries([...parts].map(([name, part]) => [name, part.value ?? null]));
  return { name: "params", value, source: "default", raw: { value, detail: "built in" }, parts };
}

export function explainSetting({ name, parts, ...own }: Setting, locate: Locate): readonly ConfigSetting[] {
  const describe = (key: string, { value, source, raw }: Omit<Setting, "name">): ConfigSetting => {
    const position = raw.path === undefined ? undefined : locate(raw.path, { at: "key" })?.position;
    return { key, value, source, detail: raw.detail, ...(position === undefined ? {} : { position }) };
  };
  if (parts === undefined || parts.size === 0) return [describe(name, own)];
  return [...parts].map(([part, setting]) => describe(`${name}.${part}`, setting));
}
