/**
 * The classifier's row in the table of tasks: how its models are evaluated, asked and shown.
 */
import { DataError, plurals, readExamples, streamInputs } from "../../../data/index.js";
import type { ModelFile } from "../../../io/index.js";
import { aligned, count, counted } from "../../terminal/talk.js";
import { trainableRow } from "../../training/train.js";
import { lookAt } from "../diagnose.js";
import { mistakeFacts, mistakeRows } from "../judgement-report.js";
import { type DataAspect, type DataRequest, placedInputs, type TaskRow } from "../row.js";
import {
  calibrationText,
  confusionLines,
  intervalFacts,
  judgementFacts,
  scoreText,
  skippedText,
} from "./report.js";
import { trainableClassifier } from "./train.js";

/** Labels that `inspect` writes out. */
const shownLabels = 10;

/** Options of columns, by the kind of input. */
const takenBy = {
  text: ["text"],
  series: ["series", "channels", "time", "decimal"],
  vector: ["features", "decimal"],
} as const satisfies Readonly<Record<string, readonly DataAspect[]>>;

/** The classifier's row. */
export const classifierTask: TaskRow<"classifier"> = {
  ...trainableRow(trainableClassifier),
  takes: ({ data, network: { input } }) => [
    ...(["format", "label", "separator", "header", "delimiter"] as const),
    ...takenBy["vocabulary" in input ? "text" : data["kind"] === "vector" ? "vector" : "series"],
  ],
  async evaluate({ model, file }, { sources, ...columns }) {
    const { examples, skipped, notices } = await readExamples(sources, asTrained(file, columns));
    const judged = await model.evaluate(examples);
    const { metrics, count: size, mistakes } = judged;
    const lines = [
      `${scoreText(judged)} on ${counted(size, "example")}`,
      `loss ${metrics.loss.toFixed(3)} nats per ${model.inputs}; ${calibrationText(judged)}`,
      ...aligned(mistakeRows(mistakes)),
      ...confusionLines(judged, model.labels),
    ];
    const facts = {
      intervals: intervalFacts(judged),
      ...judgementFacts(judged, model.labels),
      mistakes: mistakeFacts(mistakes),
    };
    return { metrics, count: size, facts, lines, remarks: [...notices, ...skippedText(skipped)] };
  },
  async look({ model, file }, { sources, ...columns }, request) {
    const { examples, skipped, notices } = await readExamples(sources, asTrained(file, columns));
    return lookAt(model, { examples, remarks: [...notices, ...skippedText(skipped)], ...request });
  },
  takesData: ({ network }) => !("vocabulary" in network.input),
  async streamInputs({ model, file }, { source, ...columns }) {
    const wanted = model.inputs === "vector" ? "vector" : "series";
    const read = await streamInputs(source, {
      ...columns,
      ...(wanted === "vector" ? vectorColumns(file.data, file.network) : seriesColumns(file.network)),
    });
    const { notices } = read;
    if (read.kind === "series" && wanted === "series")
      return { ...placedInputs(read.items, ({ series }) => series), notices };
    if (read.kind === "vector" && wanted === "vector")
      return { ...placedInputs(read.items, ({ vector }) => vector), notices };
    throw new DataError({
      file: source.name,
      problem: `holds ${plurals[read.kind]}, but the model takes ${plurals[wanted]}`,
      remedy: remedies[wanted],
    });
  },
  facts({ data, network }: ModelFile) {
    const labels = listOf(data["labels"]);
    const more = labels.length > shownLabels ? `, and ${count(labels.length - shownLabels)} more` : "";
    return {
      labels: { value: labels, text: `${labels.length}: ${labels.slice(0, shownLabels).join(", ")}${more}` },
      ...inputFacts(data, network),
    };
  },
};

const remedies = {
  series:
    "Series come as .ts, .jsonl or a table with --series; if the file's name does not say which, add --format.",
  vector: "Vectors come as .csv, .tsv or .jsonl; if the file's name does not say which, add --format.",
};

/** Labelled examples are read by what the features were called in training, if nothing else is said. */
function asTrained(
  { data, network }: ModelFile,
  columns: Omit<DataRequest, "sources">,
): Omit<DataRequest, "sources"> & { readonly channelCount?: number } {
  if ("vocabulary" in network.input) return columns;
  if (data["kind"] !== "vector") return { ...columns, ...seriesColumns(network) };
  const { features } = vectorColumns(data, network);
  return features === undefined || columns.features !== undefined ? columns : { ...columns, features };
}

/** How many channels there are: a column of times may be one of them. */
const seriesColumns = ({ input }: ModelFile["network"]) => ({
  channelCount: "width" in input ? input.width : 0,
});

/** How a model's features are found in a table: by the names that they had in training, or by their number. */
function vectorColumns({ features }: ModelFile["data"], { input }: ModelFile["network"]) {
  const width = "width" in input ? input.width : 0;
  const names = listOf(features).map(String);
  return { width, ...(names.length === width ? { features: names } : {}) };
}

function inputFacts({ vocabulary, kind }: ModelFile["data"], { input }: ModelFile["network"]) {
  if ("vocabulary" in input) {
    const words = listOf(vocabulary).length;
    return { vocabulary: { value: words, text: counted(words, "word") } };
  }
  const width = "width" in input ? input.width : 0;
  if (kind === "vector") return { features: { value: width, text: counted(width, "number") } };
  return { channels: { value: width, text: `${counted(width, "number")} per step` } };
}

/** `inspect` shows files that `open` would refuse, so nothing is taken for granted. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
