/**
 * What goes into a classifier: texts or series, one row each. A row knows how such inputs become numbers, which layers of a
 * network take them, and what of it travels in the model file.
 */

import { fingerprint } from "../data/fingerprint.js";
import {
  buildVocabulary,
  DataError,
  encode,
  extendedVocabulary,
  fitScaler,
  type LabelledExample,
  type Place,
  type Scaler,
  type Series,
  scaled,
  scalerFromJson,
  type Vocabulary,
  vocabularyFromJson,
  wordTokens,
} from "../data/index.js";
import { FileFormatError } from "../io/index.js";
import { dropout, embedding, type Layer, type NetworkInput } from "../nn/index.js";
import { TrainingError } from "../train/errors.js";

/** A text, or a series: step after step, the numbers of its channels. */
export type ClassifierInput = string | Series;

/** Turns inputs into what the network takes. */
export interface Encoder {
  readonly kind: InputKindName;
  readonly networkInput: NetworkInput;
  /** What of it the model file keeps, by its name there. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly vocabulary?: Vocabulary;
  readonly scaler?: Scaler;
  /** @throws DataError naming the place if the input does not fit */
  readonly encode: (input: ClassifierInput, place?: Place) => ArrayLike<number>;
}

/** The options of a classifier that are for its inputs. */
export interface InputOptions {
  readonly embedding?: number | undefined;
  readonly dropout?: number | undefined;
  readonly wordDropout?: number | undefined;
  readonly minimumCount?: number | undefined;
}

/** The row of a kind of input. */
interface InputKind {
  /** How training goes where nothing is chosen. Sets of series are small, so theirs is in smaller steps, and longer. */
  readonly training: { readonly epochs: number; readonly batchSize: number };
  /** Options that say nothing to this kind. */
  readonly refuses: readonly (keyof InputOptions | "extendVocabulary")[];
  readonly fit: (inputs: readonly ClassifierInput[], options: InputOptions) => Encoder;
  /** With what is new in other inputs added. */
  readonly extend: (encoder: Encoder, inputs: readonly ClassifierInput[], options: InputOptions) => Encoder;
  /** From a model file. @throws FileFormatError if what it keeps does not fit the network */
  readonly open: (data: Readonly<Record<string, unknown>>, input: NetworkInput, file: string) => Encoder;
  /** Of a classifier that is there. */
  readonly of: (classifier: Pick<Encoder, "vocabulary" | "scaler">) => Encoder;
  /** The layers before the recurrent ones. */
  readonly layers: (options: InputOptions) => readonly Layer[];
  /** The same for inputs that a model cannot tell apart. */
  readonly key: (input: ClassifierInput) => string;
}

const tokens = (input: ClassifierInput): string[] => wordTokens(input as string);

/** The rows. */
export const inputKinds = {
  text: {
    training: { epochs: 12, batchSize: 32 },
    refuses: [],
    fit: (inputs, { minimumCount = 2 }) => textEncoder(buildVocabulary(inputs.map(tokens), { minimumCount })),
    extend: ({ vocabulary }, inputs, { minimumCount = 2 }) =>
      textEncoder(extendedVocabulary(vocabulary as Vocabulary, inputs.map(tokens), { minimumCount })),
    open(data, input, file) {
      const vocabulary = vocabularyFromJson(data["vocabulary"], file);
      if ("vocabulary" in input && input.vocabulary === vocabulary.tokens.length)
        return textEncoder(vocabulary);
      const problem = "has a vocabulary that does not fit its input";
      throw new FileFormatError({ file, where: "metadata", problem, remedy: "Save the model again." });
    },
    of: ({ vocabulary }) => textEncoder(vocabulary as Vocabulary),
    layers({ embedding: width = 64, dropout: rate = 0.5, wordDropout = 0 }) {
      const words = wordDropout > 0 ? [dropout({ rate: wordDropout, mask: "token" })] : [];
      return [embedding({ width }), ...words, dropout({ rate })];
    },
    key: (input) => tokens(input).join(" "),
  },
  series: {
    training: { epochs: 30, batchSize: 8 },
    refuses: ["embedding", "wordDropout", "minimumCount", "extendVocabulary"],
    fit: (inputs) => seriesEncoder(fitScaler(inputs as readonly Series[])),
    extend: (encoder) => encoder,
    open: (data, input, file) =>
      seriesEncoder(scalerFromJson(data["scaler"], "width" in input ? input.width : 0, file)),
    of: ({ scaler }) => seriesEncoder(scaler as Scaler),
    layers: () => [],
    // The numbers themselves would double the memory that the data takes.
    key: (input) => fingerprint([input as Series]),
  },
} as const satisfies Record<string, InputKind>;

/** "text" or "series". */
export type InputKindName = keyof typeof inputKinds;

/** The row of a kind. */
export const inputKind = (name: InputKindName): InputKind => inputKinds[name];

/** What is to be classified of an example. */
export const inputOf = (example: LabelledExample): ClassifierInput =>
  "text" in example ? example.text : example.series;

const kindOfInput = (input: ClassifierInput): InputKindName =>
  typeof input === "string" ? "text" : "series";

/** The kind of examples. @throws DataError naming the first one that is of another kind than the first */
export function kindOfExamples(examples: readonly LabelledExample[]): InputKindName {
  const kinds = examples.map((example) => kindOfInput(inputOf(example)));
  const [kind = "text"] = kinds;
  const odd = kinds.findIndex((other) => other !== kind);
  if (odd >= 0) throw wrongKind(kind, examples[odd] as LabelledExample);
  return kind;
}

/** @throws TrainingError naming an option that is for inputs of another kind */
export function refuseInputOptions(
  kind: InputKindName,
  options: { readonly [option: string]: unknown },
): void {
  const idle = inputKind(kind).refuses.find((option) => options[option] !== undefined);
  if (idle !== undefined)
    throw new TrainingError(`${idle} is for texts, and these examples are series; leave it out`);
}

function textEncoder(vocabulary: Vocabulary): Encoder {
  return {
    kind: "text",
    networkInput: { vocabulary: vocabulary.tokens.length },
    data: { vocabulary: vocabulary.tokens },
    vocabulary,
    encode(input, place = {}) {
      if (typeof input !== "string") throw wrongKind("text", place);
      return encode(vocabulary, wordTokens(input));
    },
  };
}

function seriesEncoder(scaler: Scaler): Encoder {
  const width = scaler.mean.length;
  return {
    kind: "series",
    networkInput: { width },
    data: { scaler },
    scaler,
    encode(input, place = {}) {
      if (typeof input === "string") throw wrongKind("series", place);
      const odd = input.findIndex(
        (step) => step.length !== width || !Array.from(step).every(Number.isFinite),
      );
      if (odd < 0) return scaled(scaler, input);
      throw new DataError({
        file: place.file ?? "data",
        line: place.line,
        problem: `step ${odd + 1} of the series is [${Array.from(input[odd] as ArrayLike<number>).join(", ")}]`,
        remedy: `Each step needs ${width === 1 ? "one finite number" : `${width} finite numbers`}.`,
      });
    },
  };
}

function wrongKind(wanted: InputKindName, { file = "data", line }: Place): DataError {
  const [is, others] = wanted === "text" ? ["a series", "texts"] : ["a text", "series"];
  return new DataError({
    file,
    line,
    problem: `is ${is}, where ${others} belong`,
    remedy: "A classifier takes inputs of one kind.",
  });
}
