/** Several inputs by name: gradients through words and their characters, batches, model data, and what is refused. */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import { networkData, networkFromData } from "../build/index.js";
import { checkGradients } from "../gradient.cases.js";
import {
  createPredictor,
  dropout,
  type Example,
  embedding,
  features,
  initialParameters,
  linear,
  NetworkError,
  type NetworkOptions,
  network,
  pool,
  recurrent,
} from "../index.js";

const tagger = (by: "last" | "mean" | "max" = "last"): NetworkOptions => ({
  input: {
    inputs: { word: { vocabulary: 7 }, shape: { width: 2 }, characters: { vocabulary: 5, inside: true } },
  },
  layers: [
    features({
      word: [embedding({ width: 3 }), dropout({ rate: 0.3 })],
      shape: [],
      characters: [
        embedding({ width: 2 }),
        recurrent({ cell: gru, units: 2, direction: "both" }),
        pool({ by }),
      ],
    }),
    recurrent({ cell: gru, units: 3, direction: "both" }),
    linear({ units: 4 }),
  ],
  loss: "crossEntropy",
});

const sentence = (words: readonly number[], k = 0): Example => ({
  input: {
    word: words,
    shape: words.flatMap((w) => [w / 7, k]),
    characters: words.map((w) => Array.from({ length: w % 4 }, (_, i) => (w + i) % 5)),
  },
});

describe("a network of words and their characters", () => {
  it.each(["last", "mean", "max"] as const)(
    "has gradients by central differences, pooled by %s",
    async (by) => {
      expect(await checkGradients(tagger(by), [4, 0, 1, 3])).toBeGreaterThan(100);
    },
  );
  it("has them under dropout, whose masks are the same in each run", async () => {
    expect(await checkGradients(tagger(), [3, 2], true)).toBeGreaterThan(100);
  });
  it("predicts the same bits for a sentence alone and in any batch", async () => {
    const net = network(tagger());
    const predictor = createPredictor(net, await createWasmExecutor(), {
      parameters: initialParameters(net, 1),
    });
    const sentences = [sentence([1, 2, 3]), sentence([]), sentence([6]), sentence([3, 3, 0, 5, 4], 1)];
    const together = predictor.predict(sentences);
    sentences.forEach((one, i) => {
      expect(predictor.predict([one])).toEqual([together[i]]);
    });
    expect(predictor.predict([...sentences].reverse())).toEqual([...together].reverse());
  });
  it("is the same after it was written as data", () => {
    const data = networkData(network(tagger()));
    expect(networkData(networkFromData(JSON.parse(JSON.stringify(data))))).toEqual(data);
  });
  it("names its parameters by layer, input and kind", () => {
    const { parameters } = network(tagger());
    expect(parameters.slice(0, 4).map((p) => p.name)).toEqual([
      "features1.word.embedding1.w_e",
      "features1.characters.embedding1.w_e",
      "features1.characters.recurrent1.forward.w_r",
      "features1.characters.recurrent1.forward.b_r",
    ]);
  });
});

