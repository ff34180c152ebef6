/** The evaluator: operators against ONNX Runtime, and what it refuses by name. Whole graphs stand in the tests of imports. */
import { beforeAll, describe, expect, it } from "vitest";
import { isMissing, type Runtime, runtime, suiteName } from "../../../../test/onnx/runtimes.js";
import { type Attributes, graphBuilder, modelBytes } from "../graph.js";
import { decodeModel, elementTypes } from "../messages.js";
import { erf } from "./erf.js";
import { evaluateGraph } from "./graph.js";

const [T, B, X] = [4, 3, 2];
const numbers = Array.from({ length: T * B * X }, (_, k) => 1.5 * Math.sin(1.3 * k + 0.2));

/** A graph of one operator over [4, 3, 2]; further inputs are whole numbers or weights. */
function made(
  op: string,
  {
    more = [],
    attributes = {},
  }: { readonly more?: readonly (readonly number[] | number)[]; readonly attributes?: Attributes },
): Uint8Array {
  const graph = graphBuilder("one");
  const x = graph.input({ name: "x", type: "float32", shape: [T, B, X] });
  const inputs = more.map((value) => (typeof value === "number" ? graph.number(value) : graph.whole(value)));
  graph.output(graph.node(op, [x, ...inputs], attributes), { name: "y", type: "float32", shape: [] });
  return modelBytes(graph, {});
}

const cases: Readonly<Record<string, Parameters<typeof made>[1]>> = {
  Transpose: { attributes: { perm: [2, 0, 1] } },
  Slice: { more: [[3], [-5], [0], [-1]] },
  Reshape: { more: [[0, -1]] },
  Softmax: { attributes: { axis: 1 } },
  LogSoftmax: { attributes: { axis: 0 } },
  ReduceMean: { attributes: { axes: [0, 2], keepdims: 0 } },
  ReduceMax: { attributes: { axes: [1] } },
  ReduceSum: { more: [[-1]] },
  Flatten: { attributes: { axis: 2 } },
  Erf: {},
  Elu: {},
  Selu: {},
  HardSigmoid: {},
  LeakyRelu: {},
  Softplus: {},
  Softsign: {},
  HardSwish: {},
  Mul: { more: [-1.5] },
  Max: { more: [0.25] },
};

describe.skipIf(isMissing("onnxruntime-node"))(suiteName("onnxruntime-node"), () => {
  let ort: Runtime;
  beforeAll(async () => {
    ort = await runtime("onnxruntime-node");
  });
  it.each(Object.keys(cases))("%s", async (op) => {
    const bytes = made(op, cases[op]!);
    const session = await ort.load(bytes);
    const { y } = await session.run({ x: { type: "float32", dims: [T, B, X], data: numbers } });
    const { graph } = decodeModel(bytes);
    const feeds = new Map([
      ["x", { type: elementTypes.float32, dims: [T, B, X], data: Float32Array.from(numbers) }],
    ]);
    const found = evaluateGraph(graph!, { opset: 17, feeds }).get("y")!;
    expect(found.dims).toEqual(y!.dims);
    // ONNX Runtime computes in float32.
    found.data.forEach((v, i) => {
      expect(Math.abs(v - Number((y!.data as ArrayLike<number>)[i]))).toBeLessThan(2e-6);
    });
  });
});

it("knows the error function to the last places", () => {
  // Abramowitz and Stegun, table 7.1.
  expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
  expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 15);
  expect(erf(3)).toBeCloseTo(0.9999779095030014, 15);
});

it("refuses an operator, an attribute and a number of inputs that it does not know, by the node's name", () => {
  const evaluated = (bytes: Uint8Array): (() => unknown) => {
    const { graph } = decodeModel(bytes);
    const feeds = new Map([
      ["x", { type: elementTypes.float32, dims: [T, B, X], data: Float32Array.from(numbers) }],
    ]);
    return () => evaluateGraph(graph!, { opset: 17, feeds });
  };
  expect(evaluated(made("Hardmax", {}))).toThrow(
    'Hardmax at "Hardmax_0" is not among the operators that are read',
  );
  expect(evaluated(made("Relu", { attributes: { slope: 1 } }))).toThrow(
    "has the attribute slope, which is not known here",
  );
  expect(evaluated(made("Transpose", { attributes: { perm: "abc" } }))).toThrow(
    "has the attribute perm of another type than ints",
  );
  expect(evaluated(made("Tanh", { more: [1] }))).toThrow("has 2 inputs where 1 are right");
});
