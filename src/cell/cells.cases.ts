/**
 * Cells that only tests use, each for what the catalogue does not have: shared and repeated operands, sums
 * over features, values without a name, states that are handed on, words as names.
 */

import { catalogue } from "./catalogue/index.js";
import { type Cell, cell } from "./cell.js";
import {
  abs,
  add,
  div,
  max,
  mul,
  neg,
  relu,
  sigmoid,
  softplus,
  sqrt,
  sub,
  sumFeatures,
  tanh,
} from "./functions.js";

/** The minimal gated unit: one gate in two roles. Zhou et al. 2016, arXiv:1603.09420. */
export const mgu = cell("mgu", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const f = sigmoid(affine("f", h, x));
  const candidate = tanh(affine("h", mul(f, h), x));
  return { gates: { f, h̃: candidate }, h: add(mul(sub(1, f), h), mul(f, candidate)) };
});

/** A long short-term memory whose output is rectified; nothing has a name but the states. */
export const reluLstm = cell("reluLstm", { states: ["a", "c"], output: "a" }, ({ a, c, x, affine }) => {
  const memory = add(
    mul(sigmoid(affine("u", a, x)), tanh(affine("c", a, x))),
    mul(sigmoid(affine("f", a, x)), c),
  );
  return { c: memory, a: mul(sigmoid(affine("o", a, x)), relu(memory)) };
});

/** A state twice in one product, squared beside it, and handed on as it is. */
export const twice = cell("twice", { states: ["h", "before"], output: "h" }, ({ h, before, x, linear }) => ({
  h: tanh(add(linear("h", h, h, x), sub(mul(h, h), before))),
  before: h,
}));

/** Layer normalisation inside a cell, for H = 3: sums over features, and values that are used again. */
export const normalised = cell(
  "normalised",
  { states: ["h"], output: "h" },
  ({ h, x, affine, vector, scalar }) => {
    const z = affine("n", h, x);
    const centred = sub(z, mul(1 / 3, sumFeatures(z)));
    const variance = mul(1 / 3, sumFeatures(mul(centred, centred)));
    const normal = div(centred, sqrt(add(variance, scalar("floor", 0.5))));
    return { h: tanh(add(mul(vector("gain", 1), normal), vector("shift"))) };
  },
);

/** Names of many kinds, two names for one value, a gate that is a leaf, and an output that no step reads. */
export const wordy = cell(
  "wordy",
  { states: ["memory", "s1", "y"], output: "y" },
  ({ memory, s1, x, affine, linear, vector }) => {
    const keep = max(-0.25, neg(softplus(affine("keep", memory, x))));
    const value = div(linear("v", tanh(sub(memory, s1))), add(2, abs(vector("β_2"))));
    return {
      gates: { keep, ω: value, same: value, old: s1 },
      memory: value,
      s1: mul(sub(mul(keep, value), 1e-7), s1),
      y: sub(keep, sub(value, s1)),
    };
  },
);

/** The cells of the catalogue and those above. */
export const cells: readonly Cell[] = [...Object.values(catalogue), mgu, reluLstm, twice, normalised, wordy];
