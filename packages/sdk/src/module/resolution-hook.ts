import { registerHooks } from "node:module";

/** Where Millrace's packages are looked for when a project has none: URLs of modules that can import them. */
const bases: string[] = [];
/** Query of each project module that was loaded again, by its URL without query: what it imports is loaded again too. */
const generations = new Map<string, string>();
let registered = false;

/**
 * Lets pipelines import `millrace` and `@millrace/…` where their project has not installed them: they get the copies
 * that the modules at `from` would get. An installed copy always wins.
 *
 * @param from - URLs of modules, asked in this order, such as `import.meta.url` of the command line.
 */
export function registerMillraceResolution(...from: readonly string[]): void {
  bases.push(...from.filter((base) => !bases.includes(base)));
  ensureRegistered();
}

/**
 * URL under which a module is imported so that its current text counts, and that of everything it imports from files.
 *
 * The first import of a process is under the plain URL: breakpoints and stack traces name files as they are.
 */
export function freshModuleUrl(url: string, digest: string): string {
  const known = generations.get(url);
  if (known === undefined) {
    generations.set(url, digest);
    return url;
  }
  if (known === digest) return url;
  ensureRegistered();
  return `${url}?${generationKey}=${digest}`;
}

const generationKey = "millrace";

function ensureRegistered(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (/^(?:millrace|@millrace\/[^/]+)(?:\/|$)/.test(specifier)) return resolveOwn(specifier, context, nextResolve);
      const resolved = nextResolve(specifier, context);
      const generation = /^\.{0,2}\//.test(specifier) ? generationOf(context.parentURL) : undefined;
      if (generation === undefined || resolved.url.includes("?")) return resolved;
      return { ...resolved, url: `${resolved.url}?${generationKey}=${generation}` };
    },
  });
}

function generationOf(parent: string | undefined): string | undefined {
  if (parent === undefined || !parent.includes("?")) return undefined;
  return new URL(parent).searchParams.get(generationKey) ?? undefined;
}

type ResolveHook = NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>;

function resolveOwn(...[specifier, context, nextResolve]: Parameters<ResolveHook>): ReturnType<ResolveHook> {
  try {
    return nextResolve(specifier, context);
  } catch (error) {
    for (const base of bases) {
      try {
        return nextResolve(specifier, { ...context, parentURL: base });
      } catch {
        // The next base may have it; if none has, the project's own error is the one that helps.
      }
    }
    throw error;
  }
}
