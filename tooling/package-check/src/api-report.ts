import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel, ExtractorMessageCategory } from "@microsoft/api-extractor";
import type { ExtractorResult } from "@microsoft/api-extractor";
import type { PublishedPackage } from "./published-packages.ts";

export interface ApiReportOptions {
  readonly root: string;
  readonly scratch: string;
  /** Rewrites the reports instead of comparing them. */
  readonly write: boolean;
}

/** Compares the API report of each entry of a built package. One sentence per problem. */
export function checkApiReports(entry: PublishedPackage, options: ApiReportOptions): readonly string[] {
  const [main] = entry.entries.keys();
  return [...entry.entries].flatMap(([reportName, declarations]) => {
    if (!existsSync(join(entry.folder, declarations)))
      return [`${entry.name}: ${declarations} is missing; run "pnpm build"`];
    const mainExports = reportName === main ? new Set<string>() : readExports(join(entry.folder, `${main}.api.md`));
    const problems = checkApiReport(entry, { ...options, reportName, declarations, mainExports });
    return problems.map((problem) => `${entry.name}: ${problem}`);
  });
}

function readExports(report: string): ReadonlySet<string> {
  if (!existsSync(report)) return new Set();
  const names = readFileSync(report, "utf8").matchAll(/^export (?:abstract |declare )?\w+ (\w+)/gm);
  return new Set(Array.from(names, ([, name]) => name ?? ""));
}

interface EntryOptions extends ApiReportOptions {
  readonly reportName: string;
  readonly declarations: string;
  readonly mainExports: ReadonlySet<string>;
}

function checkApiReport({ folder }: PublishedPackage, options: EntryOptions): readonly string[] {
  const { root, scratch, write, reportName, declarations, mainExports } = options;
  const problems: string[] = [];
  const configObject = ExtractorConfig.loadFile(join(import.meta.dirname, "../api-extractor.json"));
  configObject.projectFolder = folder;
  configObject.mainEntryPointFilePath = join(folder, declarations);
  // Outside the package: what lies in dist/ is published.
  const temporary = join(scratch, reportName);
  mkdirSync(temporary, { recursive: true });
  // The extractor appends ".api.md".
  configObject.apiReport = { ...configObject.apiReport, enabled: true, reportFileName: reportName };
  configObject.apiReport.reportTempFolder = temporary;
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, "package.json"),
  });
  let result: ExtractorResult;
  try {
    result = Extractor.invoke(config, {
      localBuild: write,
      messageCallback(message) {
        message.handled = true;
        // A second entry may use what the first one exports.
        const symbol = /^The symbol "(\w+)" needs to be exported/.exec(message.text)?.[1];
        if (message.messageId === "ae-forgotten-export" && symbol !== undefined && mainExports.has(symbol))
          message.logLevel = ExtractorLogLevel.None;
        else if (message.logLevel === ExtractorLogLevel.Error && message.category !== ExtractorMessageCategory.Console)
          problems.push(message.formatMessageWithLocation(root));
      },
    });
  } catch (error) {
    // The extractor throws on declarations that it cannot follow; the other packages are still worth reading.
    return [`api-extractor cannot read ${declarations}: ${String(error)}`];
  }
  const file = join(folder, `${reportName}.api.md`);
  if (result.apiReportChanged && !write)
    problems.push(`the API differs from ${reportName}.api.md; run "pnpm package-check --write" and review the change`);
  if (existsSync(file)) {
    const undocumented = /^\/\/ @\w+ \(undocumented\)\nexport (?:abstract |declare )?\w+ (\w+)/gm;
    for (const [, symbol] of readFileSync(file, "utf8").matchAll(undocumented))
      problems.push(`the export ${symbol} has no documentation`);
  }
  return problems;
}
