import { existsSync, readFileSync, realpathSync } from "node:fs";
import { findPackageJSON, isBuiltin } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { digestOf } from "@millrace/foundation";
import type * as Parser from "es-module-lexer/js";

/** A module and everything that it loads from files of the project. */
export interface ImportGraph {
  /** Absolute paths of the project's own files, sorted; the module itself among them. */
  readonly files: readonly string[];
  /** Digest of their bytes: changes whenever one of them does. */
  readonly content: string;
  /** Digest of their bytes and of the versions of the packages that they import. Undefined where a part cannot be told. */
  readonly digest: string | undefined;
}

/**
 * Reads what a module imports, without running anything: static and literal dynamic imports of files, followed, and
 * packages by name and version.
 *
 * What is linked into `node_modules` from outside has no version that says what it is, so there is no digest then;
 * Millrace's own packages are taken by their version.
 */
export async function readImportGraph(file: string): Promise<ImportGraph> {
  const { parse } = await import("es-module-lexer/js");
  const texts = new Map<string, string>();
  const packages = new Map<string, string>();
  let complete = true;
  const queue = [file];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (texts.has(path)) continue;
    const text = readText(path);
    if (text === undefined) {
      complete = false;
      continue;
    }
    texts.set(path, text);
    if (!/\.[cm]?[jt]s$/.test(path)) continue;
    for (const specifier of readSpecifiers(text, path, parse)) {
      if (specifier === undefined) complete = false;
      else if (isBuiltin(specifier)) continue;
      else if (/^(?:\.{0,2}\/|file:)/.test(specifier))
        queue.push(fileURLToPath(new URL(specifier, pathToFileURL(path))));
      else {
        const version = readVersion(specifier, path);
        if (version === undefined) complete = false;
        else packages.set(...version);
      }
    }
  }
  const files = [...texts.keys()].toSorted();
  // Paths are left out: a project that is moved is the same project.
  const content = digestOf(files.map((path) => texts.get(path)));
  return {
    files,
    content,
    digest: complete
      ? digestOf({ content, packages: [...packages].map((entry) => entry.join("@")).toSorted() })
      : undefined,
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Not there or not readable: the import itself says so, with its place.
    return undefined;
  }
}

type Parse = typeof Parser.parse;

/** Undefined for an import whose target is computed, and for a text that cannot be read. */
function readSpecifiers(text: string, path: string, parse: Parse): readonly (string | undefined)[] {
  try {
    const [imports] = parse(text, path);
    // -2 is import.meta.
    return imports.filter((entry) => entry.d !== -2).map((entry) => entry.n);
  } catch {
    return [undefined];
  }
}

function readVersion(specifier: string, path: string): [name: string, version: string] | undefined {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const own = name === "millrace" || name.startsWith("@millrace/");
  try {
    const manifestFile = findPackageJSON(specifier, pathToFileURL(path));
    if (manifestFile === undefined || !existsSync(manifestFile)) return own ? [name, "own"] : undefined;
    const { version } = JSON.parse(readFileSync(manifestFile, "utf8")) as { readonly version?: unknown };
    const linked = !/[\\/]node_modules[\\/]/.test(realpathSync(manifestFile));
    return typeof version === "string" && (own || !linked) ? [name, version] : undefined;
  } catch {
    // Not installed: Millrace's own are then those of the command line, which the plan digest knows by version.
    return own ? [name, "own"] : undefined;
  }
}
