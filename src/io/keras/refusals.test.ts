/** What of a model cannot be imported: every layer, class and option is named, and all of them at once. */
import { describe, expect, test } from "vitest";
import { FileFormatError } from "../errors.js";
import { importTfjs } from "./index.js";
import { knownActivations } from "./layers/activations.js";
import type { Json } from "./source.js";

/** A layer as it stands in a file. */
const layer = (className: string, name: string, config: Json = {}): Json => ({
  class_name: className,
  config: { name, ...config },
});

const recurrent = (className: string, name: string, config: Json = {}): Json =>
  layer(className, name, {
    units: 3,
    activation: "tanh",
    recurrent_activation: "sigmoid",
    return_sequences: true,
    ...(className === "SimpleRNN" ? { recurrent_activation: null } : {}),
    ...config,
  });

const input = layer("InputLayer", "input", { batch_input_shape: [null, null, 2] });
const dense = layer("Dense", "out", { units: 1, activation: "linear" });

/** The message of a Sequential model's refusal. */
function refusal(...layers: readonly Json[]): Promise<string> {
  return refused({ class_name: "Sequential", config: { name: "model", layers: [input, ...layers] } });
}

async function refused(modelTopology: Json): Promise<string> {
  const text = JSON.stringify({ modelTopology, weightsManifest: [] });
  const error = await importTfjs(text, () => new Uint8Array(0), "m.json").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(FileFormatError);
  return (error as Error).message;
}

test("everything that cannot be imported is listed at once, with its reason and what is near", async () => {
  expect(
    await refusal(
      layer("Conv1D", "filters", { filters: 3, kernel_size: [3], strides: [2], activation: "relu" }),
      layer("ConvLSTM1D", "memory"),
      layer("Bidirectional", "both", { merge_mode: "max", layer: recurrent("GRU", "inner") }),
      layer("Dense", "hidden", { units: 4, activation: "sparsemax" }),
      layer("Lambda", "program"),
      layer("UpSampling1D", "up"),
      dense,
    ),
  ).toBe(
    "m.json, model: cannot be imported:\n" +
      "- filters (Conv1D): the option strides [2]: it gives fewer steps than it reads; 1 can be imported\n" +
      '- filters (Conv1D): the option padding "valid": it gives 2 steps fewer than it reads; "same" and "causal" can be imported\n' +
      "- memory (ConvLSTM1D): is a ConvLSTM1D, which cannot be imported: a cell that convolves; there are LSTM, GRU and SimpleRNN\n" +
      '- both (Bidirectional): merge_mode "max"; concat, sum, mul, ave and null can be imported\n' +
      `- hidden (Dense): activation "sparsemax" cannot be imported; known are ${knownActivations}\n` +
      "- program (Lambda): is a Lambda, which cannot be imported: it holds a program in Python, which is not run; save the model without it\n" +
      "- up (UpSampling1D): is a UpSampling1D, which cannot be imported; save the part of the model around it, or build it of Embedding, SimpleRNN, LSTM, GRU, RNN, Bidirectional, Dense, Conv1D, PReLU, Activation, LeakyReLU, ELU, ReLU, Softmax, TimeDistributed, BatchNormalization, LayerNormalization, Attention, AdditiveAttention, Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate, Flatten, Reshape, RepeatVector, ExpandDims, Dropout, SpatialDropout1D, GlobalAveragePooling1D, GlobalMaxPooling1D, Masking, GaussianNoise, GaussianDropout, AlphaDropout, ActivityRegularization, Identity\n" +
      "These are all the reasons. docs/keras.md lists what can be imported, and what to do about the rest.",
  );
});

