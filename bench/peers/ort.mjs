/**
 * onnxruntime, forward and streaming: node bench/peers/ort.mjs (node | web). The first is native code with the kernels
 * that descend from DeepCPU, the second the same in WebAssembly; both on one thread. Its GRU has both orders of reset and
 * product. A stream hands the state's tensors back as they came.
 */
import { batch, weights } from "../data.mjs";
import { serve } from "../protocol.mjs";
import { onnxModel } from "./onnx.mjs";

const ort = await import(`onnxruntime-${process.argv[2]}`);
const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
if (process.argv[2] === "web") {
  ort.env.wasm.numThreads = 1;
  options.executionProviders = ["wasm"];
}

const cells = {
  rnn: { op: "RNN", gates: 1, attributes: {}, states: ["h"] },
  gru: { op: "GRU", gates: 3, attributes: { linear_before_reset: 0 }, states: ["h"] },
  gruResetAfter: { op: "GRU", gates: 3, attributes: { linear_before_reset: 1 }, states: ["h"] },
  lstm: { op: "LSTM", gates: 4, attributes: {}, states: ["h", "c"] },
};

/** A session for a task; the graph gives all outputs, or the last states if it is to stream. */
function sessionFor({ cell, kind, X, H, lengths }) {
  const { op, gates, attributes, states } = cells[cell];
  const [B, T] = [lengths.length, Math.max(...lengths)];
  const streaming = kind === "stream";
  const ragged = new Set(lengths).size > 1;
  const shapes = { w: [1, gates * H, X], r: [1, gates * H, H], b: [1, 2 * gates * H] };
  const model = onnxModel({
    op,
    attributes: { hidden_size: H, ...attributes },
    inputs: [
      { name: "x", shape: [T, B, X] },
      ...(ragged ? [{ name: "lengths", shape: [B], type: "int32" }] : []),
      ...(streaming ? states.map((state) => ({ name: state, shape: [1, B, H] })) : []),
    ],
    outputs: streaming
      ? states.map((state) => ({ name: `new_${state}`, shape: [1, B, H] }))
      : [{ name: "y", shape: [T, 1, B, H] }],
    weights: Object.entries(shapes).map(([name, shape]) => ({
      name,
      shape,
      data: weights(shape.reduce((a, b) => a * b)),
    })),
    nodeInputs: ["x", "w", "r", "b", ragged ? "lengths" : "", ...(streaming ? states : [])],
    nodeOutputs: streaming ? ["", ...states.map((state) => `new_${state}`)] : ["y"],
  });
  return ort.InferenceSession.create(model, options);
}

/** Steps first, as ONNX wants them: [T, B, X], zeros where a sequence has ended. */
function inputTensors(task) {
  const { lengths, X, H } = task;
  const [B, T] = [lengths.length, Math.max(...lengths)];
  const x = new Float32Array(T * B * X);
  batch(task, H).forEach(({ input }, b) => {
    for (let t = 0; t < lengths[b]; t++) x.set(input.subarray(t * X, (t + 1) * X), (t * B + b) * X);
  });
  const steps = { lengths: new ort.Tensor("int32", Int32Array.from(lengths), [B]) };
  return { x: new ort.Tensor("float32", x, [T, B, X]), ...(new Set(lengths).size > 1 ? steps : {}) };
}

await serve(async (task) => {
  const session = await sessionFor(task);
  const { H, kind, lengths } = task;
  let feeds = inputTensors(task);
  if (kind !== "stream") return { run: async () => void (await session.run(feeds)) };
  const { states } = cells[task.cell];
  const zeros = () => new ort.Tensor("float32", new Float32Array(H), [1, lengths.length, H]);
  feeds = { ...feeds, ...Object.fromEntries(states.map((state) => [state, zeros()])) };
  return {
    async run() {
      const out = await session.run(feeds);
      for (const state of states) feeds[state] = out[`new_${state}`];
    },
  };
});
