import { formatCount } from "@millrace/foundation";
import { shorten } from "../finding.ts";

/** Longest name: it becomes part of a file name, of which file systems take 255 bytes. */
const maxLength = 128;

/** Device names of Windows: a file of such a name cannot be made there, whatever its extension. */
const device = /^(?:con|prn|aux|nul|(?:com|lpt)\d)(?:\.|$)/i;

/** The pattern of a good name; the sentences of `nameProblem` say what breaks it. */
const good = /^[A-Za-z_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?$/;

/**
 * Why a text cannot name a pipeline, step, dataset or logical input, or undefined where it can.
 *
 * Names become parts of paths, SQL and terminal output. ASCII alone has no twins that look the same: `é` has two spellings,
 * `а` is Cyrillic, and some characters turn the direction of a line.
 */
export function nameProblem(name: string): string | undefined {
  if (name.length <= maxLength && good.test(name))
    return device.test(name)
      ? "it is a device name on Windows"
      : name === "__proto__"
        ? "it is reserved by JavaScript"
        : undefined;
  if (name === "") return "it is empty";
  if (name.length > maxLength) return `it has ${formatCount(name.length)} characters; ${maxLength} are allowed`;
  if (name.trim() !== name) return name.trimStart() === name ? "it ends in a space" : "it begins with a space";
  if (name === "." || name === ".." || /^\.{1,2}[/\\]/.test(name)) return "it is a relative path";
  const bad = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (bad !== undefined) return `it has ${describeCharacter(bad)}`;
  return name.endsWith(".") ? 'it ends in "."' : `it begins with ${shorten(name.slice(0, 1))}`;
}

function describeCharacter(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  if (/\p{M}/u.test(character)) return `the combining character ${code}`;
  if (/[\p{Cc}\p{Cf}\p{Z}]/u.test(character)) return `the invisible character ${code}`;
  if (/[\p{Extended_Pictographic}\p{Cs}]/u.test(character)) return `the emoji ${code}`;
  return /^[\u0020-\u007e]$/.test(character)
    ? `the character ${shorten(character)}`
    : `the character ${shorten(character)} (${code})`;
}

/** A name that is close to a text and can be used, for a suggestion. */
export function usableName(text: string): string | undefined {
  const plain = text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^A-Za-z0-9_.-]+/g, "_")
    .replaceAll(/^[^A-Za-z_]+|[_.]+$/g, "")
    .slice(0, maxLength);
  return plain !== "" && nameProblem(plain) === undefined ? plain : undefined;
}
