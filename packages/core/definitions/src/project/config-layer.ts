import { parseEnv } from "node:util";
import { extname, join } from "node:path";
import { suggestName } from "@millrace/foundation";
import type { JsonValue } from "@millrace/protocols";
import { describeValue, isRecord } from "../finding.ts";
import type { Finding, Path, Report } from "../finding.ts";
import type { DefinitionDocument } from "../forms/definition-document.ts";
import { readDefinitionFile } from "../forms/definition-file.ts";
import { readYamlDocument } from "../forms/yaml-document.ts";
import { checkKeys } from "../rules/field.ts";
import { configKeys, configVariables, extensionKeys } from "./config-key.ts";
import type { ConfigKey, ConfigName } from "./config-key.ts";
import { readTomlDocument } from "./toml-document.ts";

/** Where a value comes from, weakest first. */
export type ConfigSource = "default" | "file" | "environment" | ".env" | "variable" | "flag";

/** A value of one layer, before it is parsed. */
export interface RawSetting {
  readonly value: unknown;
  /** What set it, for people: `millrace.yaml`, `environments.dev`, `MILLRACE_WORKERS`, `--workers`. */
  readonly detail: string;
  /** Where it is in the configuration file. */
  readonly path?: Path;
}

/** Values of one source. */
export interface ConfigLayer {
  readonly source: ConfigSource;
  readonly settings: ReadonlyMap<ConfigName, RawSetting>;
}

/** Variables by name. Empty ones count as unset. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Largest configuration and `.env` file. */
const maxConfigBytes = 2 ** 20;

/** What built-in values are. */
export function defaultLayer(): ConfigLayer {
  return {
    source: "default",
    settings: collect(({ initial }) => (initial === undefined ? undefined : { value: initial, detail: "built in" })),
  };
}

/** A configuration file as data. Modules have camelCase names, and code beside the data. */
export interface ConfigFile {
  readonly file: string;
  readonly document: DefinitionDocument;
  readonly isModule: boolean;
}

