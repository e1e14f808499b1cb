/** Deepest escaping that a pattern looks through: JSON inside JSON inside JSON doubles each backslash three times. */
const escapes = 8;

const named: Readonly<Record<string, readonly string[]>> = {
  '"': ['\\\\{0,8}"', "&quot;", "&#34;", "&#x22;"],
  // Doubled inside an SQL text.
  "'": ["'{1,2}", "&#39;", "&#x27;", "&apos;"],
  "&": ["&amp;", "&"],
  "<": ["&lt;", "<"],
  ">": ["&gt;", ">"],
  "/": ["\\\\{0,8}/"],
  "\n": ["(?:\\r?\\n)", "\\\\{1,8}n", "(?:\\\\{1,8}r)?\\\\{1,8}n"],
  "\r": ["\\r", "\\\\{1,8}r"],
  "\t": ["\\t", "\\\\{1,8}t"],
  " ": [" ", "\\+"],
};

/**
 * A pattern that finds a secret in text however it was written: as it is, percent-encoded, escaped in JSON (also
 * JSON inside JSON), HTML or SQL, in hexadecimal, in base64 (both alphabets, also inside a longer encoded text).
 */
export function createSecretPattern(secret: string): RegExp {
  return new RegExp([writtenForm(secret), ...encodedForms(Buffer.from(secret, "utf8"))].join("|"), "gu");
}

/** Character by character, each in any of its forms: encoders disagree on which characters they change. */
function writtenForm(secret: string): string {
  const runs = secret.match(/\\+|[\s\S]/gu) ?? [];
  return runs.map((run) => (run.startsWith("\\") ? backslashes(run.length) : `(?:${formsOf(run).join("|")})`)).join("");
}

/** A run as one bounded repeat: a repeat for each backslash would take exponential time on a text of backslashes. */
function backslashes(count: number): string {
  return `(?:\\\\{${count},${count * escapes}}|(?:%5[Cc]){${count},${count * 2}})`;
}

function formsOf(character: string): readonly string[] {
  const plain = Object.hasOwn(named, character) ? (named[character] ?? []) : [escapeForPattern(character)];
  const percent = [...Buffer.from(character, "utf8")].map((byte) => `%${anyCase(byte.toString(16).padStart(2, "0"))}`);
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const unicode = units.map((unit) => `\\\\{1,8}u${anyCase(unit.toString(16).padStart(4, "0"))}`);
  return [...plain, percent.join(""), unicode.join("")];
}

function encodedForms(bytes: Buffer): readonly string[] {
  return [anyCase(bytes.toString("hex")), ...[0, 1, 2].map((offset) => base64Form(bytes, offset))];
}

/**
 * Base64 of a text that has the secret somewhere, by the secret's offset in a group of three bytes.
 *
 * Characters that also carry bits of neighbours are any character of the alphabet.
 */
function base64Form(bytes: Buffer, offset: number): string {
  const bits = (offset + bytes.length) * 8;
  const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(bits / 6);
  const inner = text.slice(first, last).replaceAll("+", "[+-]").replaceAll("/", "[/_]");
  const before = offset === 0 ? "" : "[A-Za-z0-9+/_-]?";
  const after = bits % 6 === 0 ? "" : "[A-Za-z0-9+/_-]?={0,2}";
  return `${before}${inner}${after}`;
}

function anyCase(hexadecimal: string): string {
  return hexadecimal.replaceAll(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);
}

function escapeForPattern(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}
