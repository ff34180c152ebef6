/**
 * What of Keras can be imported: make.py writes models of every layer that meets recurrent ones, and each is imported, certified and
 * compared with what Keras computes. Prints a table by kind and what is not equal, with the reason; exit status 1 if fewer than the
 * goal are. Run: npm run keras -- --python PYTHON (a Python with keras and a backend), or --folder FOLDER with what it wrote before.
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
import { importKeras } from "unrolled/keras";

/** So many of a hundred must be imported and equal. */
const GOAL = 92;

const { values: options } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    folder: { type: "string" },
    only: { type: "string" },
  },
});
const folder = options.folder ?? mkdtempSync(join(tmpdir(), "keras-matrix-"));
if (!options.folder)
  execFileSync(options.python, [fileURLToPath(new URL("make.py", import.meta.url)), folder], {
    stdio: ["ignore", "inherit", "inherit"],
  });
const { keras, cases } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));

/** A list of numbers, however nested, in rows of so many. */
function rows(value, width) {
  const all = value.flat(9);
  return Array.from({ length: all.length / width }, (_, t) => all.slice(t * width, (t + 1) * width));
}

const widthOf = (input) => ("vocabulary" in input ? 1 : input.width);

function expectedOf({ network }, examples) {
  const { input, output } = network;
  return examples.map((example) => ({
    input:
      "inputs" in input
        ? Object.fromEntries(
            Object.entries(input.inputs).map(([name, of]) => [name, rows(example.input[name], widthOf(of))]),
          )
        : rows(Object.values(example.input)[0], widthOf(input)),
    output: rows(example.output, output.width),
  }));
}

/** Why a case is not imported, or does not compute what Keras computes; undefined if it does. */
async function problemOf({ file, description, output, examples }) {
  try {
    const imported = await importKeras(readFileSync(join(folder, file)), file, {
      ...(description ? { description: readFileSync(join(folder, description), "utf8") } : {}),
      ...(output ? { output } : {}),
    });
    await certify(
      { ...imported, expected: expectedOf(imported, examples) },
      { reference: createReferenceExecutor, wasm: createWasmExecutor },
    );
    return undefined;
  } catch (error) {
    const known = ["FileFormatError", "CertificateError", "NetworkError"].includes(error?.name);
    return known ? error.message : (error?.stack ?? String(error));
  }
}

const kinds = new Map();
for (const each of cases) {
  if (options.only && !`${each.kind} ${each.name}`.includes(options.only)) continue;
  const kind = kinds.get(each.kind) ?? { tried: 0, equal: 0, problems: [] };
  kinds.set(each.kind, kind);
  kind.tried++;
  const problem = await problemOf(each);
  if (problem === undefined) kind.equal++;
  else kind.problems.push(`${each.file} ${each.name}: ${problem}`);
}
const all = [...kinds.values()];
const [tried, equal] = ["tried", "equal"].map((key) => all.reduce((sum, kind) => sum + kind[key], 0));
console.log(`Keras ${keras}\n\n| kind | tried | imported and equal |\n| --- | --: | --: |`);
for (const [name, kind] of kinds) console.log(`| ${name} | ${kind.tried} | ${kind.equal} |`);
console.log(`| all | ${tried} | ${equal} |`);
for (const { problems } of all) for (const problem of problems) console.log(`\n${problem}`);
if (!options.folder) rmSync(folder, { recursive: true });
process.exitCode = equal * 100 >= GOAL * tried ? 0 : 1;
