// Rehearses a release: publishes every package to a registry on 127.0.0.1, installs the consumer project from it
// with npm and with pnpm, type-checks it and runs it. Needs a built dist.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { LocalRegistry } from "./local-registry.ts";
import { runCommand } from "./run-command.ts";

const root = resolve(import.meta.dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "millrace-rehearsal-"));
const started = performance.now();

function say(text: string): void {
  process.stdout.write(`rehearsal: ${text} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
}

async function rehearse(): Promise<void> {
  const upstream = (
    await runCommand("npm", ["config", "get", "registry", "--loglevel=error"], { cwd: scratch })
  ).trim();
  await using registry = await LocalRegistry.start({ toolchain: join(root, ".toolchain"), scratch, upstream });
  const userconfig = join(scratch, "npmrc");
  const token = await registry.signUp("rehearsal");
  writeFileSync(userconfig, `registry=${registry.url}\n//${registry.host}/:_authToken=${token}\n`);
  // Without the settings that pnpm exports to its scripts: npm warns of each that it does not know.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    npm_config_userconfig: userconfig,
    npm_config_loglevel: "error",
    no_proxy: "127.0.0.1",
    CI: "true",
  };
  say("registry is up");

  const anonymous = await fetch(new URL("millrace", registry.url));
  if (anonymous.status !== 401) throw new Error(`an anonymous reader got ${anonymous.status}, expected 401`);

  const published = await runCommand("pnpm", ["-r", "publish", "--no-git-checks", "--report-summary"], {
    cwd: root,
    env,
  });
  const summary = join(root, "pnpm-publish-summary.json");
  const { publishedPackages } = JSON.parse(readFileSync(summary, "utf8")) as {
    readonly publishedPackages: readonly { readonly name: string }[];
  };
  rmSync(summary);
  if (publishedPackages.length === 0) throw new Error(`nothing was published\n${published}`);
  say(`published ${publishedPackages.length} packages`);

  const managers = {
    npm: ["install", "--no-audit", "--no-fund", "--prefer-online", "--loglevel=error"],
    // The metadata of an earlier rehearsal on the same port would name other tarballs.
    pnpm: ["install", "--reporter=silent", `--config.cache-dir=${join(scratch, "pnpm-cache")}`],
  };
  for (const [manager, args] of Object.entries(managers)) {
    const cwd = join(scratch, `consumer-${manager}`);
    cpSync(join(root, "tooling/rehearsal/consumer"), cwd, { recursive: true });
    await runCommand(manager, args, { cwd, env });
    say(`${manager} installed the consumer`);
    await runCommand(join(cwd, "node_modules/.bin/tsc"), ["-p", "."], { cwd });
    say("it type-checks");
    const output = await runCommand(process.execPath, ["main.ts"], { cwd });
    say(`it runs: ${output.trim()}`);
  }
}

try {
  await rehearse();
  process.stdout.write("rehearsal: passed\n");
} catch (error) {
  process.stderr.write(`rehearsal: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
