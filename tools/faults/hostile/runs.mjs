// @ts-check
/** Hostile folders of runs and configurations: programs that are to run, files that are to be read, fields that are odd. */
import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { putTogether, takenApart } from "../parts/containers.mjs";
import { trainArguments } from "../parts/train-arguments.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** A program that leaves a trace, whoever runs it. */
const program = utf8(
  'import { writeFileSync } from "node:fs";\nwriteFileSync("ran", "");\nexport default 1;\n',
);

/** @param {string} name @param {(run: import("../hostile.mjs").TrueRun) => Record<string, Uint8Array>} change @param {Partial<Hostile>} [more] @returns {Hostile} */
const replayed = (name, change, more = {}) => ({
  format: "run folder",
  name,
  files: (run) => ({ ...run.files, ...change(run) }),
  args: ["replay", "m.run", "--step", "2", "--quiet"],
  ...more,
});

/** With other options. @param {Record<string, unknown>} options @param {Partial<Hostile>} [more] */
const configured = (options, more = {}) =>
  replayed(
    `the options ${JSON.stringify(options).slice(0, 60)}`,
    ({ json }) => runJson({ ...json, configuration: { ...json.configuration, ...options } }),
    more,
  );

const runJson = (/** @type {unknown} */ json) => ({
  "m.run/run.json": utf8(typeof json === "string" ? json : JSON.stringify(json)),
  "evil.mjs": program,
  "m.run/evil.mjs": program,
});

/** With another header of its checkpoint. @param {string} name @param {(header: any) => unknown} change @param {string[]} [args] */
const checkpoint = (name, change, args) =>
  replayed(
    `a checkpoint with ${name}`,
    ({ files }) => {
      const [file = "", bytes = new Uint8Array()] =
        Object.entries(files).find(([key]) => /step-.*safetensors$/.test(key)) ?? [];
      const { header, data } = takenApart(bytes);
      const own = JSON.parse(header.__metadata__.checkpoint);
      const changed = change(own) ?? own;
      header.__metadata__.checkpoint = typeof changed === "string" ? changed : JSON.stringify(changed);
      return { [file]: putTogether(header, data) };
    },
    args ? { args } : {},
  );
const resume = [...trainArguments, "--resume", "--quiet"];

/** @param {string} name @param {unknown} json @param {Partial<Hostile>} [more] @returns {Hostile} */
const config = (name, json, more = {}) => ({
  format: "configuration",
  name,
  files: () => ({
    "odd.json": utf8(typeof json === "string" ? json : JSON.stringify(json)),
    "evil.mjs": program,
    "train.tsv": utf8("label\ttext\n"),
  }),
  args: [
    "train",
    "classifier",
    "--train",
    "train.tsv",
    "--config",
    "odd.json",
    "--out",
    "n.safetensors",
    "--quiet",
  ],
  fails: true,
  ...more,
});

const modules = [
  "./evil.mjs",
  "evil.mjs",
  "m.run/evil.mjs",
  "./m.run/../evil.mjs",
  "/elsewhere/evil.mjs",
  "../evil.mjs",
  "./evil.js",
  "data:text/javascript,1",
];
const outside = ["/etc/passwd", "../secret.tsv", "/dev/zero", "/proc/self/environ", "./../secret.tsv", "/"];
const odd = [null, true, "x", -1, 0, 0.5, 1e308, [], {}, [[1]], "\0"];

