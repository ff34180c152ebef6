/**
 * The long short-term memory exactly as the notes have it: the candidate reads a⟨t−1⟩, the gates read
 * c⟨t−1⟩, and the output is not squashed.
 *
 *   c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)     candidate
 *   Γu   = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)        update gate
 *   Γf   = σ(w_f [c⟨t−1⟩, x⟨t⟩] + b_f)        forget gate
 *   Γo   = σ(w_o [c⟨t−1⟩, x⟨t⟩] + b_o)        output gate
 *   c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩,  a⟨t⟩ = Γo ∘ c⟨t⟩
 *
 * Source: the notes; its nearest relative in print is the peephole LSTM of Gers and Schmidhuber 2000. The
 * memory is not bounded (Γu and Γf are independent), so learning rates that lstm bears can be too high here.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, tanh } from "../../functions.js";

/** The long short-term memory of the notes. */
export const lstmNotes = /* @__PURE__ */ cell(
  "lstmNotes",
  { states: ["a", "c"], output: "a", bias: { f: 1 } },
  ({ a, c, x, affine }) => {
    const candidate = tanh(affine("c", a, x)); // c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
    const u = sigmoid(affine("u", c, x)); // Γu = σ(w_u [c⟨t−1⟩, x⟨t⟩] + b_u)
    const f = sigmoid(affine("f", c, x)); // Γf = σ(w_f [c⟨t−1⟩, x⟨t⟩] + b_f)
    const o = sigmoid(affine("o", c, x)); // Γo = σ(w_o [c⟨t−1⟩, x⟨t⟩] + b_o)
    const memory = add(mul(u, candidate), mul(f, c)); // c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
    return { gates: { c̃: candidate, Γu: u, Γf: f, Γo: o }, c: memory, a: mul(o, memory) }; // a⟨t⟩ = Γo ∘ c⟨t⟩
  },
);
