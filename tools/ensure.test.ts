/**
 * When dependencies count as installed: the lock file against npm's own record of what it installed.
 */
import { expect, test } from "vitest";
import { firstMismatch } from "./ensure.mjs";

const a = { version: "1.0.0", integrity: "sha512-a" };
const lock = { packages: { "": {}, "node_modules/a": a, "node_modules/mac-only": { ...a, optional: true } } };

test("an absent optional package is no mismatch, nor is an additional one", () => {
  expect(firstMismatch(lock, { packages: { "node_modules/a": a } })).toBeUndefined();
  expect(firstMismatch(lock, { packages: { "node_modules/a": a, "node_modules/b": a } })).toBeUndefined();
});

test("no record, a missing package, another version and other contents are mismatches", () => {
  expect(firstMismatch(lock, undefined)).toBe("node_modules");
  expect(firstMismatch(lock, { packages: {} })).toBe("node_modules/a");
  expect(firstMismatch(lock, { packages: { "node_modules/a": { ...a, version: "1.0.1" } } })).toBe(
    "node_modules/a",
  );
  expect(firstMismatch(lock, { packages: { "node_modules/a": { ...a, integrity: "x" } } })).toBe(
    "node_modules/a",
  );
});
