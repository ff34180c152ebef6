/**
 * The generator of texts: what comes next, one-to-many. It learns one long text, or many short separate ones, and
 * writes more of the
 * same kind. Configuration and data handling only; all arithmetic is the engine's.
 */
import { DataError, heldOut } from "../../../data/index.js";
import type { Home } from "../../../exec/executor.js";
import { FileFormatError, type ModelFile } from "../../../io/index.js";
import {
  dropout,
  type Example,
  embedding,
  type Layer,
  type LongScore,
  linear,
  type Network,
  network,
  type Parameters,
  type Prediction,
  recurrent,
} from "../../../nn/index.js";
import { checkNeeds, withDefaults } from "../../../options/index.js";
import { fit } from "../../../train/fit.js";
import type { FitOptions } from "../../../train/index.js";
import { firstBiases } from "../../shared/first-biases.js";
import { atHome } from "../../shared/home.js";
import { fitOptions } from "../../task.js";
import {
  checkData,
  type GeneratorData,
  type GeneratorFacts,
  type GeneratorKind,
  generatorData,
  generatorOf,
  lineExample,
  type TextGenerator,
  textIds,
  vocabularySize,
} from "./model.js";
import { type TextGeneratorOptions, textRows } from "./options.js";
import { buildTokens, tokensFromJson } from "./tokens.js";

/**
 * Trains a generator. `valid` in its progress is the geometric mean of the probabilities of the validation data's tokens, 1
 * / perplexity. During training, one long text is validated on its first 100,000 tokens in 32 lanes, each with a
 * fresh start: that chooses an epoch in a fraction of the time. `evaluate` reads all of it exactly.
 *
 * @throws DataError if there is no text, or some texts have labels and some have none
 * @throws TrainingError, see `fit`
 */
export async function train(options: TextGeneratorOptions): Promise<TextGenerator> {
  const chosen = chosenOf(options);
  const { seed, bptt, batchSize } = chosen;
  const parts = holdOut(options, seed);
  const facts = factsOf(chosen, parts.train);
  const net = textNetwork(chosen, facts);
  const model = { task: "generator", data: generatorData(facts) };
  const data = dataOf(facts, parts, { lanes: batchSize, steps: bptt });
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const told = fitOptions(options, chosen, { rows: textRows, model });
    // Of one long text a batch is its lanes.
    const { batchSize: _, ...toldOfText } = told;
    const { parameters, training } = await fit(net, {
      parameters: (initial) => firstParameters(net, initial, data.train),
      executor: home.session.executor,
      ...(data.bptt ? toldOfText : told),
      ...data,
    });
    return generatorOf({ net, parameters, ...facts, home, training });
  });
}

type Chosen = ReturnType<typeof chosenOf>;

/** The options with their defaults. @throws OptionError for one that has no effect for such data */
function chosenOf(options: TextGeneratorOptions) {
  const { units } = withDefaults(options, textRows);
  const { embedding = units.at(-1)! } = withDefaults(options, textRows);
  const facts = {
    data: kindOf(options.train) === "text" ? "one long text" : "lines",
    tokens: embedding > 0 ? "tokens with an {embedding}" : "one-hot tokens",
  };
  checkNeeds(options, textRows, facts);
  const chosen = withDefaults(options, textRows, facts);
  const { clip = chosen.bptt * textRows.clip.derived.share } = chosen;
  return { ...chosen, embedding, clip };
}

/** Random weights, and output biases that reflect how often each token occurs. */
function firstParameters(net: Network, initial: Parameters, data: TrainingData["train"]): Parameters {
  const examples = "text" in data ? [{ target: Array.from(data.text).slice(1) }] : data;
  const bias = `${net.layers.at(-1)?.name}.b_y`;
  return firstBiases(initial, examples, { bias, targets: "class" });
}

interface Parts {
  readonly train: GeneratorData;
  readonly valid: GeneratorData;
}

/**
 * How many lanes, and at most how many tokens, validate a long text during training, so that choosing an epoch costs
 * little.
 */
const validation = { lanes: 32, tokens: 100_000 };

/** Training and validation data as `fit` takes them. */
interface TrainingData extends Pick<FitOptions, "valid" | "bptt"> {
  readonly train: readonly Example[] | { readonly text: ArrayLike<number> };
}

/** The data, read. */
function dataOf(
  facts: GeneratorFacts,
  { train: all, valid }: Parts,
  bptt: NonNullable<FitOptions["bptt"]>,
): TrainingData {
  const likelihood = (loss: number, tokens: number): number => Math.exp(-loss / tokens);
  if (typeof all === "string" || typeof valid === "string") {
    return {
      train: { text: textIds(facts, all as string) },
      bptt,
      valid: {
        text: textIds(facts, valid as string).subarray(0, validation.tokens + 1),
        lanes: validation.lanes,
        score: ({ loss, steps }: LongScore) => likelihood(loss, steps),
      },
    };
  }
  const examples = valid.map((line) => lineExample(facts, line));
  const tokens = examples.reduce((sum, { target = [] }) => sum + target.length, 0);
  return {
    train: all.map((line) => lineExample(facts, line)),
    valid: {
      examples,
      rows: false,
      score: (predictions: readonly Prediction[]) =>
        likelihood(
          predictions.reduce((sum, { loss = 0 }) => sum + loss, 0),
          tokens,
        ),
    },
  };
}

