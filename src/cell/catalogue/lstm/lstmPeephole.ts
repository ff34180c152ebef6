/**
 * The long short-term memory with diagonal peepholes: gates also see the memory, each unit its own; the
 * output gate sees the NEW memory.
 *
 *   c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
 *   Γu   = σ(w_u [a⟨t−1⟩, x⟨t⟩] + b_u + p_u ∘ c⟨t−1⟩)
 *   Γf   = σ(w_f [a⟨t−1⟩, x⟨t⟩] + b_f + p_f ∘ c⟨t−1⟩)
 *   c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
 *   Γo   = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o + p_o ∘ c⟨t⟩),  a⟨t⟩ = Γo ∘ tanh(c⟨t⟩)
 *
 * Source: Gers and Schmidhuber 2000; Graves 2013, arXiv:1308.0850.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, tanh } from "../../functions.js";

/** The long short-term memory with peepholes. */
export const lstmPeephole = /* @__PURE__ */ cell(
  "lstmPeephole",
  { states: ["a", "c"], output: "a", bias: { f: 1 } },
  ({ a, c, x, affine, vector }) => {
    const candidate = tanh(affine("c", a, x)); // c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
    const u = sigmoid(add(affine("u", a, x), mul(vector("p_u"), c))); // Γu = σ(w_u [a⟨t−1⟩, x⟨t⟩] + b_u + p_u ∘ c⟨t−1⟩)
    const f = sigmoid(add(affine("f", a, x), mul(vector("p_f"), c))); // Γf = σ(w_f [a⟨t−1⟩, x⟨t⟩] + b_f + p_f ∘ c⟨t−1⟩)
    const memory = add(mul(u, candidate), mul(f, c)); // c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
    const o = sigmoid(add(affine("o", a, x), mul(vector("p_o"), memory))); // Γo = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o + p_o ∘ c⟨t⟩)
    return { gates: { c̃: candidate, Γu: u, Γf: f, Γo: o }, c: memory, a: mul(o, tanh(memory)) }; // a⟨t⟩ = Γo ∘ tanh(c⟨t⟩)
  },
);
