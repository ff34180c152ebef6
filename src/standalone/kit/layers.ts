/**
 * The layers as texts of JavaScript. A layer is made by a function and has `run`, from what comes out of the layer before
 * over a whole sequence to what goes into the next: `{ steps, last }`, a vector or token id for every step and perhaps the
 * last states, or `{ vector }` after pooling. Those that can run step by step have `step` as well.
 */
import type { Piece } from "./piece.js";

/** The pieces. */
export const layerPieces: Readonly<Record<string, Piece>> = {
  sigmoid: {
    code: `const sigmoid = (z) => 1 / (1 + Math.exp(-z));`,
  },
  softplus: {
    code: `const softplus = (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));`,
  },
  erf: {
    code: `
/** The error function, by a series whose terms have one sign. */
function erf(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let sum = x;
  for (let n = 1, term = x; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}`,
  },
  dot: {
    code: `
/** The product of a vector with the weights from a place on. In four sums, which a processor can work on at once. */
function dot(w, at, v) {
  const length = v.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let j = 0;
  for (; j + 3 < length; j += 4) {
    a += w[at + j] * v[j];
    b += w[at + j + 1] * v[j + 1];
    c += w[at + j + 2] * v[j + 2];
    d += w[at + j + 3] * v[j + 3];
  }
  for (; j < length; j++) a += w[at + j] * v[j];
  return a + b + (c + d);
}`,
  },
  product: {
    needs: ["dot"],
    code: `
/** out = w [parts] + b. A part is a vector, or the number of the one in a one-hot vector of that width. */
function product(out, w, b, parts, widths) {
  for (let row = 0, at = 0; row < out.length; row++) {
    let sum = b === undefined ? 0 : b[row];
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k];
      sum += typeof part === "number" ? w[at + part] : dot(w, at, part);
      at += widths[k];
    }
    out[row] = sum;
  }
}`,
  },
  joined: {
    code: `
/** Vectors side by side. */
function joined(vectors) {
  if (vectors.length === 1) return vectors[0];
  const out = new Float64Array(vectors.reduce((sum, v) => sum + v.length, 0));
  let at = 0;
  for (const v of vectors) {
    out.set(v, at);
    at += v.length;
  }
  return out;
}`,
  },
  embedding: {
    code: `
/** Every token id gets a row of the table; all vectors are of one type, which makes products twice as fast. */
function embedding(table, width) {
  const step = (id) => Float64Array.from(table.subarray(id * width, (id + 1) * width));
  return { step, run: ({ steps }) => ({ steps: steps.map(step) }) };
}`,
  },
  linear: {
    needs: ["product"],
    code: `
/** z = w a + b, for every step or for the one vector. */
function linear(w, b) {
  const step = (a) => {
    const z = new Float64Array(b.length);
    product(z, w, b, [a], [a.length]);
    return z;
  };
  return { step, run: ({ steps, vector }) => (vector ? { vector: step(vector) } : { steps: steps.map(step) }) };
}`,
  },
  initialStates: {
    code: `
/**
 * Where the states of one direction of a recurrent layer start: at 0, at learned values, at those that are given, or at values
 * that are taken from other layers.
 */
function initialStates({ w, name, states, units, start, taken = [] }, given) {
  return Object.fromEntries(
    states.map((state) => {
      const key = name + "." + state;
      if (taken.includes(state)) return [state, Float64Array.from(given[key])];
      if (start === "zero") return [state, new Float64Array(units)];
      if (start === "learned") return [state, Float64Array.from(w[name + ".initial_" + state])];
      const values = given === undefined ? undefined : given[key];
      if (values === undefined || values.length !== units)
        throw new RangeError("the initial state " + key + " must be given: " + units + " numbers");
      return [state, Float64Array.from(values, Math.fround)];
    }),
  );
}`,
  },
  direction: {
    needs: ["initialStates"],
    code: `
/** One direction of a recurrent layer: from steps to the cell's output at each of them, and at the end. */
function direction(options) {
  const { w, name, cell, output, units, width, reverse } = options;
  const step = cell((parameter) => w[name + "." + parameter], units, width);
  return {
    name,
    start: (given) => initialStates(options, given),
    step(state, x) {
      step(state, x);
      return state[output].slice();
    },
    run(steps, given) {
      const state = initialStates(options, given);
      const rows = new Array(steps.length);
      for (let k = 0; k < steps.length; k++) {
        const t = reverse ? steps.length - 1 - k : k;
        step(state, steps[t]);
        rows[t] = state[output].slice();
      }
      const ends = Object.entries(state).map(([key, value]) => [name + "." + key, value]);
      return { rows, last: state[output], ends: Object.fromEntries(ends) };
    },
  };
}`,
  },
  recurrent: {
    needs: ["direction", "joined"],
    code: `
/** A recurrent layer: its directions side by side. With a residual connection, their input is added. */
function recurrent(directions, residual) {
  const add = (y, x) => (residual ? y.map((value, i) => value + x[i]) : y);
  const [forward] = directions;
  return {
    name: forward.name,
    start: forward.start,
    step: (x, state) => add(forward.step(state, x), x),
    run({ steps }, given) {
      const done = directions.map((d) => d.run(steps, given));
      const rows = steps.map((x, t) => add(joined(done.map((d) => d.rows[t])), x));
      return {
        steps: rows,
        last: residual ? undefined : joined(done.map((d) => d.last)),
        ends: Object.assign({}, ...done.map((d) => d.ends)),
      };
    },
  };
}`,
  },
  activation: {
    needs: ["ofVectors"],
    code: `
/** g(z), element by element. */
const activation = (g) => ofVectors((z) => z.map((value) => g(value)));`,
  },
  ofVectors: {
    code: `
/** A function of a vector, for every step or for the one vector. */
function ofVectors(step) {
  const run = ({ steps, vector, last }) =>
    vector ? { vector: step(vector) } : { steps: steps.map((x) => step(x)), last: last && step(last) };
  return { step, run };
}`,
  },
  scale: {
    needs: ["ofVectors"],
    code: `
/** g x + k, feature by feature. */
const scale = (g, k) => ofVectors((x) => Float64Array.from(x, (value, i) => g[i] * value + k[i]));`,
  },
  normalise: {
    needs: ["ofVectors"],
    code: `
/** Vectors with mean 0 and variance 1 over their features, then g x + k. */
function normalise(g, k, epsilon) {
  return ofVectors((x) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / x.length;
    const root = Math.sqrt(variance + epsilon);
    return Float64Array.from(x, (value, i) => (g[i] * (value - mean)) / root + k[i]);
  });
}`,
  },
  features: {
    needs: ["joined"],
    code: `
/**
 * Several inputs side by side, each through layers of its own. A sequence inside a step becomes one vector; where an input is
 * there once and has no steps, all become one vector for the whole.
 */
function features(of, { inside, once }) {
  const through = (layers, from) => layers.reduce((a, layer) => layer.run(a), from);
  const parts = (inputs, part) => Object.entries(of).map(([name, layers]) => part(name, layers, inputs[name]));
  const run = ({ inputs }) => {
    if (once.length > 0)
      return {
        vector: joined(
          parts(inputs, (name, layers, input) => through(layers, once.includes(name) ? { vector: input } : { steps: input }).vector),
        ),
      };
    const rows = parts(inputs, (name, layers, input) =>
      inside.includes(name)
        ? input.map((steps) => through(layers, { steps }).vector)
        : through(layers, { steps: input }).steps,
    );
    return { steps: rows[0].map((_, t) => joined(rows.map((row) => row[t]))) };
  };
  return { run };
}`,
  },
};
