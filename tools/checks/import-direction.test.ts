/**
 * What the check of import direction lets through and what it refuses.
 */
import { expect, test } from "vitest";
import { checkImportDirection, type Exception } from "./import-direction.js";

const published = ["src/index.ts", "src/cell/index.ts", "src/data/node.ts"];
const none: readonly Exception[] = [];
const check = (path: string, text: string, exceptions = none): readonly string[] =>
  checkImportDirection([{ path, text }], published, exceptions);

test("earlier folders, the own folder and lazily loaded packages pass", () => {
  expect(check("src/nn/gru.ts", 'import { a } from "../cell/ops.js"; import "./linear.js";')).toEqual([]);
  expect(check("src/exec/wasm/load.ts", 'import "../executor.js"; await import("node:fs");')).toEqual([]);
  expect(check("src/index.ts", 'export * from "./tasks/index.js";')).toEqual([]);
});

test("tests and AssemblyScript are left alone", () => {
  expect(check("src/cell/a.test.ts", 'import "vitest"; import "../tasks/index.js";')).toEqual([]);
  expect(check("src/exec/executor.cases.ts", 'import "./wasm/index.js";')).toEqual([]);
  expect(check("src/exec/wasm/assembly/index.ts", 'export * from "./gemm";')).toEqual([]);
});

test.each([
  ["static import", 'import { x } from "../nn/linear.js";'],
  ["type import", 'import type { X } from "../nn/linear.js";'],
  ["re-export", 'export * from "../nn/linear.js";'],
  ["import() at run time", 'const nn = () => import("../nn/linear.js");'],
  ["import() of a type", 'type X = import("../nn/linear.js").X;'],
])("a later folder is refused: %s", (_, text) => {
  expect(check("src/cell/a.ts", text)).toEqual([
    "src/cell/a.ts:1 imports ../nn/linear.js: nn comes after cell",
  ]);
});

test("executors stand apart, and their interface knows none of them", () => {
  expect(check("src/exec/wasm/a.ts", 'import "../reference/index.js";')[0]).toContain("stand apart");
  expect(check("src/exec/reference/a.ts", 'import "../wasm/index.js";')[0]).toContain("stand apart");
  expect(check("src/exec/executor.ts", 'import "./wasm/index.js";')[0]).toContain(
    "exec/wasm comes after exec",
  );
});

test("the library imports neither the command line nor anything of Node, nor a package", () => {
  expect(check("src/index.ts", 'import "./cli/main.js";')[0]).toContain("only Node can load");
  expect(check("src/data/index.ts", 'export * from "./node.js";')[0]).toContain("only Node can load");
  expect(check("src/io/a.ts", 'import { readFile } from "node:fs/promises";')[0]).toContain(
    "a browser loads",
  );
  expect(check("src/io/a.ts", 'import type { Parser } from "csv-parse";')[0]).toContain("a browser loads");
  expect(check("src/data/node.ts", 'import "node:fs"; import "csv-parse";')).toEqual([]);
});

test("the command line imports only what is published", () => {
  expect(
    check(
      "src/cli/commands/cells.ts",
      'import "commander"; import "../../cell/index.js"; import "./help.js";',
    ),
  ).toEqual([]);
  expect(check("src/cli/commands/cells.ts", 'import "../../cell/ops.js";')[0]).toContain(
    "only what the package publishes",
  );
});

test("nothing imports a test, a file outside src, or a folder without a rank", () => {
  expect(check("src/cell/a.ts", 'import "./b.cases.js";')[0]).toContain("is a test");
  expect(check("src/cell/a.ts", 'import "../../tools/build.mjs";')[0]).toContain("outside src");
  expect(check("src/misc/a.ts", 'import "../cell/ops.js";')[0]).toContain("src/misc, which has no rank");
});

test("an exception permits one import in one file, and must be in use", () => {
  const row = { file: "src/io/a.ts", specifier: "node:zlib", reason: "a test of this check" };
  expect(check("src/io/a.ts", 'import "node:zlib";', [row])).toEqual([]);
  expect(check("src/io/b.ts", 'import "node:zlib";', [row])).toHaveLength(2);
});
