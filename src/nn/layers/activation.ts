/**
 * An activation between layers: g(z), element by element, for every step or every sequence. The activation of the last
 * layer is not one of these: it belongs to the loss (losses.ts).
 */
import type { Expr } from "../../cell/expr.js";
import {
  abs,
  add,
  div,
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
import { map } from "../../plan/index.js";
import { type LayerKind, NetworkError } from "./layer.js";

/** The activations by name: relu max(z, 0); softsign z / (1 + |z|); elu z, or e^z − 1 below 0; silu z σ(z); … */
export const activations = {
  relu,
  tanh,
  sigmoid,
  softplus,
  softsign: (z: Expr) => div(z, add(1, abs(z))),
  // One of the two parts is zero, and e^z never overflows.
  elu: (z: Expr) => add(relu(z), sub(exp(min(z, 0)), 1)),
  silu: (z: Expr) => mul(z, sigmoid(z)),
  /** min(max(z / 5 + ½, 0), 1): a sigmoid of three straight lines. */
  hardSigmoid: (z: Expr) => max(min(add(mul(0.2, z), 0.5), 1), 0),
} as const satisfies Readonly<Record<string, (z: Expr) => Expr>>;

/** The name of an activation. */
export type ActivationName = keyof typeof activations;

/** The record of an activation layer. */
export interface ActivationLayer {
  readonly kind: "activation";
  readonly by: ActivationName;
}

/** The options of an activation. */
export interface ActivationOptions {
  /** Its name. */
  readonly by: ActivationName;
}

const activationRows = {
  by: { kind: "name", names: Object.keys(activations) as ActivationName[], required: true },
} as const satisfies RowsOf<ActivationOptions>;

/**
 * An activation after a layer without one: g(z) for each element of each vector.
 *
 * @example
 * const hidden = [pool({ by: "last" }), linear({ units: 64 }), activation({ by: "relu" }), linear({ units: 3 })];
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function activation(options: ActivationOptions): ActivationLayer {
  checkOptions(options, activationRows, "activation");
  return Object.freeze({ kind: "activation", by: options.by });
}

/** The row of the kind. */
export const activationKind: LayerKind<ActivationLayer> = {
  output(_layer, input, name) {
    if (input.over === "ids")
      throw new NetworkError(`${name} needs vectors, not token ids; put an embedding before it`);
    return input;
  },
  parameters: () => [],
  build({ by }, input, { builder, name }) {
    const apply = (part: string, x: typeof input.value): typeof input.value =>
      map(builder, `${name}.${part}`, [x], activations[by]);
    return {
      shape: input.shape,
      value: apply("g", input.value),
      ...(input.last ? { last: apply("last", input.last) } : {}),
    };
  },
  write: ({ by }) => ({ by }),
  read: ({ oneOf }) => activation({ by: oneOf("by", activationRows.by.names) }),
};
