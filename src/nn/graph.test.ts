/**
 * Networks that are more than a row: what layers may name and what is refused; gradients, the same bits everywhere, streams,
 * training; and model files.
 */
import { describe, expect, it } from "vitest";
import { gru, lstm } from "../cell/index.js";
import type { Executor } from "../exec/executor.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { type ModelFile, readModel, writeModel } from "../io/index.js";
import { verify } from "../plan/index.js";
import { adam, createTrainer } from "../train/index.js";
import {
  networkData,
  networkDifference,
  networkFromData,
  predictionPlan,
  stepPlan,
  wholeSequenceReason,
} from "./build/index.js";
import {
  agreeWithReference,
  checkGradients,
  examplesFor,
  sameBitsInAnyBatch,
  streamsSameBits,
} from "./gradient.cases.js";
import { around, graphs, joiningNames } from "./graph.cases.js";
import {
  attention,
  convolution,
  createPredictor,
  embedding,
  extendVocabulary,
  features,
  initialParameters,
  join,
  linear,
  type Network,
  NetworkError,
  type NetworkOptions,
  network,
  normalise,
  pool,
  recurrent,
  repeat,
  scale,
} from "./index.js";

const lengths = [4, 2, 0, 1, 3];

describe.each(graphs)("%s", (_, options) => {
  it("has the gradients of central differences", async () => {
    expect(await checkGradients(options, lengths, true)).toBeGreaterThan(0);
  });
  it("computes on wasm what the reference does, to the same bits alone and together", async () => {
    const net = network(options);
    // Sums of fewer than ten float32 numbers of the order of 1, over at most four steps.
    await agreeWithReference(createWasmExecutor, net, examplesFor(net, lengths), 1e-5);
    await sameBitsInAnyBatch(createWasmExecutor, net, examplesFor(net, lengths));
  });
  it("has a plan that is sound", () =>
    verify(predictionPlan(network(options), { loss: true, scores: true, states: true })));
  it("goes through its data and back", () => {
    const net = network(options);
    const data = JSON.parse(JSON.stringify(networkData(net)));
    expect(networkData(networkFromData(data))).toEqual(networkData(net));
    expect(networkDifference(networkFromData(data), net)).toBeUndefined();
  });
});

describe("streams", () => {
  const executors: [string, () => Promise<Executor>][] = [
    ["reference", createReferenceExecutor],
    ["wasm", createWasmExecutor],
  ];
  it.each(executors)(
    "of a network with a way around have the bits of the whole sequence on %s",
    async (_, create) => {
      for (const by of joiningNames) {
        verify(stepPlan(network(around(by))).plan);
        await streamsSameBits(create, network(around(by)));
      }
      for (const options of [{ kernel: 3, dilation: 2 }, { kernel: 2 }, { kernel: 1 }]) {
        const one = convolution({ units: 3, padding: "causal", ...options });
        await streamsSameBits(
          create,
          network({
            input: { width: 2 },
            layers: [one, convolution({ units: 2, kernel: 4, padding: "causal" })],
            loss: "squaredError",
          }),
        );
      }
      const normal = network({
        input: { width: 2 },
        layers: [
          recurrent({ cell: lstm, units: 3 }),
          normalise(),
          scale(),
          { layer: join({ by: "add" }), from: ["scale1", "recurrent1"] },
        ],
        loss: "squaredError",
      });
      await streamsSameBits(create, normal);
    },
  );
});

