/**
 * The long short-term memory with coupled gates (CIFG): what is forgotten makes room for what is new.
 *
 *   c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
 *   Γf   = σ(w_f [a⟨t−1⟩, x⟨t⟩] + b_f)
 *   Γo   = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o)
 *   c⟨t⟩ = (1 − Γf) ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩,  a⟨t⟩ = Γo ∘ tanh(c⟨t⟩)
 *
 * Source: Greff et al. 2016, arXiv:1503.04069.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, sub, tanh } from "../../functions.js";

/** The long short-term memory with coupled input and forget gates. */
export const lstmCoupled = /* @__PURE__ */ cell(
  "lstmCoupled",
  { states: ["a", "c"], output: "a", bias: { f: 1 } },
  ({ a, c, x, affine }) => {
    const candidate = tanh(affine("c", a, x)); // c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
    const f = sigmoid(affine("f", a, x)); // Γf = σ(w_f [a⟨t−1⟩, x⟨t⟩] + b_f)
    const o = sigmoid(affine("o", a, x)); // Γo = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o)
    const memory = add(mul(sub(1, f), candidate), mul(f, c)); // c⟨t⟩ = (1 − Γf) ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
    return { gates: { c̃: candidate, Γf: f, Γo: o }, c: memory, a: mul(o, tanh(memory)) }; // a⟨t⟩ = Γo ∘ tanh(c⟨t⟩)
  },
);
