/** Programs of TorchScript as text: what is read of them, and what is refused for which reason. */
import { describe, expect, it } from "vitest";
import { FileFormatError, type TensorData, tensorFrom } from "../../index.js";
import { importPyTorch, type PyTorchFile } from "../index.js";
import { parseScript, ScriptError } from "./parse.js";

const zeros = (name: string, ...shape: number[]): TensorData =>
  tensorFrom(name, shape, new Float32Array(shape.reduce((n, size) => n * size, 1)));

/** A program of one class with a GRU of 3 to 4 features in both directions, and a linear layer of 8 to 2. */
function program(lines: readonly string[], parameters = "x: Tensor"): PyTorchFile {
  const names = ["", "_reverse"].flatMap((suffix) =>
    ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map((name) => `${name}_l0${suffix}`),
  );
  const shapes = [[12, 3], [12, 4], [12], [12]];
  const tensors = new Map<string, TensorData>([
    ...names.map((name, i): [string, TensorData] => [name, zeros(name, ...shapes[i % 4]!)]),
    ["w", zeros("w", 2, 8)],
    ["b", zeros("b", 2)],
  ]);
  const text = [
    "class Net(Module):",
    "  __parameters__ = []",
    "  training : bool",
    "  size : Final[int] = 4",
    `  def forward(self: __torch__.Net,\n    ${parameters}) -> Tensor:`,
    "    hx = torch.zeros([2, torch.size(x, 0), 4], dtype=6)",
    `    weights = [${names.map((name) => `self.${name}`).join(", ")}]`,
    "    y, h, = torch.gru(x, hx, weights, True, 1, 0., self.training, True, True)",
    ...lines.map((line) => `    ${line}`),
  ].join("\n");
  const of = { name: "Net", kind: "Net", source: "__torch__.Net", made: new Map(), children: [] };
  return { tensors, classes: new Map([["", of]]), code: new Map([["__torch__", text]]), said: [] };
}

const layersOf = (...lines: readonly string[]): string[] =>
  importPyTorch(program(lines)).network.layers.map(({ name, layer, from }) => {
    const how = "by" in layer ? ` ${layer.by}` : "";
    return `${name}${how}${from ? ` of ${from.join(", ")}` : ""}`;
  });

describe("a program is read", () => {
  it.each<[string, string[], string[]]>([
    ["steps", ["return torch.linear(y, self.w, self.b)"], ["recurrent1", "linear1"]],
    ["the last step", ["return torch.select(torch.slice(y), 1, -1)"], ["recurrent1", "pool1 ends"]],
    [
      "the last states of both directions",
      ["return torch.cat([torch.select(h, 0, -2), torch.select(h, 0, -1)], 1)"],
      ["recurrent1", "pool1 last"],
    ],
    ["the mean over the steps", ["return torch.mean(y, [1])"], ["recurrent1", "pool1 mean"]],
    [
      "the maximum, with its places",
      ["z, places, = torch.max(y, 1)", "return z"],
      ["recurrent1", "pool1 max"],
    ],
    [
      "pooling of values whose steps come last",
      ["z = torch.adaptive_max_pool1d(torch.transpose(y, 1, 2), [1])", "return torch.squeeze((z)[0], 2)"],
      ["recurrent1", "pool1 max"],
    ],
    [
      "a sum of two ways",
      ["a = torch.relu(y)", "return torch.add(a, torch.mul(y, torch.sigmoid(y)))"],
      [
        "recurrent1",
        "activation1 relu",
        "activation2 sigmoid of recurrent1",
        "join1 multiply of recurrent1, activation2",
        "join2 add of activation1, join1",
      ],
    ],
    [
      "conditions whose answer is known",
      [
        "if torch.__is__(None, None):",
        "  z = y",
        "else:",
        '  ops.prim.RaiseException("no")',
        "if torch.eq(self.size, 4):",
        "  z1 = torch.tanh(z)",
        "else:",
        "  z1 = z",
        "return z1",
      ],
      ["recurrent1", "activation1 tanh"],
    ],
    [
      "softmax over the features, for the values that go into it",
      ["return torch.log_softmax(torch.linear(y, self.w, self.b), -1)"],
      ["recurrent1", "linear1"],
    ],
  ])("%s", (_, lines, layers) => {
    expect(layersOf(...lines)).toEqual(layers);
  });
  it("and what nothing needs of it is left out", () => {
    expect(layersOf("z = torch.relu(y)", "return torch.tanh(y)")).toEqual(["recurrent1", "activation1 tanh"]);
  });
});

describe("refused for its reason is", () => {
  it.each<[string, string[], string]>([
    [
      "a softmax over the steps",
      ["return torch.softmax(y, 1)"],
      "takes a softmax along the time of 8 features",
    ],
    [
      "another step than the last",
      ["return torch.select(y, 1, 2)"],
      "takes number 2 along the time of a value",
    ],
    ["a part of the steps", ["return torch.slice(y, 1, 2, 5)"], "takes a part of an axis, from 2 on"],
    [
      "an operator that is not read",
      ["return torch.fft_fft(y)"],
      "calls torch.fft_fft(a value over (batch, time, features)), which is not read",
    ],
    [
      "a decision by values",
      ["if torch.gt(y, 0):", "  pass", "else:", "  pass", "return y"],
      "calls torch.gt(",
    ],
    ["a loop", ["for i in range(3):", "  pass", "return y"], "has a loop"],
    [
      "values of different shapes together",
      ["return torch.add(y, torch.mean(y, [1]))"],
      "element by element (add)",
    ],
    [
      "a linear layer over the steps",
      ["return torch.linear(torch.transpose(y, 1, 2), self.w, self.b)"],
      "along the time",
    ],
    ["one direction's last state", ["return torch.select(h, 0, -1)"], "gives a states"],
    ["nothing but the input", ["return x"], "gives back its input"],
    ["a sum over the sequences", ["return torch.mean(y, [0])"], "takes the mean along the batch"],
  ])("%s", (_, lines, says) => {
    expect(() => importPyTorch(program(lines))).toThrow(FileFormatError);
    expect(() => importPyTorch(program(lines))).toThrow(says);
    expect(() => importPyTorch(program(lines))).toThrow("The option modules names the modules");
  });
  it("states that are given", () => {
    const given = program(["return y"], "x: Tensor,\n    state: Tensor");
    expect(() => importPyTorch(given)).toThrow("takes a second tensor, state");
  });
  it("code that is none", () => {
    expect(() => parseScript("class A(Module):\n  def forward(self) -> Tensor:\n    return f(")).toThrow(
      ScriptError,
    );
    expect(() =>
      parseScript(`def f(x: Tensor) -> Tensor:\n  return ${"(".repeat(200)}x${")".repeat(200)}`),
    ).toThrow("brackets in brackets");
  });
});
