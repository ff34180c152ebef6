/**
 * Which rings of imports the check finds, how it names them, and that an exception must be needed.
 */
import { expect, test } from "vitest";
import { checkImportCircles } from "./import-circles.js";

/** Files by name, each with its text; `a: "b c"` stands for the imports of a. */
const circles = (files: Record<string, string>, exceptions: readonly string[] = []): readonly string[] =>
  checkImportCircles(
    Object.entries(files).map(([name, text]) => ({
      path: `src/${name}`,
      text: text.replace(/^[\w ./]*$/, (names) =>
        names.replace(/\S+/g, (target) => `import { x } from "${target}";\n`),
      ),
    })),
    exceptions.map((place) => ({ within: `src/${place}`, reason: "a test" })),
  );

test("imports that branch and join again are no ring", () => {
  expect(circles({ "a.ts": "./b.js ./c.js", "b.ts": "./d.js", "c.ts": "./d.js ./b.js", "d.ts": "" })).toEqual(
    [],
  );
});

test("a ring is named in full, with the place of every import that belongs to it", () => {
  expect(
    circles({ "a.ts": "./b.js ./d.js", "b.ts": "./c/c.js", "c/c.ts": "../a.js", "d.ts": "./b.js" }),
  ).toEqual([
    "a ring of 4 files import each other: src/a.ts:1 imports src/b.ts; src/a.ts:2 imports src/d.ts; " +
      "src/b.ts:1 imports src/c/c.ts; src/c/c.ts:1 imports src/a.ts; src/d.ts:1 imports src/b.ts",
  ]);
});

test("two rings are two messages, and a file that leads into one belongs to none", () => {
  const found = circles({
    "in.ts": "./a.js",
    "a.ts": "./b.js",
    "b.ts": "./a.js ./c.js",
    "c.ts": "./d.js",
    "d.ts": "./c.js",
  });
  expect(found).toHaveLength(2);
  expect(found.join()).not.toContain("src/in.ts");
  expect(found.join()).not.toContain("src/b.ts:2");
});

test.each([
  ["a type", 'import type { X } from "./b.js";'],
  ["a type among names", 'import { type X } from "./b.js";'],
  ["a re-export", 'export * from "./b.js";'],
  ["a type in place", 'let x: import("./b.js").X;'],
  ["an import at run time", 'const b = await import("./b.js");'],
  ["an import for its effect", 'import "./b.js";'],
])("%s counts", (_, text) => {
  expect(circles({ "a.ts": text, "b.ts": "./a.js" })).toHaveLength(1);
  expect(circles({ "a.ts": "", "b.ts": "./a.js" })).toEqual([]);
});

test("a file that imports itself is a ring; AssemblyScript, without endings, is understood", () => {
  expect(circles({ "a.ts": "./a.js" })).toEqual([
    "a ring of 1 files import each other: src/a.ts:1 imports src/a.ts",
  ]);
  expect(circles({ "exec/wasm/assembly/a.ts": "./b", "exec/wasm/assembly/b.ts": "./a" })).toHaveLength(1);
});

test("tests and other folders are not asked", () => {
  expect(circles({ "a.test.ts": "./b.cases.js", "b.cases.ts": "./a.test.js" })).toEqual([]);
  const tools = ["a", "b"].map((name, i) => ({
    path: `tools/${name}.ts`,
    text: `import "./${["b", "a"][i]}.js";`,
  }));
  expect(checkImportCircles(tools, [])).toEqual([]);
});

test("an exception lets the rings of its folder through, not those that lead out of it, and must be needed", () => {
  const ring = { "x/a.ts": "./b.js", "x/b.ts": "./a.js" };
  expect(circles(ring, ["x/"])).toEqual([]);
  expect(circles({ "x/a.ts": "../b.js", "b.ts": "./x/a.js" }, ["x/"])).toEqual([
    expect.stringContaining("a ring of 2 files"),
    "the exception for a ring in src/x/ is not used: delete it",
  ]);
});
