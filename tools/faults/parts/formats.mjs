// @ts-check
/**
 * The formats of files that are mutated, one row each: how large its share is, valid files of it, how one is changed, and what
 * reads it. A reader may read what it is given or refuse it with an error for people; anything else is a fault.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { gru } from "unrolled/cell";
import {
  bytesSource,
  encodePerformance,
  pieceRoll,
  readExamples,
  readInputs,
  readMidi,
  readParallel,
  readRolls,
  readTagged,
  readTimeTable,
  rollPiece,
  writeMidi,
} from "unrolled/data";
import { createReferenceExecutor } from "unrolled/exec/reference";
import { readModel, readSafetensors } from "unrolled/io";
import { importKeras, importTfjs } from "unrolled/keras";
import { importOnnx } from "unrolled/onnx";
import { importPyTorch, readPyTorch } from "unrolled/pytorch";
import { classifier, generator, openModel } from "unrolled/tasks";
import { readCheckpoint } from "unrolled/train";
import { putTogether, takenApart, unzipped, zipped } from "./containers.mjs";
import { mutatedBytes, mutatedJson } from "./mutate.mjs";
import { trainArguments } from "./train-arguments.mjs";

/** @typedef {import("./random.mjs").Random} Random */
/** @typedef {{ make: (random: Random) => unknown, read: (made: any) => Promise<unknown> }} Prepared */
/**
 * @typedef {{ name: string, share: number, prepare: (around: Around) => Promise<Prepared> | Prepared }} Format
 * @typedef {{ folder: string, run: (args: readonly string[]) => Promise<string> }} Around a folder of one's own, and the command
 *   line in this process, which gives what was said on stderr
 */

const golden = fileURLToPath(new URL("../../../test/golden/", import.meta.url));
const fixtures = fileURLToPath(new URL("../../../test/onnx/fixtures/", import.meta.url));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const textOf = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);

/** Files of a folder by the end of their names. @param {string} folder @param {RegExp} name */
const filesIn = (folder, name) =>
  readdirSync(folder)
    .filter((file) => name.test(file))
    .sort()
    .map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(join(folder, file))) }));

/** Files in memory; most damage is in their headers. @param {Uint8Array} file @param {Random} random */
function mutatedTensors(file, random) {
  const headerEnd = 8 + new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  if (random.chance(0.4)) return mutatedBytes(file, random, headerEnd);
  const { header, data } = takenApart(file);
  const [key, text] =
    Object.entries(header.__metadata__ ?? {}).find(([name]) =>
      random.chance(name === "checkpoint" ? 0.7 : 0.5),
    ) ?? [];
  if (key === undefined || random.chance(0.2)) return putTogether(mutatedJson(header, random), data);
  header.__metadata__[key] = JSON.stringify(mutatedJson(JSON.parse(/** @type {string} */ (text)), random));
  return putTogether(header, data);
}

/** An archive with one of its entries changed. @param {Uint8Array} file @param {RegExp} entry @param {Random} random */
function mutatedArchive(file, entry, random) {
  if (random.chance(0.2)) return mutatedBytes(file, random);
  const entries = unzipped(file);
  const chosen = entries.find(({ name }) => entry.test(name)) ?? random.pick(entries);
  const bytes = /\.json$/.test(chosen.name)
    ? utf8(JSON.stringify(mutatedJson(JSON.parse(textOf(chosen.bytes)), random)))
    : mutatedBytes(chosen.bytes, random);
  return zipped(
    entries.map((each) => ({
      ...each,
      bytes: each === chosen ? bytes : each.bytes,
      deflate: random.chance(0.1),
    })),
  );
}

/** A row of a format whose files are mutated byte by byte and read from memory. */
/**
 * @param {string} name @param {number} share @param {() => readonly { name: string, bytes: Uint8Array }[]} files
 * @param {(bytes: Uint8Array, name: string) => Promise<unknown> | unknown} read
 * @param {(file: Uint8Array, random: Random) => Uint8Array} [mutate] @returns {Format}
 */
