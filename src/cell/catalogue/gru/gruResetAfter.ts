/**
 * The gated recurrent unit whose reset gate acts after the matrix product, as cuDNN and PyTorch have it:
 *
 *   r    = σ(w_r [h⟨t−1⟩, x⟨t⟩] + b_r)                          reset gate
 *   z    = σ(w_z [h⟨t−1⟩, x⟨t⟩] + b_z)                          update gate: it keeps the OLD state
 *   n    = tanh(w_nx x⟨t⟩ + b_nx + r ∘ (w_nh h⟨t−1⟩ + b_nh))    candidate
 *   h⟨t⟩ = (1 − z) ∘ n + z ∘ h⟨t−1⟩
 *
 * Source: Cho et al. 2014, arXiv:1406.1078 (version 1); ONNX `linear_before_reset=1`, Keras `reset_after=True`.
 */
import { cell } from "../../cell.js";
import { add, mul, sigmoid, sub, tanh } from "../../functions.js";

/** The gated recurrent unit of cuDNN and PyTorch. */
export const gruResetAfter = /* @__PURE__ */ cell(
  "gruResetAfter",
  { states: ["h"], output: "h" },
  ({ h, x, affine }) => {
    const r = sigmoid(affine("r", h, x)); // r = σ(w_r [h⟨t−1⟩, x⟨t⟩] + b_r)
    const z = sigmoid(affine("z", h, x)); // z = σ(w_z [h⟨t−1⟩, x⟨t⟩] + b_z)
    const n = tanh(add(affine("nx", x), mul(r, affine("nh", h)))); // n = tanh(w_nx x⟨t⟩ + b_nx + r ∘ (w_nh h⟨t−1⟩ + b_nh))
    return {
      gates: { r, z, n },
      h: add(mul(sub(1, z), n), mul(z, h)), // h⟨t⟩ = (1 − z) ∘ n + z ∘ h⟨t−1⟩
    };
  },
);
