/**
 * Models of different tasks on one executor: two, then five, that train, predict, evaluate and stream in turns and side by
 * side. Every answer has the bits of the model alone, and what ends touches no other.
 */
import { afterAll, describe, expect, it } from "vitest";
import { createExecutor, type Executor } from "../exec/registry/index.js";
import { salesSeries } from "./forecaster/forecaster.cases.js";
import { classifier, forecaster, generator, tagger, translator } from "./index.js";

const things = ["film", "book", "song", "play"];
const moods = ["good", "bad"].flatMap((label) =>
  things.map((thing) => ({ label, text: `this ${thing} is ${label}` })),
);
const tagged = ["Ada", "Ida", "Nina", "Dana"].map((name, i) => ({
  tokens: [name, "sings", things[i]!],
  tags: ["B-person", "O", "O"],
}));
const pairs = things.map((thing, i) => ({ source: `${thing} ${i}`, target: `${i} ${thing}` }));
const names = ["anna", "hanna", "ada", "ida", "nina", "dana", "diana", "adina"];
const series = salesSeries(120);

/** What a model says to one question after another, as text: JSON tells every bit of a number. */
interface Asked {
  readonly ask: () => Promise<string>;
  dispose(): void;
}

/** Trains a model of each task, and asks it. */
const tasks: Readonly<Record<string, (executor: Executor) => Promise<Asked>>> = {
  async classifier(executor) {
    const options = { train: moods, valid: moods, units: [5], embedding: 4, minimumCount: 1, epochs: 3 };
    const model = await classifier.train({ ...options, executor });
    const texts = moods.map(({ text }) => text);
    const ask = async () => JSON.stringify([await model.predict(texts), await model.evaluate(moods)]);
    return { ask, dispose: () => model.dispose() };
  },
  async tagger(executor) {
    const options = { train: tagged, valid: tagged, units: [4], embedding: 4, characters: 3, epochs: 3 };
    const model = await tagger.train({ ...options, executor });
    const sentences = tagged.map(({ tokens }) => tokens);
    const ask = async () => JSON.stringify([await model.predict(sentences), await model.evaluate(tagged)]);
    return { ask, dispose: () => model.dispose() };
  },
  async translator(executor) {
    const options = { train: pairs, valid: pairs, units: 6, embedding: 6, unit: "word", epochs: 3 } as const;
    const model = await translator.train({ ...options, executor });
    const texts = pairs.map(({ source }) => source);
    const ask = async () => JSON.stringify([await model.predict(texts), await model.evaluate(pairs)]);
    return { ask, dispose: () => model.dispose() };
  },
  async generator(executor) {
    const model = await generator.train({ train: names, valid: names, units: [6], epochs: 3, executor });
    const ask = async () => {
      const stream = model.stream({ seed: 2, length: 8 });
      const tokens = [];
      for (const step of stream) {
        tokens.push(step);
        // Others take their turns between the steps of a stream.
        await new Promise((resolve) => setTimeout(resolve));
      }
      return JSON.stringify([tokens, await model.evaluate(names)]);
    };
    return { ask, dispose: () => model.dispose() };
  },
  async forecaster(executor) {
    const options = { train: series, targets: ["sales"], horizon: 3, window: 12, season: 1, units: 5 };
    const model = await forecaster.train({ ...options, calendar: false, epochs: 2, executor });
    const ask = async () => JSON.stringify([await model.predict(series), await model.evaluate(series)]);
    return { ask, dispose: () => model.dispose() };
  },
};
const all = Object.keys(tasks);

/** What a model says on an executor that it has to itself. */
const alone = new Map<string, Promise<string>>();
const wanted = (name: string): Promise<string> => {
  const there = alone.get(name);
  if (there) return there;
  const asked = createExecutor({ tier: "simd" }).then(async (executor) => {
    const model = await tasks[name]!(executor);
    const said = await model.ask();
    executor.dispose();
    return said;
  });
  alone.set(name, asked);
  return asked;
};

describe.each([
  ["two models", ["classifier", "generator"]],
  ["five models", all],
] as const)("%s on one executor", (_, chosen) => {
  const executor = createExecutor({ tier: "simd" });
  afterAll(async () => (await executor).dispose());

  it("train in turns, answer in turns, and say what each says alone", async () => {
    const on = await executor;
    const empty = on.bytes;
    const models = new Map<string, Asked>();
    for (const name of chosen) {
      models.set(name, await tasks[name]!(on));
      // Those that are there already answer between the trainings of the others.
      for (const [other, model] of models) expect(await model.ask(), other).toBe(await wanted(other));
    }
    for (const [name, model] of models) {
      model.dispose();
      models.delete(name);
      for (const [other, left] of models) expect(await left.ask(), other).toBe(await wanted(other));
    }
    expect(on.bytes).toBe(empty);
  });

  it("train side by side while others answer, and say what each says alone", async () => {
    const on = await executor;
    const empty = on.bytes;
    const first = await tasks[chosen[0]]!(on);
    const asking = (async () => {
      for (let i = 0; i < 4; i++) expect(await first.ask()).toBe(await wanted(chosen[0]));
    })();
    const models = await Promise.all(chosen.map((name) => tasks[name]!(on)));
    await asking;
    const said = await Promise.all(models.map((model) => model.ask()));
    expect(said).toEqual(await Promise.all(chosen.map(wanted)));
    for (const model of [first, ...models]) model.dispose();
    expect(on.bytes).toBe(empty);
  });
});
