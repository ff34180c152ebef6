/**
 * Embeddings, dense layers, pooling and the activations after the last layer, out of a foreign graph.
 */
import { activation, embedding, linear, pool, type Tensor } from "../../../nn/index.js";
import { transposed } from "../export/context.js";
import {
  evaluateActivation,
  evaluateGather,
  evaluateMax,
  evaluateMean,
  evaluateProduct,
} from "./evaluate.js";
import { axesOf } from "./numbers.js";
import {
  type Axis,
  type Constant,
  constantOf,
  type Flow,
  type Found,
  flowOf,
  nameOf,
  place,
  type Read,
  type Reading,
  sizesOf,
  Unreadable,
  type Value,
} from "./values.js";
import { wholeRows } from "./whole.js";

/**
 * What flows on; a sigmoid that is not the end is a layer.
 *
 * @throws Unreadable if it is not one layer's output, or a softmax stands before
 */
export function plain(value: Value | undefined): Flow {
  const { head, ...flow } = flowOf(value);
  if (head === "sigmoid") return activated(flow, "Sigmoid", flow.headNode ?? "");
  if (head) throw new Unreadable(`reads what a ${head} made, which can stand only at the end`);
  return wholeRows(flow);
}

/** ONNX's activations as ours. */
const activationNames = {
  Relu: "relu",
  Tanh: "tanh",
  Sigmoid: "sigmoid",
  Softplus: "softplus",
  Softsign: "softsign",
  Elu: "elu",
  HardSigmoid: "hardSigmoid",
} as const;

function activated(flow: Flow, op: keyof typeof activationNames, node: string): Flow {
  const layer = activation({ by: activationNames[op] });
  const evaluate = evaluateActivation(op);
  const found: Found = { layer, parameters: new Map(), nodes: [node], mapped: [], evaluate };
  return { ...flow, chain: [...flow.chain, found] };
}

/** The numbers of an activation, where ours has one of them only. */
const numbersOfActivations: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Elu: { alpha: 1 },
  HardSigmoid: { alpha: 0.2, beta: 0.5 },
};

const between =
  (op: keyof typeof activationNames): Read =>
  (reading) => {
    for (const [name, wanted] of Object.entries(numbersOfActivations[op] ?? {})) {
      const found = reading.attribute(name)?.float ?? wanted;
      if (Math.abs(found - wanted) > 1e-6)
        throw new Unreadable(`has the number ${name} ${found}, and the activation here has ${wanted}`);
    }
    return [activated(plain(reading.inputs[0]), op, nameOf(reading))];
  };

const featureOf = (size: number): readonly Axis[] => [{ kind: "feature", size }];

function floats(value: Value | undefined): Constant & { readonly data: Float32Array } {
  const { data, dims } = constantOf(value, "weights");
  if (data instanceof Float32Array) return { kind: "constant", dims, data };
  throw new Unreadable("has weights that are not float32 numbers");
}

/** Gather from a table by ids: an embedding. */
export function readEmbedding(reading: Reading): Flow {
  const ids = flowOf(reading.inputs[1]);
  const table = floats(reading.inputs[0]);
  const [vocabulary = 0, width = 0] = table.dims;
  if (ids.over !== "ids" || ids.chain.length > 0)
    throw new Unreadable("looks up rows of a table by what are no token ids");
  if (table.dims.length !== 2 || place(reading.int("axis", 0), 2) !== 0)
    throw new Unreadable("looks up something else than rows of a table");
  const parameters = new Map<string, Tensor>([["w_e", { shape: [vocabulary, width], data: table.data }]]);
  const found: Found = {
    layer: embedding({ width }),
    parameters,
    nodes: [nameOf(reading)],
    mapped: [{ from: reading.node.inputs[0] ?? "", to: "w_e", how: "as it is" }],
    evaluate: evaluateGather(table.data, width),
  };
  return { kind: "flow", over: "tokens", dims: [...ids.dims, featureOf(width)], chain: [found] };
}

/** A product with weights [width, units], and a bias. */
interface Product {
  readonly weights: Float32Array;
  readonly units: number;
  readonly bias: Float32Array | undefined;
  /** What was done to the file's weights. */
  readonly how: string;
}

function dense(flow: Flow, { weights, units, bias, how }: Product, reading: Reading): Flow {
  const width = sizesOf(flow).at(-1);
  if (width !== weights.length / units)
    throw new Unreadable(`multiplies ${width} features by weights for ${weights.length / units}`);
  if (flow.over === "ids") throw new Unreadable("multiplies token ids by weights");
  const data = transposed(weights, weights.length / units, units);
  const parameters = new Map<string, Tensor>([
    ["w_ya", { shape: [units, data.length / units], data }],
    ["b_y", { shape: [units], data: bias ?? new Float32Array(units) }],
  ]);
  const [, matrix = "", added] = reading.node.inputs;
  const found: Found = {
    layer: linear({ units }),
    parameters,
    nodes: [nameOf(reading)],
    mapped: [
      { from: matrix, to: "w_ya", how },
      ...(bias ? [{ from: added ?? "", to: "b_y", how: "as it is" }] : []),
    ],
    evaluate: evaluateProduct(weights, units, bias),
  };
  return { ...flow, dims: [...flow.dims.slice(0, -1), featureOf(units)], chain: [...flow.chain, found] };
}

