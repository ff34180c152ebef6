/**
 * Imports go in one direction: a folder of src imports from folders before it in the list, and from itself.
 * What a browser loads to run or train a model imports no package and nothing of Node statically; what only
 * Node loads (the command line, a folder's node.ts and what lies in its node/) is imported by nothing that a browser loads.
 */
import { type Import, importsOf } from "./imports.js";
import { isAssembly, isTest, type Source } from "./sources.js";

/** The folders of src in the order in which data flows. `src/index.ts` stands between tasks and cli. */
export const RANKS = [
  "options",
  "tensor",
  "cell",
  "grad",
  "plan",
  "exec",
  "exec/reference",
  "exec/lowering",
  "exec/wasm",
  "exec/registry",
  "nn",
  "io",
  "data",
  "train",
  "insight",
  "tasks",
  "standalone",
  "index.ts",
  "cli",
];

/** Folders of equal standing: neither may import the other, though one comes first in the list. */
const SEPARATE = ["exec/reference", "exec/wasm"];

/** Surfaces are users of the package: they import from other folders only what the package publishes. */
const SURFACES = ["cli"];

/** Static imports of packages that files outside the command line and a folder's node.ts may have. */
export interface Exception {
  readonly file: string;
  readonly specifier: string;
  readonly reason: string;
}

/** The table of exceptions. An entry that no file uses any more is itself refused. */
export const EXCEPTIONS: readonly Exception[] = [];

const isNodeOnly = (path: string): boolean => /\/node(\.ts$|\/)/.test(path) || path.startsWith("src/cli/");

/** `src/exec/wasm/driver.ts` belongs to `exec/wasm`; `src/index.ts` to `index.ts`. */
function folderOf(path: string): string {
  const [, first = "", second = ""] = path.split("/");
  return RANKS.includes(`${first}/${second}`) ? `${first}/${second}` : first;
}

/** One message per import that goes the wrong way. `published` holds the source files of package.json's exports. */
export function checkImportDirection(
  sources: readonly Source[],
  published: readonly string[],
  exceptions: readonly Exception[] = EXCEPTIONS,
): readonly string[] {
  const unused = new Set(exceptions);
  const problems: string[] = [];
  for (const source of sources) {
    if (!source.path.startsWith("src/") || isTest(source.path) || isAssembly(source.path)) continue;
    for (const found of importsOf(source)) {
      const exception = exceptions.find(
        (row) => row.file === source.path && row.specifier === found.specifier,
      );
      if (exception) unused.delete(exception);
      else problems.push(...judge(source.path, found, published).map((reason) => `${found.place} ${reason}`));
    }
  }
  for (const row of unused)
    problems.push(`the exception for ${row.specifier} in ${row.file} is not used: delete it`);
  return problems;
}

function judge(
  path: string,
  { specifier, target, isStatic }: Import,
  published: readonly string[],
): string[] {
  if (target === undefined) {
    if (!isStatic || isNodeOnly(path)) return [];
    return [
      `imports ${specifier}, but a browser loads this file: import() it where it is needed, or not at all`,
    ];
  }
  if (!target.startsWith("src/")) return [`imports ${specifier}, which is outside src`];
  if (isTest(target)) return [`imports ${specifier}, which is a test and not published`];
  if (isNodeOnly(target) && !isNodeOnly(path)) return [`imports ${specifier}, which only Node can load`];

  const [from, to] = [folderOf(path), folderOf(target)];
  if (from === to) return [];
  for (const folder of [from, to]) {
    if (!RANKS.includes(folder))
      return [`is in or imports from src/${folder}, which has no rank: add it to RANKS`];
  }
  if (SEPARATE.includes(from) && SEPARATE.includes(to))
    return [`imports ${specifier}: ${from} and ${to} stand apart`];
  if (RANKS.indexOf(to) > RANKS.indexOf(from)) return [`imports ${specifier}: ${to} comes after ${from}`];
  if (SURFACES.includes(from) && !published.includes(target)) {
    return [`imports ${specifier}: ${from} may import only what the package publishes`];
  }
  return [];
}
