/**
 * The losses, one row each, with the output activation g₂ that belongs to it. The binary cross-entropy is the
 * notes':
 *
 *   ŷ⟨t⟩ = σ(z⟨t⟩),  L⟨t⟩(ŷ⟨t⟩, y⟨t⟩) = −y⟨t⟩ log ŷ⟨t⟩ − (1 − y⟨t⟩) log(1 − ŷ⟨t⟩),  L(ŷ, y) = Σ_t L⟨t⟩
 *
 * summed over the outputs. It is computed from z as log(1 + e^z) − y z, which is the same and never takes the
 * logarithm of zero. Softmax with categorical cross-entropy, squared errors, the pinball loss of quantiles (Koenker and
 * Bassett 1978) and the conditional random field (crf.ts), which scores whole sequences of tags, are not in the notes.
 */
import type { Expr } from "../../cell/expr.js";
import { add, exp, isFinite, max, mul, select, sigmoid, softplus, sub } from "../../cell/functions.js";
import { logSumExp, map, pick, sumFeatures } from "../../plan/index.js";
import { crf } from "./crf.js";
import type { LossName, LossRow } from "./loss.js";

/** What is missing of a target, written NaN, is taken to be as predicted: no loss, and no gradient. */
const there = (target: Expr, predicted: Expr): Expr => select(isFinite(target), target, predicted);

/** The rows. */
export const losses: Readonly<Record<LossName, LossRow>> = {
  binaryCrossEntropy: {
    target: "numbers",
    equation:
      "ŷ⟨t⟩ = σ(z⟨t⟩), L⟨t⟩ = −y⟨t⟩ log ŷ⟨t⟩ − (1 − y⟨t⟩) log(1 − ŷ⟨t⟩), summed over outputs and steps",
    smooth: true,
    predict: (b, z) => map(b, "yhat", [z], (v) => sigmoid(v)),
    loss: (b, z, y, { smoothing = 0 }) =>
      sumFeatures(
        b,
        "loss",
        map(b, "crossEntropy", [z, y], (v, t) =>
          sub(softplus(v), mul(add(mul(1 - smoothing, t), smoothing / 2), v)),
        ),
      ),
  },
  crossEntropy: {
    target: "class",
    smooth: true,
    equation: "ŷ⟨t⟩ = softmax(z⟨t⟩), L⟨t⟩ = −log ŷ⟨t⟩[class]",
    predict(b, z) {
      const total = logSumExp(b, "logSumExp", z);
      return map(b, "yhat", [z, total], (v, l) => exp(sub(v, l)));
    },
    loss(b, z, y, { smoothing = 0 }) {
      const total = logSumExp(b, "logSumExp", z);
      const score = pick(b, "score", z, y);
      if (smoothing === 0) return map(b, "loss", [total, score], (l, s) => sub(l, s));
      // Σ_k q_k (l − z_k) for q = (1 − ε) one-hot + ε / Y: the l stands for itself, since q sums to one.
      const all = sumFeatures(b, "scores", z);
      return map(b, "loss", [total, score, all], (l, s, sum) =>
        sub(l, add(mul(1 - smoothing, s), mul(smoothing / z.width, sum))),
      );
    },
  },
  squaredError: {
    target: "numbers",
    smooth: false,
    equation: "ŷ⟨t⟩ = z⟨t⟩, L⟨t⟩ = Σ (ŷ⟨t⟩ − y⟨t⟩)²",
    predict: (_b, z) => z,
    loss: (b, z, y) =>
      sumFeatures(
        b,
        "loss",
        map(b, "square", [z, y], (v, t) => mul(sub(v, t), sub(v, t))),
      ),
  },
  meanSquaredError: {
    target: "numbers",
    smooth: false,
    equation: "ŷ⟨t⟩ = z⟨t⟩, L⟨t⟩ = mean of (ŷ⟨t⟩ − y⟨t⟩)² over the outputs; where y⟨t⟩ is missing, NaN, 0",
    predict: (_b, z) => z,
    loss(b, z, y) {
      const squares = map(b, "square", [z, y], (v, t) => {
        const error = sub(v, there(t, v));
        return mul(mul(1 / z.width, error), error);
      });
      return sumFeatures(b, "loss", squares);
    },
  },
  pinball: {
    target: "numbers",
    smooth: false,
    quantiles: true,
    equation:
      "ŷ⟨t⟩ = z⟨t⟩, L⟨t⟩ = mean of max(q (y⟨t⟩ − ŷ⟨t⟩), (q − 1) (y⟨t⟩ − ŷ⟨t⟩)) over the outputs, q the quantile of each; where y⟨t⟩ is missing, NaN, 0",
    predict: (_b, z) => z,
    loss(b, z, y, _options, { quantiles }) {
      const each = map(
        b,
        "pinball",
        [z, y, quantiles()],
        (v, t, q) => {
          const error = mul(1 / z.width, sub(there(t, v), v));
          return max(mul(q, error), mul(sub(q, 1), error));
        },
        z.space,
      );
      return sumFeatures(b, "loss", each);
    },
  },
  crf,
};
