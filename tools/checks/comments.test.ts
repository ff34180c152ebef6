/**
 * What the checks of headers and doc comments let through and what they refuse.
 */
import { expect, test } from "vitest";
import { checkDocComments, checkHeaders } from "./comments.js";

const headers = (text: string): readonly string[] => checkHeaders([{ path: "src/a.ts", text }]);
const docs = (text: string, path = "src/a.ts"): readonly string[] => checkDocComments([{ path, text }]);

test("a header is a block, after a shebang or a directive", () => {
  expect(headers("/** What it is. */\nconst a = 1;")).toEqual([]);
  expect(headers("/**\n * What it is.\n */\nconst a = 1;")).toEqual([]);
  expect(headers("#!/usr/bin/env node\n/** What it is. */\nconst a = 1;")).toEqual([]);
  expect(headers("// @ts-check\n/** What it is. */\nconst a = 1;")).toEqual([]);
});

test("a run of line comments is no header, whatever stands before it", () => {
  expect(headers("// What it is.\nconst a = 1;")[0]).toContain("a header of // lines");
  expect(headers("// What it is,\n// in two lines.\nconst a = 1;")[0]).toContain("a header of // lines");
  expect(headers("#!/usr/bin/env node\n// What it is.\nconst a = 1;")[0]).toContain("a header of // lines");
});

test("no header, a directive alone, or an essay is refused", () => {
  expect(headers("const a = 1; // What it is.")[0]).toContain("no header");
  expect(headers("")[0]).toContain("no header");
  expect(headers("#!/usr/bin/env node\nconst a = 1;")[0]).toContain("no header");
  expect(headers("// @ts-check\nconst a = 1;")[0]).toContain("no header");
  expect(headers("/**\n *\n */\nconst a = 1;")[0]).toContain("no header");
  expect(headers(`/**\n${" * line\n".repeat(12)} */`)).toEqual([]);
  expect(headers(`/**\n${" * line\n".repeat(13)} */`)[0]).toContain("header of 13 lines");
});

test.each([
  "function f() {}",
  "class C {}",
  "const c = 1;",
  "interface I {}",
  "type T = 1;",
  "default function () {}",
  "async function g() {}",
])("export %s needs a comment of its own", (declaration) => {
  expect(docs(`// Header.\nexport ${declaration}`)).toHaveLength(1);
  expect(docs(`/** Header. */\nexport ${declaration}`)).toHaveLength(1);
  expect(docs(`// Header.\n// Not a doc comment.\nexport ${declaration}`)).toHaveLength(1);
  expect(docs(`// Header.\n/** Says what it does. */\nexport ${declaration}`)).toEqual([]);
  expect(docs(`/** Header. */\n\n/** Says what it does. */\nexport ${declaration}`)).toEqual([]);
});

test("exports by list are found at their declaration; re-exports are documented elsewhere", () => {
  expect(docs("// Header.\nconst a = 1;\nexport { a as b };")).toEqual([
    "src/a.ts:2 exports a without a /** comment */",
  ]);
  expect(docs('// Header.\nexport { a } from "./b.js";\nexport * from "./c.js";')).toEqual([]);
});

test("overloads, and a type and a value of one name, need one comment among them", () => {
  expect(docs("// H.\n/** Doc. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;")).toEqual([]);
  expect(docs("// H.\n/** Doc. */\nexport const A = 1;\nexport type A = 1;")).toEqual([]);
});

test("numbers on neighbouring lines may share a comment; a blank line ends its reach, and other values have no share", () => {
  const numbers = "export const A = 0;\nexport const B = -1;\n";
  expect(docs(`// Header.\n\n// Kinds of rows.\n${numbers}`)).toEqual([]);
  expect(docs(`// Header.\n\n/** Kinds of rows. */\n${numbers}`)).toEqual([]);
  expect(docs(`// Header.\n${numbers}`)).toHaveLength(2);
  expect(docs(`// Header.\n\n// Kinds of rows.\n${numbers}\nexport const C = 2;\n`)).toHaveLength(1);
  expect(docs("// Header.\n\n// Tables.\nexport const a = [];\nexport const b = {};\n")).toHaveLength(2);
});

test("decorated AssemblyScript functions are understood; tests and other folders are not asked", () => {
  expect(
    docs("// H.\n/** Doc. */\n// @ts-ignore: a decorator\n@inline\nexport function f(): i32 { return 1; }"),
  ).toEqual([]);
  expect(docs("// H.\n@inline\nexport function f(): i32 { return 1; }")).toHaveLength(1);
  expect(docs("export const a = 1;", "src/a.test.ts")).toEqual([]);
  expect(docs("export const a = 1;", "tools/a.ts")).toEqual([]);
});
