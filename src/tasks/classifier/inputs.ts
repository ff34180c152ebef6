/**
 * What goes into a classifier: texts, series or vectors, one row each. A row knows how such inputs become numbers,
 * which layers of a
 * network take them, and what the model file keeps of it.
 */

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
  type Vector,
  type Vocabulary,
  vocabularyFromJson,
  wordTokens,
} from "../../data/index.js";
import { requireItems } from "../../data/items.js";
import { FileFormatError } from "../../io/index.js";
import { dropout, embedding, type Layer, type NetworkInput } from "../../nn/index.js";
import { fingerprint } from "../../tensor/fingerprint.js";
import { labelledItems } from "../shared/items.js";

/** A text; a series: for each step, the numbers of its channels; or a vector, which is a single step without time. */
export type ClassifierInput = string | Series | Vector;

/** Turns inputs into what the network takes. */
export interface Encoder {
  readonly kind: InputKindName;
  readonly networkInput: NetworkInput;
  /** What the model file keeps of it, by its name there. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly vocabulary?: Vocabulary;
  readonly scaler?: Scaler;
  /** Names of a vector's numbers, if they have any. */
  readonly features?: readonly string[];
  /** @throws DataError naming the place if the input does not fit */
  readonly encode: (input: ClassifierInput, place?: Place) => ArrayLike<number>;
}

/** The options of a classifier that concern its inputs, with their defaults. */
export interface InputOptions {
  readonly embedding: number;
  readonly dropout: number;
  readonly wordDropout: number;
  readonly minimumCount: number;
  readonly features?: readonly string[];
}

/** The row of a kind of input. */
interface InputKind {
  /** What such inputs are called, and one of them. */
  readonly plural: string;
  readonly one: string;
  readonly fit: (inputs: readonly ClassifierInput[], options: InputOptions) => Encoder;
  /** Extended by what is new in other inputs. */
  readonly extend: (encoder: Encoder, inputs: readonly ClassifierInput[], options: InputOptions) => Encoder;
  /** Reads it from a model file. @throws FileFormatError if it does not fit the network */
  readonly open: (data: Readonly<Record<string, unknown>>, input: NetworkInput, file: string) => Encoder;
  /** That of an existing classifier. */
  readonly of: (classifier: Pick<Encoder, "vocabulary" | "scaler" | "features">) => Encoder;
  /** The layers before the recurrent ones. */
  readonly layers: (options: InputOptions) => readonly Layer[];
  /** Equal for inputs that a model cannot tell apart. */
  readonly key: (input: ClassifierInput) => string;
}

const tokens = (input: ClassifierInput): string[] => wordTokens(input as string);

/** The rows. */
export const inputKinds = {
  text: {
    plural: "texts",
    one: "a text",
    fit: (inputs, { minimumCount }) => textEncoder(buildVocabulary(inputs.map(tokens), { minimumCount })),
    extend: ({ vocabulary }, inputs, { minimumCount }) =>
      textEncoder(extendedVocabulary(vocabulary!, inputs.map(tokens), { minimumCount })),
    open(data, input, file) {
      const vocabulary = vocabularyFromJson(data["vocabulary"], file);
      if ("vocabulary" in input && input.vocabulary === vocabulary.tokens.length)
        return textEncoder(vocabulary);
      const problem = "has a vocabulary that does not fit its input";
      throw new FileFormatError({ file, where: "metadata", problem, remedy: "Save the model again." });
    },
    of: ({ vocabulary }) => textEncoder(vocabulary!),
    layers({ embedding: width, dropout: rate, wordDropout }) {
      const words = wordDropout > 0 ? [dropout({ rate: wordDropout, mask: "token" })] : [];
      return [embedding({ width }), ...words, dropout({ rate })];
    },
    key: (input) => tokens(input).join(" "),
  },
  series: {
    plural: "series",
    one: "a series",
    fit: (inputs) => numberEncoder("series", fitScaler(inputs as readonly Series[])),
    extend: (encoder) => encoder,
    open: (data, input, file) => numberEncoder("series", scalerOf(data, input, file)),
    of: ({ scaler }) => numberEncoder("series", scaler!),
    layers: () => [],
    // The numbers themselves would double the memory that the data takes.
    key: (input) => fingerprint([input as Series]),
  },
  /** The notes' one-to-one, T_x = T_y = 1: a single step from states of zero, so nothing recurs. */
  vector: {
    plural: "vectors",
    one: "a vector",
    fit: (inputs, { features }) =>
      numberEncoder("vector", fitScaler(inputs.map((vector) => [vector as Vector])), features),
    extend: (encoder) => encoder,
    open: (data, input, file) => numberEncoder("vector", scalerOf(data, input, file), featuresOf(data)),
    of: ({ scaler, features }) => numberEncoder("vector", scaler!, features),
    layers: () => [],
    key: (input) => fingerprint([[input as Vector]]),
  },
} as const satisfies Record<string, InputKind>;

