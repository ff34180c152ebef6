/**
 * What of TensorFlow.js can be imported: models of every layer that meets recurrent ones, saved by its own saver, imported, certified
 * and compared with what it computes. Prints a table and what is not equal, with the reason; exit status 1 if fewer than the goal are.
 * Run: npm ci --prefix bench/peers, then node test/keras/tfjs.mjs (TensorFlow.js 4.22.0, backend "cpu").
 */
import { createRequire } from "node:module";
import { createReferenceExecutor } from "unrolled/exec/reference";
import { createWasmExecutor } from "unrolled/exec/wasm";
import { certify } from "unrolled/io";
import { importTfjs } from "unrolled/keras";

/** So many of a hundred must be imported and equal. */
const GOAL = 95;

const peers = createRequire(new URL("../../bench/peers/package.json", import.meta.url));
const tf = peers("@tensorflow/tfjs");
await tf.setBackend("cpu");
const { layers: L } = tf;

const seq =
  (shape, ...made) =>
  () => {
    const model = tf.sequential();
    const [first, ...others] = made.map((layer) => layer());
    // The shape stands in the first layer, as TensorFlow.js writes it.
    model.add(L.inputLayer({ inputShape: shape }));
    for (const layer of [first, ...others]) model.add(layer);
    return model;
  };
const graph = (shape, build) => () => {
  const inputs = tf.input({ shape });
  return tf.model({ inputs, outputs: build(inputs) });
};
const any = [null, 3];
const fix = [5, 3];
const d =
  (units = 2, activation = "linear") =>
  () =>
    L.dense({ units, activation });
const lstm = (options) => () => L.lstm({ units: 4, ...options });
const steps = (options) => lstm({ returnSequences: true, ...options });

