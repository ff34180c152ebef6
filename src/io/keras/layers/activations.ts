/**
 * The activations of Keras that can be imported, one row each: as an expression for cells, in float64 for the
 * certificate (written for itself), as layers of ours and as the activation that belongs to a loss.
 * Source: keras/src/activations/activations.py; tfjs-layers/src/activations.ts.
 */
import type { Expr } from "../../../cell/index.js";
import * as f from "../../../cell/index.js";
import { type ActivationName, activation, type LossName } from "../../../nn/index.js";
import type { GivenOutput } from "../../imported.js";
import { isObject, shown } from "../fields.js";
import type { Dialect, Json } from "../source.js";
import type { Placer } from "./placer.js";

/** An activation. */
export interface Activation {
  /** Keras' name: "hard_sigmoid", with its options where they are not the usual ones: "leaky_relu_0.3". */
  readonly name: string;
  /** For cells: absent where a value depends on the whole vector. */
  readonly expression?: (z: Expr) => Expr;
  /** The values of one vector, in float64. */
  readonly evaluate: (z: readonly number[]) => number[];
  /** Places layers of ours that do the same to a value of some width. Absent: there are none. */
  readonly place?: (placer: Placer, from: string, width: number) => string;
  /** The loss whose activation it is, after the last layer. */
  readonly loss?: LossName;
  /** What it gives of that loss's predictions. Absent: the predictions. */
  readonly gives?: GivenOutput;
}

type Row = Omit<Activation, "name">;
type Place = NonNullable<Activation["place"]>;

const logistic = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplus = (z: number): number => Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0);
const clipped = (z: number, low: number, high: number): number => Math.min(Math.max(z, low), high);
const each =
  (of: (z: number) => number) =>
  (z: readonly number[]): number[] =>
    z.map(of);

function softmax(z: readonly number[]): number[] {
  const largest = z.reduce((most, v) => Math.max(most, v), Number.NEGATIVE_INFINITY);
  const e = z.map((v) => Math.exp(v - largest));
  const total = e.reduce((sum, v) => sum + v, 0);
  return e.map((v) => v / total);
}

/** A layer of ours that does it by itself. */
const by =
  (name: ActivationName): Place =>
  (placer, from) =>
    placer.activation(name, from);

/** The same with a number of its own. */
const withAlpha =
  (name: ActivationName, alpha: number): Place =>
  (placer, from) =>
    placer.add(activation({ by: name, alpha }), from);

/** relu(x + shift). */
const shiftedRelu = (placer: Placer, from: string, width: number, shift: number): string =>
  placer.activation("relu", shift === 0 ? from : placer.scale(from, width, 1, shift));

const rows = {
  linear: { expression: (z) => z, evaluate: each((z) => z), place: (_, from) => from, loss: "squaredError" },
  tanh: { expression: f.tanh, evaluate: each(Math.tanh), place: by("tanh") },
  sigmoid: {
    expression: f.sigmoid,
    evaluate: each(logistic),
    place: by("sigmoid"),
    loss: "binaryCrossEntropy",
  },
  softmax: { evaluate: softmax, place: by("softmax"), loss: "crossEntropy" },
  /** Of it the softmax is imported, of which a certificate takes the logarithm. */
  log_softmax: { evaluate: softmax, loss: "crossEntropy", gives: "log prediction" },
  relu: { expression: f.relu, evaluate: each((z) => Math.max(z, 0)), place: by("relu") },
  relu6: {
    expression: (z) => f.min(f.relu(z), 6),
    evaluate: each((z) => clipped(z, 0, 6)),
    place: (p, from, width) =>
      p.join("subtract", [shiftedRelu(p, from, width, 0), shiftedRelu(p, from, width, -6)]),
  },
  softplus: { expression: f.softplus, evaluate: each(softplus), place: by("softplus") },
  softsign: {
    expression: (z) => f.div(z, f.add(1, f.abs(z))),
    evaluate: each((z) => z / (1 + Math.abs(z))),
    place: by("softsign"),
  },
  silu: {
    expression: (z) => f.mul(z, f.sigmoid(z)),
    evaluate: each((z) => z * logistic(z)),
    place: by("silu"),
  },
  exponential: { expression: f.exp, evaluate: each(Math.exp) },
  mish: {
    expression: (z) => f.mul(z, f.tanh(f.softplus(z))),
    evaluate: each((z) => z * Math.tanh(softplus(z))),
    place: (p, from) => p.join("multiply", [from, p.activation("tanh", p.activation("softplus", from))]),
  },
  log_sigmoid: {
    expression: (z) => f.mul(-1, f.softplus(f.mul(-1, z))),
    evaluate: each((z) => -softplus(-z)),
    place: (p, from, width) => p.scale(p.activation("softplus", p.scale(from, width, -1, 0)), width, -1, 0),
  },
  hard_tanh: {
    expression: (z) => f.max(f.min(z, 1), -1),
    evaluate: each((z) => clipped(z, -1, 1)),
    place: (p, from, width) =>
      p.scale(
        p.join("subtract", [shiftedRelu(p, from, width, 1), shiftedRelu(p, from, width, -1)]),
        width,
        1,
        -1,
      ),
  },
  tanh_shrink: {
    expression: (z) => f.sub(z, f.tanh(z)),
    evaluate: each((z) => z - Math.tanh(z)),
    place: (p, from) => p.join("subtract", [from, p.activation("tanh", from)]),
  },
} as const satisfies Readonly<Record<string, Row>>;

