// Bundles the command line: one small file that every start loads, and a chunk for each command.
//   node apps/cli/scripts/bundle.ts            (part of `npm run build`)
// What users import too, and what is native, stays outside: @duckdb, and vitest of the project.
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const cli = resolve(import.meta.dirname, "..");
const apps = resolve(cli, "..");

/** Modules that stay outside the bundle. */
export const externals: readonly RegExp[] = [/^node:/, /^@duckdb\//, /^vitest$/];

/** Writes the bundle into an empty folder, and gives the folder. */
async function writeBundle(folder: string): Promise<string> {
  const digest = digestInputs();
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
    resolve: { conditionNames: ["@millrace/source", "import", "module", "node", "default"] },
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
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } },
    sourcemap: false,
  });
  await bundle.close();
  return folder;
}

/** Digest of every file that the bundle is made of: the same digest needs no second bundle. */
function digestInputs(): string {
  const root = resolve(apps, "..");
  const files = globSync(["{packages,apps}/**/src/**/*.ts", "pnpm-lock.yaml", "apps/cli/package.json", "apps/cli/scripts/bundle.ts"], {
    cwd: root,
    exclude: ["**/node_modules/**", "**/dist/**"],
  });
  const hash = createHash("sha256");
  for (const file of files.toSorted()) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Makes the bundle in `folder` where it is not there, or not of these sources. Safe beside others who do the same. */
export async function ensureBundle(folder: string): Promise<void> {
  const stamp = join(folder, ".stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digestInputs()) return;
  const partial = `${folder}.${process.pid}.partial`;
  writeFileSync(join(await writeBundle(partial), ".stamp"), digestInputs());
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(partial, folder);
  } catch {
    // Somebody else was first, with the same sources.
    rmSync(partial, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(cli, "dist/bundle");
  await ensureBundle(folder);
  const bytes = globSync("*.js", { cwd: folder }).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  process.stdout.write(`apps/cli/dist/bundle: ${Math.round(bytes / 1024)} kB\n`);
}
