/**
 * Operators with weights, functions between them, and what puts values together.
 */
import type { ActivationName } from "../../../nn/index.js";
import { type TensorData, toFloat64 } from "../../dtypes.js";
import type { JoinWay } from "../modules/items.js";
import {
  activationPart,
  embeddingPart,
  joinPart,
  linearPart,
  multiplyPart,
  normPart,
  recurrentParts,
} from "../modules/made.js";
import type { RecurrentModule, TorchLayer, TorchPass } from "../modules/types.js";
import { axisAt, type Call, flagOf, flowing, numberOf, type Operator, type Operators } from "./operator.js";
import { ScriptError } from "./parse.js";
import { concatenated, ofStates } from "./shapes.js";
import { type Axis, type Flowing, plainValue, type ScriptValue, valueText } from "./values.js";

const tensorOf = (value: ScriptValue | undefined, what: string): TensorData => {
  if (value?.kind === "parameter" && !value.transposed) return value.tensor;
  throw new ScriptError(`has no tensor of the file for ${what}`);
};

const optional = (value: ScriptValue | undefined): TensorData | undefined =>
  value?.kind === "parameter" ? value.tensor : undefined;

/** The same axes, of which the features are others. */
function over(value: Flowing, name: string, width = value.width): Flowing {
  const { directions: _, ids: __, ...rest } = value;
  return { ...rest, value: name, width };
}

function lastIsFeatures(value: Flowing, what: string): void {
  if (value.axes.at(-1) === "features") return;
  throw new ScriptError(`applies ${what} along the ${value.axes.at(-1)}, not along the features`);
}

const embedding: Operator = ([weight, ids], { add }) => {
  const own = flowing(ids, "an embedding");
  const tensor = tensorOf(weight, "an embedding");
  if (own.axes.includes("features")) throw new ScriptError("looks ids up in numbers");
  const name = add("embedding", embeddingPart({ weight: tensor }), [own.value]);
  return { kind: "flowing", value: name, axes: [...own.axes, "features"], width: tensor.shape[1]! };
};

const linear: Operator = ([x, weight, bias], { add }) => {
  const own = flowing(x, "a linear layer");
  lastIsFeatures(own, "a linear layer");
  const tensor = tensorOf(weight, "a linear layer");
  const name = add("linear", linearPart({ weight: tensor, bias: optional(bias) }), [own.value]);
  return over(own, name, tensor.shape[0]!);
};

/** x Wᵀ as older programs write it. */
const product: Operator = ([x, weight], around) => {
  if (weight?.kind !== "parameter" || !weight.transposed) return undefined;
  return linear([x!, { kind: "parameter", tensor: weight.tensor }], around);
};

/** torch.lstm(input, states, weights, biases?, layers, dropout, train, both?, batch_first) and its kin; packed ones name sizes second. */
const recurrent =
  (gates: number, nonlinearity?: "tanh" | "relu"): Operator =>
  (args, around) => {
    const packed = args[3]?.kind === "list";
    const [x, start, weights, ...rest] = packed ? [args[0], ...args.slice(2)] : args;
    const [hasBiases, , , , both, batchFirst] = rest.map(flagOf);
    if (weights?.kind !== "list") return undefined;
    const tensors = weights.items.map((item) => tensorOf(item, "a recurrent module"));
    const starts = start?.kind === "list" ? start.items : [start];
    if (starts.some((each) => each !== undefined && each.kind !== "zeros"))
      throw new ScriptError(`starts a recurrent module at ${valueText(starts[0]!)}; zeros are read`);
    const module = moduleOf(tensors, { gates, biases: hasBiases ?? true, both: both ?? false });
    const own = flowing(x, "a recurrent module");
    const order: readonly Axis[] =
      packed || batchFirst ? ["batch", "time", "features"] : ["time", "batch", "features"];
    return through(own, { ...module, ...(nonlinearity ? { nonlinearity } : {}) }, { order, packed, around });
  };

/** A recurrent module over a value. */
function through(
  x: Flowing,
  module: RecurrentModule,
  {
    order,
    packed,
    around,
  }: { readonly order: readonly Axis[]; readonly packed: boolean; readonly around: Call },
): ScriptValue {
  if (!packed && x.axes.join() !== order.join())
    throw new ScriptError(`reads (${x.axes.join(", ")}) as (${order.join(", ")}) in a recurrent module`);
  // Of an input how wide it is is not known before.
  if (x.width !== module.input && x.width !== 0)
    throw new ScriptError(`gives ${x.width} features to a recurrent module that takes ${module.input}`);
  const directions = module.layers[0]!.length;
  const names: string[] = [];
  for (const [number, part] of recurrentParts(module, "tanh").entries())
    names.push(around.add(`, layer ${number}`, part, [names.at(-1) ?? x.value]));
  const output: Flowing = {
    kind: "flowing",
    value: names.at(-1)!,
    axes: x.axes,
    width: module.output,
    directions,
  };
  const states: ScriptValue = {
    kind: "states",
    layers: names,
    directions,
    width: module.H,
    axes: ["layers", "batch", "features"],
  };
  const cells: ScriptValue = { kind: "other", what: "the cell states of an LSTM" };
  return { kind: "list", items: module.gates === 4 ? [output, states, cells] : [output, states] };
}

