/**
 * What a model of texts loses when it becomes a module of its own: the accuracy of the package, and of the generated modules with
 * float32 and with int8 weights, on labelled data. How fast they are and how large stands beside it.
 *   npm run results -- --only rt-polarity
 *   node tools/standalone.mjs rt-polarity.safetensors ../shared/data/rt-polarity/test.tsv
 */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { classifier } from "unrolled";
import { readExamples } from "unrolled/data";
import { fileSource } from "unrolled/data/node";
import { readModel } from "unrolled/io";
import { standaloneModule } from "unrolled/standalone";

const [file, ...data] = process.argv.slice(2);
if (file === undefined || data.length === 0) {
  console.error("usage: node tools/standalone.mjs MODEL.safetensors FILE...");
  process.exit(2);
}
const bytes = await readFile(file);
const { examples } = await readExamples(data.map(fileSource));
const texts = examples.flatMap((example) => ("text" in example ? [example.text] : []));
/** @param {readonly string[]} labels */
const accuracy = (labels) =>
  labels.filter((label, i) => label === examples[i]?.label).length / examples.length;
/** @param {number} size */
const kilobytes = (size) => `${Math.round(size / 1000).toLocaleString("en-US")} KB`;

const model = await classifier.load(bytes, { name: file });
await model.predict(texts.slice(0, 50));
const started = performance.now();
const answers = await model.predict(texts);
/** @param {number} since */
const perText = (since) => `${((performance.now() - since) / texts.length).toFixed(2)} ms`;
const packageTime = perText(started);
model.dispose();
console.log("| | accuracy | size | gzip | per text |");
console.log("| --- | --: | --: | --: | --: |");
/** @type {(name: string, found: number, content: Uint8Array | string, time: string) => void} */
const row = (name, found, content, time) => {
  const size = typeof content === "string" ? new TextEncoder().encode(content).length : content.length;
  const small = kilobytes(gzipSync(content).length);
  console.log(`| ${[name, `${(100 * found).toFixed(2)} %`, kilobytes(size), small, time].join(" | ")} |`);
};
row("the package", accuracy(answers.map(({ label }) => label)), bytes, packageTime);
for (const weights of /** @type {const} */ (["float32", "int8"])) {
  const text = await standaloneModule(readModel(bytes, file), { weights });
  const module = await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
  module.selfTest();
  for (const each of texts.slice(0, 50)) module.predict(each);
  const start = performance.now();
  const labels = texts.map((each) => module.predict(each).label);
  row(`a module in ${weights}`, accuracy(labels), text, perText(start));
}