/** Hostile folders of runs, and configurations. @type {readonly Hostile[]} */
export const runs = [
  ...modules.map((cell) => configured({ cell }, { fails: true })),
  ...outside.flatMap((file) => [
    configured({ train: [file] }, { fails: true }),
    configured({ valid: [file] }, { fails: true }),
  ]),
  ...outside.map((file) => configured({ from: file }, { fails: true })),
  ...outside.map((file) =>
    replayed(
      `the data ${file}`,
      ({ json }) => runJson({ ...json, data: { train: [{ file, bytes: 1, sha256: "0" }] } }),
      { fails: true },
    ),
  ),
  ...["units", "embedding", "epochs", "batch", "seed", "learningRate", "train", "dropout"].flatMap((key) =>
    odd.slice(0, 3).map((value) => configured({ [key]: value })),
  ),
  ...odd.slice(0, 7).flatMap((value) => [
    replayed(`the task ${JSON.stringify(value)}`, ({ json }) => runJson({ ...json, task: value }), {
      fails: true,
    }),
    replayed(`the data ${JSON.stringify(value)}`, ({ json }) => runJson({ ...json, data: value })),
    replayed(`the data of training ${JSON.stringify(value)}`, ({ json }) =>
      runJson({ ...json, data: { train: [value] } }),
    ),
    replayed(`the options ${JSON.stringify(value)} in all`, ({ json }) =>
      runJson({ ...json, configuration: value }),
    ),
    replayed(`the tier ${JSON.stringify(value)}`, ({ json }) => runJson({ ...json, tier: value })),
  ]),
  ...[200, 1_000_000].map((depth) =>
    replayed(`a run.json ${depth} deep`, () => runJson("[".repeat(depth)), { fails: true }),
  ),
  replayed(
    "200,000 options",
    ({ json }) =>
      runJson({
        ...json,
        configuration: Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, 1])),
      }),
    { fails: true },
  ),
  replayed("run.json is a link to a secret", () => ({}), {
    fails: true,
    prepare: (folder) => relink(folder, "m.run/run.json", "../../secret.tsv"),
  }),
  replayed("steps.tsv is a link to a secret", () => ({}), {
    fails: true,
    prepare: (folder) => relink(folder, "m.run/steps.tsv", "../../secret.tsv"),
  }),
  replayed("run.json is a pipe", () => ({}), {
    fails: true,
    prepare: (folder) => pipe(folder, "m.run/run.json"),
  }),
  replayed("a checkpoint is a device", () => ({}), {
    fails: true,
    prepare: (folder) => symlinkSync("/dev/zero", join(folder, "m.run/step-000000001.safetensors")),
  }),
  ...odd.map((value) =>
    checkpoint(
      `the step ${JSON.stringify(value)}`,
      (header) => {
        header.step = value;
      },
      resume,
    ),
  ),
  ...["applied", "schedule", "position", "conditions", "carried", "best"].flatMap((key) => [
    checkpoint(
      `${key} null`,
      (header) => {
        header[key] = null;
      },
      resume,
    ),
    checkpoint(
      `${key} "x"`,
      (header) => {
        header[key] = "x";
      },
      resume,
    ),
  ]),
  ...["epoch", "batch", "steps", "lossSum", "tokens", "seconds"].flatMap((key) =>
    [1e308, "x", -1].map((value) =>
      checkpoint(
        `${key} ${value}`,
        (header) => {
          header.position[key] = value;
        },
        resume,
      ),
    ),
  ),
  ...modules.map((cell) => config(`the cell ${cell}`, { cell })),
  ...outside.map((file) =>
    config(
      `to train with ${file}`,
      { train: [file] },
      { args: ["train", "classifier", "--config", "odd.json", "--out", "n.safetensors", "--quiet"] },
    ),
  ),
  ...["../out.safetensors", "/elsewhere/out.safetensors"].map((out) =>
    config(
      `the model ${out}`,
      { out, force: true },
      { args: ["train", "classifier", "--train", "train.tsv", "--config", "odd.json", "--quiet"] },
    ),
  ),
  ...["../odd.run", "/elsewhere/odd.run"].map((run) => config(`the run ${run}`, { run, force: true })),
  ...odd.map((value) =>
    config(`${JSON.stringify(value)} for everything`, {
      units: value,
      cell: value,
      seed: value,
      embedding: value,
    }),
  ),
  ...[200, 1_000_000].map((depth) => config(`${depth} deep`, "[".repeat(depth) + "]".repeat(depth))),
  config("200,000 options", Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, 1]))),
];

/** @param {string} folder @param {string} name @param {string} to */
function relink(folder, name, to) {
  execFileSync("rm", ["-f", join(folder, name)]);
  symlinkSync(to, join(folder, name));
}

/** @param {string} folder @param {string} name */
function pipe(folder, name) {
  execFileSync("rm", ["-f", join(folder, name)]);
  execFileSync("mkfifo", [join(folder, name)]);
  writeFileSync(join(folder, "is-a-pipe"), "");
}
