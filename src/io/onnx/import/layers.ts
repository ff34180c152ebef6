/**
 * Embeddings, dense layers, activations and pooling out of a foreign graph.
 */

import { type ActivationName, activation, embedding, pool, type Tensor } from "../../../nn/index.js";
import { divided, elementwise, negated } from "./arithmetic.js";
import { WEIGHTS, weightedProduct, weightedSum } from "./attention.js";
import { affine, type Item, layerItem, linearItem, type Origin } from "./items.js";
import {
  centredMean,
  erfOf,
  layerNormalization,
  power,
  reciprocalOf,
  rootOf,
  varianceOf,
} from "./patterns.js";
import { Unreadable } from "./unreadable.js";
import {
  alongAxis,
  axesOf,
  type Flow,
  featureAtoms,
  featuresOf,
  flowOf,
  nameOf,
  place,
  type Read,
  type Reading,
  type Value,
  weightsOf,
} from "./values.js";

const noTensors: Pick<Origin, "mapped"> & { readonly parameters: ReadonlyMap<string, Tensor> } = {
  parameters: new Map(),
  mapped: [],
};

/** Gather from a table by ids: an embedding. */
export function readEmbedding(reading: Reading): readonly Value[] {
  const ids = flowOf(reading.inputs[1]);
  const { dims, data } = weightsOf(reading.inputs[0]);
  const [vocabulary = 0, width = 0] = dims;
  const { item } = ids;
  if (item.made.kind !== "input" || item.over === "tokens" || featuresOf(ids).length > 0)
    throw new Unreadable("looks up rows of a table by what are no token ids");
  if (dims.length !== 2 || place(reading.int("axis", 0), 2) !== 0)
    throw new Unreadable("looks up something else than rows of a table");
  if (item.over === "ids" && item.width !== vocabulary)
    throw new Unreadable(
      `looks up ids in ${vocabulary} rows, and another table of ${item.width} is read by the same ids`,
    );
  item.over = "ids";
  item.width = vocabulary;
  const parameters = new Map([["w_e", { shape: [vocabulary, width], data: Float32Array.from(data) }]]);
  const mapped = [{ from: reading.node.inputs[0] ?? "", to: "w_e", how: "as it is" }];
  const made = { layer: embedding({ width }), parameters, nodes: [nameOf(reading)], mapped };
  const feature = width === 1 ? [] : featureAtoms([width]);
  return [
    { kind: "flow", item: layerItem(item, made, { over: "tokens", width }), dims: [...ids.dims, feature] },
  ];
}

/** A product with a matrix [width, units]. */
function dense(
  flow: Flow,
  matrix: readonly number[],
  {
    units,
    origin,
    bias,
  }: { readonly units: number; readonly origin: Origin; readonly bias?: Float32Array | undefined },
): Flow {
  const width = matrix.length / units;
  const weights = new Float32Array(matrix.length);
  for (let i = 0; i < width; i++)
    for (let j = 0; j < units; j++) weights[j * width + i] = matrix[i * units + j]!;
  const item = linearItem(flow.item, { weights, bias, ...origin });
  return { ...flow, item, dims: [...flow.dims.slice(0, -1), units === 1 ? [] : featureAtoms([units])] };
}

const matMul: Read = (reading) => {
  const [a, b] = reading.inputs;
  if (a?.kind !== "constant" && b?.kind !== "constant") return attentionProduct(reading);
  if (b?.kind !== "constant")
    throw new Unreadable("multiplies weights by what flows through the layers, from the left");
  const { dims, data } = weightsOf(b);
  const flow = alongAxis(flowOf(a), flowOf(a).dims.length - 1, nameOf(reading));
  if (dims.length !== 2 && dims.length !== 1)
    throw new Unreadable("multiplies by weights that are not a matrix");
  const units = dims.length === 2 ? dims[1]! : 1;
  if (flow.item.width !== dims[0])
    throw new Unreadable(`multiplies ${flow.item.width} features by weights for ${dims[0]}`);
  const mapped = [{ from: reading.node.inputs[1] ?? "", to: "w_ya", how: "transposed" }];
  const out = dense(flow, Array.from(data), { units, origin: { nodes: [nameOf(reading)], mapped } });
  return [dims.length === 2 ? out : { ...out, dims: out.dims.slice(0, -1) }];
};

/** A product of two values that both flow. */
function attentionProduct(reading: Reading): readonly Value[] {
  const [a, b] = reading.inputs;
  const sum = weightedProduct(a, b, reading);
  if (sum) return [sum];
  throw new Unreadable("multiplies two values of the network by each other, as attention does");
}

