/**
 * How many files a folder may hold, and which files count.
 */
import { expect, test } from "vitest";
import { checkFolderSize, MAX_FILES } from "./folder-size.js";

const files = (folder: string, count: number, ending = ".ts") =>
  Array.from({ length: count }, (_, i) => ({ path: `${folder}/file${i}${ending}`, text: "" }));

test("a folder of exactly the maximum passes; tests, suites and subfolders do not count", () => {
  expect(
    checkFolderSize([
      ...files("src/a", MAX_FILES),
      ...files("src/a", 5, ".test.ts"),
      ...files("src/a", 5, ".cases.ts"),
      ...files("src/a/b", MAX_FILES),
    ]),
  ).toEqual([]);
});

test("one file more is refused, by the folder's name; other folders are not asked", () => {
  expect(checkFolderSize([...files("src/a", MAX_FILES + 1), ...files("tools", 40)])).toEqual([
    "src/a holds 21 files; give what belongs together a folder, at most 20",
  ]);
});
