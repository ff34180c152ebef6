/**
 * The plain recurrent network of the notes ("RNN Forward Propagation"), with either of its activations:
 *
 *   a⟨t⟩ = g₁(w_a [a⟨t−1⟩, x⟨t⟩] + b_a),  w_a = [w_aa : w_ax] of shape (H, H + X),  g₁ = tanh or ReLU
 *
 * Source: the notes; Elman 1990, "Finding structure in time".
 */
import { cell } from "../../cell.js";
import { relu, tanh } from "../../functions.js";

/** The plain recurrent network with tanh. */
export const rnn = /* @__PURE__ */ cell("rnn", { states: ["a"], output: "a" }, ({ a, x, affine }) => ({
  a: tanh(affine("a", a, x)), // a⟨t⟩ = tanh(w_a [a⟨t−1⟩, x⟨t⟩] + b_a)
}));

/** The plain recurrent network with ReLU. */
export const rnnRelu = /* @__PURE__ */ cell(
  "rnnRelu",
  { states: ["a"], output: "a" },
  ({ a, x, affine }) => ({
    a: relu(affine("a", a, x)), // a⟨t⟩ = ReLU(w_a [a⟨t−1⟩, x⟨t⟩] + b_a)
  }),
);