describe("names the option", () => {
  const cases: readonly (readonly [string, readonly Json[], string])[] = [
    [
      "softmax in a cell",
      [recurrent("LSTM", "l", { activation: "softmax" })],
      "l (LSTM): the activation softmax needs the whole vector",
    ],
    [
      "a function of one's own",
      [
        recurrent("GRU", "g", {
          activation: { class_name: "function", config: "mine", registered_name: "function" },
        }),
      ],
      'g (GRU): activation {"class_name":"function"',
    ],
    [
      "an activation that is missing",
      [layer("SimpleRNN", "s", { units: 3 })],
      "s (SimpleRNN): the option activation is missing",
    ],
    [
      "pooled steps that run backwards",
      [
        recurrent("GRU", "g", { go_backwards: true }),
        layer("Conv1D", "c", { filters: 3, kernel_size: [1], activation: "relu" }),
        dense,
      ],
      "c (Conv1D): reads steps that run backwards (go_backwards with return_sequences)",
    ],
    [
      "time_major",
      [recurrent("LSTM", "l", { time_major: true })],
      "l (LSTM): the option time_major true: its steps come before its sequences",
    ],
    [
      "an option that nobody knows",
      [recurrent("LSTM", "l", { peepholes: true })],
      "l (LSTM): the option peepholes true is not known",
    ],
    [
      "quantised layers",
      [
        layer("Dense", "d", {
          units: 1,
          activation: "linear",
          dtype: { class_name: "QuantizedDTypePolicy", config: { mode: "int8" } },
        }),
      ],
      "d (Dense): the precision {",
    ],
    [
      "int8",
      [layer("Dense", "d", { units: 1, activation: "linear", dtype: "int8" })],
      'd (Dense): the precision "int8"',
    ],
    [
      "other layers in both directions",
      [layer("Bidirectional", "b", { merge_mode: "concat", layer: layer("ConvLSTM1D", "i") })],
      "b (Bidirectional): wraps ConvLSTM1D; SimpleRNN, LSTM, GRU, RNN can be imported",
    ],
    [
      "two directions of different widths that are added",
      [
        layer("Bidirectional", "b", {
          merge_mode: "sum",
          layer: recurrent("LSTM", "i"),
          backward_layer: recurrent("LSTM", "j", { units: 4, go_backwards: true }),
        }),
      ],
      "b (Bidirectional): merge_mode sum of 3 and 4 units",
    ],
    [
      "a cell of another class",
      [layer("RNN", "r", { cell: layer("PeepholeCell", "p", { units: 3 }) })],
      "r (RNN): a cell of the class PeepholeCell; SimpleRNNCell, LSTMCell, GRUCell can be imported",
    ],
    [
      "attention of several heads",
      [layer("MultiHeadAttention", "m", { num_heads: 2 })],
      "m (MultiHeadAttention): is a MultiHeadAttention, which cannot be imported: attention of several heads; Attention and AdditiveAttention can be imported",
    ],
    [
      "steps side by side without their number",
      [recurrent("LSTM", "l"), layer("Flatten", "f"), dense],
      "f (Flatten): puts all steps side by side, and the file does not say how many there are",
    ],
    [
      "features that become steps",
      [
        recurrent("LSTM", "l", { return_sequences: false }),
        layer("Reshape", "r", { target_shape: [3, 1] }),
        dense,
      ],
      "r (Reshape): makes [3,1] of (3)",
    ],
    [
      "normalisation over steps",
      [layer("BatchNormalization", "n", { axis: 1 }), dense],
      "n (BatchNormalization): the option axis 1: it normalises over steps",
    ],
    [
      "normalisation over an axis that inside TimeDistributed is none",
      [layer("TimeDistributed", "t", { layer: layer("BatchNormalization", "n", { axis: [2] }) }), dense],
      "t (TimeDistributed): BatchNormalization in it: the option axis [2]",
    ],
    [
      "a slope for each step",
      [layer("PReLU", "p", { shared_axes: null }), dense],
      "p (PReLU): it has a slope for each step; with shared_axes=[1]",
    ],
    [
      "a forward layer that goes backwards",
      [
        layer("Bidirectional", "b", {
          merge_mode: "concat",
          layer: recurrent("LSTM", "i", { go_backwards: true }),
        }),
      ],
      "b (Bidirectional): its forward layer has go_backwards",
    ],
    [
      "what is in a wrapper",
      [
        layer("Bidirectional", "b", {
          merge_mode: "concat",
          layer: recurrent("LSTM", "i", { activation: "sparsemax" }),
        }),
      ],
      'b (Bidirectional): LSTM in it: activation "sparsemax"',
    ],
    [
      "other layers distributed over time",
      [layer("TimeDistributed", "t", { layer: recurrent("LSTM", "l") }), dense],
      "t (TimeDistributed): wraps LSTM, which would read sequences inside steps; import it as a model of its own",
    ],
    [
      "a recurrent layer after the sequence's end",
      [recurrent("LSTM", "a", { return_sequences: false }), recurrent("LSTM", "b"), dense],
      "b (LSTM): reads one vector per sequence",
    ],
    [
      "steps after the sequence's end",
      [recurrent("LSTM", "a", { return_sequences: false }), layer("TimeDistributed", "t", { layer: dense })],
      "t (TimeDistributed): has no steps to distribute over",
    ],
    [
      "pooling twice",
      [layer("GlobalMaxPooling1D", "p"), layer("GlobalAveragePooling1D", "q")],
      "q (GlobalAveragePooling1D): has no steps to pool",
    ],
    [
      "pooling that keeps an axis",
      [layer("GlobalMaxPooling1D", "p", { keepdims: true })],
      "p (GlobalMaxPooling1D): the option keepdims true: it gives one step",
    ],
    [
      "features before steps",
      [layer("GlobalMaxPooling1D", "p", { data_format: "channels_first" })],
      "p (GlobalMaxPooling1D): the option data_format channels_first: it pools over the features",
    ],
    [
      "an Embedding after other layers",
      [dense, layer("Embedding", "e", { input_dim: 3, output_dim: 2 })],
      "e (Embedding): reads what other layers give; it can be imported right after an input",
    ],
    [
      "a rate of dropout that leaves nothing",
      [layer("Dropout", "d", { rate: 2 }), dense],
      "d (Dropout): the rate 2; it is at least 0 and below 1",
    ],
  ];
  test.each(cases)("%s", async (_, layers, message) => expect(await refusal(...layers)).toContain(message));
});