/** "text", "series" or "vector". */
export type InputKindName = keyof typeof inputKinds;

/** The row of a kind. */
export const inputKind = (name: InputKindName): InputKind => inputKinds[name];

/** The part of an example that is classified. */
export const inputOf = (example: LabelledExample): ClassifierInput => {
  if ("text" in example) return example.text;
  return "series" in example ? example.series : example.vector;
};

const kindOfExample = (example: LabelledExample): InputKindName =>
  "text" in example ? "text" : "series" in example ? "series" : "vector";

/** The kind of examples. @throws DataError naming the first one of a different kind */
export function kindOfExamples(examples: readonly LabelledExample[]): InputKindName {
  requireItems(examples, labelledItems);
  const kinds = examples.map(kindOfExample);
  const [kind = "text"] = kinds;
  const odd = kinds.findIndex((other) => other !== kind);
  if (odd >= 0) throw wrongKind(kind, kinds[odd]!, examples[odd]!);
  return kind;
}

function textEncoder(vocabulary: Vocabulary): Encoder {
  return {
    kind: "text",
    networkInput: { vocabulary: vocabulary.tokens.length },
    data: { vocabulary: vocabulary.tokens },
    vocabulary,
    encode(input, place = {}) {
      if (typeof input !== "string") throw wrongKind("text", kindOfNumbers(input), place);
      return encode(vocabulary, wordTokens(input));
    },
  };
}

/** What a list of numbers, or of steps, is. */
const kindOfNumbers = (input: Series | Vector): "series" | "vector" =>
  typeof input[0] === "number" ? "vector" : "series";

const scalerOf = (data: Readonly<Record<string, unknown>>, input: NetworkInput, file: string): Scaler =>
  scalerFromJson(data["scaler"], "width" in input ? input.width : 0, file);

/** Names of features from a model file: only a hint for tables, so anything invalid is ignored. */
function featuresOf({ features }: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const isTexts = Array.isArray(features) && features.every((name) => typeof name === "string");
  return isTexts ? (features as readonly string[]) : undefined;
}

function numberEncoder(kind: "series" | "vector", scaler: Scaler, features?: readonly string[]): Encoder {
  const width = scaler.mean.length;
  const named = features === undefined ? {} : { features };
  return {
    kind,
    networkInput: { width },
    scaler,
    data: { kind, scaler, ...named },
    ...named,
    encode(input, place = {}) {
      const found = typeof input === "string" ? "text" : kindOfNumbers(input);
      // An empty list is a series without steps.
      if (found === "text" || (found !== kind && input.length > 0)) throw wrongKind(kind, found, place);
      const steps = (kind === "series" ? input : [input]) as Series;
      const holds = kind === "series" ? Number.isFinite : (value: number) => Math.abs(value) !== Infinity;
      const odd = steps.findIndex((step) => step.length !== width || !Array.from(step).every(holds));
      if (odd < 0) return scaled(scaler, steps);
      const what = kind === "series" ? `step ${odd + 1} of the series` : "the vector";
      const wanted = `${width === 1 ? "one finite number" : `${width} finite numbers`}`;
      throw new DataError({
        file: place.file ?? "data",
        line: place.line,
        problem: `${what} is [${shortened(steps[odd]!)}]`,
        remedy:
          kind === "series"
            ? `Each step needs ${wanted}.`
            : `It needs ${wanted}, or NaN where one is missing.`,
      });
    },
  };
}

/** Numbers as a text; of many, only the first few. */
function shortened(numbers: ArrayLike<number>): string {
  const shown = Array.from(numbers).slice(0, 10).join(", ");
  return numbers.length > 10 ? `${shown}, … (${numbers.length})` : shown;
}

function wrongKind(wanted: InputKindName, is: InputKindName, { file = "data", line }: Place): DataError {
  return new DataError({
    file,
    line,
    problem: `is ${inputKind(is).one}, where ${inputKind(wanted).plural} belong`,
    remedy: "A classifier takes inputs of one kind.",
  });
}
