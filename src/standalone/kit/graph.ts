/**
 * Networks that are more than a row, as texts of JavaScript: layers with the names of what they read. A layer in its place is
 * `{ name, from, layer }`, and `starts` where states of it start at other layers' values.
 */
import type { Piece } from "./piece.js";

/** The pieces. */
export const graphPieces: Readonly<Record<string, Piece>> = {
  same: {
    code: `
/** A layer that does nothing at prediction. */
const same = () => ({ step: (x) => x, run: (a) => a });`,
  },
  join: {
    needs: ["joining"],
    code: `
/** Several values as one: g takes one number of each. */
const join = (g) => joining((values) => values[0].map((_, i) => g(...values.map((v) => v[i]))));`,
  },
  sideBySide: {
    needs: ["joining", "joined"],
    code: `
/** Several values side by side. */
const sideBySide = () => joining(joined);`,
  },
  joining: {
    code: `
/** A layer that makes one vector of several, for every step or for the whole. */
function joining(step) {
  const run = ({ values }) => {
    if (values[0].vector) return { vector: step(values.map(({ vector }) => vector)) };
    return {
      steps: values[0].steps.map((_, t) => step(values.map(({ steps }) => steps[t]))),
      last: values.every(({ last }) => last) ? step(values.map(({ last }) => last)) : undefined,
    };
  };
  return { step, run };
}`,
  },
  repeat: {
    code: `
/** The vector of a sequence at each of its steps. */
const repeat = () => ({ run: ({ vector }, _given, length) => ({ steps: Array.from({ length }, () => vector) }) });`,
  },
  convolution: {
    needs: ["product", "joined"],
    code: `
/** A product with the steps at these offsets from each step; what lies outside of the sequence is zeros. */
function convolution(w, b, { name, width, offsets }) {
  const zeros = new Float64Array(width);
  const kept = -offsets[0];
  const at = (seen) => {
    const z = new Float64Array(b.length);
    product(z, w, b, [joined(seen)], [width * offsets.length]);
    return z;
  };
  const last = (x, j) => x.subarray((j - 1) * width, j * width);
  return {
    name,
    // The last steps, the latest first.
    ...(kept > 0 ? { start: () => ({ x: new Float64Array(kept * width) }) } : {}),
    step(x, state) {
      const z = at(offsets.map((offset) => (offset === 0 ? Float64Array.from(x) : last(state.x, -offset))));
      if (kept > 0) {
        state.x.copyWithin(width, 0);
        state.x.set(x);
      }
      return z;
    },
    run: ({ steps }) => ({ steps: steps.map((_, t) => at(offsets.map((offset) => steps[t + offset] ?? zeros))) }),
  };
}`,
  },
  attention: {
    needs: ["dot"],
    code: `
/** Of each query the mean of the values, weighed by the softmax of how it compares with their keys. */
function attention(compare, width) {
  const run = (a) => {
    const [query, values = query, keys = values] = a.values ?? [a];
    const steps = query.steps.map((q) => {
      const scores = keys.steps.map((k) => compare(q, k));
      const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
      const weights = scores.map((score) => Math.exp(score - highest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const out = new Float64Array(width);
      values.steps.forEach((h, j) => h.forEach((value, i) => (out[i] += (weights[j] / total) * value)));
      return out;
    });
    return { steps };
  };
  return { run };
}`,
  },
  runGraph: {
    code: `
/** Runs layers one after the other, each on the values that it names, and gives what the last one gives. */
function runGraph(layers, input, { given, once, main }) {
  const values = new Map([["input", input]]);
  for (const [key, of] of Object.entries(input.inputs ?? {}))
    values.set("input." + key, once.includes(key) ? { vector: of } : { steps: of });
  const { length } = input.steps ?? input.inputs[main];
  let value = input;
  for (const { name, from, layer, starts } of layers) {
    const read = from.map((key) => values.get(key));
    const own = Object.entries(starts ?? {}).map(([state, key]) => [name + "." + state, values.get(key).vector]);
    value = layer.run(read.length === 1 ? read[0] : { values: read }, { ...given, ...Object.fromEntries(own) }, length);
    values.set(name, value);
    for (const [state, vector] of Object.entries(value.ends ?? {})) values.set(state, { vector });
  }
  return value;
}`,
  },
  stepGraph: {
    code: `
/** Takes one step through layers, each on the values that it names. */
const stepGraph = (layers) => (x, own) => {
  const values = new Map([["input", x]]);
  let value = x;
  for (const { name, from, layer } of layers) {
    const read = from.map((key) => values.get(key));
    value = layer.step(read.length === 1 ? read[0] : read, own.get(layer));
    values.set(name, value);
  }
  return value;
};`,
  },
};
