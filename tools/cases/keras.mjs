/** Models of Keras and TensorFlow.js. A row: what is imported, and what is right, as a check. */
import { firstWrong } from "./run.mjs";

const certified = ["whole network", "would fail above"];

/** @param given a file below the folder, `files/` or `reports/` */
const imports = (given, does, { args = () => [], ...expected } = {}) => ({
  name: given
    .replace(/^\w+\//, "")
    .replace(/\.\w+$/, "")
    .replaceAll("/", "-"),
  files: [given.split("/").at(-1)],
  does,
  async check({ file, out, run }) {
    const path = (name) => file(`../${name}`);
    const done = await run(["import", path(given), ...args(path), "--out", out("m.safetensors")]);
    return firstWrong(done, { says: certified, ...expected });
  },
});

const layers = {
  "autoencoder-fix": "RepeatVector between two LSTMs",
  "backwards-seq-dyn": "go_backwards with sequences",
  "batchnorm-dyn": "BatchNormalization, folded",
  "bi-sum-dyn": "Bidirectional, added",
  "cells-dyn": "RNN of a list of cells",
  "conv1d-dyn": "Conv1D",
  "flatten-fix": "Flatten",
  "gelu-dyn": "gelu between layers",
  "layernorm-dyn": "LayerNormalization",
  "relu-layer-dyn": "ReLU and Softmax as layers",
  "reshape-fix": "Reshape at the input",
  "residual-dyn": "a residual",
  "return-state-dyn": "return_state",
  "two-inputs-dyn": "two inputs",
};

/** The rows. */
export const keras = [
  ...Object.entries(layers).map(([name, does]) => imports(`files/keras-${name}.keras`, does)),
  imports("files/keras-description.weights.h5", "weights alone, with their description", {
    args: (path) => ["--description", path("files/keras-description.json")],
  }),
  imports("files/keras-description.json", "a description alone is refused, with the way", {
    status: 1,
    says: [
      "is the description of a Keras model, without its weights",
      "--description keras-description.json",
    ],
  }),
  imports("files/windows-keras215.keras", "backslashes are read; the LSTM's weights are not in the file", {
    status: 1,
    says: ["(LSTM): has the weights none"],
    not: ["(Dense): has the weights none"],
  }),
  imports("reports/k1-same-name/model.json", "a model and a layer of one name"),
  imports("reports/k2-timedistributed-dropout.keras", "TimeDistributed of Dropout"),
  imports("reports/k3-masking.keras", "steps that are masked inside a sequence", {
    args: (path) => ["--expected", path("reports/k3-masking.jsonl")],
    says: ["expected outputs"],
  }),
];
