/** State dicts out: what went out comes in again to the bit, by PyTorch's names; and what PyTorch does not have is refused. */
import { describe, expect, it } from "vitest";
import { cell, gru, gruResetAfter, lstm, rnn, rnnRelu, tanh } from "../../cell/index.js";
import { networkData, networkFromData } from "../../nn/build/index.js";
import {
  type Direction,
  dropout,
  embedding,
  initialParameters,
  type LossName,
  linear,
  type NetworkInput,
  type NetworkOptions,
  network,
  normalise,
  type Parameters,
  pool,
  recurrent,
  stack,
} from "../../nn/index.js";
import { purposes, uniform } from "../../tensor/random.js";
import { readSafetensors, writeSafetensors } from "../index.js";
import { exportPyTorch, importPyTorch, type PyTorchOptions } from "./index.js";

const made = (
  layers: NetworkOptions["layers"],
  input: NetworkInput = { width: 3 },
  loss: LossName = "squaredError",
) => network({ input, layers, loss });

/** Parameters from −1 to 1, biases too, which start at zero otherwise. */
const parametersOf = (net: ReturnType<typeof made>): Parameters =>
  new Map(
    [...initialParameters(net, 1)].map(([name, { shape, data }], layer) => [
      name,
      {
        shape,
        data: data.map((_, k) => 2 * uniform({ seed: 3, purpose: purposes.synthetic, layer }, k) - 1),
      },
    ]),
  );

describe("what goes out comes in again to the bit", () => {
  it.each<[string, ReturnType<typeof made>, PyTorchOptions]>([
    ["lstm", made([recurrent({ cell: lstm, units: 4 })]), {}],
    ["gruResetAfter", made([recurrent({ cell: gruResetAfter, units: 4 })]), {}],
    ["rnn", made([recurrent({ cell: rnn, units: 4 })]), {}],
    ["rnnRelu", made([recurrent({ cell: rnnRelu, units: 4 })]), { activation: "relu" }],
    [
      "a stack in both directions between embedding and linear",
      made(
        [
          embedding({ width: 3 }),
          stack({ cell: gruResetAfter, units: [2, 2, 2], direction: "both" }),
          linear({ units: 3 }),
        ],
        { vocabulary: 6 },
        "crossEntropy",
      ),
      { head: "softmax" },
    ],
    [
      "layers of different sizes, pooled",
      made(
        [stack({ cell: lstm, units: [4, 3] }), pool({ by: "last" }), linear({ units: 1 })],
        undefined,
        "binaryCrossEntropy",
      ),
      { head: "sigmoid", pooling: "last" },
    ],
  ])("%s", (_, net, options) => {
    const parameters = parametersOf(net);
    const { tensors } = exportPyTorch(net, parameters);
    const imported = importPyTorch(readSafetensors(writeSafetensors(tensors)).tensors, options);
    expect(networkData(imported.network)).toEqual(networkData(net));
    expect(new Map(imported.parameters)).toEqual(new Map(parameters));
  });
});

