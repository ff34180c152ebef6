/**
 * What the checks of package.json's exports let through and what they refuse.
 */
import { expect, test } from "vitest";
import { checkDuplicateNames, checkSubpaths, publishedSources } from "./package-exports.js";

const good = {
  ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
  "./exec/wasm": { types: "./dist/exec/wasm/index.d.ts", default: "./dist/exec/wasm/index.js" },
  "./data/node": { types: "./dist/data/node.d.ts", default: "./dist/data/node.js" },
  "./package.json": "./package.json",
};
const sources = ["src/index.ts", "src/exec/wasm/index.ts", "src/data/node.ts"].map((path) => ({
  path,
  text: "",
}));

test("subpaths whose sources exist pass", () => {
  expect(publishedSources(good)).toEqual(sources.map(({ path }) => path));
  expect(checkSubpaths(good, sources)).toEqual([]);
});

test("a missing source, another file, and `types` after `default` are refused", () => {
  expect(checkSubpaths(good, sources.slice(1))).toEqual([". has no src/index.ts"]);
  const other = { types: "./dist/main.d.ts", default: "./dist/main.js" };
  expect(checkSubpaths({ ".": other }, sources)[0]).toContain(". should be");
  const order = { default: "./dist/index.js", types: "./dist/index.d.ts" };
  expect(checkSubpaths({ ".": order }, sources)[0]).toContain(". should be");
});

const duplicates = (files: Readonly<Record<string, string>>): readonly string[] =>
  checkDuplicateNames(
    ["src/index.ts"],
    Object.entries(files).map(([path, text]) => ({ path, text })),
  );

test("one place per name passes, overloads and a type beside its value included", () => {
  const problems = duplicates({
    "src/index.ts":
      'export * from "./a.js"; export { c, type D as E } from "./b.js"; export * as f from "./b.js";',
    "src/a.ts":
      "export const a = 1; export type a = 1; export function b(x: 1): 1; export function b(x: 2): 2;",
    "src/b.ts": "export const c = 1; export type D = 1;",
  });
  expect(problems).toEqual([]);
});

test("a name from two files is refused, also behind stars of stars", () => {
  const problems = duplicates({
    "src/index.ts": 'export * from "./a.js"; export { x } from "./b.js";',
    "src/a.ts": 'export * from "./deep.js";',
    "src/deep.ts": "export const x = 1;",
    "src/b.ts": "export const x = 2;",
  });
  expect(problems).toEqual(["src/index.ts exports x more than once: from src/a.ts and src/b.ts"]);
});

test("the same name listed twice is refused", () => {
  const problems = duplicates({
    "src/index.ts": 'export * from "./a.js"; export { x } from "./a.js";',
    "src/a.ts": "export const x = 1;",
  });
  expect(problems).toHaveLength(1);
});
