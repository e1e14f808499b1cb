import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { vi } from "vitest";

// A test starts Node.
vi.setConfig({ testTimeout: 30_000 });

/** A folder with the files of somebody's project, in which Node runs as it does for them. */
export interface NodeProject extends Disposable {
  readonly root: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Runs a module there and gives what it passed to `report(…)`. Without the test runner between: its imports are Node's own. */
  run(script: string): Promise<unknown>;
}

const packageRoot = join(import.meta.dirname, "..");

/** Makes a project. `linked` are packages of this workspace that it has installed, by name and folder. */
export function createNodeProject(
  files: Readonly<Record<string, string>>,
  linked: Readonly<Record<string, string>> = { "@millrace/sdk": packageRoot },
): NodeProject {
  const root = mkdtempSync(join(tmpdir(), "millrace-project-"));
  const write = (named: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(named)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  write({ "package.json": '{ "type": "module" }', ...files });
  for (const [name, folder] of Object.entries(linked)) {
    mkdirSync(dirname(join(root, "node_modules", name)), { recursive: true });
    symlinkSync(folder, join(root, "node_modules", name));
  }
  return {
    root,
    write,
    run(script) {
      const entry = join(root, "__entry.mts");
      writeFileSync(
        entry,
        `const report = (value: unknown) => console.log("\\n@@" + JSON.stringify(value));\n${script}`,
      );
      return new Promise((resolve, reject) => {
        execFile(
          process.execPath,
          ["--conditions=@millrace/source", entry],
          { cwd: root, timeout: 60_000 },
          (error, stdout, stderr) => {
            const line = stdout.split("\n").findLast((one) => one.startsWith("@@"));
            if (line === undefined)
              reject(new Error(`nothing was reported: ${error?.message ?? ""}\n${stdout}\n${stderr}`));
            else resolve(JSON.parse(line.slice(2)));
          },
        );
      });
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