const cases = {
  LSTM: seq(any, lstm(), d()),
  "LSTM of steps, gates hardSigmoid": seq(
    any,
    steps({ recurrentActivation: "hardSigmoid" }),
    d(3, "softmax"),
  ),
  "GRU, stacked": seq(
    any,
    () => L.gru({ units: 4, returnSequences: true }),
    () => L.gru({ units: 3 }),
    d(),
  ),
  "SimpleRNN relu": seq(any, () => L.simpleRNN({ units: 4, activation: "relu" }), d()),
  "no bias": seq(any, steps({ useBias: false }), lstm(), d(1, "sigmoid")),
  "Embedding, both": () =>
    tf.sequential({
      layers: [
        L.embedding({ inputDim: 11, outputDim: 4, inputLength: 5 }),
        L.bidirectional({ layer: L.lstm({ units: 3 }), mergeMode: "concat" }),
        L.dense({ units: 2 }),
      ],
    }),
  ...Object.fromEntries(
    ["sum", "mul", "ave", "concat"].map((mergeMode) => [
      `both, ${mergeMode}, steps`,
      seq(any, () => L.bidirectional({ layer: L.gru({ units: 3, returnSequences: true }), mergeMode }), d()),
    ]),
  ),
  "both, sum, last": seq(any, () => L.bidirectional({ layer: L.lstm({ units: 3 }), mergeMode: "sum" }), d()),
  "go backwards": seq(any, lstm({ goBackwards: true }), d()),
  "go backwards, steps": seq(any, steps({ goBackwards: true }), lstm(), d()),
  "RNN of cells": seq(
    any,
    () => L.rnn({ cell: [L.lstmCell({ units: 4 }), L.gruCell({ units: 3 })], returnSequences: true }),
    d(),
  ),
  "RNN of a cell": seq(any, () => L.rnn({ cell: L.lstmCell({ units: 4 }) }), d()),
  ...Object.fromEntries(
    ["elu", "selu", "relu6", "softplus", "softsign", "swish", "mish", "gelu", "hardSigmoid"].map((name) => [
      `Dense ${name}`,
      seq(any, lstm(), d(5, name), d()),
    ]),
  ),
  "Dense softmax inside": seq(any, steps(), d(4, "softmax"), d()),
  LeakyReLU: seq(any, lstm(), d(5), () => L.leakyReLU({ alpha: 0.1 }), d()),
  "ReLU to 6": seq(any, lstm(), d(5), () => L.reLU({ maxValue: 6 }), d()),
  ELU: seq(any, lstm(), d(5), () => L.elu(), d()),
  PReLU: seq(any, lstm(), d(5), () => L.prelu({ alphaInitializer: "randomUniform" }), d()),
  // Its axis is 1 where nothing is said, which only of vectors is that of the features.
  "Softmax layer": seq(any, lstm(), d(3), () => L.softmax()),
  "Softmax layer of steps": seq(any, steps(), d(3), () => L.softmax({ axis: -1 })),
  Activation: seq(any, lstm(), d(5), () => L.activation({ activation: "tanh" }), d()),
  dropouts: seq(
    any,
    () => L.spatialDropout1d({ rate: 0.1 }),
    steps(),
    () => L.dropout({ rate: 0.2 }),
    () => L.gaussianNoise({ stddev: 0.1 }),
    () => L.alphaDropout({ rate: 0.1 }),
    lstm(),
    d(),
  ),
  BatchNormalization: seq(
    any,
    steps(),
    () => L.batchNormalization(),
    lstm(),
    () => L.batchNormalization(),
    d(),
  ),
  LayerNormalization: seq(any, steps(), () => L.layerNormalization(), lstm(), d()),
  "Conv1D same": seq(
    any,
    () => L.conv1d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
    lstm(),
    d(),
  ),
  "Conv1D dilated": seq(
    any,
    () => L.conv1d({ filters: 4, kernelSize: 3, padding: "same", dilationRate: 2 }),
    lstm(),
    d(),
  ),
  TimeDistributed: seq(
    any,
    steps(),
    () => L.timeDistributed({ layer: L.dense({ units: 3, activation: "relu" }) }),
    lstm(),
    d(),
  ),
  Flatten: seq(fix, steps(), () => L.flatten(), d(5, "relu"), d()),
  "Reshape first": seq([5], () => L.reshape({ targetShape: [5, 1] }), lstm(), d()),
  RepeatVector: seq(
    fix,
    lstm(),
    () => L.repeatVector({ n: 5 }),
    steps(),
    () => L.timeDistributed({ layer: L.dense({ units: 3 }) }),
  ),
  "pools side by side": graph(any, (x) => {
    const h = L.lstm({ units: 4, returnSequences: true }).apply(x);
    return L.dense({ units: 2 }).apply(
      L.concatenate().apply([L.globalMaxPooling1d().apply(h), L.globalAveragePooling1d().apply(h)]),
    );
  }),
  residual: graph(any, (x) =>
    L.dense({ units: 2 }).apply(L.add().apply([x, L.lstm({ units: 3, returnSequences: true }).apply(x)])),
  ),
  "other merges": graph(any, (x) => {
    const [a, b] = [L.lstm({ units: 4 }).apply(x), L.gru({ units: 4 }).apply(x)];
    const parts = [L.multiply(), L.average(), L.maximum(), L.minimum()].map((layer) => layer.apply([a, b]));
    return L.dense({ units: 2 }).apply(L.concatenate().apply(parts));
  }),
  "states handed on": graph(any, (x) => {
    const [y, h, c] = L.lstm({ units: 4, returnState: true, returnSequences: true }).apply(x);
    return L.dense({ units: 2 }).apply(L.lstm({ units: 4 }).apply([y, h, c]));
  }),
  "two inputs": () => {
    const [a, b] = [tf.input({ shape: any, name: "a" }), tf.input({ shape: [2], name: "b" })];
    const joined = L.concatenate().apply([L.lstm({ units: 4 }).apply(a), b]);
    return tf.model({ inputs: [a, b], outputs: L.dense({ units: 2 }).apply(joined) });
  },
  "a model inside": graph(any, (x) => {
    const inner = tf.sequential();
    inner.add(L.dense({ units: 4, activation: "relu", inputShape: any }));
    inner.add(L.batchNormalization());
    return L.dense({ units: 2 }).apply(L.lstm({ units: 4 }).apply(inner.apply(x)));
  }),
  "shared layer": graph(any, (x) => {
    const layer = L.dense({ units: 3, activation: "tanh" });
    return L.dense({ units: 2 }).apply(L.lstm({ units: 4 }).apply(layer.apply(layer.apply(x))));
  }),
  Masking: seq(any, () => L.masking({ maskValue: -1 }), lstm(), d()),
  stateful: () =>
    tf.sequential({
      layers: [L.lstm({ units: 4, stateful: true, batchInputShape: [1, 5, 3] }), L.dense({ units: 2 })],
    }),
};