const gemm: Read = (reading) => {
  const { inputs, int, float } = reading;
  if (int("transA", 0) !== 0) throw new Unreadable("transposes what flows through the layers");
  const flow = alongAxis(flowOf(inputs[0]), 1, nameOf(reading));
  const { dims, data } = weightsOf(inputs[1]);
  const [rows = 0, columns = 0] = dims;
  const [alpha, beta] = [float("alpha", 1), float("beta", 1)];
  const turned = int("transB", 0) !== 0;
  const [width, units] = turned ? [columns, rows] : [rows, columns];
  if (flow.item.width !== width)
    throw new Unreadable(`multiplies ${flow.item.width} features by weights for ${width}`);
  const matrix = Array.from(data, (_, k) => {
    const [i, j] = [Math.floor(k / units), k % units];
    return alpha * (turned ? data[j * columns + i]! : data[k]!);
  });
  const added = inputs[2] && weightsOf(inputs[2]);
  if (added && ![1, units].includes(added.data.length))
    throw new Unreadable("adds a bias of another width than its units");
  const bias =
    added &&
    Float32Array.from({ length: units }, (_, j) => beta * added.data[added.data.length === 1 ? 0 : j]!);
  const how = `${turned ? "as it is" : "transposed"}${alpha === 1 ? "" : ` times ${alpha}`}`;
  const [, matrixName = "", biasName = ""] = reading.node.inputs;
  const mapped = [
    { from: matrixName, to: "w_ya", how },
    ...(bias ? [{ from: biasName, to: "b_y", how: beta === 1 ? "as it is" : `times ${beta}` }] : []),
  ];
  return [dense(flow, matrix, { units, bias, origin: { nodes: [nameOf(reading)], mapped } })];
};

/** ONNX's activations as ours, with the numbers that they have there: α that ours has too, and others that are what they are. */
const activationRows: Readonly<
  Record<
    string,
    {
      readonly by: ActivationName;
      readonly alpha?: number;
      readonly fixed?: Readonly<Record<string, number>>;
    }
  >
> = {
  Relu: { by: "relu" },
  Tanh: { by: "tanh" },
  Sigmoid: { by: "sigmoid" },
  Softplus: { by: "softplus" },
  Softsign: { by: "softsign" },
  Elu: { by: "elu", alpha: 1 },
  LeakyRelu: { by: "leakyRelu", alpha: 0.01 },
  HardSigmoid: { by: "hardSigmoid", alpha: 0.2, fixed: { beta: 0.5 } },
  Selu: { by: "selu", fixed: { alpha: 1.6732632, gamma: 1.050701 } },
  Swish: { by: "silu", fixed: { alpha: 1 } },
};

const activated =
  (op: string): Read =>
  (reading) => {
    const { by, alpha, fixed = {} } = activationRows[op]!;
    for (const [name, wanted] of Object.entries(fixed)) {
      const found = reading.float(name, wanted);
      if (Math.abs(found - wanted) > 1e-6)
        throw new Unreadable(`has the number ${name} ${found}, and the activation here has ${wanted}`);
    }
    const flow = decided(flowOf(reading.inputs[0]));
    const own = alpha === undefined ? undefined : reading.float("alpha", alpha);
    return [
      {
        ...flow,
        item: activationItem(
          flow.item,
          activation({ by, ...(own === undefined ? {} : { alpha: own }) }),
          reading,
        ),
      },
    ];
  };

const gelu: Read = (reading) => {
  const told = reading.attribute("approximate")?.text;
  const by = told && new TextDecoder().decode(told) === "tanh" ? "geluTanh" : "gelu";
  const flow = decided(flowOf(reading.inputs[0]));
  return [{ ...flow, item: activationItem(flow.item, activation({ by }), reading) }];
};

/** An activation of a value. */
export function activationItem(item: Item, layer: ReturnType<typeof activation>, reading: Reading): Item {
  return layerItem(item, { layer, ...noTensors, nodes: [nameOf(reading)] });
}

/** A flow of numbers: an input of which nothing is known has its features in its last axis. */
export function decided(flow: Flow): Flow {
  if (flow.item.over === "raw") return alongAxis(flow, flow.dims.length - 1, "");
  if (flow.item.over === "ids") throw new Unreadable("computes with token ids as if they were numbers");
  return flow;
}

