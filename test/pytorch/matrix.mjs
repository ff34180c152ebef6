// @ts-check
/**
 * Imports what make.py writes, compares it with PyTorch's outputs, and prints a table by kind: how many files there are, how many were
 * imported and equal, and why others were not.
 *
 * Usage: node test/pytorch/matrix.mjs --python PATH [--keep FOLDER] [--all]
 *   --python  a Python with torch 2.13 and numpy
 *   --keep    keeps the files there
 *   --all     prints a line for each file
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createReferenceExecutor } from "unrolled/exec/reference";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { certify } from "unrolled/io";
import { importPyTorch, readPyTorch } from "unrolled/pytorch";

/** @typedef {{ input: any[], output: any[] }} Example */
/** @typedef {{ module: string, kind: string, form: string, file: string, options: any, examples: Example[] }} Case */

const { values } = parseArgs({
  options: { python: { type: "string" }, keep: { type: "string" }, all: { type: "boolean", default: false } },
});
if (values.python === undefined) {
  console.error("give a Python with torch: --python PATH");
  process.exit(2);
}
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "unrolled-pytorch-"));
execFileSync(values.python, [fileURLToPath(new URL("make.py", import.meta.url)), folder], {
  stdio: "inherit",
});

const executors = { reference: createReferenceExecutor, wasm: createWasmExecutor };
const rows = (/** @type {any[]} */ list) => list.map((each) => [each].flat());

/** Undefined: it is imported and equal; else why not. @param {Case} one @returns {Promise<string | undefined>} */
async function problemOf({ file, options, examples }) {
  try {
    const bytes = new Uint8Array(readFileSync(join(folder, file)));
    const imported = importPyTorch(await readPyTorch(bytes, { name: file }), { name: file, ...options });
    const once = imported.network.output.over === "sequences";
    const expected = examples.map(({ input, output }) => ({
      input: rows(input),
      output: once ? [output.flat()] : rows(output),
    }));
    await certify({ ...imported, expected }, executors);
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/** @type {Case[]} */
const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
/** @type {Map<string, { all: number, equal: number }>} */
const table = new Map();
/** @type {string[]} */
const reasons = [];
for (const one of cases) {
  const problem = await problemOf(one);
  if (values.all || problem) reasons.push(`${one.file}: ${problem ?? "equal"}`);
  for (const row of ["all", `module: ${one.module}`, `form: ${one.form}`, `kind: ${one.kind}`]) {
    const sums = table.get(row) ?? { all: 0, equal: 0 };
    table.set(row, { all: sums.all + 1, equal: sums.equal + Number(problem === undefined) });
  }
}
for (const line of reasons) console.log(line);
console.log(`${"".padEnd(40)}${"files".padStart(6)}${"equal".padStart(7)}`);
for (const [row, { all, equal }] of [...table].sort(([a], [b]) => (a < b ? -1 : 1)))
  console.log(
    `${row.padEnd(40)}${String(all).padStart(6)}${String(equal).padStart(7)}${`${((100 * equal) / all).toFixed(0)} %`.padStart(7)}`,
  );
if (values.keep === undefined) rmSync(folder, { recursive: true });
const { all, equal } = table.get("all") ?? { all: 0, equal: 0 };
process.exitCode = equal >= 0.93 * all ? 0 : 1;
