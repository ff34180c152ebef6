/** Weights as JSON, as programs for audio plug-ins write them. */
import { describe, expect, it } from "vitest";
import { createReferenceExecutor } from "../../../exec/reference/index.js";
import { certify, FileFormatError } from "../../index.js";
import { importPyTorch, readPyTorch } from "../index.js";

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const executors = { reference: createReferenceExecutor, wasm: createReferenceExecutor };

/** Numbers that are all different, in nested lists. */
function lists(from: number, ...shape: readonly number[]): unknown {
  const [first = 0, ...rest] = shape;
  const size = rest.reduce((n, each) => n * each, 1);
  return Array.from({ length: first }, (_, i) =>
    rest.length === 0 ? Math.sin(from + i) : lists(from + i * size, ...rest),
  );
}

const stateDict = (X: number, H: number, gates: number) => ({
  "rec.weight_ih_l0": lists(1, gates * H, X),
  "rec.weight_hh_l0": lists(2, gates * H, H),
  "rec.bias_ih_l0": lists(3, gates * H),
  "rec.bias_hh_l0": lists(4, gates * H),
  "lin.weight": lists(5, 1, H),
  "lin.bias": lists(6, 1),
});

const layersOf = async (value: unknown): Promise<string[]> => {
  const imported = importPyTorch(await readPyTorch(bytesOf(value), { name: "m.json" }), { name: "m.json" });
  await certify(imported, executors);
  return imported.network.layers.map(({ name, layer, from }) => {
    const how = "cell" in layer ? ` ${layer.cell.name}` : "by" in layer ? ` ${layer.by}` : "";
    return `${name}${how}${from ? ` of ${from.join(", ")}` : ""}`;
  });
};

describe("a state dict of nested lists", () => {
  it("alone", async () => {
    expect(await layersOf(stateDict(1, 3, 4))).toEqual(["recurrent1 lstm", "linear1"]);
  });
  it("with what the network is beside it, whose input is added to its output", async () => {
    const model_data = { unit_type: "GRU", input_size: 1, output_size: 1, skip: 1, hidden_size: 3 };
    expect(await layersOf({ model_data, state_dict: stateDict(1, 3, 3) })).toEqual([
      "recurrent1 gruResetAfter",
      "linear1",
      "join1 add of linear1, input",
    ]);
  });
  it("the same with a knob beside the signal, of which the signal alone is added", async () => {
    const model_data = { unit_type: "LSTM", input_size: 2, output_size: 1, skip: 1 };
    expect(await layersOf({ model_data, state_dict: stateDict(2, 3, 4) })).toEqual([
      "recurrent1 lstm",
      "linear1",
      "linear2 of input",
      "join1 add of linear1, linear2",
    ]);
  });
});

describe("layers with the matrices of Keras", () => {
  const dense = {
    type: "dense",
    activation: "tanh",
    shape: [null, null, 2],
    weights: [lists(1, 3, 2), lists(2, 2)],
  };
  it("an LSTM and a dense layer", async () => {
    const lstm = { type: "lstm", activation: "", weights: [lists(3, 1, 12), lists(4, 3, 12), lists(5, 12)] };
    expect(await layersOf({ in_shape: [null, null, 1], layers: [lstm, dense] })).toEqual([
      "recurrent1 lstm",
      "linear1",
      "activation1 tanh",
    ]);
  });
  it("a GRU, whose gates stand in another order", async () => {
    const kernel = [[1, 2, 3, 4, 5, 6]];
    const gru = {
      type: "gru",
      weights: [
        kernel,
        lists(4, 2, 6),
        [
          [10, 20, 30, 40, 50, 60],
          [1, 2, 3, 4, 5, 6],
        ],
      ],
    };
    const { tensors } = await readPyTorch(bytesOf({ in_shape: [1], layers: [gru] }));
    const values = (name: string): number[] => {
      const { data } = tensors.get(`layers.0.${name}`)!;
      return [...new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4)];
    };
    // z, r, h there; r, z, n here.
    expect(values("weight_ih_l0")).toEqual([3, 4, 1, 2, 5, 6]);
    expect(values("bias_ih_l0")).toEqual([30, 40, 10, 20, 50, 60]);
    expect(values("bias_hh_l0")).toEqual([3, 4, 1, 2, 5, 6]);
    expect(await layersOf({ in_shape: [1], layers: [gru] })).toEqual(["recurrent1 gruResetAfter"]);
  });
  it.each<[string, unknown, string]>([
    [
      "a layer of another type",
      { type: "conv1d", weights: [] },
      'layers.0: is a "conv1d" layer. Read are lstm, gru,',
    ],
    [
      "matrices that do not fit",
      { type: "gru", weights: [lists(1, 1, 6), lists(1, 3, 6), lists(1, 6)] },
      "layers.0: has no kernel",
    ],
    [
      "rows of different lengths",
      { type: "dense", weights: [[[1, 2], [3]]] },
      "is no nested list of numbers",
    ],
  ])("refused is %s", async (_, layer, says) => {
    await expect(readPyTorch(bytesOf({ in_shape: [1], layers: [layer] }))).rejects.toThrow(says);
  });
});

it.each<[string, Uint8Array, string]>([
  [
    "JSON of something else",
    bytesOf({ modelTopology: {} }),
    "holds no weights: neither a state dict of nested lists",
  ],
  ["texts among numbers", bytesOf({ state_dict: { "a.weight": [["x"]] } }), "holds no weights"],
  ["JSON that is cut off", bytesOf({ "a.weight": [[1, 2]] }).slice(0, -3), "JSON: is not JSON"],
])("refused is %s", async (_, bytes, says) => {
  const error = await readPyTorch(bytes, { name: "m.json" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileFormatError);
  expect((error as Error).message).toContain(says);
});
