// Bundles the command line: one small file that every start loads, and a chunk for each command.
//   node apps/cli/scripts/bundle.ts            (part of `npm run build`)
// What users import too, and what is native, stays outside: @duckdb, and vitest of the project.
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const cli = resolve(import.meta.dirname, "..");
const apps = resolve(cli, "..");

/** Modules that stay outside the bundle: native ones, the project's own, and asm.js, which a bundler's printer breaks. */
export const externals: readonly RegExp[] = [/^node:/, /^@duckdb\/node-bindings/, /^vitest$/, /^es-module-lexer\//];

const startModules =
  /^(main|run-cli|version|build-info|process-io|command-line\/(?!completion).*|output\/(style|document)|project\/pipeline-paths|validate\/(light-project|stored-result|file-identity|validate-data))\.ts$/;

function isStart(id: string): boolean {
  return id.startsWith(join(cli, "src/")) && startModules.test(id.slice(join(cli, "src/").length));
}

/** Writes the bundle into an empty folder, and gives the folder. */
async function writeBundle(folder: string, digest: string): Promise<string> {
  const bundle = await rolldown({
    cwd: cli,
    platform: "node",
    // `millrace`, `millrace/testing` and `millrace/seed` are the copies that pipelines get where their project has none: one instance
    // with the command line, so that nothing is loaded twice.
    input: {
      main: join(cli, "src/main.ts"),
      millrace: join(apps, "millrace/src/index.ts"),
      testing: join(apps, "millrace/src/testing.ts"),
      seed: join(apps, "millrace/src/seed.ts"),
      "vitest-module": join(cli, "src/step-tests/vitest-module.ts"),
    },
    resolve: {
      conditionNames: ["@millrace/source", "import", "module", "node", "default"],
      // The `main` of packages without `exports` may be UMD, whose requires of its own files no bundler finds.
      mainFields: ["module", "main"],
    },
    external: [...externals],
    transform: { define: { MILLRACE_BUILD: JSON.stringify(digest) } },
    // Every package says `sideEffects: false`, and so do the bundled libraries as far as they are used here.
    treeshake: { moduleSideEffects: [{ test: /[\\/]src[\\/]main\.ts$/, sideEffects: true }] },
    logLevel: "warn",
  });
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name]-[hash].js",
    // What every start reads, and `validate` of what has not changed, is one file: opening ten costs more than one.
    codeSplitting: { groups: [{ name: "start", test: isStart }] },
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    sourcemap: false,
  });
  await bundle.close();
  return folder;
}

/** Digest of every file that the bundle is made of: the same digest needs no second bundle. */
function digestInputs(): string {
  const root = resolve(apps, "..");
  const files = globSync(
    ["{packages,apps}/**/src/**/*.ts", "pnpm-lock.yaml", "apps/cli/package.json", "apps/cli/scripts/bundle.ts"],
    {
      cwd: root,
      exclude: ["**/node_modules/**", "**/dist/**"],
    },
  );
  const hash = createHash("sha256");
  for (const file of files.toSorted()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Makes the bundle in `folder` where it is not there, or not of these sources. Safe beside others who do the same. */
export async function ensureBundle(folder: string): Promise<void> {
  const digest = digestInputs();
  if (isFresh(folder, digest)) return;
  const partial = `${folder}.${process.pid}.partial`;
  writeFileSync(join(await writeBundle(partial, digest), ".stamp"), digest);
  if (!isFresh(folder, digest)) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  }
  // Left where somebody else was first, with the same sources.
  rmSync(partial, { recursive: true, force: true });
}

function isFresh(folder: string, digest: string): boolean {
  const stamp = join(folder, ".stamp");
  return existsSync(stamp) && readFileSync(stamp, "utf8") === digest;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await ensureBundle(join(cli, "dist/bundle"));
