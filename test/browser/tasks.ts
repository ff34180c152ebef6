/**
 * One saved model of each task, loaded and asked: the same function in Node and in a page's worker, whose answers must be
 * the same to the last bit. The models are made in tasks-browser.test.ts.
 */
import { classifier, forecaster, generator, tagger, translator } from "unrolled";
import { timeSeries } from "unrolled/data";
import { createWasmExecutor } from "unrolled/exec/wasm";

type Executor = Awaited<ReturnType<typeof createWasmExecutor>>;
type Ask = (bytes: Uint8Array, executor: Executor) => Promise<unknown>;

/** What each model is asked, by the name of its file. Characters beyond the first plane, and none at all, are among it. */
const asks: Readonly<Record<string, Ask>> = {
  texts: async (bytes, executor) => {
    const model = await classifier.load(bytes, { executor });
    return model.predict(["a fine day", "the dreariest 😀 of nights, isn't it?", ""]);
  },
  series: async (bytes, executor) => {
    const model = await classifier.load(bytes, { executor });
    return model.predict([
      [
        [0.1, 2],
        [0.3, -1],
      ],
      [[5, 0.25]],
    ]);
  },
  vectors: async (bytes, executor) => {
    const model = await classifier.load(bytes, { executor });
    return model.predict([
      [0.5, -1],
      [Number.NaN, 3],
    ]);
  },
  tags: async (bytes, executor) => {
    const model = await tagger.load(bytes, { executor });
    return model.predict(["Anna naïvely went to Zürich 😀.", ["in", "Graz"], ""]);
  },
  translations: async (bytes, executor) => {
    const model = await translator.load(bytes, { executor });
    return model.predict(["ab ba", "bab 😀", ""], { width: 3, count: 2 });
  },
  words: async (bytes, executor) => {
    const model = await generator.load(bytes, { executor });
    const sampling = { temperature: 0.7, topP: 0.9, repetitionPenalty: 1.2, seed: 5 };
    return [
      await model.generate({ prime: "ab", length: 20, ...sampling }),
      await model.evaluate(["abba", "a"]),
    ];
  },
  forecasts: async (bytes, executor) => {
    const model = await forecaster.load(bytes, { executor });
    const v = Array.from({ length: 40 }, (_, i) => (i % 9 === 4 ? Number.NaN : (i % 7) + i / 10));
    return model.predict([timeSeries({ columns: { v } })]);
  },
  music: async (bytes, executor) => {
    const model = await generator.load(bytes, { unit: "note", executor });
    const [made] = await model.generate({ prime: [[60, 64]], length: 12, temperature: 1.1, seed: 5 });
    return [made?.roll, await model.evaluate([[[60], [62, 65], [], [60]]])];
  },
};

/** The names of the models. */
export const modelNames: readonly string[] = Object.keys(asks);

/** The answers of the models, as JSON, which keeps numbers to the bit. @param module the kernels, in a browser */
export async function askAll(
  models: Readonly<Record<string, Uint8Array>>,
  module?: URL,
): Promise<Readonly<Record<string, string>>> {
  const answers: Record<string, string> = {};
  for (const [name, ask] of Object.entries(asks)) {
    // The tier that runs everywhere: others round differently.
    const executor = await createWasmExecutor({ tier: "simd", ...(module ? { module } : {}) });
    answers[name] = JSON.stringify(await ask(models[name]!, executor));
    executor.dispose();
  }
  return answers;
}
