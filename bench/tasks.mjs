// @ts-check
/**
 * What `npm run bench` measures: one row per task, plain data that a child process is handed as JSON. Which program
 * measures which task stands with the contestants; how they take turns in rounds.mjs.
 */

/**
 * @typedef {object} Task
 * @property {string} id          what --only is compared with, and the first column of the tables
 * @property {string} group       the table it belongs to
 * @property {"train" | "forward" | "stream" | "startup"} kind
 * @property {"recurrent" | "language" | "tagger"} model
 * @property {string} cell        a name of the catalogue, or "own": the cell of ours/networks.mjs
 * @property {number} X           input width; of words, the embedding's
 * @property {number} H
 * @property {number[]} lengths   steps of each sequence, so B of them
 * @property {number} vocabulary  size of the input's vocabulary; 0: vectors
 * @property {number} layers      recurrent layers
 * @property {number} Y           classes; 0: the target is a vector of the output's own width
 */

/** @param {number} B @param {number} T */
const full = (B, T) => new Array(B).fill(T);

/** Lengths that rise evenly, the same for everybody. @param {number} B @param {number} from @param {number} to */
const rising = (B, from, to) =>
  Array.from({ length: B }, (_, i) => Math.round(from + ((to - from) * i) / Math.max(B - 1, 1)));

/**
 * A layer alone: training on squared error, or forward.
 * @param {"train" | "forward"} kind @param {string} group @param {string} cell
 * @param {[X: number, H: number, B: number, T: number]} shape @param {number[]} [lengths] @returns {Task}
 */
export function layer(kind, group, cell, [X, H, B, T], lengths) {
  const id = `${kind} ${cell} ${X}/${H}/${B}/${lengths ? `${Math.min(...lengths)}-${Math.max(...lengths)}` : T}`;
  const data = { vocabulary: 0, layers: 1, Y: 0 };
  return { id, group, kind, model: "recurrent", cell, X, H, lengths: lengths ?? full(B, T), ...data };
}

/** @param {string} cell @param {number} X @param {number} H @returns {Task} */
const stream = (cell, X, H) => ({
  ...layer("forward", "stream", cell, [X, H, 1, 1]),
  id: `stream ${cell} ${X}/${H}`,
  kind: "stream",
});

/** @type {[cell: string, shape: [number, number, number, number]][]} */
const table = [
  ["rnn", [64, 100, 32, 100]],
  ["gru", [64, 128, 32, 100]],
  ["gruResetAfter", [64, 128, 32, 100]],
  ["lstm", [64, 128, 32, 100]],
  ["lstmNotes", [64, 128, 32, 100]],
  ["gru", [512, 512, 64, 64]],
  ["gruResetAfter", [512, 512, 64, 64]],
  ["lstm", [512, 512, 64, 64]],
  ["lstmNotes", [512, 512, 64, 64]],
];

/** The groups in the order of the tables, and what each shows. */
export const groups = {
  train:
    "Training step: forward, squared error, backward, all weight gradients, clipping unless left out, gradient descent",
  forward: "Forward",
  cells: "Training step of every other cell with recurrent products, one written by a user among them",
  ragged: "Ragged batches: sequences of 10 to 100 steps beside full ones; cost should follow the tokens",
  models: "Training step of whole models: a word-level language model, a bidirectional tagger",
  stream: "Streaming: one step at batch 1, state given and returned",
  length: "Cost against T and B: training step of an lstm",
  startup: "From import to the first prediction",
};

const small = /** @type {[number, number, number, number]} */ ([64, 128, 32, 100]);
/** @param {"train" | "forward"} kind @param {string} cell */
const raggedAndFull = (kind, cell) => [
  layer(kind, "ragged", cell, small, rising(32, 10, 100)),
  layer(kind, "ragged", cell, small),
];

const others = ["lstmPeephole", "lstmCoupled", "own"];

/** @type {readonly Task[]} */
export const tasks = [
  ...table.map(([cell, shape]) => layer("train", "train", cell, shape)),
  ...table.map(([cell, shape]) => layer("forward", "forward", cell, shape)),
  ...others.map((cell) => layer("train", "cells", cell, small)),
  ...others.map((cell) => layer("train", "cells", cell, [512, 512, 64, 64])),
  ...["gru", "gruResetAfter", "lstm"].flatMap((cell) => raggedAndFull("train", cell)),
  ...["gru", "lstm"].flatMap((cell) => raggedAndFull("forward", cell)),
  {
    ...layer("train", "models", "lstm", [200, 200, 20, 20]),
    id: "train language model",
    model: "language",
    vocabulary: 10_000,
    layers: 2,
    Y: 10_000,
  },
  {
    ...layer("train", "models", "lstm", [100, 128, 32, 30]),
    id: "train tagger",
    model: "tagger",
    vocabulary: 10_000,
    Y: 9,
  },
  ...["gru", "gruResetAfter"].map((cell) => stream(cell, 64, 128)),
  ...[128, 512].map((H) => stream("lstm", H, H)),
  ...[16, 64, 256, 1024, 4096].map((T) => layer("train", "length", "lstm", [64, 128, 8, T])),
  ...[1, 2, 16, 32, 64, 128].map((B) => layer("train", "length", "lstm", [64, 128, B, 64])),
  {
    ...layer("forward", "startup", "gru", [128, 128, 1, 20]),
    id: "import to first prediction",
    kind: "startup",
    model: "tagger",
    vocabulary: 5000,
    Y: 2,
  },
];

/**
 * Tasks at sizes that show only that everything runs, each once in its group: of those that differ in size alone, the
 * first stands for the others.
 * @param {readonly Task[]} all @returns {readonly Task[]}
 */
export function shrunk(all) {
  const seen = new Set();
  return all.map(shrink).filter((task) => {
    const content = JSON.stringify({ ...task, id: "" });
    return !seen.has(content) && seen.add(content);
  });
}

/** @param {Task} task @returns {Task} */
function shrink(task) {
  const lengths = task.lengths.slice(0, 4).map((T) => Math.min(T, 6));
  const smaller = (/** @type {number} */ n, /** @type {number} */ most) => Math.min(n, most);
  const sizes = { X: smaller(task.X, 8), H: smaller(task.H, 16), Y: smaller(task.Y, 50) };
  return { ...task, ...sizes, lengths, vocabulary: smaller(task.vocabulary, 50) };
}

/** Tokens of a batch. @param {Task} task */
export const tokens = (task) => task.lengths.reduce((sum, T) => sum + T, 0);