describe("a network that is more than a row", () => {
  const input = { width: 3 };
  const layers = [
    recurrent({ cell: lstm, units: 3 }),
    { layer: linear({ units: 3 }), from: ["input"] },
    { layer: join({ by: "add" }), from: ["recurrent1", "linear1"] },
  ] as const;

  it("says of every layer what it reads, where that is not the layer before", () => {
    const net = network({
      input,
      layers: [...layers, { layer: linear({ units: 2 }), from: ["join1"] }],
      loss: "squaredError",
    });
    expect(net.layers.map(({ name, from }) => [name, from])).toEqual([
      ["recurrent1", undefined],
      ["linear1", ["input"]],
      ["join1", ["recurrent1", "linear1"]],
      ["linear2", undefined],
    ]);
    expect(net.layers[2]?.input).toEqual({
      over: "values",
      width: 2,
      values: [
        { over: "tokens", width: 3, name: "recurrent1" },
        { over: "tokens", width: 3, name: "linear1" },
      ],
    });
  });

  it.each<[string, NetworkOptions["layers"], string]>([
    [
      "a value that is not there",
      [linear({ units: 2 }), { layer: join({ by: "add" }), from: ["linear1", "linear2"] }],
      'join1 reads "linear2", which is no value before it; there are input, linear1',
    ],
    [
      "a layer of one value that is given two",
      [linear({ units: 2 }), { layer: linear({ units: 2 }), from: ["input", "linear1"] }],
      "linear2 reads one value, and is given 2: input, linear1; put a join before it",
    ],
    ["a join of one value", [join({ by: "add" })], "join1 reads 2 to 250 values, and is given one: input"],
    [
      "a difference of three",
      [{ layer: join({ by: "subtract" }), from: ["input", "input", "input"] }],
      "join1 reads 2 values, and is given 3",
    ],
    [
      "values of different widths",
      [linear({ units: 2 }), { layer: join({ by: "multiply" }), from: ["input", "linear1"] }],
      "join1 joins by multiply, for which all must be as wide: input is 3 wide, and linear1 2",
    ],
    [
      "a sequence's vector beside its steps",
      [pool({ by: "mean" }), { layer: join({ by: "concatenate" }), from: ["input", "pool1"] }],
      "input gives one for each step, and pool1 one for each sequence; repeat() gives",
    ],
    [
      "a convolution of a vector",
      [pool({ by: "max" }), convolution({ units: 2, kernel: 2 })],
      "convolution1 goes along the steps of a sequence",
    ],
    [
      "attention of a vector",
      [pool({ by: "max" }), attention()],
      "attention1 attends to steps, and pool1 gives one vector for each sequence",
    ],
    [
      "attention of vectors of different widths",
      [linear({ units: 2 }), { layer: attention(), from: ["input", "linear1"] }],
      "attention1 compares vectors of one width: input is 3 wide, and linear1 2",
    ],
    [
      "attention with more than queries, values and keys",
      [{ layer: attention(), from: ["input", "input", "input", "input"] }],
      "attention1 reads 1 to 3 values, and is given 4",
    ],
    ["a repetition of steps", [repeat()], "repeat1 repeats one vector of a sequence"],
    [
      "a layer that nothing reads",
      [linear({ units: 2 }), { layer: linear({ units: 2 }), from: ["input"] }],
      "nothing reads linear1; leave it out",
    ],
    [
      "a state that a layer does not have",
      [
        pool({ by: "mean" }),
        repeat(),
        { layer: recurrent({ cell: gru, units: 3 }), from: ["repeat1"], states: { h: "pool1" } },
      ],
      'recurrent1 has no state "h" that starts at pool1; its states are c',
    ],
    [
      "states of a layer without any",
      [linear({ units: 2 }), { layer: linear({ units: 2 }), states: { c: "linear1" } }],
      'linear2 has no state "c" that starts at linear1; only recurrent layers have states',
    ],
    [
      "a state that starts at steps",
      [{ layer: recurrent({ cell: gru, units: 3 }), states: { c: "input" } }],
      "the state recurrent1.c starts at a vector per sequence of 3 numbers, and input gives a value for each step",
    ],
    [
      "a state that starts at another width",
      [
        pool({ by: "meanMax" }),
        { layer: recurrent({ cell: gru, units: 3 }), from: ["input"], states: { c: "pool1" } },
      ],
      "and pool1 gives 6 numbers",
    ],
    [
      "two ways to start",
      [
        pool({ by: "mean" }),
        {
          layer: recurrent({ cell: gru, units: 3, initialState: "learned" }),
          from: ["input"],
          states: { c: "pool1" },
        },
      ],
      'recurrent1 starts at other layers\' values, and has the initialState "learned" as well',
    ],
    ["a misspelt place", [{ layer: linear({ units: 2 }), form: ["input"] } as never], "form"],
    ["names that are none", [{ layer: linear({ units: 2 }), from: "input" } as never], "from"],
    ["no names", [{ layer: linear({ units: 2 }), from: [] }], "from"],
    [
      "a state's name that is none",
      [{ layer: recurrent({ cell: gru, units: 3 }), states: { c: 1 } } as never],
      "the state c of a layer starts at the name of a value",
    ],
  ])("refuses %s", (_, layers, says) =>
    expect(() => network({ input, layers, loss: "squaredError" })).toThrow(says),
  );

  const several = {
    inputs: { own: { width: 2 }, other: { width: 2, beside: true }, inner: { width: 2, inside: true } },
  } as const;
  it.each<[string, NetworkOptions["layers"], string]>([
    [
      "steps of another input",
      [{ layer: join({ by: "add" }), from: ["input.own", "input.other"] }],
      'input.own gives one for each step, and input.other one for each step of the input "other"',
    ],
    [
      "a sequence inside the steps",
      [{ layer: linear({ units: 1 }), from: ["input.inner"] }],
      "begin the network with features",
    ],
    [
      "an input that nothing reads",
      [{ layer: linear({ units: 1 }), from: ["input.own"] }],
      'no layer reads the input "other"; leave it out, or name it as input.other',
    ],
    [
      "all inputs at once",
      [linear({ units: 1 })],
      "linear1 reads one input, and the network has own, other, inner",
    ],
    [
      "predictions of the steps of another input",
      [features({ own: [], inner: [pool({ by: "max" })] } as never)],
      "is not in both",
    ],
    [
      "a state that lies beside",
      [
        { layer: pool({ by: "max" }), from: ["input.own"] },
        { layer: recurrent({ cell: gru, units: 2 }), from: ["input.other"], states: { c: "pool1" } },
      ],
      'recurrent1 reads the input "other", which lies beside the network\'s own steps',
    ],
  ])("of several inputs refuses %s", (_, layers, says) =>
    expect(() => network({ input: several, layers, loss: "squaredError" })).toThrow(says),
  );
  it("refuses predictions of the steps of another input", () => {
    const { inner, ...inputs } = several.inputs;
    const layers = [{ layer: recurrent({ cell: gru, units: 2 }), from: ["input.other"] }];
    const read = [
      ...layers,
      pool({ by: "max" as const }),
      repeat(),
      { layer: join({ by: "add" as const }), from: ["repeat1", "input.own"] },
    ];
    expect(network({ input: { inputs }, layers: read, loss: "squaredError" }).output).toEqual({
      over: "tokens",
      width: 2,
    });
    expect(() => network({ input: { inputs }, layers, loss: "squaredError" })).toThrow(
      'predictions would be of the steps of the input "other"',
    );
  });

  it("runs step by step and in pieces where nothing looks at the whole, and says what does", () => {
    const reason = (layers: NetworkOptions["layers"]): string | undefined =>
      wholeSequenceReason(network({ input, layers, loss: "squaredError" }));
    expect(reason(layers)).toBeUndefined();
    const first = recurrent({ cell: lstm, units: 3 });
    const second = { layer: recurrent({ cell: lstm, units: 3 }), states: { c: "recurrent1.c" } };
    expect(reason([first, second])).toBe(
      "recurrent2 starts at recurrent1.c, which is there once the whole sequence is",
    );
    expect(reason([first, { layer: linear({ units: 2 }), from: ["recurrent1.a"] }])).toBe(
      "linear1 reads recurrent1.a, where the whole sequence ends",
    );
    expect(reason([first, attention()])).toBe("attention1 attends to all steps");
    expect(reason([convolution({ units: 2, kernel: 2 })])).toMatch(
      /^convolution1 reads steps after its own; take the padding "causal"/,
    );
    expect(reason([convolution({ units: 2, kernel: 1 })])).toBeUndefined();
    expect(reason([first, pool({ by: "ends" }), repeat()])).toMatch(/^pool1 pools over all steps/);
  });
});