function moduleOf(
  tensors: readonly TensorData[],
  { gates, biases, both }: { readonly gates: number; readonly biases: boolean; readonly both: boolean },
): RecurrentModule {
  const each = biases ? 4 : 2;
  const passes = Array.from({ length: Math.floor(tensors.length / each) }, (_, i): TorchPass => {
    const [weightIh, weightHh, ih, hh] = tensors.slice(i * each, (i + 1) * each);
    return { weightIh: weightIh!, weightHh: weightHh!, biases: ih && hh ? { ih, hh } : undefined };
  });
  const layers = both
    ? passes.flatMap((pass, i): TorchLayer[] =>
        i % 2 === 0 && passes[i + 1] ? [[pass, passes[i + 1]!]] : [],
      )
    : passes.map((pass): TorchLayer => [pass]);
  const [first] = passes;
  const [rows = 0, H = 0] = first?.weightHh.shape ?? [];
  if (layers.length === 0 || tensors.some(({ shape }) => shape[0] !== rows) || rows !== gates * H)
    throw new ScriptError(
      "has a recurrent module with weights of shapes that do not fit, as those of proj_size",
    );
  const X = first!.weightIh.shape[1] ?? 0;
  return { kind: "recurrent", path: "", layers, gates, H, input: X, output: H * (both ? 2 : 1) };
}

const norm =
  (batch: boolean): Operator =>
  (args, { add }) => {
    const own = flowing(args[0], "a normalisation");
    // torch.batch_norm(x, γ, β, mean, variance, training, momentum, ε, …), torch.layer_norm(x, shape, γ, β, ε, …).
    const [gamma, beta, mean, variance] = batch ? args.slice(1, 5) : args.slice(2, 4);
    const epsilon = numberOf(batch ? args[7] : args[4]);
    if (batch && (mean === undefined || variance === undefined))
      throw new ScriptError(
        "normalises by a batch without running statistics, which one sequence alone has not",
      );
    if (!batch) lastIsFeatures(own, "layer normalisation");
    const tensors = [gamma, beta, mean, variance].flatMap((each) => optional(each) ?? []);
    const numbers = (each: ScriptValue | undefined): Float64Array | undefined => {
      const tensor = optional(each);
      return tensor && toFloat64(tensor);
    };
    const part = normPart({
      kind: "norm",
      path: "",
      width: tensors[0]?.shape[0] ?? own.width,
      over: batch ? "batch" : "features",
      gamma: numbers(gamma),
      beta: numbers(beta),
      ...(batch ? { mean: numbers(mean)!, variance: numbers(variance)! } : {}),
      epsilon: epsilon ?? 1e-5,
      names: tensors.map(({ name }) => name),
    });
    return keeping(own, add(batch ? "batch_norm" : "layer_norm", part, [own.value]));
  };

/** The same value as far as its directions go: what is done to each feature is done to both ends. */
const keeping = (value: Flowing, name: string): Flowing => ({
  ...over(value, name),
  ...(value.directions ? { directions: value.directions } : {}),
});

const pointwise =
  (by: ActivationName, usual: readonly (number | undefined)[] = []): Operator =>
  ([x, ...args], { add }) => {
    const own = flowing(x, by);
    usual.forEach((wanted, i) => {
      const found = numberOf(args[i]);
      if (wanted !== undefined && found !== undefined && found !== wanted)
        throw new ScriptError(`applies ${by} with ${found} instead of ${wanted}`);
    });
    return keeping(own, add(by, activationPart(by), [own.value]));
  };

const itself: Operator = ([x]) => x;

