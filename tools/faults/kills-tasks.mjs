// @ts-check
/**
 * The trainings that kills.mjs disturbs: one of each task, on data that is made here, with checkpoints many times a second, so
 * that a kill at any moment is near one. Each takes about a second.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ readonly files: Readonly<Record<string, string>>, readonly args: readonly string[] }} Training */

/** @param {number} count @param {(i: number) => string} line */
const lines = (count, line) => Array.from({ length: count }, (_, i) => `${line(i)}\n`).join("");
const praise = ["lovely", "fine", "bright", "warm"];
const blame = ["dull", "poor", "weak", "cold"];
const things = ["film", "book", "play", "song", "meal"];
const names = ["Anna", "Emil", "Ida", "Otto"];
const places = ["Paris", "Rome", "Oslo"];
const words = ["one", "two", "three", "four", "five", "six", "seven"];
const worte = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben"];

/** @type {Readonly<Record<string, Training>>} */
export const trainings = {
  classifier: {
    files: {
      "mood.tsv": lines(
        120,
        (i) =>
          `${i % 2 ? "bad" : "good"}\tthis ${things[i % 5]} is ${(i % 2 ? blame : praise)[(i >> 1) % 4]}${" indeed".repeat((i >> 3) % 3)}`,
      ),
    },
    args: ["--train", "mood.tsv", "--units", "12", "--embedding", "8", "--batch", "4", "--epochs", "10"],
  },
  tagger: {
    files: {
      "names.conll": lines(
        60,
        (i) => `${names[i % 4]} B-PER\nlives O\nin O\n${places[i % 3]} B-LOC\n${i % 2 ? "now O\n" : ""}`,
      ),
    },
    args: [
      ...["--train", "names.conll", "--units", "8", "--embedding", "8", "--characters", "4"],
      ...["--batch", "4", "--epochs", "12"],
    ],
  },
  translator: {
    files: {
      "pairs.tsv": lines(
        60,
        (i) => `${words[i % 7]} ${words[(3 * i) % 7]}\t${worte[i % 7]} ${worte[(3 * i) % 7]}`,
      ),
    },
    args: [
      ...["--train", "pairs.tsv", "--units", "8", "--embedding", "8", "--unit", "word"],
      ...["--batch", "8", "--epochs", "14"],
    ],
  },
  generator: {
    files: { "plays.txt": lines(150, (i) => `${names[i % 4]} ate ${words[(2 * i) % 7]} ${things[i % 5]}s.`) },
    args: ["--train", "plays.txt", "--units", "16", "--embedding", "8", "--batch", "4", "--epochs", "6"],
  },
  forecaster: {
    files: {
      "load.csv": `load\n${lines(300, (i) => (10 + 3 * Math.sin(i / 2) + (i % 7)).toFixed(3))}`,
    },
    args: ["--train", "load.csv", "--horizon", "4", "--units", "8", "--epochs", "12"],
  },
};

/** Writes the data of all tasks into a folder. @param {string} folder */
export function writeData(folder) {
  mkdirSync(folder, { recursive: true });
  for (const { files } of Object.values(trainings))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

/**
 * The command line of a training.
 * @param {string} task @param {string} data the folder of the data @param {string} folder where run and model go
 */
export function commandOf(task, data, folder) {
  const { files, args } = /** @type {Training} */ (trainings[task]);
  const own = args.map((arg) => (arg in files ? join(data, arg) : arg));
  const out = ["--out", join(folder, "model.safetensors"), "--run", join(folder, "run")];
  return ["train", task, ...own, ...out, "--checkpoint-every", "0.03"];
}
