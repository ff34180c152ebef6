/**
 * The activations that recurrent operators name, as expressions that cells are made of.
 * Source: https://onnx.ai/onnx/operators/onnx__LSTM.html
 */
import type { Expr } from "../../../../cell/expr.js";
import {
  abs,
  add,
  div,
  exp,
  greater,
  max,
  min,
  mul,
  relu,
  select,
  sigmoid,
  softplus,
  sub,
  tanh,
} from "../../../../cell/functions.js";
import { Unreadable } from "../unreadable.js";

/** An activation with the numbers that it is given. */
export interface Activation {
  /** In lower case. */
  readonly name: string;
  readonly alpha: number;
  readonly beta: number;
}

interface Row {
  /** α and β where they are left out. */
  readonly numbers: readonly number[];
  readonly of: (z: Expr, alpha: number, beta: number) => Expr;
}

const rows: Readonly<Record<string, Row>> = {
  relu: { numbers: [], of: (z) => relu(z) },
  tanh: { numbers: [], of: (z) => tanh(z) },
  sigmoid: { numbers: [], of: (z) => sigmoid(z) },
  softsign: { numbers: [], of: (z) => div(z, add(1, abs(z))) },
  softplus: { numbers: [], of: (z) => softplus(z) },
  leakyrelu: { numbers: [0.01], of: (z, a) => add(relu(z), mul(a, min(z, 0))) },
  thresholdedrelu: { numbers: [1], of: (z, a) => select(greater(z, a), z, 0) },
  scaledtanh: { numbers: [1, 1], of: (z, a, b) => mul(a, tanh(mul(b, z))) },
  hardsigmoid: { numbers: [0.2, 0.5], of: (z, a, b) => max(min(add(mul(a, z), b), 1), 0) },
  elu: { numbers: [1], of: (z, a) => add(relu(z), mul(a, sub(exp(min(z, 0)), 1))) },
  affine: { numbers: [1, 0], of: (z, a, b) => add(mul(a, z), b) },
};

/** An activation of an expression. */
export const activationExpression = ({ name, alpha, beta }: Activation, z: Expr): Expr =>
  rows[name]!.of(z, alpha, beta);

/**
 * Activations by name with their numbers, of which each takes as many as it has, in order.
 *
 * @throws Unreadable naming one that is not known
 */
export function activationsOf(
  names: readonly string[],
  { alphas, betas }: { readonly alphas: readonly number[]; readonly betas: readonly number[] },
): Activation[] {
  const [ofAlphas, ofBetas] = [[...alphas], [...betas]];
  return names.map((name) => {
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
    if (!row) throw new Unreadable(`has the activation "${name}", which ONNX does not have`);
    const [a = 0, b = 0] = row.numbers;
    return {
      name,
      alpha: row.numbers.length > 0 ? (ofAlphas.shift() ?? a) : 0,
      beta: row.numbers.length > 1 ? (ofBetas.shift() ?? b) : 0,
    };
  });
}
