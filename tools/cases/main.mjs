/**
 * `npm run cases -- FOLDER`: tries inputs of the shapes that people report, with the command line as built, and says of each what was done and
 * whether that is right. The files lie in a folder that is no part of the package; what is right of each stands in a row of this
 * folder, which holds no data. Ends with status 1 if anything is wrong.
 *
 * `--only t4,f2` tries those whose names begin so.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { keras } from "./keras.mjs";
import { onnx } from "./onnx.mjs";
import { pytorch } from "./pytorch.mjs";
import { runUnrolled } from "./run.mjs";
import { tables } from "./tables.mjs";
import { texts } from "./texts.mjs";

/** The groups of rows. */
const groups = [onnx, pytorch, keras, tables, texts];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" } } });
const [given] = positionals;
if (given === undefined) {
  console.error("Name the folder of the cases: npm run cases -- ../shared/cases");
  process.exit(2);
}
const folder = resolve(given);
const only = values.only?.split(",");
const files = new Set(
  (await readdir(folder, { recursive: true })).map((name) => name.replaceAll("\\", "/").split("/").at(-1)),
);
/** Where a file lies: the folder has several. @param {string} name */
const placeOf = (name) =>
  ["reports", "files"].map((part) => join(folder, part, name)).find((path) => existsSync(path)) ??
  join(folder, name);
const scratch = await mkdtemp(join(tmpdir(), "unrolled-cases-"));
let [right, wrong] = [0, 0];
try {
  for (const row of groups.flat()) {
    if (only !== undefined && !only.some((start) => row.name.startsWith(start))) continue;
    const lacking = row.files.filter((file) => !files.has(file));
    const problem =
      lacking.length > 0
        ? `there is no ${lacking.join(", ")} below ${given}`
        : await row.check({
            file: placeOf,
            out: (name) => join(scratch, `${row.name}-${name}`),
            run: runUnrolled,
          });
    if (problem === undefined) right++;
    else wrong++;
    console.log(
      `${problem === undefined ? "right" : "WRONG"}  ${row.name}: ${row.does}${problem === undefined ? "" : `\n       ${problem}`}`,
    );
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(`${right} right, ${wrong} wrong`);
process.exitCode = wrong > 0 || right === 0 ? 1 : 0;
