/**
 * Applies every check to the repository itself.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import lockFile from "../../package-lock.json" with { type: "json" };
import { checkDocComments, checkHeaders } from "./comments.js";
import { checkFileLength } from "./file-length.js";
import { checkFlags } from "./flags.js";
import { checkFolderSize } from "./folder-size.js";
import { checkImportCircles } from "./import-circles.js";
import { checkImportDirection } from "./import-direction.js";
import { checkLinks, repositoryPages } from "./links.js";
import { checkLockFile } from "./lock-file.js";
import { checkDuplicateNames, checkSubpaths, publishedSources } from "./package-exports.js";
import { repositorySources, root } from "./sources.js";

const sources = repositorySources();
const published = publishedSources(packageJson.exports);

test("the checks see the repository", () => {
  expect(sources.map(({ path }) => path)).toContain("tools/checks/repository.test.ts");
});

test("imports go in one direction", () => expect(checkImportDirection(sources, published)).toEqual([]));
test("no files import each other", () => expect(checkImportCircles(sources)).toEqual([]));
test("no file is too long", () => expect(checkFileLength(sources)).toEqual([]));
test("no folder is too full", () => expect(checkFolderSize(sources)).toEqual([]));
test("every file has a header", () => expect(checkHeaders(sources)).toEqual([]));
test("every export has a comment", () => expect(checkDocComments(sources)).toEqual([]));
test("every subpath has a source", () => expect(checkSubpaths(packageJson.exports, sources)).toEqual([]));
test("no message of the library names a flag", () => expect(checkFlags(sources)).toEqual([]));
test("every name is exported once", () => expect(checkDuplicateNames(published, sources)).toEqual([]));
test("the lock file serves every machine", () => expect(checkLockFile(lockFile)).toEqual([]));
const otherLocks = ["bench/peers", "test/onnx", "tools/mutate", "tools/node24", "tools/site"];
test.each(otherLocks)("so does that of %s", (folder) => {
  const own = JSON.parse(readFileSync(join(root, folder, "package-lock.json"), "utf8"));
  expect(checkLockFile(own)).toEqual([]);
});
test("no link of a page is dead", () => {
  expect(checkLinks(repositoryPages(), (path) => existsSync(join(root, path)))).toEqual([]);
});
