/** Crockford's base 32 in lower case: no letter that looks like a digit. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Letters that the random end of a UUIDv7 has: 62 bits, 5 a letter. */
const mostLetters = 12;

/**
 * The short form of a run id for people: letters from the random end of a UUID; an id that someone chose as it is.
 *
 * A longer form ends in each shorter one.
 *
 * @param letters - Range 4–12. @defaultValue 4, a million ids
 */
export function shortRunId(runId: string, letters = 4): string {
  if (!uuid.test(runId)) return runId;
  const random = BigInt(`0x${runId.slice(-16).replaceAll("-", "")}`);
  const shifts = Array.from({ length: Math.min(mostLetters, Math.max(4, letters)) }, (_, index) => BigInt(index * 5));
  return shifts
    .map((shift) => alphabet[Number((random >> shift) & 31n)])
    .toReversed()
    .join("");
}

/** Whether a text of four characters or more means a run: its id, the beginning of its id, or a short form of it. */
export function isRunIdMatch(runId: string, text: string): boolean {
  if (runId === text) return true;
  if (text.length < 4) return false;
  const wanted = text.toLowerCase();
  if (runId.toLowerCase().startsWith(wanted)) return true;
  return uuid.test(runId) && wanted.length <= mostLetters && shortRunId(runId, wanted.length) === wanted;
}
