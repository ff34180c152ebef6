// @ts-check
// Who is measured: one row per program, runtime and number of threads, with the tasks that it can do. A program that
// is not installed gives a row with the reason instead; that is a line in the report, not a failure.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tiers } from "./ours/tiers.mjs";

/** @typedef {import("./tasks.mjs").Task} Task */

/**
 * @typedef {object} Contestant
 * @property {string} name     "unrolled simd", "TensorFlow.js wasm 4.22.0"
 * @property {string} key      what --with is compared with: "unrolled", "limit", "tfjs", ...
 * @property {string} runtime  "Node 20.20.2", "Python 3.11.2"
 * @property {number} threads
 * @property {string} command
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string>>} [env]
 * @property {Scope} does
 * @property {string} [limit]  of ours: the tier, whose limit its steps are held against
 */

/**
 * What a program can do: cells by kind of task, "*" for all, and those that it also does on ragged batches. `most` leaves out tasks of which it would take minutes for a single run: more units than that.
 * @typedef {{ kinds: Partial<Record<Task["kind"], readonly string[]>>, models: readonly Task["model"][], ragged: readonly string[],
 *   groups?: readonly string[], most?: number }} Scope
 */

const here = fileURLToPath(new URL(".", import.meta.url));
const peers = `${here}peers/`;
const node24 = fileURLToPath(new URL("../tools/node24/node_modules/.bin/node", import.meta.url));

/** @typedef {{ command: string, version: string, major: number }} Runtime */

/** The Node that runs this, and Node 24 where it is installed and is another. @returns {Runtime[]} */
function nodes() {
  const own = { command: process.execPath, version: process.versions.node };
  const other = existsSync(node24)
    ? [
        {
          command: node24,
          version: spawnSync(node24, ["-p", "process.versions.node"]).stdout.toString().trim(),
        },
      ]
    : [];
  return [own, ...other.filter(({ version }) => version !== own.version)].map((runtime) => ({
    ...runtime,
    major: Number.parseInt(runtime.version, 10),
  }));
}

/** Every task of ours; what the catalogue has, we do. @type {Scope} */
const everything = {
  kinds: Object.fromEntries(["train", "forward", "stream", "startup"].map((kind) => [kind, ["*"]])),
  models: ["recurrent", "language", "tagger"],
  ragged: ["*"],
};

const onnx = ["rnn", "gru", "gruResetAfter", "lstm"];
const table = ["train", "forward"];

/**
 * The peers that Node runs: `package` is looked for in bench/peers. Two GRUs are meant by one word: TensorFlow.js has
 * the notes' (reset before the product), PyTorch and jax-js here have both, ONNX has both by an attribute.
 * @type {readonly { key: string, label: string, package: string, file: string, argument?: string, since: number, does: Scope }[]}
 */
const nodePeers = [
  {
    ...{
      key: "tfjs",
      label: "TensorFlow.js wasm",
      package: "@tensorflow/tfjs-backend-wasm",
      file: "tfjs.mjs",
      since: 20,
    },
    does: {
      kinds: { train: ["rnn", "gru", "lstm"], forward: ["rnn", "gru", "lstm"], stream: ["gru", "lstm"] },
      models: ["recurrent", "language", "tagger"],
      ragged: [],
      groups: [...table, "models", "stream"],
    },
  },
  {
    ...{ key: "jax", label: "jax-js wasm", package: "@jax-js/jax", file: "jax.mjs", since: 22 },
    does: {
      kinds: { train: [...onnx, "lstmNotes"], forward: [...onnx, "lstmNotes"] },
      models: ["recurrent"],
      ragged: [],
      groups: table,
      most: 128,
    },
  },
  {
    ...{ key: "brain", label: "brain.js", package: "brain.js", file: "brain.mjs", since: 20 },
    does: {
      kinds: { train: ["rnn", "gru", "lstm"] },
      models: ["recurrent"],
      ragged: [],
      groups: ["train"],
      most: 128,
    },
  },
  ...["node", "web"].map((which) => ({
    ...{ key: `ort-${which}`, label: `onnxruntime-${which}`, package: `onnxruntime-${which}` },
    ...{ file: "ort.mjs", argument: which, since: 20 },
    does: /** @type {Scope} */ ({
      kinds: { forward: onnx, stream: onnx },
      models: ["recurrent"],
      ragged: onnx,
      groups: ["forward", "ragged", "stream"],
    }),
  })),
];