describe("a network that reads something once for each example", () => {
  const options: NetworkOptions = {
    input: { inputs: { steps: { width: 2 }, whole: { width: 3, once: true } } },
    layers: [
      features({ steps: [recurrent({ cell: gru, units: 2 }), pool({ by: "last" })], whole: [] }),
      linear({ units: 2 }),
    ],
    loss: "meanSquaredError",
  };
  const example = (steps: number): Example => ({
    input: {
      steps: Array.from({ length: 2 * steps }, (_, k) => Math.fround(Math.sin(k + steps))),
      whole: [steps, 1, -0.5],
    },
  });
  it("predicts the same bits for an example alone and in any batch, with no steps too", async () => {
    const net = network(options);
    const predictor = createPredictor(net, await createWasmExecutor(), {
      parameters: initialParameters(net, 1),
    });
    const examples = [example(2), example(0), example(5), example(1)];
    const together = predictor.predict(examples);
    examples.forEach((one, i) => {
      expect(predictor.predict([one])).toEqual([together[i]]);
    });
    expect(predictor.predict([...examples].reverse())).toEqual([...together].reverse());
    expect(together[0]?.rows).toHaveLength(1);
  });
  it("is the same after it was written as data", () => {
    const data = networkData(network(options));
    expect(networkData(networkFromData(JSON.parse(JSON.stringify(data))))).toEqual(data);
    expect(networkFromData(data).output).toEqual({ over: "sequences", width: 2 });
  });
  it("is refused where its parts do not fit", async () => {
    const { input, loss } = options;
    const layers = [
      features({ steps: [recurrent({ cell: gru, units: 2 })], whole: [] }),
      linear({ units: 2 }),
    ];
    expect(() => network({ input, layers, loss })).toThrow(
      "must give one vector too; end its layers with pool",
    );
    const ids = { inputs: { steps: { width: 2 }, whole: { vocabulary: 3, once: true as const } } };
    expect(() => network({ ...options, input: ids })).toThrow("so it holds numbers, not ids");
    const alone = { inputs: { whole: { width: 3, once: true as const } } };
    expect(() => network({ ...options, input: alone })).toThrow(
      "at least one must have a value for each step",
    );
    const net = network(options);
    const predictor = createPredictor(net, await createWasmExecutor(), {
      parameters: initialParameters(net, 1),
    });
    const short = { input: { steps: [1, 2], whole: [1, 2] } };
    expect(() => predictor.predict([short])).toThrow(
      'brings 2 numbers of the input "whole", which is 3 wide',
    );
  });
});

describe("what does not fit is refused", () => {
  const make = (options: Partial<NetworkOptions>) => () => network({ ...tagger(), ...options });
  it.each([
    [{ input: { vocabulary: 3 } }, "features1 reads several inputs by name; it must be the first layer"],
    [
      { layers: [embedding({ width: 2 })] },
      "embedding1 reads one input, and the network has word, shape, characters",
    ],
    [{ layers: [features({ word: [embedding({ width: 2 })] })] }, '"shape" is not in both'],
    [
      { input: { inputs: { a: { vocabulary: 3, inside: true } } } },
      "of several inputs at least one must have a value for each step",
    ],
    [
      {
        input: { inputs: { a: { width: 1 }, b: { width: 1, beside: true } } },
        layers: [features({ a: [], b: [] })],
      },
      "features1.b reads a sequence beside the network's own",
    ],
    [
      {
        input: { inputs: { a: { width: 1 }, b: { width: 1, inside: true } } },
        layers: [features({ a: [], b: [] })],
      },
      "features1.b must give one vector for every step; end its layers with pool",
    ],
  ] as [Partial<NetworkOptions>, string][])("%j", (options, message) => {
    expect(make(options)).toThrow(NetworkError);
    expect(make(options)).toThrow(message);
  });
  it("examples that lack an input, or are of different lengths", async () => {
    const net = network(tagger());
    const predictor = createPredictor(net, await createWasmExecutor(), {
      parameters: initialParameters(net, 1),
    });
    const { input } = sentence([1, 2]) as { input: Record<string, number[]> };
    const { characters, ...rest } = input;
    const attempt = (changed: Example["input"]) => () => predictor.predict([{ input: changed }]);
    expect(attempt([1, 2])).toThrow("brings one input, and the network has word, shape, characters");
    expect(attempt(rest)).toThrow('does not bring the input "characters"');
    expect(attempt({ ...input, shape: [1, 2] })).toThrow('has 2 steps and, of the input "shape", 1');
    expect(attempt({ ...rest, characters: [[1]] })).toThrow('has 2 steps and, of the input "characters", 1');
    expect(attempt({ ...rest, characters: [[1], [9]] })).toThrow(
      'of the input "characters" holds the token id 9',
    );
    expect(characters).toHaveLength(2);
  });
});