const matMul: Read = (reading) => {
  const flow = plain(reading.inputs[0]);
  const { dims, data } = floats(reading.inputs[1]);
  if (dims.length !== 2) throw new Unreadable("multiplies by weights that are not a matrix");
  const product = { weights: data, units: dims[1]!, bias: undefined, how: "transposed" };
  return [dense(flow, product, reading)];
};

const gemm: Read = (reading) => {
  const { inputs, int, attribute } = reading;
  const flow = plain(inputs[0]);
  const { dims, data } = floats(inputs[1]);
  const [rows = 0, columns = 0] = dims;
  const [alpha, beta] = [attribute("alpha")?.float ?? 1, attribute("beta")?.float ?? 1];
  if (int("transA", 0) !== 0) throw new Unreadable("transposes what flows through the layers");
  const weights = (int("transB", 0) === 0 ? data : transposed(data, rows, columns)).map((v) => alpha * v);
  const units = int("transB", 0) === 0 ? columns : rows;
  const bias = inputs[2] ? floats(inputs[2]).data.map((v) => beta * v) : undefined;
  if (bias && bias.length !== units) throw new Unreadable("adds a bias of another width than its units");
  const scaled = alpha === 1 ? "" : ` times ${alpha}`;
  const how = (int("transB", 0) === 0 ? "transposed" : "as it is") + scaled;
  return [dense(flow, { weights, units, bias, how }, reading)];
};

/** The bias of a dense layer, added apart. */
const addBias: Read = (reading) => {
  const [a, b] = reading.inputs;
  const [value, other] = a?.kind === "flow" ? [a, b] : [b, a];
  const flow = plain(value);
  const last = flow.chain.at(-1);
  if (last?.layer.kind !== "linear" || other?.kind !== "constant")
    throw new Unreadable("adds something else than a bias to a dense layer");
  const bias = floats(other).data;
  const old = last.parameters.get("b_y")!;
  if (bias.length !== old.data.length) throw new Unreadable("adds a bias of another width than its units");
  const data = old.data.map((v, i) => v + bias[i]!);
  const parameters = new Map([...last.parameters, ["b_y", { shape: old.shape, data }]]);
  const name = reading.node.inputs[a?.kind === "flow" ? 1 : 0] ?? "";
  const found: Found = {
    ...last,
    parameters,
    nodes: [...last.nodes, nameOf(reading)],
    mapped: [...last.mapped, { from: name, to: "b_y", how: "as it is" }],
    evaluate: (input) => last.evaluate(input).map((row) => row.map((v, i) => v + bias[i]!)),
  };
  return [{ ...flow, chain: [...flow.chain.slice(0, -1), found] }];
};

/** Pooling over the time of sequences that all have all steps. */
const pooling =
  (by: "mean" | "max"): Read =>
  (reading) => {
    const flow = plain(reading.inputs[0]);
    const [axis, ...others] = axesOf(reading).map((v) => place(v, flow.dims.length));
    const axes = axis === undefined ? [] : flow.dims[axis]!;
    if (flow.over !== "tokens" || others.length > 0 || axes.length !== 1 || axes[0] !== reading.axes.time)
      throw new Unreadable("pools over something else than the steps that a recurrent layer reads");
    const one: readonly Axis[] = [{ kind: "one", size: 1 }];
    const keep = reading.int("keepdims", 1) === 1;
    const dims = flow.dims.flatMap((d, i) => (i !== axis ? [d] : keep ? [one] : []));
    const found: Found = {
      layer: pool({ by }),
      parameters: new Map(),
      nodes: [nameOf(reading)],
      mapped: [],
      evaluate: by === "mean" ? evaluateMean : evaluateMax,
    };
    return [{ kind: "flow", over: "sequences", dims, chain: [...flow.chain, found] }];
  };

const ending =
  (head: NonNullable<Flow["head"]>): Read =>
  (reading) => {
    const flow = plain(reading.inputs[0]);
    // Before opset 13 the axis is 1 if it is left out, and all axes after it are taken as one.
    const axis = place(reading.int("axis", reading.opset < 13 ? 1 : -1), flow.dims.length);
    if (head !== "sigmoid" && axis !== flow.dims.length - 1)
      throw new Unreadable("takes a softmax over something else than the features");
    return [{ ...flow, head, headNode: nameOf(reading) }];
  };

/** Rows of operators that become layers. */
export const onLayers: Readonly<Record<string, Read>> = {
  MatMul: matMul,
  Gemm: gemm,
  Add: addBias,
  ReduceMean: pooling("mean"),
  ReduceMax: pooling("max"),
  Softmax: ending("softmax"),
  LogSoftmax: ending("log softmax"),
  Sigmoid: ending("sigmoid"),
  Relu: between("Relu"),
  Tanh: between("Tanh"),
  Softplus: between("Softplus"),
  Softsign: between("Softsign"),
  Elu: between("Elu"),
  HardSigmoid: between("HardSigmoid"),
};