describe("training a network that is more than a row", () => {
  const net = (trained: boolean) =>
    network({
      input: { width: 3 },
      layers: [
        recurrent({ cell: lstm, units: 3 }),
        normalise(),
        scale({ trained }),
        { layer: join({ by: "average" }), from: ["scale1", "input"] },
        linear({ units: 2 }),
      ],
      loss: "squaredError",
    });
  async function train(of: Network, options: Partial<Parameters<typeof createTrainer>[3]> = {}) {
    const examples = examplesFor(of, [9, 4, 0, 7]);
    const executor = await createWasmExecutor();
    const start = initialParameters(of, 1);
    const trainer = createTrainer(of, start, executor, {
      optimizer: adam({ learningRate: 0.03 }),
      batches: [[9, 4, 0, 7]],
      ...options,
    });
    const losses = Array.from({ length: 20 }, () => trainer.step(examples).loss);
    return { losses, start, parameters: trainer.parameters() };
  }

  it("learns, and leaves a scale as it is unless it is told to train it", async () => {
    for (const trained of [true, false]) {
      const { losses, start, parameters } = await train(net(trained));
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      for (const name of ["scale1.g", "scale1.k"])
        expect(parameters.get(name)?.data.some((value, i) => value !== start.get(name)!.data[i])).toBe(
          trained,
        );
      expect(parameters.get("normalise1.g")?.data.some((value) => value !== 1)).toBe(true);
    }
  });
  it("computes steps again piece by piece, and carries states from batch to batch", async () => {
    const [whole, pieces] = [await train(net(true)), await train(net(true), { recompute: 3 })];
    // Sums in another order, in float32, over 20 steps of training.
    pieces.losses.forEach((loss, i) => expect(Math.abs(loss / whole.losses[i]! - 1)).toBeLessThan(1e-4));
    expect((await train(net(true), { carry: true })).losses.every(Number.isFinite)).toBe(true);
  });
  it.each(["carry", "recompute"] as const)("refuses %s where a layer looks at the whole", async (option) => {
    const options = option === "carry" ? { carry: true } : { recompute: 2 };
    const of = (name: string) => train(network(Object.fromEntries(graphs)[name]!), options);
    await expect(of("a sequence out of a vector, from states of another layer")).rejects.toThrow(
      "recurrent1 reads from the sequence's end",
    );
    const states = network({
      input: { width: 2 },
      layers: [
        recurrent({ cell: gru, units: 2 }),
        { layer: recurrent({ cell: gru, units: 2 }), states: { c: "recurrent1.c" } },
      ],
      loss: "squaredError",
    });
    await expect(train(states, options)).rejects.toThrow("recurrent2 starts at recurrent1.c");
  });
});

