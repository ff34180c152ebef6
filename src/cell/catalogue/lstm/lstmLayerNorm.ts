/**
 * The long short-term memory with layer normalisation: what goes into each gate, and the memory on its way out, gets
 * mean 0 and variance 1 over the units, then a learned gain and bias. The memory itself is not normalised.
 *
 * Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450, equations 20 to 22, with the simpler normalisation that most
 * implementations have: gate by gate and of the whole product, where the paper takes all four gates together and the
 * products of a⟨t−1⟩ and of x⟨t⟩ apart. The forget gate's bias starts at 1, as in `lstm`.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, tanh } from "../../functions.js";

/** The long short-term memory with layer normalisation. */
export const lstmLayerNorm = /* @__PURE__ */ cell(
  "lstmLayerNorm",
  { states: ["a", "c"], output: "a" },
  ({ a, c, x, linear, layerNorm }) => {
    // z_c  = w_c [a⟨t−1⟩, x⟨t⟩]
    // v1   = z_c − sum(z_c) / H
    // c̃⟨t⟩ = tanh(g_c ∘ (v1 / sqrt(sum(v1 ∘ v1) / H + 0.00001)) + k_c)
    const candidate = tanh(layerNorm("c", linear("c", a, x)));
    // z_u  = w_u [a⟨t−1⟩, x⟨t⟩]
    // v2   = z_u − sum(z_u) / H
    // Γu   = σ(g_u ∘ (v2 / sqrt(sum(v2 ∘ v2) / H + 0.00001)) + k_u)
    const u = sigmoid(layerNorm("u", linear("u", a, x)));
    // z_f  = w_f [a⟨t−1⟩, x⟨t⟩]
    // v3   = z_f − sum(z_f) / H
    // Γf   = σ(g_f ∘ (v3 / sqrt(sum(v3 ∘ v3) / H + 0.00001)) + k_f)
    const f = sigmoid(layerNorm("f", linear("f", a, x), { bias: 1 }));
    // z_o  = w_o [a⟨t−1⟩, x⟨t⟩]
    // v4   = z_o − sum(z_o) / H
    // Γo   = σ(g_o ∘ (v4 / sqrt(sum(v4 ∘ v4) / H + 0.00001)) + k_o)
    const o = sigmoid(layerNorm("o", linear("o", a, x)));
    const memory = add(mul(u, candidate), mul(f, c)); // c⟨t⟩ = Γu ∘ c̃⟨t⟩ + Γf ∘ c⟨t−1⟩
    // v5   = c⟨t⟩ − sum(c⟨t⟩) / H
    // a⟨t⟩ = Γo ∘ tanh(g_m ∘ (v5 / sqrt(sum(v5 ∘ v5) / H + 0.00001)) + k_m)
    const output = mul(o, tanh(layerNorm("m", memory)));
    return { gates: { c̃: candidate, Γu: u, Γf: f, Γo: o }, c: memory, a: output };
  },
);