/** z, or α (e^z − 1) below 0, all of it times a gain, which only that of selu may be. */
function elu(alpha: number, gain = 1): Row {
  return {
    // One of the two parts is zero, and e^z never overflows.
    expression: (z) => f.add(f.mul(gain, f.relu(z)), f.mul(gain * alpha, f.sub(f.exp(f.min(z, 0)), 1))),
    evaluate: each((z) => gain * (z > 0 ? z : alpha * Math.expm1(z))),
    place: gain === 1 ? withAlpha("elu", alpha) : by("selu"),
  };
}

/** max(z, 0) + slope · min(z, 0). */
function leakyRelu(slope: number): Row {
  return {
    expression: (z) => f.add(f.relu(z), f.mul(slope, f.min(z, 0))),
    evaluate: each((z) => (z >= 0 ? z : slope * z)),
    place: withAlpha("leakyRelu", slope),
  };
}

/** Three straight lines with the slope 1/5 in Keras 2 and TensorFlow.js, and 1/6 in Keras 3. */
function hardSigmoid(slope: number): Row {
  return {
    expression: (z) => f.max(f.min(f.add(f.mul(slope, z), 0.5), 1), 0),
    evaluate: each((z) => clipped(slope * z + 0.5, 0, 1)),
    place: withAlpha("hardSigmoid", slope),
  };
}

const geluRows = {
  exact: {
    expression: (z) => f.mul(f.mul(0.5, z), f.add(1, f.erf(f.mul(Math.SQRT1_2, z)))),
    evaluate: each((z) => (z / 2) * (1 + errorFunction(z / Math.SQRT2))),
    place: by("gelu"),
  },
  tanh: {
    expression: (z) =>
      f.mul(
        f.mul(0.5, z),
        f.add(1, f.tanh(f.mul(Math.sqrt(2 / Math.PI), f.add(z, f.mul(0.044715, f.mul(z, f.mul(z, z))))))),
      ),
    evaluate: each((z) => (z / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)))),
    place: by("geluTanh"),
  },
} as const satisfies Readonly<Record<string, Row>>;

/** 2/√π ∫₀ˣ e^(−t²) dt: its series, and beyond it what cannot be told from ±1 in float64. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  // erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all of one sign.
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const SELU = { alpha: 1.6732632423543772, gain: 1.0507009873554805 };

/** Rows that have options, or differ between versions. */
const made: Readonly<Record<string, (dialect: Dialect) => Row>> = {
  elu: () => elu(1),
  celu: () => elu(1),
  selu: () => elu(SELU.alpha, SELU.gain),
  // The function of Keras 3; the layers have slopes of their own.
  leaky_relu: () => leakyRelu(0.2),
  gelu: () => geluRows.exact,
  gelu_new: () => geluRows.tanh,
  hard_sigmoid: (dialect) => hardSigmoid(dialect === "keras2" ? 0.2 : 1 / 6),
  hard_silu: (dialect) => {
    const gate = hardSigmoid(dialect === "keras2" ? 0.2 : 1 / 6);
    return {
      expression: (z) => f.mul(z, gate.expression!(z)),
      evaluate: (z) => gate.evaluate(z).map((v, k) => v * z[k]!),
      place: (p, from, width) => p.join("multiply", [from, gate.place!(p, from, width)]),
    };
  },
};

const otherNames: Readonly<Record<string, string>> = {
  swish: "silu",
  hardSigmoid: "hard_sigmoid",
  hard_swish: "hard_silu",
  leakyrelu: "leaky_relu",
};

