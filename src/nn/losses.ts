/**
 * The losses, one row each, with the output activation g₂ that belongs to it. The binary cross-entropy is the
 * notes':
 *
 *   ŷ⟨t⟩ = σ(z⟨t⟩),  L⟨t⟩(ŷ⟨t⟩, y⟨t⟩) = −y⟨t⟩ log ŷ⟨t⟩ − (1 − y⟨t⟩) log(1 − ŷ⟨t⟩),  L(ŷ, y) = Σ_t L⟨t⟩
 *
 * summed over the outputs. It is computed from z as log(1 + e^z) − y z, which is the same and never takes the
 * logarithm of zero. Softmax with categorical cross-entropy and squared error are not in the notes.
 */
import { exp, mul, sigmoid, softplus, sub } from "../cell/functions.js";
import { type Builder, logSumExp, map, pick, sumFeatures, type Value } from "../plan/index.js";

/** The name of a loss. */
export type LossName = "binaryCrossEntropy" | "crossEntropy" | "squaredError";

/** The row of a loss. */
export interface LossRow {
  /** What a target is: the index of a class, or a number per output. */
  readonly target: "class" | "numbers";
  /** The equations, for printing. */
  readonly equation: string;
  /** Linear output z -> prediction ŷ = g₂(z). */
  readonly predict: (builder: Builder, z: Value) => Value;
  /** Linear output z and target y -> the loss of each row, width 1. */
  readonly loss: (builder: Builder, z: Value, y: Value) => Value;
}

/** The rows. */
export const losses: Readonly<Record<LossName, LossRow>> = {
  binaryCrossEntropy: {
    target: "numbers",
    equation:
      "ŷ⟨t⟩ = σ(z⟨t⟩), L⟨t⟩ = −y⟨t⟩ log ŷ⟨t⟩ − (1 − y⟨t⟩) log(1 − ŷ⟨t⟩), summed over outputs and steps",
    predict: (b, z) => map(b, "yhat", [z], (v) => sigmoid(v)),
    loss: (b, z, y) =>
      sumFeatures(
        b,
        "loss",
        map(b, "crossEntropy", [z, y], (v, t) => sub(softplus(v), mul(t, v))),
      ),
  },
  crossEntropy: {
    target: "class",
    equation: "ŷ⟨t⟩ = softmax(z⟨t⟩), L⟨t⟩ = −log ŷ⟨t⟩[class]",
    predict(b, z) {
      const total = logSumExp(b, "logSumExp", z);
      return map(b, "yhat", [z, total], (v, l) => exp(sub(v, l)));
    },
    loss(b, z, y) {
      const total = logSumExp(b, "logSumExp", z);
      return map(b, "loss", [total, pick(b, "score", z, y)], (l, score) => sub(l, score));
    },
  },
  squaredError: {
    target: "numbers",
    equation: "ŷ⟨t⟩ = z⟨t⟩, L⟨t⟩ = Σ (ŷ⟨t⟩ − y⟨t⟩)²",
    predict: (_b, z) => z,
    loss: (b, z, y) =>
      sumFeatures(
        b,
        "loss",
        map(b, "square", [z, y], (v, t) => mul(sub(v, t), sub(v, t))),
      ),
  },
};
