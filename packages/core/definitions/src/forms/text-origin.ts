/**
 * From an offset in a value to the offset in the text that wrote it.
 *
 * Each function takes the text of a file and the stretch of one scalar in it, and gives, for each UTF-16 code unit of the value,
 * where it was written. An offset beyond the value gives the end.
 */

/** Where a code unit of a value was written. */
export type Origin = (offset: number) => number;

/** A value that stands in the text as it is. */
export function plainOrigin(start: number): Origin {
  return (offset) => start + offset;
}

/** A JSON text, its quotes included in the stretch: escapes are several characters for one. */
export function jsonStringOrigin(text: string, start: number): Origin {
  return (offset) => {
    let at = start + 1;
    for (let unit = 0; unit < offset && text[at] !== '"' && at < text.length; unit++)
      at += text[at] !== "\\" ? 1 : text[at + 1] === "u" ? 6 : 2;
    return at;
  };
}

/** A quoted CSV cell, its quotes included in the stretch: two quotes stand for one. */
export function csvQuotedOrigin(text: string, start: number): Origin {
  return (offset) => {
    let at = start + 1;
    for (let unit = 0; unit < offset && at < text.length; unit++) at += text[at] === '"' ? 2 : 1;
    return at;
  };
}
