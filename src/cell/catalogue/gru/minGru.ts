/**
 * The minimal gated unit whose gate and candidate read only the input: nothing in it needs a recurrent
 * product, so all its products are taken over the whole sequence at once.
 *
 *   z    = σ(w_z x⟨t⟩ + b_z)
 *   h̃⟨t⟩ = w_h x⟨t⟩ + b_h
 *   h⟨t⟩ = (1 − z) ∘ h⟨t−1⟩ + z ∘ h̃⟨t⟩
 *
 * Source: Feng et al. 2024, "Were RNNs all we needed?", arXiv:2410.01201.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, sub } from "../../functions.js";

/** The minimal gated unit with input-only gates. */
export const minGru = /* @__PURE__ */ cell("minGru", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const z = sigmoid(affine("z", x)); // z = σ(w_z x⟨t⟩ + b_z)
  const candidate = affine("h", x); // h̃⟨t⟩ = w_h x⟨t⟩ + b_h
  return {
    gates: { z, h̃: candidate },
    h: add(mul(sub(1, z), h), mul(z, candidate)), // h⟨t⟩ = (1 − z) ∘ h⟨t−1⟩ + z ∘ h̃⟨t⟩
  };
});
