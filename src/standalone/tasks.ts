/**
 * What a module does beside running its network: a row per task that has words of its own, with the text of `predict` and
 * how it is used. Models of other tasks have `run` (and `step`), and what the task keeps as `data`.
 */

import { cutFromJson, type TokenCut } from "../data/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import type { ModelFile } from "../io/index.js";
import { answersByLoss } from "../tasks/classifier/answers.js";
import { classifier } from "../tasks/classifier/classifier.js";
import { tagger } from "../tasks/tagger/tagger.js";
import { literal } from "./identifiers.js";
import { cutWords } from "./kit/text.js";
import { chainText } from "./losses.js";

/** A task's part of a module. */
export interface TaskCode {
  /** What the model is, for the first line: "a classifier of texts into bad, good". */
  readonly title: string;
  /** Pieces of the kit. */
  readonly needs: readonly string[];
  /** The text of `predict`. */
  readonly code: string;
  /** Lines of an example. */
  readonly usage: readonly string[];
  /** Whether words are made small where texts are cut into words; the self-test cuts one. Absent: there are no texts. */
  readonly lowercase?: boolean;
  /** How texts are cut, where that is not into words. */
  readonly cut?: TokenCut;
}

/** The rows. */
const rows: Readonly<Record<string, (model: ModelFile) => TaskCode>> = {
  classifier: (model) => {
    const { network, data } = model;
    const kind = "vocabulary" in network.input ? "text" : data["kind"] === "vector" ? "vector" : "series";
    const several = answersByLoss(network.loss) === "several";
    const labels = (data["labels"] as readonly string[]).slice(0, 10).join(", ");
    const row = classifierInputs[kind];
    return {
      title: `a classifier of ${row.plural} into ${several ? "any of " : ""}${labels}`,
      needs: ["greatest", ...row.needs],
      code: [row.code, labelledText(several)].map((text) => text.trim()).join("\n\n"),
      usage: [`predict(${row.example}); // { label${several ? ", labels" : ""}, probabilities }`],
      ...(kind === "text" ? { lowercase: true } : {}),
    };
  },
  /** Networks without a task, as imported ones are. */
  network: () => ({ title: "a network", needs: [], code: "", usage: [] }),
  tagger: ({ network, data }) => {
    const cut = cutFromJson(data["cut"]);
    const code = taggerText(network.loss === "crf");
    return {
      title: `a tagger that gives every token one of ${(data["tags"] as readonly string[]).slice(0, 15).join(", ")}`,
      needs: [...(cut ? [] : ["words"]), "taggerInput", network.loss === "crf" ? "bestTags" : "greatest"],
      code: cut ? `${cutWords(cut).trim()}\n${code}` : code,
      usage: ['predict("Anna went to Graz."); // { tokens, tags, probabilities }'],
      lowercase: false,
      ...(cut ? { cut } : {}),
    };
  },
};

/** Tasks that look at what a model keeps before anything is made of it. */
const openers = { classifier, tagger };

/**
 * A task's part of the module of a model.
 *
 * @param name the file's name, for messages
 * @throws FileFormatError if what the model keeps does not fit its network
 */
export async function taskCode(model: ModelFile, name: string): Promise<TaskCode> {
  const { task } = model;
  if (Object.hasOwn(openers, task)) {
    const opened = await openers[task as keyof typeof openers].open(model, {
      name,
      executor: await createReferenceExecutor(),
    });
    opened.dispose();
  }
  const row = Object.hasOwn(rows, task) ? rows[task] : undefined;
  return row?.(model) ?? { title: `the network of a ${task}`, needs: [], code: "", usage: [] };
}

const classifierInputs = {
  text: {
    plural: "texts",
    example: literal("What a wonderful little place!"),
    needs: ["words", "numbersOf"],
    code: `
let number;

/** A text as token ids. */
function numbersIn(text) {
  number ??= numbersOf(data.vocabulary);
  return words(text, true).map((word) => number(word));
}

/** Labels a text. */
export function predict(text) {
  return labelled(run(numbersIn(text)));
}`,
  },
  series: {
    plural: "series",
    example: "[[0.5, 1], [0.25, -1]]",
    needs: ["vectorOf", "stepsOf"],
    code: `
/** Numbers of a step, standardised by what was seen in training. */
function standardised(step) {
  const { mean, deviation } = data.scaler;
  return Array.from(step, (value, c) => {
    if (!Number.isFinite(value)) throw new RangeError("a step holds " + String(value) + ", which is no finite number");
    return (value - mean[c]) / deviation[c];
  });
}

/** Labels a series: a list of steps, each a list with the numbers of its channels. */
export function predict(series) {
  return labelled(run(stepsOf(series, (step) => standardised(step), "the series")));
}`,
  },
  vector: {
    plural: "vectors",
    example: "[0.5, 1, NaN]",
    needs: [],
    code: `
/** Labels a vector; a missing number is NaN, and counts as the mean. */
export function predict(vector) {
  const { mean, deviation } = data.scaler;
  const step = Array.from(vector, (value, c) => (Number.isNaN(value) ? 0 : (value - mean[c]) / deviation[c]));
  return labelled(run([step]));
}`,
  },
};

const labelledText = (several: boolean): string => `
/** A row of probabilities in words. */
function labelled(row) {
  const { labels } = data;
  return {
    label: labels[greatest(row)],${several ? "\n    labels: labels.filter((_, k) => row[k] >= 0.5)," : ""}
    probabilities: Object.fromEntries(labels.map((label, k) => [label, row[k]])),
  };
}`;

const taggerText = (crf: boolean): string => `
let known;

/** What the network reads of tokens. */
function inputOf(tokens) {
  known ??= { word: numbersOf(data.words), character: numbersOf(data.characters) };
  return taggerInput(tokens, known);
}

/** Tags a sentence: a text, or a list of tokens. Probabilities are those of the tags. */
export function predict(sentence) {
  const tokens = typeof sentence === "string" ? words(sentence, false) : Array.from(sentence);
  const scores = scoresOf(inputOf(tokens)).steps;
  const rows = outputs(scores);
  const best = ${crf ? `bestTags(scores, ${chainText.replaceAll("w[", "network().w[")})` : "rows.map(greatest)"};
  return {
    tokens,
    tags: best.map((k) => data.tags[k]),
    probabilities: best.map((k, t) => rows[t][k]),
  };
}`;
