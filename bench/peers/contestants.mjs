// @ts-check
/**
 * The peers that Node runs, one row each, looked for in bench/peers and measured on the newest Node that is there. Two
 * GRUs are meant by one word: TensorFlow.js has the notes' (reset before the product), PyTorch and jax-js here have
 * both, ONNX has both by an attribute. PyTorch is found by pytorch.mjs.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @typedef {import("../contestant.mjs").Scope} Scope */

const here = fileURLToPath(new URL(".", import.meta.url));
const onnx = ["rnn", "gru", "gruResetAfter", "lstm"];

/**
 * @typedef {object} Peer
 * @property {string} key       what --with is compared with
 * @property {string} label
 * @property {string} package   whose version the row names
 * @property {string} file      of this folder
 * @property {string} [argument]
 * @property {number} since     the major version of Node that it needs
 * @property {Scope} does
 */

/** @param {string} which @returns {Peer} */
const onnxRuntime = (which) => ({
  key: `ort-${which}`,
  label: `onnxruntime-${which}`,
  package: `onnxruntime-${which}`,
  file: "ort.mjs",
  argument: which,
  since: 20,
  does: {
    kinds: { forward: onnx, stream: onnx },
    models: ["recurrent"],
    ragged: onnx,
    groups: ["forward", "ragged", "stream"],
  },
});

/** @type {readonly Peer[]} */
export const peers = [
  {
    key: "tfjs",
    label: "TensorFlow.js wasm",
    package: "@tensorflow/tfjs-backend-wasm",
    file: "tfjs.mjs",
    since: 20,
    does: {
      kinds: { train: ["rnn", "gru", "lstm"], forward: ["rnn", "gru", "lstm"], stream: ["gru", "lstm"] },
      models: ["recurrent", "language", "tagger"],
      ragged: [],
      groups: ["train", "forward", "models", "stream"],
    },
  },
  {
    key: "jax",
    label: "jax-js wasm",
    package: "@jax-js/jax",
    file: "jax.mjs",
    since: 22,
    does: {
      kinds: { train: [...onnx, "lstmNotes"], forward: [...onnx, "lstmNotes"] },
      models: ["recurrent"],
      ragged: [],
      groups: ["train", "forward"],
      most: 128,
    },
  },
  {
    key: "brain",
    label: "brain.js",
    package: "brain.js",
    file: "brain.mjs",
    since: 20,
    does: {
      kinds: { train: ["rnn", "gru", "lstm"] },
      models: ["recurrent"],
      ragged: [],
      groups: ["train"],
      most: 128,
    },
  },
  onnxRuntime("node"),
  onnxRuntime("web"),
];

/**
 * A peer on the newest Node, or what is missing.
 * @param {Peer} peer @param {readonly import("../runtimes.mjs").Runtime[]} runtimes @returns {import("../contestant.mjs").Found}
 */
export function findPeer({ key, label, package: name, file, argument, since, does }, runtimes) {
  const missing = (/** @type {string} */ what) => ({
    found: [],
    absent: [`${label} ${what}: npm run bench -- --install`],
  });
  const manifest = `${here}node_modules/${name}/package.json`;
  if (!existsSync(manifest)) return missing("is not installed");
  const runtime = runtimes.find(({ newest, major }) => newest && major >= since);
  if (!runtime) return missing(`needs Node ${since}, which is not installed`);
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  const args = [here + file, ...(argument ? [argument] : [])];
  const row = {
    name: `${label} ${version}`,
    key,
    runtime: `Node ${runtime.version}`,
    threads: 1,
    args,
    does,
  };
  return { found: [{ ...row, command: runtime.command }], absent: [] };
}