/** The activations that can be imported, for messages. */
export const knownActivations = [...Object.keys(rows), ...Object.keys(made)].join(", ");

/**
 * The activation that an option names: a text, null for none, or Keras' object for a function or a layer.
 *
 * @returns undefined if it cannot be imported
 */
export function activationOf(value: unknown, dialect: Dialect): Activation | undefined {
  const asLayer = isObject(value) && isObject(value["config"]) ? layerActivation(value) : undefined;
  if (asLayer) return asLayer;
  const written = value === null || value === undefined ? "linear" : nameIn(value);
  if (written === undefined) return undefined;
  const name = Object.hasOwn(otherNames, written) ? otherNames[written]! : written;
  if (Object.hasOwn(made, name)) return { name, ...made[name]!(dialect) };
  return Object.hasOwn(rows, name) ? { name, ...rows[name as keyof typeof rows] } : undefined;
}

/** Keras 3 writes its own functions as { class_name: "function", config: "relu" }, tf.keras at times { class_name: "relu" }. */
function nameIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const { class_name: className, config, registered_name: registered }: Json = isObject(value) ? value : {};
  // A function registered by its author may have any name, even one of Keras'.
  if (className === "function" && typeof config === "string" && registered !== "function") return config;
  return undefined;
}

const layerActivation = ({ class_name: className, config }: Json): Activation | undefined =>
  typeof className === "string" && isObject(config) && Object.hasOwn(activationLayers, className)
    ? activationLayers[className]!.of(config, 0)
    : undefined;

/** A number among options; undefined if it is something else. */
const numberIn = (config: Json, keys: readonly string[], absent: number): number | undefined => {
  const found = keys.map((key) => config[key]).find((value) => value !== undefined && value !== null);
  // TensorFlow 2 wrote numbers of float32 as { class_name: "__ndarray__", … } or lists of one.
  const plain = Array.isArray(found) && found.length === 1 ? found[0] : found;
  return plain === undefined ? absent : typeof plain === "number" ? plain : undefined;
};

/** A layer that is an activation with options. */
interface ActivationLayer {
  readonly options: readonly string[];
  /** @param rank of what it reads: 3 with steps @returns undefined if its options are none that can be imported */
  readonly of: (config: Json, rank: number) => Activation | undefined;
}

/** The layers of Keras that are activations. */
export const activationLayers: Readonly<Record<string, ActivationLayer>> = {
  LeakyReLU: {
    options: ["alpha", "negative_slope"],
    of(config) {
      const slope = numberIn(config, ["negative_slope", "alpha"], 0.3);
      return slope === undefined ? undefined : { name: `leaky_relu_${slope}`, ...leakyRelu(slope) };
    },
  },
  ELU: {
    options: ["alpha"],
    of(config) {
      const alpha = numberIn(config, ["alpha"], 1);
      if (alpha === undefined) return undefined;
      return { name: alpha === 1 ? "elu" : `elu_${alpha}`, ...elu(alpha) };
    },
  },
  ReLU: {
    options: ["max_value", "negative_slope", "threshold"],
    of(config) {
      const slope = numberIn(config, ["negative_slope"], 0);
      const threshold = numberIn(config, ["threshold"], 0);
      const most = numberIn(config, ["max_value"], Number.POSITIVE_INFINITY);
      if (slope === undefined || threshold !== 0 || most === undefined) return undefined;
      const base: Row = slope === 0 ? rows.relu : leakyRelu(slope);
      if (most === Number.POSITIVE_INFINITY)
        return { name: slope === 0 ? "relu" : `leaky_relu_${slope}`, ...base };
      return {
        name: `relu_${slope}_to_${most}`,
        expression: (z) => f.min(base.expression!(z), most),
        evaluate: (z) => base.evaluate(z).map((v) => Math.min(v, most)),
        // What is above the limit is taken off again.
        place: (p, from, width) =>
          p.join("subtract", [base.place!(p, from, width), shiftedRelu(p, from, width, -most)]),
      };
    },
  },
  Softmax: {
    options: ["axis"],
    of: ({ axis = -1 }, rank) =>
      axis === -1 || axis === rank - 1 ? { name: "softmax", ...rows.softmax } : undefined,
  },
};

/** Says that an option's activation cannot be imported. */
export function noActivation(option: string, value: unknown): string {
  return `${option} ${shown(value)} cannot be imported; known are ${knownActivations}`;
}
