/** Colours and signs of one stream. Without colours every function gives its text back. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly signs: Signs;
}

/** The five signs for people, the one for what runs, and the marks of lists and brackets. */
export interface Signs {
  readonly done: string;
  readonly warning: string;
  readonly failed: string;
  readonly crashed: string;
  readonly skipped: string;
  readonly running: string;
  readonly bracket: { readonly first: string; readonly middle: string; readonly last: string };
  readonly bar: { readonly full: string; readonly empty: string };
  readonly dot: string;
  readonly minus: string;
  readonly arrow: string;
  readonly ellipsis: string;
}

const unicodeSigns: Signs = {
  done: "✓",
  warning: "!",
  failed: "✗",
  crashed: "⚠",
  skipped: "–",
  running: "◐",
  bracket: { first: "┐", middle: "│", last: "┘" },
  bar: { full: "█", empty: "░" },
  dot: "·",
  minus: "−",
  arrow: "→",
  ellipsis: "…",
};

/** For LANG=C and consoles that draw nothing else. */
const asciiSigns: Signs = {
  done: "+",
  warning: "!",
  failed: "x",
  crashed: "!!",
  skipped: "-",
  running: "*",
  bracket: { first: "\\", middle: "|", last: "/" },
  bar: { full: "#", empty: "." },
  dot: "-",
  minus: "-",
  arrow: "->",
  ellipsis: "...",
};

/** Makes the style of a stream. */
export function createStyle(options: { readonly color: boolean; readonly unicode: boolean }): Style {
  const paint = (open: number, close: number): ((text: string) => string) =>
    options.color ? (text) => `\u001B[${open}m${text}\u001B[${close}m` : (text) => text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
    signs: options.unicode ? unicodeSigns : asciiSigns,
  };
}

/** Whether a stream gets colours: only a terminal, and not where the user says otherwise (no-color.org). */
export function wantsColor(stream: { readonly isTTY?: boolean }, environment: Environment, noColor: boolean): boolean {
  const refused = noColor || (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return stream.isTTY === true && !refused;
}

/** Whether signs beyond ASCII can be expected to show: anything but an explicit C or POSIX locale. */
export function wantsUnicode(environment: Environment): boolean {
  const locale = environment["LC_ALL"] || environment["LC_CTYPE"] || environment["LANG"] || "";
  return !/^(C|POSIX)$/i.test(locale) && environment["TERM"] !== "linux";
}

/** Variables of the process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
