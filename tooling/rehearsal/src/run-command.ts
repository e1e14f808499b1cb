import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The end of a failed command's output says why; `npm publish` lists every file before. */
const keptCharacters = 4000;

/** Resolves with what the command printed; rejects with the command and its output when it fails. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { cwd, env = process.env } = options;
  return new Promise((finish, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) finish(output);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}\n${output.slice(-keptCharacters)}`));
    });
  });
}
