/**
 * When a build step counts as up to date: its files' names and contents, and nothing else.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { build, fingerprint, listFiles } from "./build.mjs";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "unrolled-build-"));
  mkdirSync(join(root, "src/deep"), { recursive: true });
  writeFileSync(join(root, "src/b.ts"), "b");
  writeFileSync(join(root, "src/deep/a.ts"), "a");
});
afterEach(() => rmSync(root, { recursive: true }));

const hash = (): string => fingerprint(root, listFiles(root, ["src"]));

test("files are listed in a fixed order, and what does not exist is left out", () => {
  expect(listFiles(root, ["src", "absent"])).toEqual(["src/b.ts", "src/deep/a.ts"]);
});

test("a new time changes nothing; contents, a name or a new file do", () => {
  const before = hash();
  utimesSync(join(root, "src/b.ts"), 0, 0);
  expect(hash()).toBe(before);
  writeFileSync(join(root, "src/b.ts"), "B");
  const changed = hash();
  expect(changed).not.toBe(before);
  renameSync(join(root, "src/b.ts"), join(root, "src/c.ts"));
  const renamed = hash();
  expect(renamed).not.toBe(changed);
  writeFileSync(join(root, "src/d.ts"), "");
  expect(hash()).not.toBe(renamed);
});

test("a step that does not exist is refused", () => {
  expect(() => build(root, ["kernel"])).toThrow("no build step kernel; the steps are kernels, library, copy");
});
