/**
 * What the check of the lock file lets through and what it refuses.
 */
import { expect, test } from "vitest";
import { checkLockFile } from "./lock-file.js";

const tool = { optionalDependencies: { "tool-mac": "1.0.0" } };

test("a listed optional package passes, at the top or nested", () => {
  expect(checkLockFile({ packages: { "node_modules/tool": tool, "node_modules/tool-mac": {} } })).toEqual([]);
  const nested = { "node_modules/tool": tool, "node_modules/tool/node_modules/tool-mac": {} };
  expect(checkLockFile({ packages: nested })).toEqual([]);
});

test("a missing optional package and the address of a registry are refused", () => {
  expect(checkLockFile({ packages: { "node_modules/tool": tool } })[0]).toContain("an entry for tool-mac");
  const resolved = "https://registry.example/a.tgz";
  expect(checkLockFile({ packages: { "node_modules/a": { resolved } } })[0]).toContain("is tied to");
});
