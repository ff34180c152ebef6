/**
 * TensorFlow.js on its WebAssembly backend, through its layers as its users train: model.trainOnBatch with SimpleRNN, GRU
 * or LSTM. No clipping: its optimizers have none. Its GRU resets before the product (`resetAfter` throws), as the
 * notes' does.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { batch } from "../data.mjs";
import { serve } from "../protocol.mjs";

const kinds = { rnn: tf.layers.simpleRNN, gru: tf.layers.gru, lstm: tf.layers.lstm };

const embeddingNote =
  "its WebAssembly backend lacks UnsortedSegmentSum, the gradient of an embedding; a loop in JavaScript stands in";

async function start() {
  const main = fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(join(dirname(main), "/"));
  await tf.setBackend("wasm");
  if (tf.getBackend() !== "wasm") throw new Error(`the backend is ${tf.getBackend()}`);
  tf.registerKernel({ kernelName: "UnsortedSegmentSum", backendName: "wasm", kernelFunc: segmentSum });
}

/** The gradient of an embedding, which its WebAssembly backend lacks: rows of x are added to those of their ids. */
function segmentSum({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) {
  const [rows, ids] = [backend.readSync(x.dataId), backend.readSync(segmentIds.dataId)];
  const width = rows.length / ids.length;
  const sum = new Float32Array(numSegments * width);
  for (let i = 0; i < ids.length; i++) {
    for (let k = 0; k < width; k++) sum[ids[i] * width + k] += rows[i * width + k];
  }
  const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
  return { dataId: backend.write(sum, shape, x.dtype), shape, dtype: x.dtype };
}

/** One row per model, as ours/networks.mjs has them. */
const models = {
  recurrent: (task) => [recurrent(task, { inputShape: [task.lengths[0], task.X] })],
  language: (task) => [
    tf.layers.embedding({ inputDim: task.vocabulary, outputDim: task.X, inputLength: task.lengths[0] }),
    ...Array.from({ length: task.layers }, () => recurrent(task)),
    tf.layers.dense({ units: task.Y, activation: "softmax" }),
  ],
  tagger: (task) => [
    tf.layers.embedding({ inputDim: task.vocabulary, outputDim: task.X, inputLength: task.lengths[0] }),
    tf.layers.bidirectional({ layer: recurrent(task), mergeMode: "concat" }),
    tf.layers.dense({ units: task.Y, activation: "softmax" }),
  ],
};

/** Its gates are piecewise linear where nothing is said. */
const recurrent = ({ cell, H }, more = {}) =>
  kinds[cell]({
    units: H,
    returnSequences: true,
    ...(cell === "rnn" ? {} : { recurrentActivation: "sigmoid" }),
    ...more,
  });

function modelOf(task) {
  const model = tf.sequential({ layers: models[task.model](task) });
  const loss = task.Y > 0 ? "sparseCategoricalCrossentropy" : "meanSquaredError";
  model.compile({ optimizer: tf.train.sgd(0.1), loss });
  return model;
}

function tensors(task) {
  const [B, T] = [task.lengths.length, task.lengths[0]];
  const sequences = batch(task, task.H);
  const flat = (key) => sequences.flatMap((sequence) => Array.from(sequence[key]));
  const x = task.vocabulary > 0 ? tf.tensor(flat("input"), [B, T]) : tf.tensor(flat("input"), [B, T, task.X]);
  const y = task.Y > 0 ? tf.tensor(flat("target"), [B, T, 1]) : tf.tensor(flat("target"), [B, T, task.H]);
  return { x, y };
}

const prepared = {
  train(task) {
    const [model, { x, y }] = [modelOf(task), tensors(task)];
    const note = task.vocabulary > 0 ? { note: embeddingNote } : {};
    return { ready: { ...note, leavesOut: "clipping" }, run: () => model.trainOnBatch(x, y) };
  },
  forward(task) {
    const [model, { x }] = [modelOf(task), tensors(task)];
    return {
      run() {
        const out = model.predictOnBatch(x);
        out.dataSync();
        out.dispose();
      },
    };
  },
  /** One step with the state kept by the layer, as `stateful` offers it. */
  stream(task) {
    const layer = recurrent(task, { stateful: true, batchInputShape: [1, 1, task.X] });
    const model = tf.sequential({ layers: [layer] });
    const { x } = tensors(task);
    return {
      run() {
        const out = model.predictOnBatch(x);
        out.dataSync();
        out.dispose();
      },
    };
  },
};

await start();
await serve((task) => prepared[task.kind](task));
