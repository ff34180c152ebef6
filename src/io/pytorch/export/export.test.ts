/** State dicts out: what went out comes in again to the bit, by PyTorch's names; and what PyTorch does not have is refused. */
import { describe, expect, it } from "vitest";
import { catalogue, cell, gru, gruResetAfter, lstm, rnn, rnnRelu, tanh } from "../../../cell/index.js";
import { networkData, networkFromData } from "../../../nn/build/index.js";
import {
  activation,
  dropout,
  embedding,
  initialParameters,
  type LossName,
  linear,
  type NetworkInput,
  type NetworkOptions,
  network,
  type Parameters,
  pool,
  recurrent,
  stack,
} from "../../../nn/index.js";
import { purposes, uniform } from "../../../tensor/random.js";
import { readSafetensors, writeSafetensors } from "../../index.js";
import { exportPyTorch, importPyTorch, type PyTorchOptions } from "../index.js";

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

describe("what torch.nn has not is a class in the code", () => {
  const textOf = (layers: NetworkOptions["layers"], input: NetworkInput = { width: 3 }): string[] => {
    const net = made(layers, input);
    const { code, hasClasses } = exportPyTorch(net, parametersOf(net));
    expect(hasClasses).toBe(true);
    return [...code("m.safetensors", true)];
  };
  it("the GRU of the notes", () => {
    const lines = textOf([recurrent({ cell: gru, units: 4 }), pool({ by: "last" }), linear({ units: 2 })]);
    expect(lines.slice(lines.indexOf("class Gru(torch.nn.Module):"), -4).join("\n")).toMatchInlineSnapshot(`
      "class Gru(torch.nn.Module):
          """One direction of a layer of the cell gru:

          Γr   = σ(w_r [c⟨t−1⟩, x⟨t⟩] + b_r)
          Γu   = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)
          c̃⟨t⟩ = tanh(w_c [Γr ∘ c⟨t−1⟩, x⟨t⟩] + b_c)
          c⟨t⟩ = Γu ∘ c̃⟨t⟩ + (1 − Γu) ∘ c⟨t−1⟩

          w_r (H, H + X) = [w_rc : w_rx]
          b_r (H)
          w_u (H, H + X) = [w_uc : w_ux]
          b_u (H)
          w_c (H, H + X) = [w_cc : w_cx]
          b_c (H)
          """

          def __init__(self, X, H, reverse=False, learned=False):
              super().__init__()
              self.H, self.reverse, self.learned = H, reverse, learned
              self.w_r = torch.nn.Parameter(torch.zeros(H, H + X))
              self.b_r = torch.nn.Parameter(torch.zeros(H))
              self.w_u = torch.nn.Parameter(torch.zeros(H, H + X))
              self.b_u = torch.nn.Parameter(torch.zeros(H))
              self.w_c = torch.nn.Parameter(torch.zeros(H, H + X))
              self.b_c = torch.nn.Parameter(torch.zeros(H))
              if learned:
                  self.initial_c = torch.nn.Parameter(torch.zeros(H))

          def step(self, x, c):
              z_u = torch.nn.functional.linear(torch.cat([c, x], dim=-1), self.w_u, self.b_u)
              gamma_u = torch.sigmoid(z_u)
              z_r = torch.nn.functional.linear(torch.cat([c, x], dim=-1), self.w_r, self.b_r)
              gamma_r = torch.sigmoid(z_r)
              z_c = torch.nn.functional.linear(torch.cat([gamma_r * c, x], dim=-1), self.w_c, self.b_c)
              c_tilde = torch.tanh(z_c)
              c_t = (gamma_u * c_tilde) + ((1 - gamma_u) * c)
              return c_t,

          def forward(self, x):  # (batch, steps, X) to (batch, steps, H)
              c = (self.initial_c if self.learned else x.new_zeros(self.H)).expand(x.shape[0], -1)
              outputs = []
              for t in reversed(range(x.shape[1])) if self.reverse else range(x.shape[1]):
                  c, = self.step(x[:, t], c)
                  outputs.append(c)
              if self.reverse:
                  outputs.reverse()
              return torch.stack(outputs, dim=1)


      class Model(torch.nn.Module):
          def __init__(self):
              super().__init__()
              self.gru = Gru(3, 4)
              self.linear = torch.nn.Linear(4, 2)

          def forward(self, x):  # sequences of one length: (batch, steps), or (batch, steps, features)
              x = self.gru(x)
              x = x[:, -1]
              x = self.linear(x)
              return x
      "
    `);
    const net = made([recurrent({ cell: gru, units: 4 })]);
    const { tensors, mapped, notes } = exportPyTorch(net, parametersOf(net));
    expect(tensors.map(({ name, shape }) => `${name} ${shape}`)).toEqual([
      "gru.w_r 4,7",
      "gru.b_r 4",
      "gru.w_u 4,7",
      "gru.b_u 4",
      "gru.w_c 4,7",
      "gru.b_c 4",
    ]);
    expect(mapped.map(({ from }) => from).sort()).toEqual(net.parameters.map(({ name }) => name).sort());
    expect(notes).toEqual(["recurrent1 is the class Gru."]);
  });
  it("both directions, the reverse one alone, learned starts, a residual layer, a class once for all", () => {
    const lines = textOf([
      recurrent({ cell: gru, units: 3, direction: "both" }),
      recurrent({ cell: gru, units: 6, direction: "reverse", initialState: "learned" }),
      recurrent({ cell: lstm, units: 6, residual: true }),
      activation({ by: "tanh" }),
      pool({ by: "last" }),
    ]);
    expect(
      lines.filter((line) => /^class|self\.(gru|lstm)\d? =|^ {8}x = /.test(line)).map((line) => line.trim()),
    ).toEqual([
      "class Gru(torch.nn.Module):",
      "class Lstm(torch.nn.Module):",
      "class Model(torch.nn.Module):",
      "self.gru1 = torch.nn.ModuleList([Gru(3, 3), Gru(3, 3, reverse=True)])",
      "self.gru2 = Gru(6, 6, reverse=True, learned=True)",
      "self.lstm = Lstm(6, 6)",
      "x = torch.cat([each(x) for each in self.gru1], dim=-1)",
      "x = self.gru2(x)",
      "x = x + self.lstm(x)",
      "x = torch.tanh(x)",
      "x = x[:, -1]",
    ]);
  });
  it("every cell of the catalogue, and cells of somebody's own", () => {
    const own = cell("lambda", { states: ["a"], output: "a" }, ({ a, x, affine }) => ({
      a: tanh(affine("a", x, a)),
    }));
    for (const each of [...Object.values(catalogue), own])
      expect(textOf([recurrent({ cell: each, units: 3, zoneout: 0.1 })]).join("\n")).toContain(
        "def step(self, x, ",
      );
    expect(textOf([recurrent({ cell: own, units: 3 })])).toContain("class Lambda(torch.nn.Module):");
  });
  it("and what goes in is scaled by the module, where it is told to", () => {
    const net = made([recurrent({ cell: rnn, units: 2 })]);
    const scaler = { mean: [1, 2, 3], deviation: [4, 5, 6] };
    const { tensors, code } = exportPyTorch(net, parametersOf(net), { scaler });
    expect(tensors.slice(0, 2).map(({ name, shape }) => `${name} ${shape}`)).toEqual([
      "mean 3",
      "deviation 3",
    ]);
    expect(code("m.safetensors").map((line) => line.trim())).toContain(
      "x = (x - self.mean) / self.deviation",
    );
  });
});

describe("refused by the name of the layer is", () => {
  const one = (options: { initialState?: "given" }) => made([recurrent({ cell: rnn, units: 3, ...options })]);
  it.each<[string, ReturnType<typeof made>, string]>([
    ["a given start", one({ initialState: "given" }), "recurrent1 starts from given states"],
    [
      "pooling with weights",
      made([recurrent({ cell: rnn, units: 2 }), pool({ by: "attention" })]),
      "pool1 pools by attention",
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
