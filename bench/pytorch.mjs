// @ts-check
/**
 * PyTorch as a peer: the build of PyPI, in a virtual environment of the bench's own (bench/peers/.venv), as
 * bench/peers/requirements.txt names it. Others that a Python of this machine has are not measured, and the report says
 * why: Debian's has no fast BLAS, so that beating it would say nothing.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @typedef {import("./contestant.mjs").Found} Found */
/** @typedef {{ python: string, version: string, blas: string }} Build  what torch_step.py says of the PyTorch that it runs on */

const file = (/** @type {string} */ path) => fileURLToPath(new URL(`peers/${path}`, import.meta.url));
const folder = file(".venv");
const own = `${folder}/bin/python`;
const install = "npm run bench -- --install puts the build of PyPI into bench/peers/.venv";
const oldest = [2, 13];

/** @type {import("./contestant.mjs").Scope} */
const does = {
  kinds: {
    train: ["rnn", "gru", "gruResetAfter", "lstm", "lstmNotes"],
    forward: ["rnn", "gru", "gruResetAfter", "lstm", "lstmNotes"],
    stream: ["gruResetAfter", "lstm"],
  },
  models: ["recurrent", "language", "tagger"],
  ragged: ["gruResetAfter", "lstm"],
  groups: ["train", "forward", "models", "ragged", "stream", "length"],
};

/**
 * OPENBLAS_* choose kernels of a BLAS for the whole machine, against bugs of old builds, and slow a current one: taken
 * away. Python writes no caches beside the source.
 */
const env = { PYTHONDONTWRITEBYTECODE: "1", OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };

/** PyTorch on one thread and on two, or a sentence that says why not. @returns {Found} */
export function findTorch() {
  const { command, build } = firstBuild();
  if (!build) return { found: [], absent: [`PyTorch is not installed: ${install}`] };
  const reason = refusal(build, command === own);
  if (reason) return { found: [], absent: [`PyTorch ${build.version} of ${command} ${reason}`] };
  const row = { name: `PyTorch ${build.version}`, key: "torch", runtime: `Python ${build.python}` };
  const args = (/** @type {number} */ threads) => [file("torch_step.py"), String(threads)];
  return {
    found: [1, 2].map((threads) => ({ ...row, threads, command, args: args(threads), does, env })),
    absent: [],
  };
}

/** Why a build of PyTorch is no peer, as the end of a sentence; nothing if it is one. @param {Build} build @param {boolean} ours whether it is the bench's own */
export function refusal({ version, blas }, ours) {
  const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
  const old =
    major < /** @type {number} */ (oldest[0]) ||
    (major === oldest[0] && minor < /** @type {number} */ (oldest[1]));
  if (blas === "generic")
    return `is no peer, for it is built without a fast BLAS (as Debian's is) and several times slower than others have it: ${install}`;
  if (old) return `is no peer, for it is older than ${oldest.join(".")}: ${install}`;
  return ours ? undefined : `is not measured, for only what the bench installs itself is: ${install}`;
}

/** The bench's own build, or else one that a Python of this machine has. */
function firstBuild() {
  for (const command of [own, "python3", "/usr/bin/python3"]) {
    const build = ask(command);
    if (build) return { command, build };
  }
  return { command: own };
}

/** @param {string} command a Python @returns {Build | undefined} nothing if it is not there, or has no PyTorch */
function ask(command) {
  const { status, stdout } = spawnSync(command, [file("torch_step.py"), "build"], {
    env: { ...process.env, ...env },
  });
  return status === 0 ? JSON.parse(stdout.toString()) : undefined;
}

/** Makes the environment and installs PyTorch into it. @returns {boolean} whether that worked */
export function installTorch() {
  const run = (/** @type {string} */ command, /** @type {readonly string[]} */ args) =>
    spawnSync(command, args, { stdio: ["ignore", 2, 2] }).status === 0;
  const made = existsSync(own) || run("python3", ["-m", "venv", folder]);
  return made && run(own, ["-m", "pip", "install", "--requirement", file("requirements.txt")]);
}