const softmax =
  (log: boolean): Read =>
  (reading) => {
    const flow = flowOf(reading.inputs[0]);
    const rank = flow.dims.length;
    // Before opset 13 the axis is 1 if it is left out, and all axes after it are taken as one.
    const old = reading.opset < 13;
    const axis = place(reading.int("axis", old ? 1 : -1), rank);
    const group = old ? flow.dims.slice(axis).flat() : flow.dims[axis]!;
    if (flow.item.over === "raw") alongAxis(flow, rank - 1, "");
    if (group.some(({ kind }) => kind === "open")) return [overSteps(flow, axis, log, reading)];
    if (group.length !== featuresOf(flow).length)
      throw new Unreadable("takes a softmax over a part of the features");
    const from = flow.item;
    const made = { kind: "softmax", log, from: [from], nodes: [nameOf(reading)], mapped: [] } as const;
    return [{ ...flow, item: { over: from.over, width: from.width, made } }];
  };

/** A softmax over the steps of sequences, which means something only in what is weighed by it. */
function overSteps(flow: Flow, axis: number, log: boolean, { axes }: Reading): Value {
  const what = flow.dims[axis]![0] === axes.batch ? "the sequences of a batch" : "the steps of sequences";
  const flowOut = (): never => {
    throw new Unreadable(
      `takes a ${log ? "logarithm of a " : ""}softmax over ${what}, not over the features`,
    );
  };
  if (log || flow.dims[axis]!.length !== 1) flowOut();
  return { kind: "partial", name: WEIGHTS, of: flow, dims: flow.dims, flow: flowOut };
}

/** Which axes a node reduces, and whether they stay with a size of 1. */
function reduced(
  reading: Reading,
  rank: number,
): { readonly axes: readonly number[]; readonly keep: boolean } {
  const given = axesOf(reading)?.map((axis) => place(axis, rank));
  const all = given === undefined || given.length === 0;
  if (all && reading.int("noop_with_empty_axes", 0) !== 0) return { axes: [], keep: true };
  return {
    axes: all ? Array.from({ length: rank }, (_, i) => i) : given,
    keep: reading.int("keepdims", 1) !== 0,
  };
}

const withoutAxes = (flow: Flow, axes: readonly number[], keep: boolean): Flow["dims"] =>
  flow.dims.flatMap((group, i) => (axes.includes(i) ? (keep ? [[]] : []) : [group]));

/** Over time: pooling. Over the features: a dense layer. */
const reduction =
  (by: "mean" | "max" | "sum"): Read =>
  (reading) => {
    const [value] = reading.inputs;
    if (value?.kind === "partial" && value.name === "squares" && by === "mean") {
      const own = reduced(reading, value.dims.length);
      return [varianceOf(value, withoutAxes({ ...value.of, dims: value.dims }, own.axes, own.keep))];
    }
    if (value?.kind === "partial" && value.name === "weighted steps" && by === "sum") {
      const { axes, keep } = reduced(reading, value.dims.length);
      const [atom] = axes.flatMap((axis) => value.dims[axis]!);
      if (
        axes.length !== 1 ||
        !atom ||
        atom.kind !== "open" ||
        atom === reading.axes.batch ||
        (reading.axes.time && atom !== reading.axes.time)
      )
        throw new Unreadable("adds up weighted steps over something else than the steps");
      return [weightedSum(value, withoutAxes({ ...value.of, dims: value.dims }, axes, keep), reading)];
    }
    const flow = flowOf(value);
    const { axes, keep } = reduced(reading, flow.dims.length);
    return [reduceOver(flow, by, { axes, keep, reading })];
  };

interface Reduced {
  readonly axes: readonly number[];
  readonly keep: boolean;
  readonly reading: Reading;
}

function reduceOver(flow: Flow, by: "mean" | "max" | "sum", { axes, keep, reading }: Reduced): Value {
  if (flow.item.over === "raw" && axes.includes(flow.dims.length - 1))
    alongAxis(flow, flow.dims.length - 1, "");
  const atoms = axes.flatMap((axis) => flow.dims[axis]!);
  const dims = withoutAxes(flow, axes, keep);
  if (atoms.length === 0) return { ...flow, dims };
  if (atoms.every(({ kind }) => kind === "feature")) return reduceFeatures(flow, by, { axes, keep, reading });
  const [atom, ...others] = atoms;
  if (others.length > 0 || flow.item.over !== "tokens" || atom === reading.axes.batch)
    throw new Unreadable("pools over something else than the steps of sequences");
  if (reading.axes.time && reading.axes.time !== atom)
    throw new Unreadable("pools over something else than the steps that a recurrent layer reads");
  if (reading.axes.lengths)
    throw new Unreadable("pools over all steps, where sequences have lengths of their own");
  reading.axes.time ??= atom;
  const pooled = (how: "mean" | "max"): Item =>
    layerItem(
      flow.item,
      { layer: pool({ by: how }), ...noTensors, nodes: [nameOf(reading)] },
      { over: "sequences" },
    );
  if (by !== "sum") return { ...flow, item: pooled(by), dims };
  const mean = pooled("mean");
  return {
    kind: "partial",
    name: "sum of steps",
    of: { ...flow, item: mean, dims },
    dims,
    number: atom!.size,
    flow() {
      // Of sequences of a fixed length the sum is so many times the mean.
      if (reading.open.has(atom!.size))
        throw new Unreadable(
          "adds up all steps of sequences of any length; their mean can be imported, their sum cannot",
        );
      const times = new Float64Array(flow.item.width).fill(atom!.size);
      return { ...flow, item: affine(mean, { gain: times }, { nodes: [nameOf(reading)], mapped: [] }), dims };
    },
  };
}

