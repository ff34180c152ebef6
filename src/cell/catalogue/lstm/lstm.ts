/**
 * The standard long short-term memory, in the notes' letters:
 *
 *   c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)     candidate
 *   Γu   = σ(w_u [a⟨t−1⟩, x⟨t⟩] + b_u)        update gate ("input gate" i elsewhere)
 *   Γf   = σ(w_f [a⟨t−1⟩, x⟨t⟩] + b_f)        forget gate
 *   Γo   = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o)        output gate
 *   c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩,  a⟨t⟩ = Γo ∘ tanh(c⟨t⟩)
 *
 * It differs from the notes' own (lstmNotes): gates read a⟨t−1⟩, and tanh stands before the output gate.
 * Source: Hochreiter and Schmidhuber 1997; Gers et al. 2000 (forget gate). The forget bias starts at 1:
 * Jozefowicz et al. 2015.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, tanh } from "../../functions.js";

/** The standard long short-term memory. */
export const lstm = /* @__PURE__ */ cell(
  "lstm",
  { states: ["a", "c"], output: "a", bias: { f: 1 } },
  ({ a, c, x, affine }) => {
    const candidate = tanh(affine("c", a, x)); // c̃⟨t⟩ = tanh(w_c [a⟨t−1⟩, x⟨t⟩] + b_c)
    const u = sigmoid(affine("u", a, x)); // Γu = σ(w_u [a⟨t−1⟩, x⟨t⟩] + b_u)
    const f = sigmoid(affine("f", a, x)); // Γf = σ(w_f [a⟨t−1⟩, x⟨t⟩] + b_f)
    const o = sigmoid(affine("o", a, x)); // Γo = σ(w_o [a⟨t−1⟩, x⟨t⟩] + b_o)
    const memory = add(mul(u, candidate), mul(f, c)); // c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
    return { gates: { c̃: candidate, Γu: u, Γf: f, Γo: o }, c: memory, a: mul(o, tanh(memory)) }; // a⟨t⟩ = Γo ∘ tanh(c⟨t⟩)
  },
);