/** Element by element: two values, or a value and a number. */
const together =
  (by: JoinWay, scalar: (x: number) => readonly [number, number]): Operator =>
  ([a, b, alpha], { add }) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    if (left !== undefined && right !== undefined) {
      const values = {
        add: left + right,
        subtract: left - right,
        multiply: left * right,
        concatenate: Number.NaN,
      };
      return plainValue(values[by]);
    }
    if ((numberOf(alpha) ?? 1) !== 1) return undefined;
    const number = right ?? (by === "subtract" ? undefined : left);
    const value = right === undefined ? b : a;
    if (number !== undefined && value?.kind === "flowing") {
      const [factor, summand] = scalar(number);
      return keeping(value, add(by, multiplyPart(value.width, factor, summand), [value.value]));
    }
    if (a?.kind === "weights" || b?.kind === "weights") {
      const [weights, of] =
        a?.kind === "weights" ? [a, b] : [b as Extract<ScriptValue, { kind: "weights" }>, a];
      return by === "multiply" && of?.kind === "flowing"
        ? { kind: "weighted", score: weights.score, of }
        : undefined;
    }
    if (a?.kind !== "flowing" || b?.kind !== "flowing") return undefined;
    if (a.axes.join() !== b.axes.join() || a.width !== b.width)
      throw new ScriptError(`puts ${valueText(a)} and ${valueText(b)} together element by element (${by})`);
    return over(a, add(by, joinPart(by), [a.value, b.value]));
  };

/** Side by side. */
const cat: Operator = ([list, dim], { add }) => {
  if (list?.kind !== "list") return undefined;
  const items = concatenated(list.items);
  const [first] = items;
  if (first === undefined) return undefined;
  const place = axisAt(first.axes, numberOf(dim) ?? 0);
  if (first.axes[place] !== "features")
    throw new ScriptError(`puts values one after the other along the ${first.axes[place]}`);
  const states = items.flatMap((item) => (item.kind === "states" ? [item] : []));
  if (states[0] && states.length === items.length) {
    const joined = ofStates({ ...states[0], chosen: states.flatMap(({ chosen = [] }) => chosen) }, add);
    if (joined.kind === "flowing") return joined;
    throw new ScriptError("puts last states side by side that are not the two directions of one layer");
  }
  const values = items.map((item) => flowing(item, "a concatenation"));
  const width = values.reduce((sum, each) => sum + each.width, 0);
  return over(
    values[0]!,
    add(
      "cat",
      joinPart("concatenate"),
      values.map(({ value }) => value),
    ),
    width,
  );
};

/** The table. */
export const layerOperators: Operators = {
  "torch.embedding": embedding,
  "torch.linear": linear,
  "torch.matmul": product,
  "torch.mm": product,
  "torch.addmm": ([bias, x, weight], around) =>
    weight?.kind === "parameter" && weight.transposed
      ? linear([x!, { kind: "parameter", tensor: weight.tensor }, bias!], around)
      : undefined,
  "torch.lstm": recurrent(4),
  "torch.gru": recurrent(3),
  "torch.rnn_tanh": recurrent(1, "tanh"),
  "torch.rnn_relu": recurrent(1, "relu"),
  "torch.layer_norm": norm(false),
  "torch.batch_norm": norm(true),
  "torch.dropout": itself,
  "torch.feature_dropout": itself,
  "torch.alpha_dropout": itself,
  "torch.relu": pointwise("relu"),
  "torch.tanh": pointwise("tanh"),
  "torch.sigmoid": pointwise("sigmoid"),
  "torch.softplus": pointwise("softplus", [1]),
  "torch.softsign": pointwise("softsign"),
  "torch.elu": pointwise("elu", [1, 1, 1]),
  "torch.silu": pointwise("silu"),
  "torch.selu": pointwise("selu"),
  "torch.leaky_relu": ([x, slope], { add }) => {
    const own = flowing(x, "leaky_relu");
    return keeping(own, add("leaky_relu", activationPart("leakyRelu", numberOf(slope) ?? 0.01), [own.value]));
  },
  "torch.hardsigmoid": ([x], { add }) => {
    const own = flowing(x, "hardsigmoid");
    return keeping(own, add("hardsigmoid", activationPart("hardSigmoid", 1 / 6), [own.value]));
  },
  "torch.gelu": ([x, more], { add, named }) => {
    const own = flowing(x, "gelu");
    const how = named.get("approximate") ?? more;
    const by = how?.kind === "plain" && how.value === "tanh" ? "geluTanh" : "gelu";
    return keeping(own, add(by, activationPart(by), [own.value]));
  },
  "torch.add": together("add", (x) => [1, x]),
  "torch.sub": together("subtract", (x) => [1, -x]),
  "torch.mul": together("multiply", (x) => [x, 0]),
  "torch.div": (args, around) => {
    const [a, by] = args;
    const number = numberOf(by);
    return number === undefined || args.length > 2
      ? undefined
      : together("multiply", (x) => [x, 0])([a!, plainValue(1 / number)], around);
  },
  "torch.cat": cat,
};