function reduceFeatures(flow: Flow, by: "mean" | "max" | "sum", { axes, keep, reading }: Reduced): Value {
  const dims = withoutAxes(flow, axes, keep);
  const own = axes.flatMap((axis) => flow.dims[axis]!);
  const rest = featuresOf({ dims });
  if (by === "max") throw new Unreadable("takes the largest of the features");
  if (by === "mean" && rest.length === 0) return centredMean(flow, dims, reading);
  const strides = own.reduce(
    (all, { size, stride }) => all.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * stride)),
    [0],
  );
  const outer = rest.reduce(
    (all, { size, stride }) => all.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * stride)),
    [0],
  );
  const weights = new Float32Array(outer.length * flow.item.width);
  const value = by === "mean" ? 1 / strides.length : 1;
  outer.forEach((o, i) => {
    for (const s of strides) weights[i * flow.item.width + o + s] = value;
  });
  const item = linearItem(flow.item, { weights, nodes: [nameOf(reading)], mapped: [] });
  const fresh = featureAtoms(rest.map(({ size }) => size));
  return {
    kind: "flow",
    item,
    dims: dims.map((group) =>
      group.map((atom) => (atom.kind === "feature" ? fresh[rest.indexOf(atom)]! : atom)),
    ),
  };
}

/** Pooling of [batch, features, steps]. */
const globalPool =
  (by: "mean" | "max"): Read =>
  (reading) => {
    const flow = flowOf(reading.inputs[0]);
    const axes = flow.dims.map((_, i) => i).slice(2);
    return [reduceOver(flow, by, { axes, keep: true, reading })];
  };

/** γ (x − μ) / √(σ² + ε) + β with the file's numbers: a scale and a shift of each feature. */
const batchNormalization: Read = (reading) => {
  const { inputs, float, int } = reading;
  if (int("training_mode", 0) !== 0)
    throw new Unreadable(
      "takes means of the batch, as it does while training; export the model in evaluation mode",
    );
  const flow = alongAxis(flowOf(inputs[0]), 1, nameOf(reading));
  const [g, b, m, v] = [1, 2, 3, 4].map((i) => weightsOf(inputs[i]).data) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const gain = Float64Array.from(g, (x, i) => x / Math.sqrt(v[i]! + float("epsilon", 1e-5)));
  const bias = Float64Array.from(b, (x, i) => x - m[i]! * gain[i]!);
  const names = reading.node.inputs.slice(1);
  const mapped = names.map((from) => ({
    from,
    to: "w_ya, b_y",
    how: "folded: a scale and a shift of each feature",
  }));
  return [{ ...flow, item: affine(flow.item, { gain, bias }, { nodes: [nameOf(reading)], mapped }) }];
};

/** Rows of operators that become layers. */
export const onLayers: Readonly<Record<string, Read>> = {
  MatMul: matMul,
  Gemm: gemm,
  Add: elementwise("add"),
  Sub: elementwise("subtract"),
  Mul: elementwise("multiply"),
  Div: divided,
  Neg: negated,
  Max: elementwise("maximum"),
  Min: elementwise("minimum"),
  Sum: elementwise("add"),
  Mean: elementwise("average"),
  Sqrt: rootOf,
  Erf: erfOf,
  ReduceMean: reduction("mean"),
  ReduceMax: reduction("max"),
  ReduceSum: reduction("sum"),
  GlobalAveragePool: globalPool("mean"),
  GlobalMaxPool: globalPool("max"),
  BatchNormalization: batchNormalization,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
  ...Object.fromEntries(Object.keys(activationRows).map((op) => [op, activated(op)])),
  Gelu: gelu,
  Pow: power,
  Reciprocal: reciprocalOf,
  LayerNormalization: layerNormalization,
};