const ofBytes = (name, share, files, read, mutate = mutatedBytes) => ({
  name,
  share,
  prepare() {
    const valid = files();
    return {
      make: (random) => {
        const file = random.pick(valid);
        return { name: file.name, bytes: mutate(file.bytes, random) };
      },
      read: async (made) => read(made.bytes, made.name),
    };
  },
});

/** The same of text, plain or packed. @param {string} name @param {number} share @param {readonly string[]} texts */
/** @param {string} name @param {number} share @param {readonly string[]} texts @param {string} file @param {(source: import("unrolled/data").Source) => Promise<unknown>} read @returns {Format} */
const ofText = (name, share, texts, file, read) =>
  ofBytes(
    name,
    share,
    () => texts.map((text) => ({ name: file, bytes: utf8(text) })),
    (bytes, as) => read(bytesSource(as, bytes)),
  );

const csv = `text,label\n${Array.from({ length: 12 }, (_, i) => `"word ${i}, ""quoted""",${i % 2 ? "good" : "bad"}`).join("\n")}\n`;
const numbers = `a,b,c,kind\n${Array.from({ length: 12 }, (_, i) => `${i},${i / 3},${-i},k${i % 3}`).join("\n")}\n`;
const jsonl = Array.from({ length: 8 }, (_, i) => `{"text": "some ${i}", "label": "${i % 2}"}`).join("\n");
const jsonSeries = Array.from(
  { length: 6 },
  (_, i) => `{"series": [[${i}, 1], [2, null]], "label": "${i % 2}"}`,
).join("\n");
const long = `series,label,x,y\n${Array.from({ length: 9 }, (_, i) => `s${i % 3},${i % 3},${i},?`).join("\n")}\ns0,0,1,2\n`;
const conll = "London\tB-place\nis\tO\nold\tO\n\nyes\tO\n\n-DOCSTART- O\n\nNew\tB-place\nYork\tI-place\n";
const conllu =
  "# text = a b\n1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\ta\tDET\t_\t_\t0\troot\t_\t_\n2\tb\tb\tNOUN\t_\t_\t1\tx\t_\t_\n\n";
const ts =
  "@problemName x\n@timeStamps false\n@univariate false\n@dimensions 2\n@equalLength true\n@seriesLength 3\n@classLabel true a b\n@data\n1,2,?:4,5,6:a\n1,2,3:4,5,6:b\n";
const times = `time,value,other\n${Array.from({ length: 12 }, (_, i) => `2024-01-${String(i + 1).padStart(2, "0")},${i},${i * i}`).join("\n")}\n`;

const examples = (/** @type {any} */ source) => readExamples([source]);

const executor = await createReferenceExecutor();

/** Opens a model; where it can be opened, it is asked nothing: what it answers is the business of other tests. */
/** @param {Uint8Array} bytes @param {string} name */
async function opened(bytes, name) {
  readModel(bytes, name);
  const model = await openModel(bytes, { name, executor });
  model.dispose();
}

