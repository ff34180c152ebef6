/**
 * Models of every task in a real browser: what was trained and saved in Node is loaded and asked inside a page's worker,
 * and answers as in Node, to the bit. Needs Chromium (Debian: apt-get install chromium).
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { classifier, forecaster, generator, tagger, translator } from "unrolled";
import { timeSeries } from "unrolled/data";
import { beforeAll, describe, expect, it } from "vitest";
import { executablePath, type Files, resultOf, serve, withPage } from "./browser/chromium.js";
import { kernelsOf } from "./browser/kernels.js";
import { askAll } from "./browser/tasks.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const training = { units: [8], epochs: 2, seed: 3 };
const cycle = <T>(values: readonly T[], i: number): T => values[i % values.length] as T;
const twenty = <T>(make: (i: number) => T): T[] => Array.from({ length: 20 }, (_, i) => make(i));

/** A small model of each task, on data out of a formula. */
async function makeModels(): Promise<Readonly<Record<string, Uint8Array>>> {
  const labels = ["good", "bad"];
  const texts = twenty((i) => ({
    text: `a ${cycle(["fine", "dreary"], i)} ${cycle(["day", "night", "hour"], i)}`,
    label: cycle(labels, i),
  }));
  const series = twenty((i) => ({
    series: [
      [i, -i],
      [i / 3, cycle([4, 0], i)],
    ],
    label: cycle(labels, i),
  }));
  const vectors = twenty((i) => ({ vector: [i % 7, cycle([4, 0], i)], label: cycle(labels, i) }));
  const sentences = twenty((i) => ({
    tokens: [cycle(["Anna", "Otto"], i), "went", "to", cycle(["Graz", "Zürich", "Rome"], i)],
    tags: ["B-person", "O", "O", "B-place"],
  }));
  const pairs = twenty((i) => {
    const source = `${cycle(["ab", "ba", "aab"], i)} ${cycle(["b", "bb"], i)}`;
    return { source, target: [...source].reverse().join("") };
  });
  const lines = twenty((i) => `${cycle(["ab", "ba", "aab"], i)}${cycle(["b", "bb"], i)}`);
  const rolls = twenty((i) => Array.from({ length: 9 }, (_, t) => [60 + ((i + t) % 5), 67]));
  const ahead = {
    train: timeSeries({ columns: { v: Array.from({ length: 120 }, (_, i) => (i % 7) + i / 10) } }),
    horizon: 3,
    window: 14,
    season: 7,
    quantiles: [0.1, 0.9],
  };
  const sized = { ...training, units: 8, embedding: 8, vocabularySize: 12 };
  return {
    texts: (await classifier.train({ ...training, train: texts, minimumCount: 1 })).save(),
    series: (await classifier.train({ ...training, train: series })).save(),
    vectors: (await classifier.train({ ...training, train: vectors })).save(),
    tags: (await tagger.train({ ...training, train: sentences, characters: 4 })).save(),
    words: (await generator.train({ ...training, train: lines })).save(),
    forecasts: (await forecaster.train({ ...training, units: 4, ...ahead })).save(),
    music: (await generator.train({ ...training, unit: "note", train: rolls })).save(),
    translations: (await translator.train({ ...sized, train: pairs })).save(),
  };
}

/** The worker and what it imports on demand. */
async function scripts(): Promise<Files> {
  const build = await rolldown({
    input: `${root}/test/browser/tasks-entry.ts`,
    platform: "browser",
    logLevel: "silent",
  });
  const { output } = await build.generate({ format: "esm", entryFileNames: "worker.js" });
  await build.close();
  return Object.fromEntries(
    output.flatMap((part) => ("code" in part ? [[`/${part.fileName}`, part.code]] : [])),
  );
}

describe.skipIf(!executablePath)("in Chromium (install it with apt-get install chromium)", () => {
  let models: Readonly<Record<string, Uint8Array>> = {};
  beforeAll(async () => {
    models = await makeModels();
  });

  it("models of every task answer as in Node, to the bit", async () => {
    const page = `<!doctype html><title>unrolled</title><script type="module">
      new Worker("/worker.js", { type: "module" }).onmessage = ({ data }) => { window.result = data; };
    </script>`;
    const files = Object.entries(models).map(([name, bytes]) => [`/${name}.safetensors`, bytes]);
    const served = await serve({
      "/index.html": page,
      ...(await scripts()),
      ...Object.fromEntries(files),
      "/kernels.simd.wasm": readFileSync(kernelsOf("simd")),
    });
    try {
      const result = await withPage(served.url, (tab) => resultOf<Record<string, string>>(tab));
      expect(result.error).toBeUndefined();
      const here = await askAll(models);
      expect(Object.values(here).every((answers) => /\d\.\d{6}/.test(answers))).toBe(true);
      expect(result.found).toEqual(here);
    } finally {
      served.close();
    }
  });
});
