// Makes the fixtures of the TensorFlow.js import: models of TensorFlow.js, written by its own saver (the files that it
// posts to a server), and beside each what TensorFlow.js computes: the output of every layer for a few inputs.
// Run: `npm ci --prefix bench/peers`, then `node test/golden/tfjs/make.mjs`. TensorFlow.js 4.22.0, backend "cpu".
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";

const here = new URL(".", import.meta.url);
const peers = createRequire(new URL("../../../bench/peers/package.json", import.meta.url));
const tf = peers("@tensorflow/tfjs");
await tf.setBackend("cpu");

/** Numbers from -1 to 1 by a formula, so that the weights are no one's training data. */
const wave = (count, phase) => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase));

const { layers } = tf;
const models = {
  // All defaults: gates are piecewise linear ("hardSigmoid"), as TensorFlow.js has them where nothing is said.
  classifier: () =>
    tf.sequential({
      layers: [
        layers.embedding({ inputDim: 9, outputDim: 4, inputLength: 6, name: "words" }),
        layers.bidirectional({ layer: layers.lstm({ units: 3 }), mergeMode: "concat", name: "both" }),
        layers.dropout({ rate: 0.2, name: "drop" }),
        layers.dense({ units: 3, activation: "softmax", name: "classes" }),
      ],
    }),
  tagger: () =>
    tf.sequential({
      layers: [
        layers.embedding({ inputDim: 7, outputDim: 3, inputShape: [null], name: "words" }),
        layers.bidirectional({
          layer: layers.gru({ units: 4, returnSequences: true, recurrentActivation: "sigmoid" }),
          mergeMode: "concat",
          name: "both",
        }),
        layers.timeDistributed({ layer: layers.dense({ units: 2, activation: "sigmoid" }), name: "tags" }),
      ],
    }),
  forecaster() {
    const input = tf.input({ shape: [null, 2], name: "series" });
    const hidden = layers.simpleRNN({ units: 3, returnSequences: true, activation: "relu", name: "plain" });
    const memory = layers.lstm({ units: 4, recurrentActivation: "sigmoid", useBias: false, name: "memory" });
    const gated = layers.gru({ units: 3, returnSequences: true, name: "gated" });
    const value = layers.dense({ units: 1, name: "value" });
    const outputs = value.apply(memory.apply(gated.apply(hidden.apply(input))));
    return tf.model({ inputs: input, outputs, name: "forecaster" });
  },
};

/** The inputs that the expected outputs belong to: token ids, or vectors. */
const inputs = {
  classifier: [
    [1, 2, 3, 4, 5, 6],
    [8, 0, 8, 1, 7, 2],
  ],
  tagger: [[6], [1, 2, 3, 4, 5], [0, 0, 3]],
  forecaster: [
    [
      [0.5, -1],
      [0.25, 2],
      [-1.5, 0],
    ],
    [[1, 1]],
  ],
};

/** What TensorFlow.js sends to a server that keeps models, by the names of the files. */
async function files(model) {
  const sent = {};
  const fetchFunc = async (_url, { body }) => {
    for (const [, file] of body) sent[file.name] = new Uint8Array(await file.arrayBuffer());
    return new Response("", { status: 200 });
  };
  await model.save(tf.io.http("http://localhost/models", { fetchFunc }));
  return sent;
}

for (const [name, make] of Object.entries(models)) {
  tf.disposeVariables();
  const model = make();
  model.setWeights(model.getWeights().map((w, i) => tf.tensor(wave(w.size, i), w.shape)));
  const folder = new URL(`${name}/`, here);
  await mkdir(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(await files(model))) await writeFile(new URL(file, folder), bytes);
  const placed = model.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  const outputs = tf.model({ inputs: model.inputs, outputs: placed.map((layer) => layer.output) });
  const expected = inputs[name].map((input) => {
    const found = [outputs.predict(tf.tensor([input]))].flat();
    return { input, layers: Object.fromEntries(placed.map((l, i) => [l.name, found[i].arraySync()[0]])) };
  });
  await writeFile(new URL("expected.json", folder), `${JSON.stringify(expected)}\n`);
}