describe("asks for an input with steps", () => {
  const of = (...layers: readonly Json[]): Promise<string> =>
    refused({ class_name: "Sequential", config: { name: "model", layers } });
  test("not pictures", async () =>
    expect(
      await of(layer("Dense", "d", { units: 1, activation: "linear", batch_input_shape: [null, 5, 4, 3] })),
    ).toContain(
      "input (InputLayer): has the shape (None, 5, 4, 3); it must be (batch, steps, features), (batch, features), or token ids for an Embedding",
    ));
  test("not none at all", async () =>
    expect(await of(dense)).toContain(
      "the model does not say how wide its input is; build it before it is saved",
    ));
  test("not ids in a table", async () =>
    expect(
      await of(
        layer("Embedding", "e", { input_dim: 3, output_dim: 2, batch_input_shape: [null, 4, 5] }),
        dense,
      ),
    ).toContain("e (Embedding): reads ids of the shape (None, 4, 5); it must be (batch, steps)"));
  test("not an empty model", async () => expect(await of()).toContain("the model has no layers"));
});

describe("what a Functional model must not be", () => {
  const node = (...names: readonly string[]): unknown[] => [names.map((name) => [name, 0, 0, {}])];
  const placed = (of: Json, ...names: readonly string[]): Json => ({
    ...of,
    name: (of["config"] as Json)["name"],
    inbound_nodes: names.length > 0 ? node(...names) : [],
  });
  const model = (layers: readonly Json[], more: Json = {}): Promise<string> =>
    refused({
      class_name: "Model",
      config: { name: "m", layers, input_layers: [["input", 0, 0]], output_layers: [["out", 0, 0]], ...more },
    });
  const start = placed(input);

  test("not one that merges", async () =>
    expect(
      await model([
        start,
        placed(layer("Dense", "a", { units: 1, activation: "linear" }), "input"),
        placed(dense, "input", "a"),
      ]),
    ).toContain("out (Dense): reads 2 values, and a layer of its kind reads one"));
  test("not one with several outputs", async () =>
    expect(
      await model([start, placed(dense, "input")], {
        output_layers: [
          ["out", 0, 0],
          ["input", 0, 0],
        ],
      }),
    ).toContain(
      "the model has 2 outputs (1 out, 2 input), and a network has one: choose which with the option output",
    ));
  test("not one that reads a state", async () => {
    const gru = placed(recurrent("GRU", "g"), "input");
    const reads = { ...placed(dense), inbound_nodes: [[["g", 0, 1, {}]]] };
    expect(await model([start, gru, reads])).toContain(
      "out (Dense): reads result 2 of g (GRU), which gives 1",
    );
  });
  test("not one that leads elsewhere", async () => {
    const other = placed(layer("InputLayer", "other", { batch_input_shape: [null, null, 2] }));
    expect(await model([start, other, placed(dense, "other")])).toContain(
      "other (InputLayer): is read, and is not among the model's inputs",
    );
  });
  test("not a circle, nor a layer that is not there", async () => {
    const a = placed(layer("Dense", "a", { units: 1, activation: "linear" }), "out");
    expect(await model([start, a, placed(dense, "a")])).toContain(
      "layer out: reads itself, by way of others",
    );
    expect(await model([start, placed(dense, "gone")])).toContain(
      "layer gone: is read by another, and is not there",
    );
  });
  test("not a class of one's own", async () =>
    expect(await refused({ class_name: "MyModel", config: {} })).toContain(
      "the model is a MyModel; Sequential and Functional models describe their layers",
    ));
});
