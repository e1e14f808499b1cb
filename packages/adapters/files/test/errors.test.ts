import { isMillraceError, RetryableError } from "@millrace/foundation";
import { describe, expect, test } from "vitest";
import { errnoOf, knownErrnos, toFileError } from "../src/errors.ts";

const native = (code: string): Error => Object.assign(new Error(`${code}: native text`), { code, syscall: "open" });

describe("errors of the file system", () => {
  const expected: Readonly<Record<string, string>> = {
    ENOENT: "STORE_OBJECT_NOT_FOUND terminal caller",
    EACCES: "STORE_IO terminal config",
    EPERM: "STORE_IO terminal config",
    EROFS: "STORE_IO terminal config",
    ENOSPC: "STORE_IO terminal config",
    EDQUOT: "STORE_IO terminal config",
    EFBIG: "STORE_IO terminal config",
    EMFILE: "STORE_IO retryable config",
    ENFILE: "STORE_IO retryable config",
    EIO: "STORE_IO retryable upstream",
    EBUSY: "STORE_IO retryable upstream",
    EAGAIN: "STORE_IO retryable upstream",
    ETIMEDOUT: "STORE_IO retryable upstream",
    ESTALE: "STORE_IO retryable upstream",
    EISDIR: "STORE_KEY_INVALID terminal caller",
    ENOTDIR: "STORE_KEY_INVALID terminal caller",
    ENOTEMPTY: "TARGET_EXISTS terminal caller",
    EEXIST: "TARGET_EXISTS terminal caller",
    ENAMETOOLONG: "STORE_KEY_INVALID terminal caller",
    ELOOP: "STORE_KEY_INVALID terminal caller",
    EXDEV: "STORE_IO terminal internal",
    ENOTSUP: "STORE_IO terminal config",
    EWEIRD: "STORE_IO terminal internal",
  };

  test.each(Object.entries(expected))("%s is %s", (errno, meaning) => {
    const cause = native(errno);
    const error = toFileError(cause, "rename", "/a to /b");
    expect(isMillraceError(error) && `${error.code} ${error.failureClass} ${error.fault}`).toBe(meaning);
    expect(error).toMatchObject({ cause, context: { errno, operation: "rename", path: "/a to /b" } });
    expect((error as Error).message).toMatch(/^Cannot rename \/a to \/b: \S.*\.$/);
    expect(errnoOf(error)).toBe(errno);
  });

  test("the table and its test know the same", () => {
    expect([...knownErrnos, "EWEIRD"].toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test("what is no error of the system passes through", () => {
    const ours = new RetryableError({ code: "STORE_IO", fault: "upstream", message: "ours" });
    const type = new TypeError("no");
    const nodes = native("ERR_INVALID_ARG_TYPE");
    for (const error of [ours, type, nodes, "text"]) expect(toFileError(error, "read", "/x")).toBe(error);
    expect([errnoOf(ours), errnoOf(type)]).toEqual([undefined, undefined]);
  });
});
