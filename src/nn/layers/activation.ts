/**
 * An activation between layers: g(z) for every step or every sequence. The activation of the last
 * layer is not one of these: it belongs to the loss (losses.ts).
 */
import type { Expr } from "../../cell/expr.js";
import {
  abs,
  add,
  div,
  erf,
  exp,
  max,
  min,
  mul,
  relu,
  sigmoid,
  softplus,
  sub,
  tanh,
} from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { logSumExp, map, type Value } from "../../plan/index.js";
import { type LayerKind, needsVectors } from "./layer.js";

const elu = (z: Expr, alpha: number): Expr => add(relu(z), mul(alpha, sub(exp(min(z, 0)), 1)));

/** The activations of single numbers by name; what α is where it is not told stands in `alphas`. */
const elementwise = {
  relu,
  tanh,
  sigmoid,
  softplus,
  softsign: (z) => div(z, add(1, abs(z))),
  // One of the two parts is zero, and e^z never overflows.
  elu,
  selu: (z) => mul(1.0507009873554805, elu(z, 1.6732632423543772)),
  leakyRelu: (z, alpha) => add(relu(z), mul(alpha, min(z, 0))),
  silu: (z) => mul(z, sigmoid(z)),
  gelu: (z) => mul(mul(0.5, z), add(1, erf(mul(Math.SQRT1_2, z)))),
  geluTanh: (z) =>
    mul(mul(0.5, z), add(1, tanh(mul(Math.sqrt(2 / Math.PI), add(z, mul(0.044715, mul(z, mul(z, z)))))))),
  /** A sigmoid of three straight lines. */
  hardSigmoid: (z, alpha) => max(min(add(mul(alpha, z), 0.5), 1), 0),
} as const satisfies Readonly<Record<string, (z: Expr, alpha: number) => Expr>>;

const alphas = { elu: 1, leakyRelu: 0.01, hardSigmoid: 0.2 } as const;

/** The name of an activation. */
export type ActivationName = keyof typeof elementwise | "softmax";

/** The names. */
export const activationNames = [...Object.keys(elementwise), "softmax"] as readonly ActivationName[];

/** The record of an activation layer. */
export interface ActivationLayer {
  readonly kind: "activation";
  readonly by: ActivationName;
  /** Where it differs from what it is by default. */
  readonly alpha?: number;
}

/** The options of an activation. */
export interface ActivationOptions {
  /** Its name, see `activation`. */
  readonly by: ActivationName;
  /** α of elu (default 1), leakyRelu (0.01) or hardSigmoid (0.2). */
  readonly alpha?: number;
}

const activationRows = {
  by: { kind: "name", names: activationNames, required: true },
  alpha: { kind: "number", needs: { by: Object.keys(alphas) } },
} as const satisfies RowsOf<ActivationOptions>;

/**
 * An activation after a layer without one, g(z) for each element of each vector, `by`
 * - "relu" max(z, 0); "leakyRelu" z, or α z below 0; "elu" z, or α (e^z − 1) below 0; "selu" 1.0507 elu(z) with α 1.6733
 * - "silu" z σ(z); "gelu" z Φ(z) with the normal distribution's Φ, "geluTanh" ½ z (1 + tanh(√(2/π) (z + 0.044715 z³)))
 * - "tanh"; "sigmoid" σ(z); "hardSigmoid" min(max(α z + ½, 0), 1); "softplus" log(1 + e^z); "softsign" z / (1 + |z|)
 * - "softmax" e^z_i / Σ_j e^z_j over the features of each vector, whose elements are 1 together
 *
 * @example
 * const hidden = [pool({ by: "last" }), linear({ units: 64 }), activation({ by: "relu" }), linear({ units: 3 })];
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function activation(options: ActivationOptions): ActivationLayer {
  checkOptions(options, activationRows, "activation");
  const { by, alpha } = options;
  const told = alpha !== undefined && alpha !== alphas[by as keyof typeof alphas];
  return Object.freeze({ kind: "activation", by, ...(told ? { alpha } : {}) });
}

/** g of a layer as a function of single numbers; undefined for one of whole vectors. */
export function activationOf({ by, alpha }: ActivationLayer): ((z: Expr) => Expr) | undefined {
  if (by === "softmax") return undefined;
  return (z) => elementwise[by](z, alpha ?? alphas[by as keyof typeof alphas]);
}

/** The row of the kind. */
export const activationKind: LayerKind<ActivationLayer> = {
  output: (_layer, input, name) => needsVectors(input, name),
  parameters: () => [],
  build(layer, input, { builder, name }) {
    const g = activationOf(layer);
    const apply = (part: string, x: Value): Value => {
      const of = `${name}.${part}`;
      if (g) return map(builder, of, [x], g);
      return map(builder, of, [x, logSumExp(builder, `${of}.total`, x)], (z, total) => exp(sub(z, total)));
    };
    return {
      shape: input.shape,
      value: apply("g", input.value),
      ...(input.last ? { last: apply("last", input.last) } : {}),
    };
  },
  // What a field left out means is what files from before it meant.
  write: ({ by, alpha }) => ({ by, ...(alpha === undefined ? {} : { alpha }) }),
  read: ({ oneOf, number, optional }) =>
    activation({
      by: oneOf("by", activationNames),
      ...optional("alpha", (key): { alpha?: number } => ({ alpha: number(key) }), {}),
    }),
};
