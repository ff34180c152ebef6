// @ts-check
/** Hostile TensorFlow.js models: shards that are other files of the machine, devices or pipes, and weights of any size. */

import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

const golden = fileURLToPath(new URL("../../../test/golden/tfjs/classifier/", import.meta.url));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const original = () => JSON.parse(readFileSync(`${golden}model.json`, "utf8"));
const shard = () => new Uint8Array(readFileSync(`${golden}model.weights.bin`));

/** @param {string} name @param {(model: any) => unknown} change @param {Partial<Hostile>} [more] @returns {Hostile} */
const imported = (name, change, more = {}) => ({
  format: "tensorflow.js",
  name,
  files() {
    const model = original();
    const changed = change(model) ?? model;
    return {
      "model.json": utf8(typeof changed === "string" ? changed : JSON.stringify(changed)),
      "model.weights.bin": shard(),
    };
  },
  args: ["import", "model.json", "--from", "tfjs", "--out", "out.safetensors"],
  ...more,
});

/** A shard by another path, which must be refused. @param {string} path @param {Partial<Hostile>} [more] */
const at = (path, more = {}) =>
  imported(
    `the shard ${JSON.stringify(path)}`,
    (model) => {
      model.weightsManifest[0].paths = [path];
    },
    {
      fails: true,
      ...more,
    },
  );

/** @param {string} to @returns {Partial<Hostile>} */
const linked = (to) => ({ prepare: (folder) => symlinkSync(to, join(folder, "linked")) });

/** Hostile TensorFlow.js models. @type {readonly Hostile[]} */
export const tfjs = [
  ...[
    "/etc/passwd",
    "/etc/hosts",
    "../secret.bin",
    "./../secret.bin",
    "a/../../secret.bin",
    "..",
    ".",
    "",
    "/",
    "//host/share",
    "C:\\secret",
    "..\\secret.bin",
    "file:///etc/passwd",
    "http://localhost/x",
    "/dev/zero",
    "/dev/stdin",
    "/proc/self/environ",
    "model.weights.bin\0",
    "%2e%2e/secret.bin",
    "a".repeat(5000),
  ].map((path) => at(path)),
  at("linked", linked("/etc/passwd")),
  at("linked", linked("../secret.bin")),
  at("linked", linked("/dev/zero")),
  at("linked/passwd", linked("/etc")),
  at("linked/secret.bin", linked("..")),
  at("linked", linked("linked")),
  at("pipe", { prepare: (folder) => void execFileSync("mkfifo", [join(folder, "pipe")]) }),
  ...[2 ** 31, 2 ** 53 - 1, 1e300].map((size) =>
    imported(`a tensor of ${size} numbers`, (model) => {
      model.weightsManifest[0].weights[0].shape = [size];
    }),
  ),
  imported("sizes that multiply beyond all numbers", (model) => {
    model.weightsManifest[0].weights[0].shape = new Array(64).fill(2 ** 31);
  }),
  imported("a shape of 200,000 ones", (model) => {
    model.weightsManifest[0].weights[0].shape = new Array(200_000).fill(1);
  }),
  imported("200,000 tensors", (model) => {
    const [group] = model.weightsManifest;
    for (let i = 0; i < 200_000; i++)
      group.weights.push({ name: `dense/k${i}`, shape: [0], dtype: "float32" });
  }),
  imported("200,000 groups", (model) => {
    for (let i = 0; i < 200_000; i++) model.weightsManifest.push({ paths: [], weights: [] });
  }),
  imported("the same shard 100,000 times", (model) => {
    model.weightsManifest[0].paths = new Array(100_000).fill("model.weights.bin");
  }),
  ...[200, 100_000].map((depth) =>
    imported(`lists ${depth} deep`, () => `{"modelTopology": ${"[".repeat(depth)}${"]".repeat(depth)}}`),
  ),
  imported("quantised by 1e308", (model) => {
    for (const weight of model.weightsManifest[0].weights)
      weight.quantization = { dtype: "uint8", scale: 1e308, min: 1e308 };
  }),
];
