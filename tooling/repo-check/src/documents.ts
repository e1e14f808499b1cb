import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileExists } from "./workspace.ts";

const documents = ["*.md", "docs/**/*.md", "{packages,apps,tooling}/**/*.md"];
const generated = /(^|\/)(node_modules|dist|\.readme|\.millrace|cases)\/|\.api\.md$|CHANGELOG\.md$/;
/** A path of this repository in running text or in a code span. */
const mention = /(?<![\w./@-])(?:packages|apps|tooling|docs|\.ci|\.changeset)\/[\w./@*{},<>-]*/g;
const link = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g;

/** Every path that a document names exists. Fenced blocks are left out: they show other people's folders. */
export function checkDocuments(root: string): readonly string[] {
  return globSync(documents, { cwd: root, exclude: ["**/node_modules", "**/dist"] })
    .filter((file) => !generated.test(file))
    .toSorted()
    .flatMap((file) => {
      const prose = readFileSync(join(root, file), "utf8").replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
      const links = [...prose.matchAll(link)].map((match) => match[1] ?? "");
      const relative = links.filter((path) => !/^[a-z]+:/i.test(path)).map((path) => join(dirname(file), path));
      const mentions = [...prose.replaceAll(link, "]").matchAll(mention)].map((match) =>
        match[0].replace(/[.,]+$/, ""),
      );
      const missing = [...new Set([...relative, ...mentions])].filter((path) => !pathExists(root, path));
      return missing.map((path) => `${file} names ${path}, which does not exist`);
    });
}

/** `<name>` stands for any name; `*` and braces are a pattern that matches at least one file. */
function pathExists(root: string, path: string): boolean {
  const pattern = path.replaceAll(/<[^>]*>/g, "*");
  return /[*{]/.test(pattern) ? globSync(pattern, { cwd: root }).length > 0 : fileExists(root, pattern);
}
