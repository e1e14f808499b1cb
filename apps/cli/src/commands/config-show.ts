import type { JsonValue } from "@millrace/protocols";
import type { CommandModule } from "../command-line/command.ts";
import { toDocumentErrors } from "../command-result.ts";
import { formatFindings } from "../output/findings.ts";
import { escapeControls } from "../output/text-width.ts";
import { shownPath } from "../project/pipeline-paths.ts";
import { findRoot, loadConfig } from "../project/project.ts";

/** `millrace config show`. */
export const command: CommandModule = {
  run: async (context) => {
    const { root, workingFolder } = await findRoot(context);
    const loaded = await loadConfig(context, root, workingFolder);
    const isExplained = context.flags.has("explain");
    const { style } = context;
    const show = (file: string): string => shownPath(file, workingFolder);
    const settings = loaded.settings.map((setting) => ({
      key: setting.key,
      value: setting.value ?? null,
      source: setting.source,
      detail: setting.source === "file" ? show(setting.detail) : setting.detail,
      ...(setting.position === undefined
        ? {}
        : {
            file: show(setting.position.file),
            ...(setting.position.line === undefined ? {} : { line: setting.position.line }),
          }),
    }));
    const width = Math.max(...settings.map(({ key }) => key.length));
    const values = settings.map(({ value }) => formatValue(value, show));
    const valueWidth = Math.min(40, Math.max(...values.map((value) => value.length)));
    const lines = settings.map((setting, index) => {
      const line = "line" in setting ? `:${setting.line}` : "";
      const origin = isExplained ? `  ${style.dim(`${setting.detail}${line}`)}` : "";
      return ` ${setting.key.padEnd(width)}  ${(values[index] ?? "").padEnd(isExplained ? valueWidth : 0)}${origin}`;
    });
    const head = isExplained
      ? [style.dim(" last wins: built in, file, environments.<env>, .env, MILLRACE_*, flags"), ""]
      : [];
    const isBroken = loaded.config === undefined;
    if (loaded.issues.length > 0)
      context.io.stderr.write(
        `${formatFindings(loaded.issues, { context, workingFolder, text: (file) => loaded.text(file) })}\n`,
      );
    const data: JsonValue = {
      root,
      environment: loaded.config?.environment ?? null,
      files: [...loaded.files],
      settings,
    };
    return {
      exitCode: isBroken ? 20 : 0,
      data,
      errors: toDocumentErrors(loaded.issues),
      text: [` ${style.bold(escapeControls(root))}`, ...head, ...lines].join("\n"),
    };
  },
};

function formatValue(value: JsonValue, show: (file: string) => string): string {
  if (value === null) return "-";
  if (typeof value === "string") return escapeControls(value.startsWith("/") ? show(value) : value);
  return JSON.stringify(value);
}
