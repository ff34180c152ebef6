/**
 * The activations of Keras that can be imported, one row each: as an expression for cells, in float64 for the
 * certificate (written for itself), as a layer of ours and as the activation that belongs to a loss.
 * Source: keras/src/activations/activations.py; tfjs-layers/src/activations.ts.
 */
import type { Expr } from "../../cell/index.js";
import * as f from "../../cell/index.js";
import type { ActivationName, LossName } from "../../nn/index.js";
import { isObject, shown } from "./fields.js";
import type { Dialect, Json } from "./source.js";

/** An activation. */
export interface Activation {
  /** Keras' name: "hard_sigmoid". */
  readonly name: string;
  /** For cells: absent where a value depends on the whole vector. */
  readonly expression?: (z: Expr) => Expr;
  /** The values of one vector, in float64. */
  readonly evaluate: (z: readonly number[]) => number[];
  /** A layer of ours that does the same. */
  readonly layer?: ActivationName;
  /** The loss whose activation it is, after the last layer. */
  readonly loss?: LossName;
}

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));
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

const rows = {
  linear: { expression: (z) => z, evaluate: each((z) => z), loss: "squaredError" },
  tanh: { expression: f.tanh, evaluate: each(Math.tanh), layer: "tanh" },
  sigmoid: {
    expression: f.sigmoid,
    evaluate: each(logistic),
    layer: "sigmoid",
    loss: "binaryCrossEntropy",
  },
  softmax: { evaluate: softmax, loss: "crossEntropy" },
  relu: { expression: f.relu, evaluate: each((z) => Math.max(z, 0)), layer: "relu" },
  softplus: {
    expression: f.softplus,
    evaluate: each((z) => Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0)),
    layer: "softplus",
  },
  softsign: {
    expression: (z) => f.div(z, f.add(1, f.abs(z))),
    evaluate: each((z) => z / (1 + Math.abs(z))),
    layer: "softsign",
  },
  elu: {
    expression: (z) => f.add(f.relu(z), f.sub(f.exp(f.min(z, 0)), 1)),
    evaluate: each((z) => (z > 0 ? z : Math.expm1(z))),
    layer: "elu",
  },
  silu: { expression: (z) => f.mul(z, f.sigmoid(z)), evaluate: each((z) => z * logistic(z)), layer: "silu" },
} as const satisfies Readonly<Record<string, Omit<Activation, "name">>>;

/** Three straight lines with the slope 1/5 in Keras 2 and TensorFlow.js, and 1/6 in Keras 3. */
const hardSigmoids: Readonly<Record<Dialect, Omit<Activation, "name">>> = {
  keras2: {
    expression: (z) => f.max(f.min(f.add(f.mul(0.2, z), 0.5), 1), 0),
    evaluate: each((z) => Math.min(Math.max(0.2 * z + 0.5, 0), 1)),
    layer: "hardSigmoid",
  },
  keras3: {
    expression: (z) => f.max(f.min(f.add(f.mul(1 / 6, z), 0.5), 1), 0),
    evaluate: each((z) => Math.min(Math.max(z + 3, 0), 6) / 6),
  },
};

const otherNames: Readonly<Record<string, string>> = { swish: "silu", hardSigmoid: "hard_sigmoid" };

/** The activations that can be imported, for messages. */
export const knownActivations = [...Object.keys(rows), "hard_sigmoid"].join(", ");

/**
 * The activation that an option names: a text, null for none, or Keras' object for a function.
 *
 * @returns undefined if it cannot be imported
 */
export function activationOf(value: unknown, dialect: Dialect): Activation | undefined {
  const written = value === null || value === undefined ? "linear" : nameIn(value);
  if (written === undefined) return undefined;
  const name = Object.hasOwn(otherNames, written) ? otherNames[written]! : written;
  if (name === "hard_sigmoid") return { name, ...hardSigmoids[dialect] };
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

/** Says that an option's activation cannot be imported. */
export function noActivation(option: string, value: unknown): string {
  return `${option} ${shown(value)} (known: ${knownActivations})`;
}