let drawn = 0;
const wave = (count) => Float32Array.from({ length: count }, () => Math.sin(1.7 * drawn++));

/** A model with weights that no initial value hides, as model.save writes it. */
async function saved(model) {
  model.setWeights(
    model.getWeights().map((weight, i) => {
      const values = wave(weight.size).map((v) =>
        /variance/.test(model.weights[i]?.name ?? "") ? Math.abs(v) + 0.3 : 0.6 * v,
      );
      return tf.tensor(values, weight.shape);
    }),
  );
  let artifacts;
  await model.save(
    tf.io.withSaveHandler(async (all) => {
      artifacts = all;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const json = { modelTopology, weightsManifest: [{ paths: ["w.bin"], weights: weightSpecs }] };
  return {
    text: JSON.stringify(json),
    bytes: new Uint8Array(tf.io.CompositeArrayBuffer?.join?.(weightData) ?? weightData),
  };
}

function examplesOf(model) {
  return [5, 1, 8].map((length) =>
    model.inputs.map(({ shape, name }) => {
      const sizes = shape.slice(1).map((n) => n ?? length);
      const ids = /embedding/i.test(name);
      const values = wave(sizes.reduce((a, b) => a * b, 1)).map((v) => (ids ? Math.floor(5 * v + 5) : v));
      return tf.tensor(values, [1, ...sizes], ids ? "int32" : "float32");
    }),
  );
}

const rows = (value, width) => {
  const all = [value].flat(9);
  return Array.from({ length: all.length / width }, (_, t) => all.slice(t * width, (t + 1) * width));
};
const widthOf = (input) => ("vocabulary" in input ? 1 : input.width);

const problems = [];
const all = Object.entries(cases);
for (const [name, build] of all) {
  try {
    const model = build();
    const { text, bytes } = await saved(model);
    const imported = await importTfjs(text, () => bytes);
    const { input, output } = imported.network;
    const fixed = model.inputs.every(({ shape }) => shape.slice(1).every((n) => n !== null));
    const expected = examplesOf(model)
      .slice(0, fixed ? 1 : 3)
      .map((given) => {
        if (name === "stateful") model.resetStates();
        const result = model.predict(given.length > 1 ? given : given[0]).arraySync()[0];
        const values = given.map((tensor) => tensor.arraySync()[0]);
        return {
          input:
            "inputs" in input
              ? Object.fromEntries(
                  Object.entries(input.inputs).map(([key, of], i) => [key, rows(values[i], widthOf(of))]),
                )
              : rows(values[0], widthOf(input)),
          output: rows(result, output.width),
        };
      });
    await certify(
      { ...imported, expected },
      { reference: createReferenceExecutor, wasm: createWasmExecutor },
    );
  } catch (error) {
    const known = ["FileFormatError", "CertificateError", "NetworkError"].includes(error?.name);
    problems.push(`${name}: ${known ? error.message : error?.stack}`);
  }
}
console.log(
  `TensorFlow.js ${tf.version.tfjs}: of ${all.length} models ${all.length - problems.length} are imported and equal`,
);
for (const problem of problems) console.log(`\n${problem}`);
process.exitCode = (all.length - problems.length) * 100 >= GOAL * all.length ? 0 : 1;
