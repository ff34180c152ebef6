/** What of a model cannot be imported: every layer, class and option is named, and all of them at once. */
import { describe, expect, test } from "vitest";
import { FileFormatError } from "../errors.js";
import { importTfjs } from "./index.js";
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

test("everything that cannot be imported is listed at once", async () => {
  expect(
    await refusal(
      layer("Conv1D", "filters", { filters: 3 }),
      recurrent("LSTM", "memory", { activation: "selu", return_state: true }),
      layer("Bidirectional", "both", { merge_mode: "sum", layer: recurrent("GRU", "inner") }),
      layer("Dense", "hidden", { units: 4, activation: "softmax" }),
      dense,
    ),
  ).toBe(
    "m.json, model: cannot be imported:\n" +
      "- filters (Conv1D): no layer of this class can be imported; there are Embedding, SimpleRNN, LSTM, GRU, Bidirectional, Dense, TimeDistributed, Activation, Dropout, SpatialDropout1D, GlobalAveragePooling1D, GlobalMaxPooling1D, Masking, GaussianNoise, GaussianDropout, ActivityRegularization\n" +
      '- memory (LSTM): activation "selu" (known: linear, tanh, sigmoid, softmax, relu, softplus, softsign, elu, silu, hard_sigmoid)\n' +
      "- memory (LSTM): return_state: it gives several results\n" +
      '- both (Bidirectional): merge_mode "sum"; "concat" can be imported\n' +
      "- hidden (Dense): activation softmax before the last layer: ours are relu, tanh, sigmoid, softplus, softsign, elu, silu and Keras 2's hard_sigmoid\n" +
      "These are all the reasons. docs/keras.md lists what can be imported, and what to do about the rest.",
  );
});

describe("names the option", () => {
  const cases: readonly (readonly [string, readonly Json[], string])[] = [
    [
      "softmax in a cell",
      [recurrent("LSTM", "l", { activation: "softmax" })],
      "l (LSTM): the activation softmax, which needs the whole vector",
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
      "steps in reverse order",
      [recurrent("GRU", "g", { go_backwards: true })],
      "g (GRU): go_backwards with return_sequences: it gives its steps in reverse order",
    ],
    ["time_major", [recurrent("LSTM", "l", { time_major: true })], "l (LSTM): time_major"],
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
      "directions kept apart",
      [layer("Bidirectional", "b", { merge_mode: null, layer: recurrent("LSTM", "i") })],
      "b (Bidirectional): merge_mode null",
    ],
    [
      "other layers in both directions",
      [layer("Bidirectional", "b", { merge_mode: "concat", layer: layer("ConvLSTM1D", "i") })],
      "b (Bidirectional): wraps ConvLSTM1D; SimpleRNN, LSTM, GRU can be imported",
    ],
    [
      "two directions that differ",
      [
        layer("Bidirectional", "b", {
          merge_mode: "concat",
          layer: recurrent("LSTM", "i"),
          backward_layer: recurrent("LSTM", "j", { units: 4, go_backwards: true }),
        }),
      ],
      "b (Bidirectional): its two layers differ in units",
    ],
    [
      "two directions of different classes",
      [
        layer("Bidirectional", "b", {
          merge_mode: "concat",
          layer: recurrent("LSTM", "i"),
          backward_layer: recurrent("GRU", "j"),
        }),
      ],
      "b (Bidirectional): its two layers are of different classes",
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
          layer: recurrent("LSTM", "i", { activation: "selu" }),
        }),
      ],
      'b (Bidirectional): LSTM in it: activation "selu"',
    ],
    [
      "other layers distributed over time",
      [layer("TimeDistributed", "t", { layer: layer("Flatten", "f") })],
      "t (TimeDistributed): wraps Flatten; Dense can be imported",
    ],
    [
      "a recurrent layer after the sequence's end",
      [recurrent("LSTM", "a", { return_sequences: false }), recurrent("LSTM", "b"), dense],
      "b (LSTM): reads one vector per sequence",
    ],
    [
      "steps after the sequence's end",
      [recurrent("LSTM", "a", { return_sequences: false }), layer("TimeDistributed", "t", { layer: dense })],
      "t (TimeDistributed): there are no steps to distribute over",
    ],
    [
      "pooling twice",
      [layer("GlobalMaxPooling1D", "p"), layer("GlobalAveragePooling1D", "q")],
      "q (GlobalAveragePooling1D): there are no steps to pool",
    ],
    [
      "pooling that keeps an axis",
      [layer("GlobalMaxPooling1D", "p", { keepdims: true })],
      "p (GlobalMaxPooling1D): keepdims",
    ],
    [
      "features before steps",
      [layer("GlobalMaxPooling1D", "p", { data_format: "channels_first" })],
      "p (GlobalMaxPooling1D): data_format channels_first",
    ],
    [
      "an Embedding after other layers",
      [dense, layer("Embedding", "e", { input_dim: 3, output_dim: 2 })],
      "e (Embedding): an Embedding after other layers",
    ],
    [
      "a rate of dropout that leaves nothing",
      [layer("Dropout", "d", { rate: 1 }), dense],
      "d (Dropout): the rate 1; it is at least 0 and below 1",
    ],
  ];
  test.each(cases)("%s", async (_, layers, message) => expect(await refusal(...layers)).toContain(message));
});

describe("asks for an input with steps", () => {
  const of = (...layers: readonly Json[]): Promise<string> =>
    refused({ class_name: "Sequential", config: { name: "model", layers } });
  test("not one vector", async () =>
    expect(
      await of(layer("Dense", "d", { units: 1, activation: "linear", batch_input_shape: [null, 5] })),
    ).toContain(
      "the input has the shape (None, 5); it must be (batch, steps, features), or token ids for an Embedding",
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

describe("a Functional model must be a row of layers", () => {
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
    ).toContain("layer out (Dense): reads 2 layers"));
  test("not one with several outputs", async () =>
    expect(
      await model([start, placed(dense, "input")], {
        output_layers: [
          ["out", 0, 0],
          ["input", 0, 0],
        ],
      }),
    ).toContain("the model has 2 outputs; one can be imported"));
  test("not one whose layer is used twice", async () => {
    const twice = { ...placed(dense, "input"), inbound_nodes: [...node("input"), ...node("out")] };
    expect(await model([start, twice])).toContain("layer out (Dense): used 2 times");
  });
  test("not one that reads a state", async () => {
    const gru = placed(recurrent("GRU", "g"), "input");
    const reads = { ...placed(dense), inbound_nodes: [[["g", 0, 1, {}]]] };
    expect(await model([start, gru, reads])).toContain(
      "layer g (GRU): what follows reads its result number 1",
    );
  });
  test("not one that leads elsewhere", async () => {
    const other = placed(layer("InputLayer", "other", { batch_input_shape: [null, null, 2] }));
    expect(await model([start, other, placed(dense, "other")])).toContain(
      "the model's output does not come from its input input",
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
