/**
 * The independently recurrent network: every unit sees only itself in the past (diagonal recurrence).
 *
 *   h⟨t⟩ = ReLU(w_x x⟨t⟩ + u ∘ h⟨t−1⟩ + b)
 *
 * Source: Li et al. 2018, arXiv:1803.04831. The recurrent weights start uniform in [0, 1), as there.
 */
import { cell } from "../../cell.js";
import { add, mul, relu } from "../../functions.js";

/** The independently recurrent network. */
export const indRnn = /* @__PURE__ */ cell(
  "indRnn",
  { states: ["h"], output: "h" },
  ({ h, x, linear, vector }) => ({
    h: relu(add(add(linear("x", x), mul(vector("u", { from: 0, to: 1 }), h)), vector("b"))), // h⟨t⟩ = ReLU(w_x x⟨t⟩ + u ∘ h⟨t−1⟩ + b)
  }),
);
