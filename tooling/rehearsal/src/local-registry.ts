import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "./run-command.ts";

const verdaccio = "6.10.4";
const startTimeoutMs = 60_000;

/** Installs verdaccio once, apart from the workspace: it needs an override that no package of ours needs. */
async function ensureVerdaccio(toolchain: string): Promise<string> {
  const folder = join(toolchain, `verdaccio-${verdaccio}`);
  if (!existsSync(folder)) {
    const partial = `${folder}.${process.pid}.partial`;
    mkdirSync(partial, { recursive: true });
    // Its dependency asks for `node-fetch@cjs`, a tag that mirrors need not carry.
    const manifest = { private: true, dependencies: { verdaccio }, overrides: { "node-fetch": "2.7.0" } };
    writeFileSync(join(partial, "package.json"), JSON.stringify(manifest));
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await runCommand("npm", ["install", ...flags], { cwd: partial });
    if (existsSync(folder)) rmSync(partial, { recursive: true });
    else renameSync(partial, folder);
  }
  return join(folder, "node_modules/verdaccio/bin/verdaccio");
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export interface LocalRegistryOptions {
  readonly toolchain: string;
  readonly scratch: string;
  /** Where packages that are not ours come from. */
  readonly upstream: string;
}

/** A private registry on 127.0.0.1 that serves our packages to those who signed in, and passes the rest on. */
export class LocalRegistry {
  readonly url: string;
  readonly host: string;
  readonly #child: ReturnType<typeof spawn>;

  private constructor(port: number, child: ReturnType<typeof spawn>) {
    this.host = `127.0.0.1:${port}`;
    this.url = `http://${this.host}/`;
    this.#child = child;
  }

  static async start({ toolchain, scratch, upstream }: LocalRegistryOptions): Promise<LocalRegistry> {
    const program = await ensureVerdaccio(toolchain);
    const own = { access: "$authenticated", publish: "$authenticated" };
    // JSON is YAML. sha1 and jwt: bcrypt on every request would take most of the time of a rehearsal.
    const config = {
      storage: join(scratch, "storage"),
      auth: { htpasswd: { file: join(scratch, "htpasswd"), max_users: 10, algorithm: "sha1" } },
      security: { api: { legacy: false, jwt: { sign: { expiresIn: "1d" } } } },
      uplinks: { upstream: { url: upstream, cache: false, timeout: "60s", maxage: "1h" } },
      packages: { "@millrace/*": own, millrace: own, "**": { access: "$all", proxy: "upstream" } },
      log: { type: "stdout", format: "json", level: "error" },
      web: { enable: false },
      max_body_size: "200mb",
    };
    const file = join(scratch, "verdaccio.yaml");
    writeFileSync(file, JSON.stringify(config));
    const port = await findFreePort();
    const args = ["--no-warnings", program, "--config", file, "--listen", `127.0.0.1:${port}`];
    const child = spawn(process.execPath, args, { cwd: scratch, stdio: ["ignore", "inherit", "inherit"] });
    const registry = new LocalRegistry(port, child);
    await registry.#waitUntilReady();
    return registry;
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while (Date.now() < deadline && this.#child.exitCode === null) {
      const answer = await fetch(new URL("-/ping", this.url)).catch(() => undefined);
      if (answer?.ok === true) return;
      await sleep(100);
    }
    await this[Symbol.asyncDispose]();
    throw new Error("verdaccio did not start");
  }

  /** Creates a user and returns its token. */
  async signUp(name: string): Promise<string> {
    const answer = await fetch(new URL(`-/user/org.couchdb.user:${name}`, this.url), {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name, password: crypto.randomUUID() }),
    });
    const { token } = (await answer.json()) as { readonly token?: string };
    if (token === undefined) throw new Error(`verdaccio refused the user: ${answer.status}`);
    return token;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.kill();
    await closed;
  }
}
