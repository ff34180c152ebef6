/**
 * The cell that --cell and `cells` name: one of the catalogue, or one from a user's file. A file is an ES module, loaded
 * by import(), so it runs: it is the user's own program, unlike a model file, which is never executed.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Cell, catalogue, cellFromEquations, fromGraph, toGraph } from "../../cell/index.js";
import { DataError } from "../../data/index.js";
import { readFileBytes } from "../../data/node.js";
import { UsageError } from "./errors.js";

const example = 'export default cell("mine", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({ … }))';

/** Whether this is the file of a cell, whose code runs when it is loaded, and not the name of one. */
export const isCellFile = (nameOrFile: string): boolean =>
  !Object.hasOwn(catalogue, nameOrFile) && /[/\\]|\.[cm]?[jt]s$/.test(nameOrFile);

/**
 * A cell by its name or its file.
 *
 * @throws UsageError when it is neither a name nor looks like a file
 * @throws DataError when the file cannot be read or loaded, or does not hold one cell
 * @throws CellError when the cell's step is not right
 */
export async function loadCell(nameOrFile: string): Promise<Cell> {
  if (Object.hasOwn(catalogue, nameOrFile)) return catalogue[nameOrFile]!;
  if (!isCellFile(nameOrFile)) {
    const names = Object.keys(catalogue).join(", ");
    throw new UsageError(
      `there is no cell "${nameOrFile}"; there are ${names}, and files with one: ./${nameOrFile}.js`,
    );
  }
  const cell = theCell(nameOrFile, await importFile(nameOrFile));
  return readable(nameOrFile, cell);
}

async function importFile(file: string): Promise<Record<string, unknown>> {
  // To tell a missing file from a missing package that the file imports.
  await readFileBytes(file);
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    throw new DataError({
      file,
      problem: `cannot be loaded (${describe(error)})`,
      remedy: missing
        ? "The file must find what it imports: for unrolled/cell, `npm install unrolled` in its folder or above."
        : `It must be an ES module (.mjs, or .js beside a package.json with "type": "module"): ${example}.`,
    });
  }
}

/** The module's default export, or the only one that is a cell. */
function theCell(file: string, module: Record<string, unknown>): Cell {
  if (isCell(module["default"])) return module["default"];
  const found = Object.entries(module).filter(([, value]) => isCell(value));
  if (found.length === 1) return found[0]![1] as Cell;
  const names = found.map(([name]) => name).join(", ");
  throw new DataError({
    file,
    problem: found.length === 0 ? "exports no cell" : `exports ${found.length} cells (${names})`,
    remedy: found.length === 0 ? `Export one: ${example}.` : "Make one of them the default export.",
  });
}

/** Recognised by shape: a user's file may import another copy of this package, with other classes. */
function isCell(value: unknown): value is Cell {
  if (typeof value !== "object" || value === null) return false;
  const { name, states, output, equations } = value as Partial<Record<keyof Cell, unknown>>;
  return (
    typeof name === "string" &&
    Array.isArray(states) &&
    typeof output === "string" &&
    typeof equations === "function"
  );
}

/** The cell with its step traced by this copy of the package. */
function readable(file: string, cell: Cell): Cell {
  try {
    return cellFromEquations(fromGraph(toGraph(cell.equations())));
  } catch (error) {
    // A CellError says what is wrong with the step; the rest comes from inside the step.
    if (error instanceof Error && error.name === "CellError") throw error;
    throw new DataError({
      file,
      problem: `the step of its cell "${cell.name}" fails (${describe(error)})`,
      remedy: "A step is written with the functions of unrolled/cell and returns its new states.",
    });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
