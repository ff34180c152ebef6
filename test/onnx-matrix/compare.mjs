/**
 * Imports each file that make.py wrote, certifies it, and compares the network with what ONNX Runtime gave; prints a table by kind.
 *
 *   python test/onnx-matrix/make.py OUT     then     node test/onnx-matrix/compare.mjs OUT [--reasons]
 *   python test/onnx-matrix/nodes.py OUT    onnx's own node tests of LSTM, GRU, RNN and Scan, compared likewise
 *
 * Needs `npm run build` and a Python with torch, onnx, onnxscript and onnxruntime. The exit status is 1 if an import is wrong: its
 * certificate passes, and the network differs by more than 1e-5 of the largest output, or of 1 if that is larger.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createReferenceExecutor } from "unrolled/exec/reference";
import { certify } from "unrolled/io";
import { createPredictor } from "unrolled/nn";
import { loadOnnx } from "unrolled/onnx";

const [folder, ...options] = process.argv.slice(2);
if (folder === undefined) throw new Error("which folder? node test/onnx-matrix/compare.mjs OUT");

/** Rounding of float32, in the file's weights and in ONNX Runtime. */
const TOLERANCE = 1e-5;

/** ln of a softmax of scores. */
const logSoftmax = (z) => {
  const most = Math.max(...z);
  return z.map((v) => v - most - Math.log(z.reduce((sum, w) => sum + Math.exp(w - most), 0)));
};

const weightsOf = (weights = {}) =>
  Object.fromEntries(
    Object.entries(weights).map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]),
  );

async function outcome(name, { examples, weights }) {
  const executors = { reference: createReferenceExecutor, wasm: createReferenceExecutor };
  let imported;
  try {
    imported = await loadOnnx(
      readFileSync(join(folder, `${name}.onnx`)),
      (beside) => readFileSync(join(folder, beside)),
      { name: `${name}.onnx`, weights: weightsOf(weights) },
    );
    await certify(imported, executors);
  } catch (error) {
    if (!["FileFormatError", "CertificateError", "NetworkError", "OptionError"].includes(error.name))
      throw error;
    return { kind: error.name === "CertificateError" ? "certificate" : "refused", reason: error.message };
  }
  const { network, parameters, gives } = imported;
  const executor = await createReferenceExecutor();
  try {
    const predictor = createPredictor(network, executor, { parameters, scores: true });
    const found = predictor.predict(examples.map(({ input }) => ({ input: input.flat() })));
    let worst = 0;
    found.forEach(({ rows, scores }, i) => {
      const ours = gives === "prediction" ? rows : gives === "scores" ? scores : scores.map(logSoftmax);
      const theirs = examples[i].output ?? examples[i].outputs[imported.output];
      if (ours.flat().length !== theirs.flat().length) worst = Number.POSITIVE_INFINITY;
      const scale = Math.max(1, ...theirs.flat().map(Math.abs));
      theirs.flat().forEach((v, k) => {
        worst = Math.max(worst, Math.abs(v - ours.flat()[k]) / scale);
      });
    });
    return { kind: worst <= TOLERANCE ? "equal" : "wrong", worst };
  } finally {
    executor.dispose();
  }
}

const names = readdirSync(folder)
  .filter((file) => file.endsWith(".json") && file !== "failed.json")
  .map((file) => file.slice(0, -".json".length))
  .sort();
const groups = new Map();
for (const name of names) {
  const facts = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  const found = await outcome(name, facts);
  const row = groups.get(facts.group) ?? {
    files: 0,
    equal: 0,
    refused: 0,
    certificate: 0,
    wrong: 0,
    worst: 0,
  };
  groups.set(facts.group, row);
  row.files++;
  row[found.kind]++;
  if (found.kind === "equal") row.worst = Math.max(row.worst, found.worst);
  if (found.kind === "wrong") process.stdout.write(`WRONG ${name}: by ${found.worst.toExponential(1)}\n`);
  if (found.kind === "certificate" || (found.kind === "refused" && options.includes("--reasons")))
    process.stdout.write(`${name}: ${found.reason.split("\n").slice(0, 3).join(" ").slice(0, 300)}\n`);
}
const total = [...groups.values()].reduce(
  (sum, row) =>
    Object.fromEntries(
      Object.keys(row).map((key) => [
        key,
        key === "worst" ? Math.max(sum[key] ?? 0, row[key]) : (sum[key] ?? 0) + row[key],
      ]),
    ),
  {},
);
const line = (cells) =>
  `${cells[0].padEnd(26)}${cells
    .slice(1)
    .map((cell) => String(cell).padStart(13))
    .join("")}\n`;
process.stdout.write(line(["kind", "files", "equal", "refused", "not certified", "wrong", "differs by"]));
for (const [name, row] of [...[...groups].sort(), ["all", total]])
  process.stdout.write(
    line([name, row.files, row.equal, row.refused, row.certificate, row.wrong, row.worst.toExponential(1)]),
  );
const failed = JSON.parse(readFileSync(join(folder, "failed.json"), "utf8"));
for (const [name, reason] of Object.entries(failed))
  process.stdout.write(`the exporter or ONNX Runtime refuses ${name}: ${reason}\n`);
process.exitCode = total.wrong > 0 ? 1 : 0;
