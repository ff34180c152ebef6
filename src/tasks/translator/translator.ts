/**
 * The translator: from one sequence to another of another length, the notes' many-to-many with T_x ≠ T_y. An encoder
 * reads the source in both directions; a decoder, which looks at all of its steps at each of its own, writes the target.
 * Configuration and data handling only; all arithmetic is the engine's.
 */
import { gru } from "../../cell/catalogue/gru/gru.js";
import type { Cell } from "../../cell/cell.js";
import { type HeldOut, heldOut } from "../../data/index.js";
import type { Home } from "../../exec/executor.js";
import { FileFormatError, type ModelFile, readModel } from "../../io/index.js";
import {
  type DecoderOptions,
  decoder,
  dropout,
  embedding,
  initialParameters,
  type Layer,
  linear,
  type Network,
  network,
  type Prediction,
  recurrent,
} from "../../nn/index.js";
import { fit } from "../../train/run/fit.js";
import { adam } from "../../train/step/optimizers.js";
import { atHome } from "../shared/home.js";
import { exampleNames, fitOptions, type TaskTraining } from "../task.js";
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
import { buildSide, type Side, sideFromJson, type TranslationUnit } from "./text.js";

/**
 * What training a translator takes. Only `train` is needed; how it is trained stands in TaskTraining, with these defaults:
 * 10 epochs, batches of 32 pairs, adam({ learningRate: 0.001 }), gradients of a norm up to 1.
 */
export interface TranslatorOptions extends TaskTraining {
  readonly train: readonly TranslationPair[];
  /** Chooses the best epoch, by its perplexity. Default: a seeded tenth of `train` is held back for it. */
  readonly valid?: readonly TranslationPair[];
  /** A cell of the catalogue or your own, for encoder and decoder; default `gru`, the notes'. */
  readonly cell?: Cell;
  /** Hidden units of the decoder, and of the encoder in each direction; default 256. */
  readonly units?: number;
  /** Recurrent layers of the encoder, and of the decoder; default 1. */
  readonly layers?: number;
  /** Features per token; default 256. */
  readonly embedding?: number;
  /** How the decoder looks at the source; default "additive". */
  readonly attention?: NonNullable<DecoderOptions["attention"]>;
  /** What the decoder made of one step goes into the next; default true where there is attention. */
  readonly inputFeeding?: boolean;
  /** One table for the target's tokens as they are read and as they are written; default true. */
  readonly tied?: boolean;
  /** Dropout on embeddings, between layers and before the output; default 0.3. */
  readonly dropout?: number;
  /** What texts are cut into; default "subword". */
  readonly unit?: TranslationUnit;
  /** Most tokens of each side's vocabulary; default 5,000. */
  readonly vocabularySize?: number;
  /** Share of a target's weight that is spread over all tokens; default 0.1. */
  readonly labelSmoothing?: number;
}

/**
 * Trains a translator by teacher forcing: the decoder reads the true target, shifted by one. `valid` in its progress is
 * the mean probability of a target's token on the validation data: the geometric one, 1 / perplexity.
 *
 * @throws DataError if there are no pairs
 * @throws TrainingError, see `fit`
 */
export async function train(options: TranslatorOptions): Promise<Translator> {
  if (wantsWorker(options)) {
    const { bytes, training } = await trainInWorker("translator", options);
    return { ...(await load(bytes)), training };
  }
  const { seed = 1, optimizer = adam({ learningRate: 0.001 }), labelSmoothing = 0.1 } = options;
  const { unit = "subword", vocabularySize = 5000 } = options;
  checkPairs(options.train);
  const { train: pairs, valid } = holdOut(options, seed);
  const side = (of: "source" | "target"): Side =>
    buildSide(
      pairs.map((pair) => pair[of]),
      unit,
      vocabularySize,
    );
  const sides = { source: side("source"), target: side("target") };
  const net = translatorNetwork(options, sides);
  const examples = valid.map((pair) => pairExample(pair, sides));
  const tokens = examples.reduce((sum, { target = [] }) => sum + target.length, 0);
  const score = (predictions: readonly Prediction[]): number =>
    Math.exp(-predictions.reduce((sum, { loss = 0 }) => sum + loss, 0) / tokens);
  return atHome(options, async (home) => {
    const { parameters, ...training } = await fit({
      net,
      parameters: initialParameters(net, seed),
      executor: home.session.executor,
      optimizer,
      seed,
      clip: 1,
      batchSize: 32,
      ...fitOptions(options, { epochs: 10, model: { task: "translator", data: translatorData(sides) } }),
      labelSmoothing,
      ...exampleNames(pairs),
      train: pairs.map((pair) => pairExample(pair, sides)),
      valid: { examples, score, rows: false },
    });
    return translatorOf({ net, parameters, ...sides, home, training });
  });
}

/** What trains and what validates: a seeded tenth of the pairs is held back where there is no validation data. */
function holdOut<Example extends TranslationPair>(
  data: { readonly train: readonly Example[]; readonly valid?: readonly Example[] | undefined },
  seed: number,
): HeldOut<Example> {
  return heldOut(data, () => "", seed);
}

function translatorNetwork(
  options: TranslatorOptions,
  { source, target }: { source: Side; target: Side },
): Network {
  const { cell = gru, units = 256, layers = 1, embedding: width = 256, attention = "additive" } = options;
  const { inputFeeding = attention !== "none", tied = true, dropout: rate = 0.3 } = options;
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
  // A table can serve as weights if what is written is as wide as what is read.
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
  return open(readModel(bytes, name), { ...options, name });
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

/** The verbs of the task; evaluate, predict and save are a trained or loaded translator's own. */
export const translator = { train, load, open, baselines, holdOut };
