// Cells that text takes on a terminal: enough for aligned columns with names and data from any script.
const combining = /\p{M}|\p{Cf}/u;
const emoji = /\p{Emoji_Presentation}/u;

/** Number of terminal cells of a text without control characters. */
export function displayWidth(text: string): number {
  // Names and numbers are nearly always ASCII.
  if (/^[\u0020-\u007E]*$/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** East Asian wide characters and emoji take two cells (Unicode Standard Annex 11, the blocks that are wide as a whole). */
function cellsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (combining.test(character)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide || emoji.test(character) ? 2 : 1;
}

/** Text of at most `cells` cells; a cut one ends in `…`. */
export function truncateText(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  let taken = "";
  let width = 0;
  for (const character of text) {
    const next = cellsOf(character);
    if (width + next > cells - 1) break;
    taken += character;
    width += next;
  }
  return `${taken}…`;
}

/** A coloured line of at most `cells` cells: colour codes take none and are kept. */
export function truncateStyled(line: string, cells: number): string {
  // oxlint-disable-next-line no-control-regex -- colour codes begin with this control character
  const parts = line.split(/(\u001B\[\d+m)/);
  let left = cells;
  let cut = false;
  return parts
    .map((part) => {
      if (part.startsWith("\u001B")) return part;
      if (cut) return "";
      const width = displayWidth(part);
      const shown = width <= left ? part : truncateText(part, left);
      cut = width > left;
      left -= width;
      return shown;
    })
    .join("");
}

/** Text padded with blanks to `cells` cells. */
export function padText(text: string, cells: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, cells - displayWidth(text)));
  return align === "left" ? `${text}${blanks}` : `${blanks}${text}`;
}

/** Text on one line: control characters, which could move the cursor or hide text, are shown as escapes. */
export function escapeControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    if (character === "\t") return "\\t";
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  });
}
