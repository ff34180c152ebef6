/**
 * Networks of one's own, trained in one call: lists in lists, defaults for all but the data, a result that predicts and is
 * saved; and what would be lost unseen is refused by name.
 */
import { describe, expect, it } from "vitest";
import { gru } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { readModel } from "../io/index.js";
import {
  createPredictor,
  initialParameters,
  linear,
  type Network,
  network,
  pool,
  recurrent,
  type Sample,
} from "../nn/index.js";
import { adam, type FitOptions, type Progress, fit as trainNetwork } from "./index.js";

const one = recurrent({ cell: gru, units: 4 });
const tagging = network({
  input: { width: 2 },
  layers: [one, linear({ units: 2 })],
  loss: "crossEntropy",
});
const pooling = network({
  input: { width: 2 },
  layers: [one, pool({ by: "mean" }), linear({ units: 1 })],
  loss: "squaredError",
});
const reading = network({
  input: { vocabulary: 3 },
  layers: [one, linear({ units: 3 })],
  loss: "crossEntropy",
});

/** Sequences of vectors; the label of a step says which of its two numbers is larger. */
const sequences: Sample[] = Array.from({ length: 12 }, (_, i) => {
  const input = Array.from({ length: 2 + (i % 3) }, (_, t) => [Math.sin(3 * i + t), Math.cos(5 * i + 2 * t)]);
  return { input, target: input.map(([a, b]) => Number(a! > b!)) };
});
const flat = sequences.map(({ input, target }) => ({
  input: (input as number[][]).flat(),
  target: target as number[],
}));

describe("a network of one's own", () => {
  it("is trained from lists in lists with defaults, and predicts from such lists", async () => {
    const scores: number[] = [];
    const onProgress = ({ valid }: Progress): void => {
      if (valid !== undefined) scores.push(valid);
    };
    const trained = await trainNetwork(tagging, {
      train: sequences,
      valid: sequences,
      epochs: 4,
      onProgress,
    });
    expect(scores).toHaveLength(4);
    // The score of labelled examples is minus their mean loss, and it gets better.
    expect(scores.at(-1)!).toBeGreaterThan(scores[0]!);
    expect(trained.training).toMatchObject({ epochs: 4, score: Math.max(...scores) });
    const [output] = await trained.predict([
      [
        [0.5, 0.1],
        [0, 1],
      ],
    ]);
    expect((output as number[][]).map((row) => row.length)).toEqual([2, 2]);
    trained.dispose();
  });

  it("has the same bits from flat lists, and where the defaults are written out", async () => {
    const executor = await createWasmExecutor();
    const nested = await trainNetwork(tagging, { train: sequences, epochs: 2 });
    const written = await trainNetwork(tagging, {
      train: flat,
      epochs: 2,
      executor,
      parameters: initialParameters(tagging, 1),
      optimizer: adam({ learningRate: 0.002 }),
      clip: 1,
      seed: 1,
      batchSize: 32,
    });
    expect(nested.parameters).toEqual(written.parameters);
    const predictor = createPredictor(tagging, executor, { parameters: nested.parameters });
    const wanted = predictor.predict(flat).map(({ rows }) => rows);
    expect(await nested.predict(sequences.map(({ input }) => input))).toEqual(wanted);
    nested.dispose();
    written.dispose();
    // An executor that was given stays.
    expect(predictor.predict(flat).map(({ rows }) => rows)).toEqual(wanted);
    executor.dispose();
  });

  it("that pools takes one number for a sequence and gives one row", async () => {
    const train = sequences.map(({ input }, i) => ({ input, target: i / 12 }));
    const trained = await trainNetwork(pooling, { train, valid: { examples: train }, epochs: 2 });
    const [output] = await trained.predict([[[1, 2]]]);
    expect(output).toHaveLength(1);
    expect(typeof output![0]).toBe("number");
    trained.dispose();
  });

  it("is saved as a model file with the weights that it predicts with", async () => {
    const trained = await trainNetwork(tagging, { train: sequences, epochs: 1 });
    const { task, network: net, parameters } = readModel(trained.save());
    expect(task).toBe("network");
    expect(net.parameters).toEqual(tagging.parameters);
    expect(parameters).toEqual(trained.parameters);
    trained.dispose();
  });

  it("reads one long text, and its loss chooses the epoch", async () => {
    const text = Array.from({ length: 120 }, (_, i) => (i * i) % 3);
    const trained = await trainNetwork(reading, {
      train: { text },
      valid: { text: text.slice(0, 40) },
      bptt: { lanes: 4, steps: 5 },
      epochs: 2,
    });
    expect(trained.training.score).toBeLessThan(0);
    trained.dispose();
  });
});