/** Trains for a moment and gives the last checkpoint. @param {"classifier" | "generator"} task */
async function checkpointOf(task) {
  /** @type {Uint8Array | undefined} */
  let last;
  const checkpoints = {
    store: {
      save: async (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => {
        if (name.startsWith("step-")) last = bytes;
      },
      list: async () => [],
      load: async () => new Uint8Array(),
      remove: async () => {},
    },
  };
  const model = await trained(task, { checkpoints });
  model.dispose();
  return { name: task, bytes: /** @type {Uint8Array} */ (/** @type {unknown} */ (last)) };
}

/** @param {string} task @param {object} options */
function trained(task, options) {
  const text = "the cat sat on the mat and the dog on the log. ".repeat(6);
  const shared = { cell: gru, units: [2], epochs: 1, executor, ...options };
  if (task === "generator")
    return generator.train({
      ...shared,
      unit: "character",
      train: text,
      valid: text.slice(0, 60),
      bptt: 16,
      batchSize: 2,
    });
  const train = Array.from({ length: 12 }, (_, i) => ({
    text: i % 2 ? "good film" : "bad film",
    label: i % 2 ? "good" : "bad",
  }));
  return classifier.train({ ...shared, train, valid: train.slice(0, 2), embedding: 2, batchSize: 4 });
}

/** A run of the command line, its folder and its files. @param {Around} around */
async function recordedRun({ folder, run }) {
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
  const lines = Array.from(
    { length: 16 },
    (_, i) => `${i % 2 ? "good\tfine film" : "bad\tdull film"} ${i % 5}`,
  ).join("\n");
  writeFileSync("train.tsv", `label\ttext\n${lines}\n`);
  const options = {
    units: [2],
    embedding: 2,
    batch: 4,
    epochs: 1,
    cell: "gru",
    seed: 1,
    valid: ["train.tsv"],
  };
  writeFileSync("good.json", JSON.stringify(options));
  await run([...trainArguments, "--quiet", "--executor", "reference", "--force"]);
  return { run: JSON.parse(readFileSync("m.run/run.json", "utf8")), options };
}

/** What the command line said must be for people. @param {string} said */
function refuseUnexpected(said) {
  if (/unexpected went wrong|^\s+at /m.test(said))
    throw new Error(`the command line said: ${said.slice(0, 300)}`);
  if (said !== "") throw Object.assign(new Error(said), { name: "DataError" });
}

/** JSON in a file, changed as JSON or as text. @param {unknown} json @param {Random} random */
const mutatedText = (json, random) =>
  random.chance(0.7)
    ? utf8(JSON.stringify(mutatedJson(json, random)))
    : mutatedBytes(utf8(JSON.stringify(json)), random);

/** The formats. @type {readonly Format[]} */
export const formats = [
  ofBytes(
    "safetensors",
    12,
    () => [
      ...filesIn(`${golden}pytorch`, /\.safetensors$/),
      ...filesIn(`${golden}model-files`, /classifier.*\.safetensors$/),
    ],
    (bytes, name) => readSafetensors(bytes, name),
    (file, random) =>
      mutatedBytes(file, random, 8 + new DataView(file.buffer, file.byteOffset).getUint32(0, true)),
  ),
  ofBytes("model file", 12, () => filesIn(`${golden}model-files`, /\.safetensors$/), opened, mutatedTensors),
  {
    name: "checkpoint",
    share: 6,
    async prepare() {
      const valid = [await checkpointOf("classifier"), await checkpointOf("generator")];
      return {
        make: (random) => {
          const file = random.pick(valid);
          return { name: file.name, bytes: mutatedTensors(file.bytes, random) };
        },
        async read({ name, bytes }) {
          const { position } = readCheckpoint(bytes, name);
          // Where it could go on, it does, if that is a moment's work.
          if (position.epoch < 1 && (position.steps ?? 1e9) > 100) return;
          const model = await trained(name, { resume: bytes });
          model.dispose();
        },
      };
    },
  },
  ofBytes(
    "pytorch .pt",
    12,
    () => filesIn(`${golden}pytorch`, /\.pt$/),
    async (bytes, name) => importPyTorch(await readPyTorch(bytes, { name }), { name }),
    (file, random) =>
      file[0] === 0x50 ? mutatedArchive(file, /data\.pkl$/, random) : mutatedBytes(file, random, 700),
  ),
  ofBytes(
    "keras .keras",
    8,
    () => filesIn(`${golden}keras`, /\.keras$/),
    (bytes, name) => importKeras(bytes, name),
    (file, random) => mutatedArchive(file, random.pick([/config\.json/, /\.h5$/]), random),
  ),
  ofBytes(
    "keras .h5",
    8,
    () => filesIn(`${golden}keras`, /\.h5$/),
    (bytes, name) => importKeras(bytes, name),
  ),
  {
    name: "tensorflow.js",
    share: 6,
    prepare() {
      const valid = ["classifier", "forecaster", "tagger"].map((name) => ({
        model: JSON.parse(readFileSync(`${golden}tfjs/${name}/model.json`, "utf8")),
        shard: new Uint8Array(readFileSync(`${golden}tfjs/${name}/model.weights.bin`)),
      }));
      return {
        make: (random) => {
          const { model, shard } = random.pick(valid);
          return {
            text: textOf(mutatedText(model, random)),
            shard: random.chance(0.1) ? mutatedBytes(shard, random) : shard,
          };
        },
        read: ({ text, shard }) =>
          importTfjs(text, (path) => {
            if (!/^(\.\/)?[\w.-]+$/.test(path)) throw new Error(`asked for the shard ${path}`);
            return shard;
          }),
      };
    },
  },
  ofBytes(
    "onnx",
    10,
    () => filesIn(fixtures, /\.onnx$/),
    (bytes, name) => importOnnx(bytes, { name }),
  ),
  {
    name: "midi",
    share: 7,
    async prepare() {
      const rolls = [
        [[60, 64, 67], [60, 65, 69], [], [62]],
        [[72], [72], [71, 43]],
      ];
      const valid = await Promise.all(rolls.map(async (roll) => writeMidi(rollPiece(roll))));
      return {
        make: (random) => mutatedBytes(random.pick(valid), random),
        async read(bytes) {
          const piece = await readMidi(bytesSource("piece.mid", bytes));
          pieceRoll(piece, { stepsPerBeat: 4 });
          encodePerformance(piece);
        },
      };
    },
  },
  ofText(
    "rolls .json",
    2,
    ['{"train": [[[60, 64], [67]], [[]]], "test": [[[21], [108]]]}'],
    "rolls.json",
    readRolls,
  ),
  {
    name: "run.json",
    share: 1.5,
    async prepare(around) {
      const { run: facts } = await recordedRun(around);
      return {
        make: (random) => mutatedText(facts, random),
        async read(bytes) {
          writeFileSync("m.run/run.json", bytes);
          refuseUnexpected(
            await around.run(["replay", "m.run", "--step", "2", "--quiet", "--executor", "reference"]),
          );
        },
      };
    },
  },
  {
    name: "configuration",
    share: 1.5,
    async prepare(around) {
      const { options } = await recordedRun({ ...around, folder: `${around.folder}-c` });
      return {
        make: (random) => mutatedText(options, random),
        async read(bytes) {
          writeFileSync("odd.json", bytes);
          // What the configuration does not spoil ends at once, for there is nothing to train with.
          refuseUnexpected(
            await around.run([
              "train",
              "classifier",
              "--train",
              "none.tsv",
              "--config",
              "odd.json",
              "--quiet",
            ]),
          );
        },
      };
    },
  },
  ofText("csv", 4, [csv, numbers, long], "t.csv", examples),
  ofText(
    "tsv",
    4,
    [csv.replaceAll(",", "\t"), numbers.replaceAll(",", "\t"), long.replaceAll(",", "\t")],
    "t.tsv",
    examples,
  ),
  ofText("jsonl", 4, [jsonl, jsonSeries], "t.jsonl", examples),
  ofText("times .csv", 2, [times], "t.csv", (source) => readTimeTable(source)),
  ofText("pairs .tsv", 1, ["May 3\t05-03\nMay 4\t05-04\n"], "p.tsv", (source) => readParallel([source])),
  ofText("inputs .txt", 1, ["one text\nanother\n"], "t.txt", (source) => readInputs([source])),
  ofText("conll", 2, [conll], "t.conll", (source) => readTagged(source)),
  ofText("conllu", 2, [conllu], "t.conllu", (source) => readTagged(source)),
  ofText("series .ts", 3, [ts], "t.ts", examples),
  ofBytes(
    "packed .gz",
    3,
    () =>
      [csv, jsonl, ts].map((text, i) => ({
        name: ["t.csv.gz", "t.jsonl.gz", "t.ts.gz"][i] ?? "",
        bytes: utf8(text),
      })),
    (bytes, name) => examples(bytesSource(name, bytes)),
    (file, random) =>
      random.chance(0.5)
        ? mutatedBytes(new Uint8Array(gzipSync(file)), random)
        : new Uint8Array(gzipSync(mutatedBytes(file, random))),
  ),
];
