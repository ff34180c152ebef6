/**
 * What the checks look at: the repository's code as plain { path, text } values, so that a test of a check
 * can hand in a file that never existed. Reading and parsing happen here and nowhere else.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** One file of code. `path` is relative to the repository, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The repository's root folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

const FOLDERS = ["src", "tools", "test", "bench", "examples"];
const CODE = /\.(ts|mts|js|mjs)$/;
// Written by programs, or installed: not ours to keep short and commented.
const FOREIGN = /(^|\/)(node_modules|golden|fixtures|results|\.work|\.venv)\/|\.generated\.ts$/;

/** All code of the repository, in the order of its paths. */
export function repositorySources(): readonly Source[] {
  const list = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (FOREIGN.test(`${path}/`) || FOREIGN.test(path)) return [];
      if (entry.isDirectory()) return list(path);
      return CODE.test(path) ? [path] : [];
    });
  const present = new Set(readdirSync(root));
  return FOLDERS.filter((folder) => present.has(folder))
    .flatMap(list)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Tests and the suites they share: they may import anything, and are not published. */
export function isTest(path: string): boolean {
  return /\.(test|cases)\.ts$/.test(path);
}

/** AssemblyScript: the syntax of TypeScript, but compiled apart and imported by nothing. */
export function isAssembly(path: string): boolean {
  return path.startsWith("src/exec/wasm/assembly/");
}

const trees = new WeakMap<Source, ts.SourceFile>();

/** The syntax tree of a file; types are not resolved. Several checks ask, and each file is parsed once. */
export function parse(source: Source): ts.SourceFile {
  const tree =
    trees.get(source) ?? ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ESNext, true);
  trees.set(source, tree);
  return tree;
}

/** `path:line` of a node, the way editors and terminals turn it into a link. */
export function place(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}