const kindOf = (data: GeneratorData): GeneratorKind => (typeof data === "string" ? "text" : "lines");

/** Where the training part ends in a text without validation data: after 90 %, never within a character. */
function trainingEnd(text: string): number {
  const at = Math.floor(0.9 * text.length);
  // The second half of a surrogate pair belongs to the first.
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at + 1 : at;
}

/**
 * Training and validation data: if there is no validation data, the end of one long text, or a seeded tenth of lines,
 * is held back.
 *
 * @throws DataError if there is no text, or too little of it
 */
export function holdOut(
  { train: all, valid }: { readonly train: GeneratorData; readonly valid?: GeneratorData | undefined },
  seed: number,
): Parts {
  checkData(all, kindOf(all));
  if (valid !== undefined) {
    checkData(valid, kindOf(all));
    return { train: all, valid };
  }
  if (typeof all !== "string")
    return heldOut({ train: all }, (line) => (typeof line === "string" ? "" : (line.label ?? "")), seed);
  const end = trainingEnd(all);
  if (end > 0) return { train: all.slice(0, end), valid: all.slice(end) };
  throw new DataError({
    file: "data",
    problem: `is a text of ${all.length} characters`,
    remedy: "Give a longer one, or validation data of its own.",
  });
}

/** Vocabulary and labels. @throws DataError if some lines have a label and some have none */
function factsOf(options: Chosen, data: GeneratorData): GeneratorFacts {
  const { unit, vocabularySize: size, minimumCount } = options;
  const kind = kindOf(data);
  const lines = typeof data === "string" ? [data] : data;
  const labels = new Set<string>();
  for (const line of lines) {
    const { label, file = "data", ...place } = typeof line === "string" ? { text: line } : line;
    if (label !== undefined) labels.add(label);
    if (label !== undefined || typeof lines[0] === "string" || lines[0]?.label === undefined) continue;
    throw new DataError({
      file,
      line: place.line,
      problem: "has no label, and the first text has one",
      remedy: "Give all texts a label, or none.",
    });
  }
  const first = lines[0]!;
  if (labels.size > 0 && (typeof first === "string" || first.label === undefined))
    throw new DataError({
      file: "data",
      problem: "has texts with a label, and the first has none",
      remedy: "Give all texts a label, or none.",
    });
  const texts = lines.map((line) => (typeof line === "string" ? line : line.text));
  return { kind, tokens: buildTokens(texts, unit, { size, minimumCount }), labels: [...labels].sort() };
}

/** Embedded or one-hot tokens, recurrent layers, and an output with the same table or its own. */
function textNetwork(options: Chosen, facts: GeneratorFacts): Network {
  const { cell, units, embedding: width, tied, dropout: rate, recurrentDropout } = options;
  const last = units.at(-1);
  const vocabulary = vocabularySize(facts);
  const read: Layer[] = width > 0 ? [embedding({ width }), dropout({ rate })] : [];
  const stack = units.flatMap((n): Layer[] => [
    recurrent({ cell, units: n, recurrentDropout }),
    dropout({ rate }),
  ]);
  // A table can serve as output weights if the output is as wide as the embedding.
  const narrowed = tied && width !== last ? [linear({ units: width })] : [];
  const output = linear({ units: vocabulary, ...(tied ? { tied: "embedding1.w_e" } : {}) });
  return network({
    input: { vocabulary },
    layers: [...read, ...stack, ...narrowed, output],
    loss: "crossEntropy",
  });
}

/** Opens a generator from a model file that has been read already. @throws FileFormatError if it is of another task */
export async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<TextGenerator> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "generator") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const { network: net, parameters, data } = model;
  const { kind, labels = [] } = data;
  const tokens = tokensFromJson(data["unit"], data["tokens"], options.name);
  if (kind !== "text" && kind !== "lines")
    throw fail(`learned ${JSON.stringify(kind)}`, "Save the model again.");
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string"))
    throw fail("has labels that are not texts", "Save the model again.");
  const facts: GeneratorFacts = { kind, tokens, labels };
  const { input } = net;
  if (!("vocabulary" in input) || input.vocabulary !== vocabularySize(facts))
    throw fail("has a vocabulary that does not fit its network", "Save the model again.");
  return atHome(options, (home) => generatorOf({ net, parameters, ...facts, home }));
}
