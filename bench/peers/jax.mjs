/**
 * jax-js on its WebAssembly backend, which wants Node 22. It has no scan, so the loop over time is unrolled, and the
 * whole training step is compiled by one `jit`: four times faster here than compiling a step of time, eighteen times
 * than none, though its first call takes seconds. No clipping: it comes with none, and the step here writes none. Arrays
 * are counted: a call consumes its arguments, `.ref` keeps one.
 */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { batch, weights } from "../data.mjs";
import { serve } from "../protocol.mjs";

const sigmoid = (z) => nn.sigmoid(z);
/** Column block i of `width` columns. */
const part = (z, i, width) => z.slice([], [i * width, (i + 1) * width]);

/**
 * One row per cell: the states' number, gates' columns of the two weights, and the step from (states, the input's
 * product with bias, recurrent weights, H) to the next states, of which the first is the output.
 */
const cells = {
  rnn: {
    gates: 1,
    states: 1,
    step: ([h], x, r) => [np.tanh(x.add(np.matmul(h, r)))],
  },
  gru: {
    gates: 3,
    states: 1,
    step([h], x, r, H) {
      const z = part(x.ref, 0, 2 * H).add(np.matmul(h.ref, part(r.ref, 0, 2 * H)));
      const gates = sigmoid(z);
      const u = part(gates.ref, 1, H);
      const reset = part(gates, 0, H).mul(h.ref);
      const candidate = np.tanh(part(x, 2, H).add(np.matmul(reset, part(r, 2, H))));
      return [u.ref.mul(candidate).add(np.subtract(1, u).mul(h))];
    },
  },
  gruResetAfter: {
    gates: 3,
    states: 1,
    step([h], x, r, H) {
      const product = np.matmul(h.ref, r);
      const gates = sigmoid(part(x.ref, 0, 2 * H).add(part(product.ref, 0, 2 * H)));
      const z = part(gates.ref, 1, H);
      const n = np.tanh(part(x, 2, H).add(part(gates, 0, H).mul(part(product, 2, H))));
      return [np.subtract(1, z.ref).mul(n).add(z.mul(h))];
    },
  },
  lstm: {
    gates: 4,
    states: 2,
    step([a, c], x, r, H) {
      const z = x.add(np.matmul(a, r));
      const gates = sigmoid(part(z.ref, 0, 3 * H));
      const candidate = np.tanh(part(z, 3, H));
      const memory = part(gates.ref, 0, H)
        .mul(candidate)
        .add(part(gates.ref, 1, H).mul(c));
      return [part(gates, 2, H).mul(np.tanh(memory.ref)), memory];
    },
  },
  lstmNotes: {
    gates: 4,
    states: 2,
    step([a, c], x, r, H) {
      const gates = sigmoid(part(x.ref, 0, 3 * H).add(np.matmul(c.ref, part(r.ref, 0, 3 * H))));
      const candidate = np.tanh(part(x, 3, H).add(np.matmul(a, part(r, 3, H))));
      const memory = part(gates.ref, 0, H)
        .mul(candidate)
        .add(part(gates.ref, 1, H).mul(c));
      return [part(gates, 2, H).mul(memory.ref), memory];
    },
  },
};

/** The forward pass as a function of weights and input [T, B, X]: outputs [T, B, H]. */
function forwardOf({ cell, X, H, lengths }) {
  const { gates, states, step } = cells[cell];
  const [B, T] = [lengths.length, lengths[0]];
  return ({ w, r, b }, x) => {
    const projected = np
      .matmul(x.reshape([T * B, X]), w)
      .add(b)
      .reshape([T, B, gates * H]);
    let values = Array.from({ length: states }, () => np.zeros([B, H]));
    const outputs = [];
    for (let t = 0; t < T; t++) {
      values = step(values, projected.ref.slice(t), r.ref, H);
      outputs.push(values[0].ref);
    }
    for (const array of [projected, r, ...values]) array.dispose();
    return np.stack(outputs);
  };
}

function setUp(task) {
  const { cell, X, H, lengths } = task;
  const [B, T] = [lengths.length, lengths[0]];
  const array = (shape) => np.array(weights(shape.reduce((p, q) => p * q))).reshape(shape);
  const columns = cells[cell].gates * H;
  const steps = (key, width) => {
    const out = new Float32Array(T * B * width);
    batch(task, H).forEach((sequence, b) => {
      for (let t = 0; t < T; t++)
        out.set(sequence[key].subarray(t * width, (t + 1) * width), (t * B + b) * width);
    });
    return np.array(out).reshape([T, B, width]);
  };
  const parameters = { w: array([X, columns]), r: array([H, columns]), b: np.zeros([columns]) };
  return { parameters, x: steps("input", X), y: steps("target", H), forward: forwardOf(task) };
}

const kinds = {
  train(task) {
    const { x, y, forward, parameters: start } = setUp(task);
    const loss = valueAndGrad((parameters, input, target) =>
      np.mean(np.square(forward(parameters, input).sub(target))),
    );
    const step = jit((parameters, input, target) => {
      const [value, gradients] = loss(tree.ref(parameters), input, target);
      return [value, tree.map((p, g) => p.sub(g.mul(0.1)), parameters, gradients)];
    });
    let parameters = start;
    return {
      ready: { leavesOut: "clipping" },
      async run() {
        const [value, next] = step(parameters, x.ref, y.ref);
        parameters = await blockUntilReady(next);
        return value.item();
      },
    };
  },
  forward(task) {
    const { x, forward, parameters } = setUp(task);
    const compiled = jit(forward);
    return { run: async () => void (await compiled(tree.ref(parameters), x.ref).data()) };
  },
};

await init("wasm");
defaultDevice("wasm");
await serve((task) => kinds[task.kind](task));