/** @type {Scope} */
const torchDoes = {
  kinds: {
    train: [...onnx, "lstmNotes"],
    forward: [...onnx, "lstmNotes"],
    stream: ["gruResetAfter", "lstm"],
  },
  models: ["recurrent", "language", "tagger"],
  ragged: ["gruResetAfter", "lstm"],
  groups: [...table, "models", "ragged", "stream", "length"],
};

/** Everybody who can be measured here, and a line for everybody who cannot. */
export function findContestants() {
  const runtimes = nodes();
  const absent = runtimes.some(({ major }) => major >= 24)
    ? []
    : ["Node 24 is not installed: npm ci --prefix tools/node24"];
  const found = [...runtimes.flatMap(ours), ...nodePeers.flatMap((peer) => onAll(peer, runtimes))];
  for (const peer of nodePeers) {
    if (!packageVersion(peer.package))
      absent.push(`${peer.label} is not installed: npm ci --prefix bench/peers`);
    else if (!runtimes.some(({ major }) => major >= peer.since))
      absent.push(`${peer.label} needs Node ${peer.since}: npm ci --prefix tools/node24`);
  }
  const torch = findTorch();
  if (torch)
    found.push(...[1, 2].map((threads) => ({ ...torch, threads, args: [...torch.args, String(threads)] })));
  else absent.push("PyTorch is not installed for python3 or /usr/bin/python3: Debian's python3-torch serves");
  return { found, absent };
}

/** @param {Runtime} runtime @returns {Contestant[]} */
function ours({ command, version, major }) {
  return tiers
    .filter(({ since }) => major >= since)
    .flatMap(({ name, threads }) => {
      const shared = { runtime: `Node ${version}`, threads, command, limit: name };
      const args = (/** @type {string} */ what) => [`${here}ours/serve.mjs`, what, `${name} ${threads}`];
      const row = {
        ...shared,
        name: `unrolled ${name}`,
        key: "unrolled",
        does: everything,
        args: args("run"),
      };
      const kinds = { train: ["*"], forward: ["*"] };
      const limit = {
        ...shared,
        name: `limit ${name}`,
        key: "limit",
        does: { ...everything, kinds },
        args: args("limit"),
      };
      // The limit is a product on one thread: what more threads give is measured against one thread's steps.
      return threads === 1 ? [row, limit] : [row];
    });
}

/** A peer on every Node that it can run on. @param {typeof nodePeers[number]} peer @param {Runtime[]} runtimes @returns {Contestant[]} */
function onAll({ key, label, package: name, file, argument, since, does }, runtimes) {
  const installed = packageVersion(name);
  if (!installed) return [];
  const args = [peers + file, ...(argument ? [argument] : [])];
  const shared = { name: `${label} ${installed}`, key, threads: 1, args, does };
  return runtimes
    .filter(({ major }) => major >= since)
    .map(({ command, version }) => ({ ...shared, runtime: `Node ${version}`, command }));
}

/** @param {string} name @returns {string | undefined} */
function packageVersion(name) {
  const file = `${peers}node_modules/${name}/package.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

/** A Python with torch. @returns {Contestant | undefined} */
function findTorch() {
  const ask = "import platform, torch; print(platform.python_version(), torch.__version__)";
  for (const command of ["python3", "/usr/bin/python3"]) {
    const answer = spawnSync(command, ["-c", ask]);
    if (answer.status !== 0) continue;
    const [python, version] = answer.stdout.toString().trim().split(" ");
    const row = {
      name: `PyTorch ${version}`,
      key: "torch",
      runtime: `Python ${python}`,
      threads: 1,
      command,
    };
    return {
      ...row,
      args: [`${peers}torch_step.py`],
      does: torchDoes,
      env: { PYTHONDONTWRITEBYTECODE: "1" },
    };
  }
  return undefined;
}

/** Whether a contestant does a task. @param {Contestant} contestant @param {Task} task */
export function takesPart({ does }, task) {
  const knows = (/** @type {readonly string[]} */ cells) => cells.includes("*") || cells.includes(task.cell);
  const uneven = new Set(task.lengths).size > 1;
  return (
    knows(does.kinds[task.kind] ?? []) &&
    does.models.includes(task.model) &&
    (!uneven || knows(does.ragged)) &&
    (does.groups?.includes(task.group) ?? true) &&
    task.H <= (does.most ?? Number.POSITIVE_INFINITY)
  );
}
