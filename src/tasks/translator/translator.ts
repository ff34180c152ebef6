/**
 * The translator: from one sequence to another of another length, the notes' many-to-many with T_x ≠ T_y. An encoder
 * reads the source in both directions; a decoder, which looks at all of the encoder's steps at each of its own,
 * writes the target.
 * Configuration and data handling only; all arithmetic is the engine's.
 */
import { type HeldOut, heldOut } from "../../data/index.js";
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readFiniteModel } from "../../io/index.js";
import {
  decoder,
  dropout,
  embedding,
  type Layer,
  linear,
  type Network,
  network,
  type Prediction,
  recurrent,
} from "../../nn/index.js";
import { checkOptions, type WithDefaults, withDefaults } from "../../options/index.js";
import { fit } from "../../train/fit.js";
import { atHome } from "../shared/home.js";
import { exampleNames, fitOptions } from "../task.js";
import { trainInWorker, wantsWorker } from "../worker/in-worker.js";
import {
  checkPairs,
  judge,
  marks,
  pairExample,
  type TranslationPair,
  type Translator,
  type TranslatorEvaluation,
  translatorData,
  translatorOf,
} from "./model.js";
import { type TranslatorOptions, translatorRows } from "./options.js";
import { buildSide, type Side, sideFromJson } from "./text.js";

/**
 * Trains a translator by teacher forcing: the decoder reads the true target, shifted by one. `valid` in its progress is
 * the geometric mean of the probabilities of the targets' tokens on the validation data, 1 / perplexity.
 *
 * @throws DataError if there are no pairs
 * @throws OptionError if an option is unknown, wrong or has no effect
 * @throws TrainingError, see `fit`
 */
export async function train(options: TranslatorOptions): Promise<Translator> {
  checkOptions(options, translatorRows, "translator.train");
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("translator", options);
    return { ...(await load(bytes)), training };
  }
  const chosen = withDefaults(options, translatorRows);
  const { seed, unit, vocabularySize, labelSmoothing } = chosen;
  checkPairs(options.train);
  const { train: pairs, valid } = holdOut(options, seed);
  const side = (of: "source" | "target"): Side =>
    buildSide(
      pairs.map((pair) => pair[of]),
      unit,
      vocabularySize,
    );
  const sides = { source: side("source"), target: side("target") };
  const net = translatorNetwork(chosen, sides);
  const examples = valid.map((pair) => pairExample(pair, sides));
  const tokens = examples.reduce((sum, { target = [] }) => sum + target.length, 0);
  const score = (predictions: readonly Prediction[]): number =>
    Math.exp(-predictions.reduce((sum, { loss = 0 }) => sum + loss, 0) / tokens);
  return atHome({ executor: options.executor, threads: chosen.threads }, async (home) => {
    const { parameters, training } = await fit(net, {
      executor: home.session.executor,
      ...fitOptions(options, chosen, {
        rows: translatorRows,
        model: { task: "translator", data: translatorData(sides) },
      }),
      labelSmoothing,
      ...exampleNames(pairs),
      train: pairs.map((pair) => pairExample(pair, sides)),
      valid: { examples, score, rows: false },
    });
    return translatorOf({ net, parameters, ...sides, home, training });
  });
}

/** Training and validation data: if there is no validation data, a seeded tenth of the pairs is held back. */
function holdOut<Example extends TranslationPair>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  seed: number,
): HeldOut<Example> {
  return heldOut(data, () => "", seed);
}

function translatorNetwork(
  options: WithDefaults<TranslatorOptions, typeof translatorRows>,
  { source, target }: { source: Side; target: Side },
): Network {
  const { cell, units, layers, embedding: width, attention, inputFeeding, tied, dropout: rate } = options;
  const vocabulary = marks(target).begin + 1;
  const embedded = (): Layer[] => [embedding({ width }), dropout({ rate })];
  const reader = (i: number): Layer[] => [
    ...(i > 0 ? [dropout({ rate })] : []),
    recurrent({ cell, units, direction: "both" }),
  ];
  const writer = decoder({
    source: [...embedded(), ...Array.from({ length: layers }, (_, i) => reader(i)).flat()],
    target: embedded(),
    cell,
    attention,
    inputFeeding,
    units: new Array<number>(layers).fill(units),
    ...(layers > 1 ? { dropout: rate } : {}),
  });
  // A table can serve as output weights if the output is as wide as the embedding.
  const narrowed = tied && width !== units ? [linear({ units: width })] : [];
  const output = linear({ units: vocabulary, ...(tied ? { tied: "decoder1.target.embedding1.w_e" } : {}) });
  return network({
    input: { inputs: { source: { vocabulary: source.size, beside: true }, target: { vocabulary } } },
    layers: [writer, dropout({ rate }), ...narrowed, output],
    loss: "crossEntropy",
  });
}

/** Opens a translator that was saved. @throws FileFormatError if the bytes are not such a model */
export async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Home } = {},
): Promise<Translator> {
  const { name = "model" } = options;
  return open(readFiniteModel(bytes, name), { ...options, name });
}

/** Opens a translator from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<Translator> {
  const fail = (problem: string, remedy: string): FileFormatError =>
    new FileFormatError({ file: options.name, where: "metadata", problem, remedy });
  if (model.task !== "translator") throw fail(`is of a ${model.task}`, `Open it as a ${model.task}.`);
  const source = sideFromJson(model.data["source"], options.name);
  const target = sideFromJson(model.data["target"], options.name);
  const { network: net, parameters } = model;
  const wanted = { source: { vocabulary: source.size }, target: { vocabulary: marks(target).begin + 1 } };
  const inputs = "inputs" in net.input ? net.input.inputs : {};
  for (const [name, { vocabulary }] of Object.entries(wanted)) {
    const of = inputs[name];
    if (!of || !("vocabulary" in of) || of.vocabulary !== vocabulary)
      throw fail(`has a vocabulary of the ${name} that does not fit its network`, "Save the model again.");
  }
  return atHome(options, (home) => translatorOf({ net, parameters, source, target, home }));
}

/** What a translator has to beat, on `test`: the source as it stands. */
function baselines(test: readonly TranslationPair[]): {
  readonly copy: Omit<TranslatorEvaluation, "metrics"> & Pick<ReturnType<typeof judge>, "metrics">;
} {
  return {
    copy: judge(
      test,
      test.map(({ source }) => source),
    ),
  };
}

/** The verbs of the task; a trained or loaded translator itself has evaluate, predict and save. */
export const translator = { train, load, open, baselines, holdOut };
