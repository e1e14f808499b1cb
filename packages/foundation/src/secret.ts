import type { SecretProvider } from "@millrace/protocols";
import { TerminalError } from "./error.ts";
import type { Redactor } from "./redaction.ts";

/** Where secrets are: names and values, or a function that finds them. */
export type SecretSource =
  | Readonly<Record<string, string | undefined>>
  | ReadonlyMap<string, string>
  | ((name: string) => string | undefined | Promise<string | undefined>);

/** A provider over an object, a map or a function. An empty value counts as none. */
export function mapSecretProvider(source: SecretSource): SecretProvider {
  const find = async (name: string): Promise<string | undefined> => {
    if (typeof source === "function") return source(name);
    if (source instanceof Map) return source.get(name) as string | undefined;
    return Object.hasOwn(source, name) ? (source as Readonly<Record<string, string | undefined>>)[name] : undefined;
  };
  return {
    async get(name) {
      const value = await find(name);
      return value === "" ? undefined : value;
    },
  };
}

/** How references are resolved. */
export interface SecretResolverOptions {
  /** Answers `secret:NAME`. */
  readonly secrets: SecretProvider;
  /** Answers `${env.NAME}`. */
  readonly environment: SecretProvider;
  /** Is told each value before anybody sees it. */
  readonly redactor: Redactor;
  /** Names whose value may have fewer than 8 characters. */
  readonly allowShort?: readonly string[];
}

/** Turns references into values when they are used, and never before. */
export interface SecretResolver {
  /**
   * A text with each reference in it replaced: `secret:PG_URL` as a whole, `${env.NAME}` and `${secret:NAME}` anywhere.
   * What a value contains is not resolved again.
   *
   * @throws MillraceError `CONFIG_SECRET_NOT_FOUND`, `DEFINITION_VARIABLE_UNSET`, `CONFIG_SECRET_TOO_SHORT`
   */
  resolve(text: string): Promise<string>;
  /** A copy of a value with every text in it resolved. */
  resolveAll<T>(value: T): Promise<T>;
}

const secretReference = /^secret:([A-Za-z_][\w./-]*)$/;
const embedded = /\$\{(?:env\.([A-Za-z_]\w*)|secret:([A-Za-z_][\w./-]*))\}/g;

/** Names that a text refers to, for checks that read no value. */
export function findSecretReferences(
  text: string,
): readonly { readonly kind: "secret" | "env"; readonly name: string }[] {
  const whole = secretReference.exec(text)?.[1];
  if (whole !== undefined) return [{ kind: "secret", name: whole }];
  return [...text.matchAll(embedded)].map(([, variable, name]) =>
    variable === undefined ? { kind: "secret", name: name ?? "" } : { kind: "env", name: variable },
  );
}

/** Resolves references to secrets and variables; every secret reaches the redactor before it reaches the caller. */
export function createSecretResolver(options: SecretResolverOptions): SecretResolver {
  const keep = (value: string, name: string): string => {
    options.redactor.add(value, { name, allowShort: options.allowShort?.includes(name) ?? false });
    return value;
  };
  const secretOf = async (name: string): Promise<string> => {
    const value = await options.secrets.get(name);
    if (value === undefined || value === "") throw notFound("CONFIG_SECRET_NOT_FOUND", `Secret "${name}"`, name);
    return keep(value, name);
  };
  const variableOf = async (name: string): Promise<string> => {
    const value = await options.environment.get(name);
    if (value === undefined || value === "") throw notFound("DEFINITION_VARIABLE_UNSET", `Variable "${name}"`, name);
    // A variable may be a folder or a password, and nothing tells them apart: it is hidden as a secret is.
    return keep(value, name);
  };
  const resolver: SecretResolver = {
    async resolve(text) {
      const whole = secretReference.exec(text)?.[1];
      if (whole !== undefined) return secretOf(whole);
      const parts: string[] = [];
      let at = 0;
      for (const match of text.matchAll(embedded)) {
        const [all, variable, secret] = match;
        parts.push(
          text.slice(at, match.index),
          variable === undefined ? await secretOf(secret ?? "") : await variableOf(variable),
        );
        at = match.index + all.length;
      }
      return [...parts, text.slice(at)].join("");
    },
    resolveAll: async (value) => (await resolveParts(value, resolver)) as typeof value,
  };
  return resolver;
}

async function resolveParts(value: unknown, resolver: SecretResolver): Promise<unknown> {
  if (typeof value === "string") return resolver.resolve(value);
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveParts(item, resolver)));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(async ([key, item]) => [key, await resolveParts(item, resolver)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function notFound(
  code: "CONFIG_SECRET_NOT_FOUND" | "DEFINITION_VARIABLE_UNSET",
  what: string,
  name: string,
): TerminalError {
  return new TerminalError({
    code,
    fault: "config",
    message: `${what} has no value. Set it, or remove the reference; an empty value counts as none.`,
    context: { name },
  });
}
