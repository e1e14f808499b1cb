// Runs one script of the root package.json with the Node and pnpm this repository needs:
//   node tooling/bootstrap.mjs <script> [arguments]
//   node tooling/bootstrap.mjs millrace [arguments]   the command line from its sources, in the caller's folder
//   node tooling/bootstrap.mjs --path                 only prints what tooling/x puts before PATH
// Needs only Node >= 18 and npm. What is missing is installed from the npm registry, once, into .toolchain/.
// No dependencies, and no effect outside the repository.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, ".toolchain");
const windows = process.platform === "win32";

/** `npm run` exports its own settings; those below change where an inner npm or pnpm installs, or what it prints. */
const inherited =
  /^npm_config_(registry|cache|cafile|ca|userconfig|globalconfig|proxy|https_proxy|noproxy|strict_ssl)$|^npm_config_(@|\/\/)/i;
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name, value]) => !/^npm_/i.test(name) || (inherited.test(name) && value !== "")),
);

Object.assign(environment, { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" });

function fail(message) {
  console.error(`bootstrap: ${message}`);
  process.exit(1);
}

/** The range of package.json#engines, in code: type stripping without a flag, and `node:sqlite`. */
function isSupported(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

function runNpm(args) {
  const cli = process.env.npm_execpath;
  const viaNode = cli !== undefined && /npm-cli\.[cm]?js$/.test(cli);
  const [command, first] = viaNode ? [process.execPath, [cli]] : ["npm", []];
  return spawnSync(command, [...first, ...args], {
    cwd: toolchain,
    env: environment,
    shell: windows && !viaNode,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
}

/** Installs `name@version` once and returns its folder. Two runs at the same time are safe: the first rename wins. */
function ensurePackage(name, version) {
  const folder = join(toolchain, `${name}-${version}`);
  if (existsSync(folder)) return join(folder, "node_modules", name);
  const partial = `${folder}.${process.pid}.partial`;
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(partial, "package.json"), "{}\n");
  console.error(`bootstrap: installing ${name} ${version} into .toolchain/ (once)`);
  const result = runNpm([
    "install",
    "--prefix",
    partial,
    "--no-audit",
    "--no-fund",
    "--no-save",
    "--ignore-scripts",
    "--loglevel=error",
    `${name}@${version}`,
  ]);
  if (result.status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    fail(`npm could not install ${name}@${version}\n${result.stderr ?? result.error}`);
  }
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return join(folder, "node_modules", name);
}

/** The folder of a supported Node: the running one if it will do, else the version in .node-version. */
function resolveNodeFolder() {
  if (isSupported(process.version)) return dirname(process.execPath);
  const version = readFileSync(join(root, ".node-version"), "utf8").trim();
  // The platform packages behind the npm package `node`; taken directly, no install script has to run.
  const platform = windows ? "win" : process.platform;
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const folder = join(ensurePackage(`${prefix}-${platform}-${process.arch}`, version), "bin");
  const check = spawnSync(join(folder, windows ? "node.exe" : "node"), ["--version"], { encoding: "utf8" });
  if (check.stdout?.trim() !== `v${version}`) {
    fail(
      `the Node ${version} of npm does not run on this system. Install Node 22.18, 24 or newer by hand and start again.`,
    );
  }
  return folder;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
mkdirSync(toolchain, { recursive: true });
for (const name of readdirSync(toolchain)) {
  // Left by a killed run. An hour is longer than any install still under way.
  const folder = join(toolchain, name);
  if (name.endsWith(".partial") && Date.now() - statSync(folder).mtimeMs > 3_600_000)
    rmSync(folder, { recursive: true, force: true });
}
const nodeFolder = resolveNodeFolder();
const pnpm = ensurePackage("pnpm", manifest.packageManager.split("@")[1].split("+")[0]);
const pathName = Object.keys(environment).find((name) => /^path$/i.test(name)) ?? "PATH";
const added = [nodeFolder, join(dirname(pnpm), ".bin")];
if (process.argv[2] === "--path") {
  console.log([...added, join(root, "node_modules", ".bin")].join(delimiter));
  process.exit(0);
}
environment[pathName] = [...added, environment[pathName]].join(delimiter);
const node = join(nodeFolder, windows ? "node.exe" : "node");
const pnpmEntry = join(pnpm, "bin", "pnpm.cjs");

function children(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

/** Every folder that pnpm-workspace.yaml calls a package: `packages/` at both depths, `apps/<name>`, `tooling/<name>`. */
function listManifests() {
  const packages = children(join(root, "packages"));
  const folders = [
    ...packages,
    ...packages.flatMap(children),
    ...children(join(root, "apps")),
    ...children(join(root, "tooling")),
  ];
  return folders.map((folder) => join(folder, "package.json")).filter((file) => existsSync(file));
}

// Install only when an input of the lockfile changed since the last time.
const stamp = join(root, "node_modules", ".bootstrap-stamp");
const inputs = [
  ...["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"].map((file) => join(root, file)),
  ...listManifests(),
];
const digest = inputs
  .reduce((hash, file) => hash.update(readFileSync(file)), createHash("sha256").update(nodeFolder))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== digest) {
  const install = spawnSync(
    node,
    [pnpmEntry, "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only", "--loglevel=warn"],
    {
      cwd: root,
      env: { ...environment, CI: "true" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if (install.status !== 0) process.exit(install.status ?? 1);
  writeFileSync(stamp, digest);
}

const [script, ...args] = process.argv.slice(2);
// npm and pnpm change to the root first; INIT_CWD is where the user typed the command.
const [command, cwd] =
  script === "millrace"
    ? [["--conditions=@millrace/source", join(root, "apps", "cli", "src", "main.ts")], process.env.INIT_CWD ?? "."]
    : [[pnpmEntry, "--silent", "run", script], root];
// As the command's own entry does: DuckDB's statements and file calls wait in one pool of threads.
const variables = script === "millrace" ? { UV_THREADPOOL_SIZE: "16", ...environment } : environment;
const child = spawn(node, [...command, ...args], { cwd, env: variables, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => signal === "SIGINT" || child.kill(signal));
child.on("error", (error) => fail(error.message));
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? code : 1;
});
