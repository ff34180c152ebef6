// @ts-check
/** Hostile data: packed files of any size, JSON that nests, columns and channels without end, series of nothing. */
import { gzipSync } from "node:zlib";
import { gzipBomb } from "../parts/bombs.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @param {string} file @param {string} name @param {() => Uint8Array | string} make @param {string[]} [task] @returns {Hostile} */
const trained = (file, name, make, task = ["classifier"]) => ({
  format: `data ${file.replace(/^\w+/, "")}`,
  name,
  files() {
    const made = make();
    return { [file]: typeof made === "string" ? utf8(made) : made };
  },
  args: [
    "train",
    ...task,
    "--train",
    file,
    "--units",
    "2",
    "--minutes",
    "0.02",
    "--out",
    "o.safetensors",
    "--quiet",
  ],
});

const nested = (/** @type {number} */ depth) => "[".repeat(depth) + "]".repeat(depth);
const keys = (/** @type {number} */ count) =>
  Array.from({ length: count }, (_, i) => `"k${i}": ${i}`).join(", ");
const header = "@problemName x\n@univariate true\n@classLabel true a b\n@data\n";

/** Hostile data. @type {readonly Hostile[]} */
export const tables = [
  ...[1e9, 1e10].flatMap((bytes) => [
    ...["\0", "a\n", "a,", "a\tb\n", '"', "\n", "1,2,3,x\n", "[", "a b c "].map((unit) =>
      trained("t.csv.gz", `${bytes} bytes of ${JSON.stringify(unit)}, packed`, () => gzipBomb(unit, bytes)),
    ),
    trained("t.jsonl.gz", `${bytes} bytes of lines of JSON, packed`, () =>
      gzipBomb('{"text": "a", "label": "b"}\n', bytes),
    ),
    trained("t.tsv.gz", `${bytes} bytes of rows, packed`, () => gzipBomb("good\ta b c\n", bytes)),
    trained("t.ts.gz", `${bytes} bytes of series, packed`, () => gzipBomb("1,2,3:a\n", bytes)),
    trained("t.conll.gz", `${bytes} bytes of tokens, packed`, () => gzipBomb("a\tb\n", bytes), ["tagger"]),
    trained("t.txt.gz", `${bytes} bytes of text, packed`, () => gzipBomb("to be or not to be. ", bytes), [
      "generator",
    ]),
    trained("t.mid.gz", `a MIDI file of ${bytes} bytes, packed`, () => gzipBomb("MThd\0\0\0\x06", bytes), [
      "generator",
      "--unit",
      "note",
    ]),
    trained("t.json.gz", `piano-rolls of ${bytes} bytes, packed`, () => gzipBomb("[[],", bytes), [
      "generator",
      "--unit",
      "note",
    ]),
  ]),
  trained("t.csv.gz", "packed twice", () => new Uint8Array(gzipSync(gzipSync("a,b\n1,2\n")))),
  ...[200, 1_000_000].flatMap((depth) => [
    trained("t.jsonl", `lists ${depth} deep`, () => `{"text": ${nested(depth)}, "label": "a"}\n`),
    trained("t.jsonl", `a series ${depth} deep`, () => `{"series": ${nested(depth)}, "label": "a"}\n`),
  ]),
  trained(
    "t.jsonl",
    "200,000 keys in a line",
    () => `{"text": "a", "label": "b", ${keys(200_000)}}\n{"text": "b", "label": "c"}\n`,
  ),
  trained(
    "t.jsonl",
    "a list of a million labels",
    () => `{"text": "a", "labels": [${new Array(1e6).fill('"x"').join()}]}\n{"text": "b", "labels": ["y"]}\n`,
  ),
  trained("t.ts", "series that are all empty", () => `${header}:a\n:b\n:a\n:b\n`),
  trained("t.jsonl", "series that are all empty", () =>
    '{"series": [], "label": "a"}\n{"series": [], "label": "b"}\n'.repeat(4),
  ),
  trained(
    "t.ts",
    "a series of 100,000 channels",
    () => `${header}${new Array(100_000).fill("1").join(":")}:a\n`,
  ),
  trained("t.csv", "a quotation mark that does not end", () => `text,label\n"${"a,b\n".repeat(200_000)}`),
  trained("t.tsv", "bytes that are no text", () => Uint8Array.from({ length: 1000 }, (_, i) => i % 256)),
  trained("t.csv", "nothing but line ends", () => "\n".repeat(2_000_000)),
  trained("t.txt", "one character", () => "a", ["generator"]),
  trained(
    "t.conllu",
    "numbers of tokens that never end",
    () => `${"9".repeat(100_000)}\ta\t_\tX\t_\t_\t_\t_\t_\t_\n\n`,
    ["tagger"],
  ),
];