describe("what would be lost unseen is refused", () => {
  const refusal = async (net: Network, options: object): Promise<string> => {
    const executor = await createReferenceExecutor();
    return trainNetwork(net, { executor, epochs: 1, ...options } as FitOptions).then(
      () => "",
      (error: Error) => `${error.name}: ${error.message}`,
    );
  };
  it.each<[string, Network, object, string]>([
    [
      "an option that there is none of",
      tagging,
      { train: flat, epoch: 3 },
      'fit has no option "epoch"; did you mean epochs?',
    ],
    ["no data", tagging, {}, "fit needs train"],
    ["states that are carried", tagging, { train: flat, carry: true }, 'fit has no option "carry"'],
    [
      "numbers as a text of a network of vectors",
      tagging,
      { train: { text: [0.1, 0.2, 0.3] }, bptt: { lanes: 1, steps: 1 } },
      "one long text is read as token ids, and the network reads vectors of 2 numbers",
    ],
    [
      "numbers as a text of ids",
      reading,
      { train: { text: [0, 1.5, 2] }, bptt: { lanes: 1, steps: 1 } },
      "token 1 of the text is 1.5",
    ],
    [
      "a text to validate on that holds no ids",
      reading,
      { train: { text: [0, 1, 2] }, bptt: { lanes: 1, steps: 1 }, valid: { text: [0, 0.5] } },
      "token 1 of the text is 0.5",
    ],
    [
      "lanes of examples",
      tagging,
      { train: flat, bptt: { lanes: 1, steps: 1 } },
      "bptt is for one long text",
    ],
    [
      "an option of lanes that there is none of",
      reading,
      { train: { text: [0, 1, 2] }, bptt: { lanes: 1, steps: 1, stride: 1 } },
      'bptt has no option "stride"',
    ],
    [
      "an option of a group that there is none of",
      tagging,
      { train: flat, groups: [{ parameters: "linear1", frosen: true }] },
      'a group of parameters has no option "frosen"; did you mean frozen?',
    ],
    [
      "a row that is too short",
      tagging,
      { train: [...sequences, { input: [[1, 2], [3]], target: [0, 1] }] },
      "example 12: row 1 of the input has 1 numbers and needs 2",
    ],
    [
      "an example that is named by its place",
      tagging,
      { train: [{ input: [[1]], target: [0] }], exampleName: (id: number) => `rows.csv:${id + 2}` },
      "rows.csv:2: row 0 of the input has 1 numbers",
    ],
    [
      "an example to validate on without a target",
      tagging,
      { train: flat, valid: [{ input: [[1, 2]] }] },
      "example 0 of valid has no target, of which its loss is",
    ],
  ])("%s", async (_, net, options, says) => expect(await refusal(net, options)).toContain(says));

  it("numbers that are not finite, where a network predicts", async () => {
    const trained = await trainNetwork(tagging, { train: sequences, epochs: 1 });
    await expect(
      trained.predict([
        [[1, 2]],
        [
          [1, 2],
          [Number.NaN, 0],
        ],
      ]),
    ).rejects.toThrow("example 1: number 2 of the input is NaN; it must be finite");
    trained.dispose();
  });
});
