import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createRedactor,
  createSecretResolver,
  findSecretReferences,
  mapSecretProvider,
  TerminalError,
} from "../src/index.ts";

// The twelve of facts/reliability.md B.4, without the two that are refused.
const planted = {
  plain: "correct-horse-battery",
  url: "p@ss/w:rd?x=1&y#z",
  quotes: `it's "quoted" \\ slashed`,
  newline: "first line\nsecond line of it\r\nthird one",
  base64like: "aGVsbG8gd29ybGQ+/w==",
  regex: ".*+?^${}()|[]\\",
  unicode: "pässwörd-漢字-😀",
  json: '{"token":"abc\\"def","n":1}',
  pem: "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\nggSjAgEAAoIBAQC7VJTUt9Us8cKjMzEfYyji\n-----END PRIVATE KEY-----",
  word: "password",
};

/** Every form in which a value leaves a process. */
const forms: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  json: (secret) => JSON.stringify({ secret }),
  "json in json": (secret) => JSON.stringify(JSON.stringify({ secret })),
  "json in json in json": (secret) => JSON.stringify(JSON.stringify(JSON.stringify([secret]))),
  "escaped json": (secret) =>
    JSON.stringify(secret).replaceAll(/[^\0-~]|[<>&/]/gu, (c) =>
      Array.from({ length: c.length }, (_, unit) => `\\u${c.charCodeAt(unit).toString(16).padStart(4, "0")}`).join(""),
    ),
  percent: encodeURIComponent,
  "percent lower case": (secret) => encodeURIComponent(secret).replaceAll(/%../g, (text) => text.toLowerCase()),
  "percent of every byte": (secret) =>
    [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  form: (secret) => new URLSearchParams({ secret }).toString(),
  hex: (secret) => Buffer.from(secret).toString("hex"),
  "hex upper case": (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
  base64: (secret) => Buffer.from(secret).toString("base64"),
  base64url: (secret) => Buffer.from(secret).toString("base64url"),
  "base64 of user:secret": (secret) => Buffer.from(`user:${secret}`).toString("base64"),
  "base64 of ab:secret!": (secret) => Buffer.from(`ab:${secret}!`).toString("base64"),
  "base64 of a:secret!!": (secret) => Buffer.from(`a:${secret}!!`).toString("base64url"),
  html: (secret) =>
    secret
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
  sql: (secret) => `'${secret.replaceAll("'", "''")}'`,
};

/** What a thief would try on a text: undo each encoding and look for the secret. */
function reveals(text: string, secret: string): boolean {
  const tries = [
    text,
    ...text
      .split(/[^A-Za-z0-9+/_=-]/)
      .flatMap((part) => [Buffer.from(part, "base64").toString(), Buffer.from(part, "hex").toString()]),
  ];
  return tries.some((candidate) => candidate.includes(secret));
}

describe("redaction by value", () => {
  for (const [kind, secret] of Object.entries(planted)) {
    test.each(Object.keys(forms))(`${kind} is found as %s`, (form) => {
      const text = `before ${forms[form]?.(secret)} after`;
      const safe = createRedactor([secret]).redact(text);
      expect(safe).toContain("***");
      expect(safe.startsWith("before ")).toBe(true);
      expect(safe.endsWith(" after")).toBe(true);
      expect(reveals(safe, secret)).toBe(false);
      // Not even half of it stays.
      expect(safe.includes(secret.slice(0, Math.ceil(secret.length / 2)))).toBe(false);
    });
  }

  test("any secret in any form is found", () => {
    fc.assert(
      fc.property(
        fc
          .string({ unit: "grapheme", minLength: 8, maxLength: 40 })
          .filter((text) => text.isWellFormed() && text.length >= 8),
        fc.constantFrom(...Object.keys(forms)),
        (secret, form) => {
          const safe = createRedactor([secret]).redact(`<${forms[form]?.(secret)}>`);
          expect(reveals(safe, secret)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("an empty secret masks nothing, a short one is refused with its name", () => {
    const redactor = createRedactor([""]);
    expect(redactor.redact("all of this stays readable")).toBe("all of this stays readable");
    expect(() => redactor.add("abc", { name: "PIN" })).toThrow('Secret "PIN" has fewer than 8 characters');
    expect(() => createRedactor(["abc"])).toThrow("fewer than 8");
    redactor.add("abc", { allowShort: true });
    expect(redactor.redact("x abc y")).toBe("x *** y");
  });

  test("secrets that overlap leave nothing between them", () => {
    const redactor = createRedactor(["aaaabbbbcccc", "bbbbccccdddd"]);
    expect(redactor.redact("-aaaabbbbccccdddd-")).toBe("-***-");
    expect(createRedactor(["abababab"]).redact("xababababababy")).toBe("x***y");
  });

  test("lines of a key are secrets of their own", () => {
    const lines = planted.pem.split("\n");
    const safe = createRedactor([planted.pem]).redact(`indented:\n  ${lines[1]}\n  ${lines[2]}`);
    expect(safe).toBe("indented:\n  ***\n  ***");
  });

  test("a secret that was cut with its text stays hidden", () => {
    expect(createRedactor(["correct-horse-battery"]).redact("token correct-horse-b…")).toBe("token ***…");
  });

  test("passwords in URLs need not be known", () => {
    const redactor = createRedactor();
    expect(redactor.redact("postgres://app:s3cr3t@db:5432/x and amqp://u:p@ss@h/")).toBe(
      "postgres://app:***@db:5432/x and amqp://u:***@h/",
    );
    expect(redactor.redact("https://ghp_16C7e42F292c6912E7710c838347@github.com/a")).toBe("https://***@github.com/a");
    expect(redactor.redact("ssh://git@host/a http://h/p?e=a@b.c")).toBe("ssh://git@host/a http://h/p?e=a@b.c");
    expect(redactor.redact(redactor.redact("postgres://app:s3cr3t@db"))).toBe("postgres://app:***@db");
  });

  test("errors keep their class and lose the secret from message, stack, cause and fields", () => {
    const secret = planted.plain;
    const cause = Object.assign(new Error(`cause ${secret}`), { url: `http://x/?k=${secret}` });
    const error = new TerminalError({
      code: "STORE_IO",
      fault: "upstream",
      message: `failed with ${secret}`,
      cause,
      context: { [secret]: secret },
    });
    const safe = createRedactor([secret]).redactValue(error);
    expect(safe).toBeInstanceOf(TerminalError);
    expect(safe.message).toBe("failed with ***");
    expect(safe.stack).toContain("failed with ***");
    const all = [
      safe.message,
      safe.stack,
      (safe.cause as Error).message,
      (safe.cause as Error).stack,
      JSON.stringify(safe.cause),
      JSON.stringify(safe.context),
    ];
    for (const text of all) expect(text).not.toContain(secret);
    expect(error.message).toContain(secret);
  });

  test("values of any shape are copied without secrets", () => {
    const secret = planted.plain;
    const value: Record<string, unknown> = {
      list: [secret, 1, null],
      map: new Map([[secret, new Set([secret])]]),
      url: new URL(`http://u:${secret}@h/`),
      when: new Date(0),
      ["__proto__x"]: secret,
    };
    value["self"] = value;
    const safe = createRedactor([secret]).redactValue(value);
    expect(safe["list"]).toEqual(["***", 1, null]);
    expect(safe["map"]).toEqual(new Map([["***", new Set(["***"])]]));
    expect(safe["url"]).toBe("http://u:***@h/");
    expect(safe["self"]).toBe(safe);
    expect(safe["when"]).toEqual(new Date(0));
  });

  test("hostile text takes no more than linear time", () => {
    const redactor = createRedactor(["\\\\\\\\\\\\\\\\", 'a"b"c"d"e"f', "aaaaaaaaaaaaaaaa"]);
    const started = performance.now();
    redactor.redact("\\".repeat(50_000));
    redactor.redact(`${"a".repeat(15)}b`.repeat(5000));
    redactor.redact(`x://${"a".repeat(50_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("references", () => {
  const redactor = createRedactor();
  const resolver = createSecretResolver({
    secrets: mapSecretProvider({
      PG_URL: "postgres://app:very-secret@db/x",
      EMPTY: "",
      PIN: "123",
      LOOP: "${env.HOME_DIR} stays",
    }),
    environment: mapSecretProvider(async (name) => ({ HOME_DIR: "/home/somebody" })[name]),
    redactor,
    allowShort: [],
  });

  test("a whole reference and references inside a text are resolved and redacted from then on", async () => {
    expect(redactor.redact("very: postgres://app:very-secret@db/x")).toContain("very: postgres://app:***");
    expect(await resolver.resolve("secret:PG_URL")).toBe("postgres://app:very-secret@db/x");
    expect(await resolver.resolve("${env.HOME_DIR}/data-${secret:PG_URL}")).toBe(
      "/home/somebody/data-postgres://app:very-secret@db/x",
    );
    expect(redactor.redact("at /home/somebody, postgres://app:very-secret@db/x")).toBe("at ***, ***");
  });

  test("what a value contains is not resolved again", async () => {
    expect(await resolver.resolve("secret:LOOP")).toBe("${env.HOME_DIR} stays");
  });

  test("text without references stays", async () => {
    expect(await resolver.resolve("plain ${other} secret: text")).toBe("plain ${other} secret: text");
    expect(await resolver.resolveAll({ a: ["x", 1, null], d: new Date(0) })).toEqual({
      a: ["x", 1, null],
      d: new Date(0),
    });
    expect(await resolver.resolveAll({ dsn: ["secret:PG_URL"] })).toEqual({ dsn: ["postgres://app:very-secret@db/x"] });
  });

  test("what has no value is an error that names it, and an empty value is none", async () => {
    await expect(resolver.resolve("secret:NOPE")).rejects.toMatchObject({
      code: "CONFIG_SECRET_NOT_FOUND",
      context: { name: "NOPE" },
    });
    await expect(resolver.resolve("secret:EMPTY")).rejects.toMatchObject({ code: "CONFIG_SECRET_NOT_FOUND" });
    await expect(resolver.resolve("a ${env.UNSET}")).rejects.toMatchObject({ code: "DEFINITION_VARIABLE_UNSET" });
    await expect(resolver.resolve("secret:PIN")).rejects.toMatchObject({ code: "CONFIG_SECRET_TOO_SHORT" });
  });

  test("a name of Object's own is no secret", async () => {
    expect(await mapSecretProvider({}).get("constructor")).toBeUndefined();
    expect(await mapSecretProvider(new Map([["A", "value-of-a"]])).get("A")).toBe("value-of-a");
  });

  test("references can be listed without reading a value", () => {
    expect(findSecretReferences("secret:A")).toEqual([{ kind: "secret", name: "A" }]);
    expect(findSecretReferences("x ${env.B} ${secret:C/d}")).toEqual([
      { kind: "env", name: "B" },
      { kind: "secret", name: "C/d" },
    ]);
  });
});
