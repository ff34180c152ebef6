/**
 * Attention in equations, for bodies of loops over a target that read the rows of a source: how much each of them
 * matters at this step, and their weighted sum. What does not depend on the step (the keys) is an input.
 * Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473; Luong, Pham and Manning 2015, arXiv:1508.04025.
 */
import type { Expr, Operand, Width } from "./expr.js";
import { add, exp, mul, sub, sumFeatures, tanh } from "./functions.js";
import { logSumExpSource, product, spread, sumSource } from "./nodes.js";

/** How a step's state s and a source's row h_j are compared. */
export type AttentionScore = "additive" | "general";

/** A score's row: its keys, made once for all steps, and the energies of a step. */
export interface ScoreRow {
  /** How it is written. */
  readonly equation: string;
  /** The parameter that makes the keys from the source's rows, by its gate. */
  readonly key: string;
  /** True if keys have a width of their own; else that of the state. */
  readonly ownWidth: boolean;
  /** The parameters of the step: weights of [width of the keys, width of the state], vectors over the keys. */
  readonly parameters: readonly { readonly name: string; readonly kind: "weight" | "vector" }[];
  /** e_j, width 1, over the source. */
  readonly energies: (state: Expr, keys: Expr) => Expr;
}

/** The scores by name. */
export const attentionScores: Readonly<Record<AttentionScore, ScoreRow>> = {
  additive: {
    equation: "e_j = vᵀ tanh(w s + u h_j)",
    key: "u_e",
    ownWidth: true,
    parameters: [
      { name: "w_e", kind: "weight" },
      { name: "v_e", kind: "vector" },
    ],
    energies(state, keys) {
      const v: Expr = Object.freeze({ op: "parameter", args: [], width: keys.width, name: "v_e" });
      const query = product({ gate: "e", parameter: "w_e", blocks: ["w_e"] }, [state], keys.width);
      return sumFeatures(mul(spread(v), tanh(add(spread(query), keys))));
    },
  },
  general: {
    equation: "e_j = sᵀ w h_j",
    key: "w_e",
    ownWidth: false,
    parameters: [],
    energies: (state, keys) => sumFeatures(mul(spread(state), keys)),
  },
};

/** What attention gives at a step. */
export interface Attention {
  /** α_j = softmax_j(e), width 1, over the source. */
  readonly weights: Expr;
  /** c = Σ_j α_j h_j; zeros where the source has no rows. */
  readonly context: Expr;
}

/** An input over the source's rows, for the keys and values of attention. */
export function sourceInput(name: string, width: Width): Expr {
  return Object.freeze({ op: "input" as const, args: [], width, name, over: "source" as const });
}

/**
 * Attends to a source.
 *
 * @param keys what the state is compared with, over the source: u h_j
 * @param values what is summed, over the source: h_j
 */
export function attend(
  score: AttentionScore,
  state: Expr,
  { keys, values }: { readonly keys: Expr; readonly values: Expr },
): Attention {
  const weights = softmaxSource(attentionScores[score].energies(state, keys));
  return { weights, context: sumSource(mul(weights, values)) };
}

/** softmax_j(a) = e^a_j / Σ_k e^a_k over the rows of a sequence's source. */
export function softmaxSource(a: Operand): Expr {
  return exp(sub(a, spread(logSumExpSource(a))));
}
