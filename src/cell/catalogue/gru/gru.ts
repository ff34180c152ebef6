/**
 * The gated recurrent unit of the notes: the relevance gate acts before the matrix product.
 *
 *   Γr   = σ(w_r [c⟨t−1⟩, x⟨t⟩] + b_r)           relevance gate
 *   Γu   = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)           update gate
 *   c̃⟨t⟩ = tanh(w_c [Γr ∘ c⟨t−1⟩, x⟨t⟩] + b_c)   candidate
 *   c⟨t⟩ = Γu ∘ c̃⟨t⟩ + (1 − Γu) ∘ c⟨t−1⟩,  a⟨t⟩ = c⟨t⟩
 *
 * Source: the notes; Chung et al. 2014, arXiv:1412.3555. ONNX calls it `linear_before_reset=0`, Keras
 * `reset_after=False`; their update gate keeps the old state, so theirs is 1 − Γu.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, sub, tanh } from "../../functions.js";

/** The gated recurrent unit of the notes. */
export const gru = /* @__PURE__ */ cell("gru", { states: ["c"], output: "c" }, ({ c, x, affine }) => {
  const r = sigmoid(affine("r", c, x)); // Γr = σ(w_r [c⟨t−1⟩, x⟨t⟩] + b_r)
  const u = sigmoid(affine("u", c, x)); // Γu = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)
  const candidate = tanh(affine("c", mul(r, c), x)); // c̃⟨t⟩ = tanh(w_c [Γr ∘ c⟨t−1⟩, x⟨t⟩] + b_c)
  return {
    gates: { Γr: r, Γu: u, c̃: candidate },
    c: add(mul(u, candidate), mul(sub(1, u), c)), // c⟨t⟩ = Γu ∘ c̃⟨t⟩ + (1 − Γu) ∘ c⟨t−1⟩
  };
});