/** Reads a configuration file; a module through `loadModule`, which gives its default export. */
export async function readConfigFile(
  file: string,
  loadModule: ((file: string) => Promise<unknown>) | undefined,
): Promise<ConfigFile> {
  const extension = extname(file);
  const isModule = extension !== ".yaml" && extension !== ".yml" && extension !== ".toml";
  if (isModule) return { file, isModule, document: await readModule(file, loadModule) };
  const content = await readDefinitionFile(file, maxConfigBytes);
  if ("finding" in content) return { file, isModule, document: plainDocument(undefined, [content.finding]) };
  if (content.text.replaceAll(/^\s*#.*$/gm, "").trim() === "")
    return { file, isModule, document: plainDocument({}, []) };
  const read = extension === ".toml" ? readTomlDocument : readYamlDocument;
  return { file, isModule, document: await read(file, content.text) };
}

async function readModule(
  file: string,
  loadModule: ((file: string) => Promise<unknown>) | undefined,
): Promise<DefinitionDocument> {
  if (loadModule === undefined)
    return plainDocument(undefined, [
      {
        code: "CONFIG_FILE_INVALID",
        message: `${file}: no loader of modules is given.`,
        path: [],
        place: { position: { file } },
      },
    ]);
  return { ...plainDocument(await loadModule(file), []), locate: () => ({ position: { file } }) };
}

function plainDocument(value: unknown, findings: readonly Finding[]): DefinitionDocument {
  return { value, findings, locate: () => undefined, text: () => undefined };
}

/** Layers of a file: itself, and one of its environments. */
export interface FileLayers {
  readonly layers: readonly ConfigLayer[];
  /** Other environments: checked, not used. */
  readonly unused: readonly ConfigLayer[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

/** Splits a file into layers and reports unknown keys, also in environments that are not used. */
export function layersOfFile(
  { file, document, isModule }: ConfigFile,
  environment: string | undefined,
  report: Report,
): FileLayers {
  const { value } = document;
  const nothing: FileLayers = { layers: [], unused: [], extensions: {} };
  if (value === undefined) return nothing;
  if (!isRecord(value)) {
    report({
      code: "CONFIG_FILE_INVALID",
      message: `${file}: expected an object, received ${describeValue(value)}.`,
      path: [],
    });
    return nothing;
  }
  const scope = { path: [], label: file, report };
  const names = configKeys.map((key) => (isModule ? key.name : key.wire));
  checkKeys(value, [...names, "environments", ...(isModule ? extensionKeys : [])], scope);
  const layer = (
    fields: Readonly<Record<string, unknown>>,
    source: ConfigSource,
    where: { readonly path: Path; readonly detail: string },
  ): ConfigLayer => ({
    source,
    settings: collect((key) => {
      const name = isModule ? key.name : key.wire;
      return fields[name] === undefined
        ? undefined
        : { value: fields[name], detail: where.detail, path: [...where.path, name] };
    }),
  });
  const { environments = {} } = value;
  const overlays: [string, ConfigLayer][] = [];
  if (!isRecord(environments))
    report({
      code: "DEFINITION_WRONG_TYPE",
      message: `${file}: "environments" must be an object, received ${describeValue(environments)}.`,
      path: ["environments"],
    });
  else
    for (const [name, overlay] of Object.entries(environments)) {
      const path = ["environments", name];
      if (isRecord(overlay)) {
        checkKeys(overlay, names, { path, label: file, report });
        overlays.push([name, layer(overlay, "environment", { path, detail: `environments.${name}` })]);
      } else
        report({
          code: "DEFINITION_WRONG_TYPE",
          message: `${file}: "environments.${name}" must be an object, received ${describeValue(overlay)}.`,
          path,
        });
    }
  const chosen = overlays.find(([name]) => name === environment)?.[1];
  return {
    layers: [layer(value, "file", { path: [], detail: file }), ...(chosen === undefined ? [] : [chosen])],
    unused: overlays.filter(([name]) => name !== environment).map(([, other]) => other),
    extensions: Object.fromEntries(
      extensionKeys.filter((key) => isModule && value[key] !== undefined).map((key) => [key, value[key]]),
    ),
  };
}

/** Names of the environments of a file. */
export function environmentsOf({ document }: ConfigFile): readonly string[] {
  const environments = isRecord(document.value) ? document.value["environments"] : undefined;
  return isRecord(environments) ? Object.keys(environments) : [];
}

/** Variables of the `.env` file of a project, where it has one. */
export async function readDotEnv(root: string): Promise<{
  readonly file: string;
  readonly variables: Variables;
  readonly finding?: Finding;
  readonly present: boolean;
}> {
  const file = join(root, ".env");
  const content = await readDefinitionFile(file, maxConfigBytes);
  if ("text" in content) return { file, variables: parseEnv(content.text), present: true };
  return { file, variables: {}, present: false, ...(content.absent ? {} : { finding: content.finding }) };
}

/** Keys that variables set. */
export function layerOfVariables(variables: Variables, source: ".env" | "variable"): ConfigLayer {
  return {
    source,
    settings: collect(({ variable }) => {
      const value = variable === undefined ? undefined : variables[variable];
      return value === undefined || value === "" || variable === undefined ? undefined : { value, detail: variable };
    }),
  };
}

/** Keys that flags set. */
export function layerOfFlags(flags: Readonly<Partial<Record<ConfigName, JsonValue>>>): ConfigLayer {
  return {
    source: "flag",
    settings: collect(({ name, flag }) =>
      flags[name] === undefined ? undefined : { value: flags[name], detail: flag ?? name },
    ),
  };
}

const prefix = "MILLRACE_";

/** Variables of ours that are almost one that we know. */
export function checkVariableNames(variables: Variables, report: Report): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!name.startsWith(prefix) || value === undefined || value === "" || configVariables.includes(name)) continue;
    const close = suggestName(
      name.slice(prefix.length),
      configVariables.map((variable) => variable.slice(prefix.length)),
    );
    if (close === undefined) continue;
    const suggestion = `${prefix}${close}`;
    report({
      severity: "warning",
      code: "DEFINITION_UNKNOWN_KEY",
      message: `The variable ${name} is not known. Did you mean ${suggestion}?`,
      path: [],
      received: name,
      suggestion,
    });
  }
}

function collect(setting: (key: ConfigKey) => RawSetting | undefined): ReadonlyMap<ConfigName, RawSetting> {
  return new Map(
    configKeys.flatMap((key) => {
      const found = setting(key);
      return found === undefined ? [] : [[key.name, found]];
    }),
  );
}