describe("files of networks that are more than a row", () => {
  const model = (options: NetworkOptions): ModelFile => {
    const net = network(options);
    return { task: "none", network: net, parameters: initialParameters(net, 1), data: {} };
  };
  const plain: NetworkOptions = {
    input: { width: 3 },
    layers: [recurrent({ cell: lstm, units: 3 }), normalise(), linear({ units: 2 })],
    loss: "squaredError",
  };

  it.each(graphs)("%s: predict the same bits once they are read", async (_, options) => {
    const written = model(options);
    const read = readModel(writeModel(written));
    const predict = async ({ network: net, parameters }: ModelFile): Promise<unknown> =>
      createPredictor(net, await createReferenceExecutor(), { parameters }).predict(
        examplesFor(net, [3, 1]).map(({ input, states }) => ({ input, states: states! })),
      );
    expect(await predict(read)).toEqual(await predict(written));
  });
  it("name format 3, and those of rows the format that they had", () => {
    const formats = [plain, around()].map((options) => readModel(writeModel(model(options))).stored?.format);
    expect(formats).toEqual([1, 3]);
    expect(readModel(writeModel(model(around()), { storage: "int8" })).stored).toEqual({
      format: 3,
      storage: "int8",
    });
  });
  it.each<[string, object, string]>([
    ["names that are no list", { from: "input" }, '"from" of layer 1 of the model should be a list'],
    [
      "names that are no texts",
      { from: [1] },
      'layer 1 of the model has something other than texts in "from"',
    ],
    ["names of nothing", { from: ["__proto__"] }, 'linear1 reads "__proto__", which is no value before it'],
    ["no names", { from: [] }, "from"],
    ["names of a later value", { from: ["join1"] }, 'linear1 reads "join1"'],
    ["states that are none", { states: ["c"] }, '"states" of layer 1 of the model should be an object'],
    ["states that are no texts", { states: { c: 1 } }, 'layer 1 of the model has no text "c" in "states"'],
    [
      "states of a layer without any",
      { states: { constructor: "input" } },
      'linear1 has no state "constructor"',
    ],
  ])("are refused with %s", (_, fields, says) => {
    const data = JSON.parse(JSON.stringify(networkData(network(around()))));
    Object.assign(data.layers[1], fields);
    expect(() => networkFromData(data)).toThrow(says);
    expect(() => networkFromData(data)).toThrow(NetworkError);
  });
});

it("keeps what layers read when its vocabulary grows", () => {
  const net = network({
    input: { vocabulary: 4 },
    layers: [
      embedding({ width: 3 }),
      recurrent({ cell: gru, units: 3 }),
      { layer: join({ by: "add" }), from: ["embedding1", "recurrent1"] },
      { layer: recurrent({ cell: gru, units: 3 }), from: ["join1"], states: { c: "recurrent1.c" } },
      linear({ units: 2 }),
    ],
    loss: "crossEntropy",
  });
  const { net: larger } = extendVocabulary(net, initialParameters(net, 1), 9);
  expect(larger.layers.map(({ from, states }) => [from, states])).toEqual(
    net.layers.map(({ from, states }) => [from, states]),
  );
  expect(networkDifference(net, larger)).toBe("input.vocabulary was 4 and is 9");
});
