/**
 * What the check of the lock file lets through and what it refuses.
 */
import { expect, test } from "vitest";
import { checkLockFile } from "./lock-file.js";

const integrity = `sha512-${"a".repeat(86)}==`;
const tool = { integrity, optionalDependencies: { "tool-mac": "1.0.0" } };

test("a listed optional package passes, at the top or nested", () => {
  expect(
    checkLockFile({ packages: { "node_modules/tool": tool, "node_modules/tool-mac": { integrity } } }),
  ).toEqual([]);
  const nested = { "node_modules/tool": tool, "node_modules/tool/node_modules/tool-mac": { integrity } };
  expect(checkLockFile({ packages: nested })).toEqual([]);
});

test("a missing optional package and the address of a registry are refused", () => {
  expect(checkLockFile({ packages: { "node_modules/tool": tool } })[0]).toContain("an entry for tool-mac");
  const resolved = "https://registry.example/a.tgz";
  expect(checkLockFile({ packages: { "node_modules/a": { resolved, integrity } } })[0]).toContain(
    "is tied to",
  );
});

test("a package without the hash of what was published is refused, but for those inside the archive of another", () => {
  for (const entry of [{ version: "1.0.0" }, { integrity: "sha1-YWJj" }, { integrity: "sha512-" }])
    expect(checkLockFile({ packages: { "node_modules/a": entry } })[0]).toContain("has no integrity");
  const packages = {
    "": {},
    "node_modules/a": { integrity },
    "node_modules/a/node_modules/b": { inBundle: true },
  };
  expect(checkLockFile({ packages })).toEqual([]);
});