describe("a state dict has", () => {
  const net = made(
    [
      embedding({ width: 3 }),
      dropout({ rate: 0.5 }),
      ...stack({ cell: lstm, units: [2, 2], direction: "both", recurrentDropout: 0.5 }),
      recurrent({ cell: lstm, units: 2 }),
      pool({ by: "last" }),
    ],
    { vocabulary: 6 },
    "crossEntropy",
  );
  const { tensors, mapped, notes, code } = exportPyTorch(net, parametersOf(net));
  it("PyTorch's names, shapes and order; neighbours of one size are one module", () => {
    expect(
      tensors.filter(({ name }) => !name.includes("bias")).map(({ name, shape }) => `${name} ${shape}`),
    ).toEqual([
      "embedding.weight 6,3",
      "lstm1.weight_ih_l0 8,3",
      "lstm1.weight_hh_l0 8,2",
      "lstm1.weight_ih_l0_reverse 8,3",
      "lstm1.weight_hh_l0_reverse 8,2",
      "lstm1.weight_ih_l1 8,4",
      "lstm1.weight_hh_l1 8,2",
      "lstm1.weight_ih_l1_reverse 8,4",
      "lstm1.weight_hh_l1_reverse 8,2",
      "lstm2.weight_ih_l0 8,4",
      "lstm2.weight_hh_l0 8,2",
    ]);
  });
  it("every parameter once in the mapping", () => {
    expect(mapped.map(({ from }) => from).sort()).toEqual(net.parameters.map(({ name }) => name).sort());
    expect(mapped.find(({ from }) => from === "recurrent2.reverse.w_c")).toEqual({
      from: "recurrent2.reverse.w_c",
      to: "lstm1.weight_hh_l1_reverse, lstm1.weight_ih_l1_reverse",
      how: "rows g; columns of the state, columns of x",
    });
  });
  it("no dropout, and says so", () => {
    expect(notes).toEqual(["dropout1 acts in training alone, and is left out."]);
  });
  it("the lines that load it", () => {
    expect(code("m.safetensors").join("\n")).toMatchInlineSnapshot(`
      "import torch
      from safetensors.torch import load_file

      class Model(torch.nn.Module):
          def __init__(self):
              super().__init__()
              self.embedding = torch.nn.Embedding(6, 3)
              self.lstm1 = torch.nn.LSTM(3, 2, num_layers=2, batch_first=True, bidirectional=True)
              self.lstm2 = torch.nn.LSTM(4, 2, batch_first=True)

          def forward(self, x):  # sequences of one length: (batch, steps), or (batch, steps, features)
              x = self.embedding(x)
              x, _ = self.lstm1(x)
              x, (h, _) = self.lstm2(x)
              x = h[-1]
              return x  # logits; predictions are torch.softmax(x, dim=-1)

      model = Model()
      model.load_state_dict(load_file("m.safetensors"))"
    `);
  });
  it("a tied table twice, as PyTorch's own have it", () => {
    const tied = made(
      [
        embedding({ width: 2 }),
        recurrent({ cell: rnn, units: 2 }),
        linear({ units: 6, tied: "embedding1.w_e" }),
      ],
      { vocabulary: 6 },
    );
    const found = exportPyTorch(tied, parametersOf(tied)).tensors;
    const byName = (name: string) => found.find((each) => each.name === name)?.data;
    expect(byName("linear.weight")).toEqual(byName("embedding.weight"));
  });
  it("one-hot ids, where ids go into a recurrent layer as they are", () => {
    const oneHot = made([recurrent({ cell: rnnRelu, units: 2 }), pool({ by: "meanMax" })], { vocabulary: 6 });
    const lines = exportPyTorch(oneHot, parametersOf(oneHot)).code("m.safetensors");
    expect(lines.filter((line) => /x = |x, |RNN/.test(line)).map((line) => line.trim())).toEqual([
      'self.rnn = torch.nn.RNN(6, 2, nonlinearity="relu", batch_first=True)',
      "x = torch.nn.functional.one_hot(x, 6).float()",
      "x, _ = self.rnn(x)",
      "x = torch.cat([x.mean(dim=1), x.max(dim=1).values], dim=-1)",
    ]);
  });
  it("a cell that came out of a model file, for its equations are the same", () => {
    const again = networkFromData(networkData(net));
    expect(exportPyTorch(again, parametersOf(again)).tensors).toEqual(tensors);
  });
});

describe("refused by the name of the layer is", () => {
  const own = cell("lstm", { states: ["a"], output: "a" }, ({ a, x, affine }) => ({
    a: tanh(affine("a", x, a)),
  }));
  const one = (options: {
    direction?: Direction;
    initialState?: "learned" | "given";
    residual?: boolean;
    zoneout?: number;
  }) => made([recurrent({ cell: rnn, units: 3, ...options })]);
  it.each<[string, ReturnType<typeof made>, string]>([
    [
      "a cell that PyTorch does not have",
      made([recurrent({ cell: gru, units: 2 })]),
      "recurrent1 has the cell gru; torch.nn has the equations of lstm, gruResetAfter, rnn, rnnRelu",
    ],
    [
      "a cell of the same name with other equations",
      made([recurrent({ cell: own, units: 2 })]),
      "recurrent1 has the cell lstm",
    ],
    ["the reverse direction alone", one({ direction: "reverse" }), "recurrent1 reads in reverse alone"],
    ["a learned start", one({ initialState: "learned" }), "recurrent1 starts from a learned state"],
    ["a given start", one({ initialState: "given" }), "recurrent1 starts from given states"],
    ["a residual layer", one({ residual: true }), "recurrent1 is residual"],
    ["zoneout", one({ zoneout: 0.1 }), "recurrent1 has zoneout"],
    [
      "pooling with weights",
      made([recurrent({ cell: rnn, units: 2 }), pool({ by: "attention" })]),
      "pool1 pools by attention",
    ],
    [
      "the vector of the last step",
      made([recurrent({ cell: rnn, units: 2 }), linear({ units: 2 }), pool({ by: "last" })]),
      "pool1 takes the vector of the last step",
    ],
    [
      "a layer that torch.nn has, and this export does not write",
      made([recurrent({ cell: rnn, units: 2 }), normalise()]),
      "normalise1 is a normalise layer",
    ],
    [
      "a network that is more than a row",
      made([
        recurrent({ cell: rnn, units: 2 }),
        { layer: recurrent({ cell: rnn, units: 2 }), states: { a: "recurrent1.a" } },
      ]),
      "recurrent2 reads other values than that of the layer before it",
    ],
    [
      "a chain of tags",
      made([recurrent({ cell: rnn, units: 2 })], undefined, "crf"),
      "the loss crf has transitions",
    ],
  ])("%s", (_, net, says) => {
    expect(() => exportPyTorch(net, parametersOf(net))).toThrow(
      `the network cannot be a state dict of PyTorch: ${says}`,
    );
  });
});
