/**
 * A plain network, as imported models are: sequences of token ids or of numbers go in, numbers come out; there are no
 * labels and no vocabulary.
 */
import type { Home } from "../../exec/executor.js";
import type { OpenHome } from "../../exec/home.js";
import { type Resource, resource, used } from "../../exec/resource.js";
import {
  FileFormatError,
  type ModelFile,
  type Reading,
  readFiniteModel,
  readingIn,
  writeModel,
} from "../../io/index.js";
import { exampleLength } from "../../nn/build/index.js";
import { createPredictor, type Network, type Parameters, parameterCount } from "../../nn/index.js";
import { atHome } from "../shared/home.js";
import { type Insight, insightOf, numbered, type ReadInput as TaskInput } from "../shared/insight.js";
import {
  labelledSequence,
  readInput,
  rowsOf,
  type SequenceExample,
  type SequenceInput,
  sequenceExample,
} from "./sequences.js";

/** What a network makes of a sequence: the numbers of the whole sequence, or of each step. */
export type SequenceOutput = readonly number[] | readonly (readonly number[])[];

/** How a network did on sequences with targets. */
export interface NetworkEvaluation {
  /** Number of sequences. */
  readonly count: number;
  /** `loss` per sequence if the network pools, else per step. */
  readonly metrics: { readonly loss: number };
}

/** A network that was loaded. */
export interface PlainNetwork extends Insight<SequenceInput, SequenceExample>, Resource {
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** @throws DataError if a sequence does not fit the network */
  predict(inputs: readonly SequenceInput[]): Promise<SequenceOutput[]>;
  /** @throws DataError if a sequence or its target does not fit the network */
  evaluate(examples: readonly SequenceExample[]): Promise<NetworkEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** Opens a network that was saved. @throws FileFormatError if the bytes are not such a model */
async function load(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly executor?: Home } = {},
): Promise<PlainNetwork> {
  const { name = "model" } = options;
  return open(readFiniteModel(bytes, name), { ...options, name });
}

/** Opens a network from a model file that has been read already. @throws FileFormatError if it is of another task */
async function open(
  model: ModelFile,
  options: { readonly name: string; readonly executor?: Home },
): Promise<PlainNetwork> {
  const { task } = model;
  if (task !== "network")
    throw new FileFormatError({
      file: options.name,
      where: "metadata",
      problem: `is of a ${task}`,
      remedy: `Open it as a ${task}.`,
    });
  return atHome(options, (home) => networkOf(model, home));
}

function networkOf({ task, network: net, parameters, data }: ModelFile, home: OpenHome): PlainNetwork {
  const { session } = home;
  const predictor = createPredictor(net, session, { parameters });
  const pools = net.output.over === "sequences";
  const reading = readingIn(data["reading"]) ?? {};
  return resource({
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...insightOf({ net, session, parameters, read: (input) => readSequence(net, reading, input) }),
    async predict(inputs) {
      const read = inputs.map((input) => readInput(net, reading, input));
      const predictions = await predictor.predictAsync(read.map(({ input }) => sequenceExample(net, input)));
      return predictions.map(({ rows }, i) => (pools ? (rows[0] ?? []) : read[i]!.given(rows)));
    },
    async evaluate(examples) {
      const labelled = examples.map((example) => labelledSequence(net, asRead(net, reading, example)));
      const judge = createPredictor(net, session, { parameters, loss: true, rows: false });
      const predictions = await used(judge, () => judge.predictAsync(labelled));
      const loss = predictions.reduce((sum, each) => sum + each.loss!, 0);
      const rows = pools
        ? examples.length
        : labelled.reduce((sum, example) => sum + exampleLength(net, example), 0);
      return { count: examples.length, metrics: { loss: loss / rows } };
    },
    save: () => writeModel({ task, network: net, parameters, data }),
    dispose() {
      predictor.dispose();
      home.dispose();
    },
  });
}

/** A sequence with its target, which may be one of each step. */
function asRead(net: Network, reading: Reading, example: SequenceExample): SequenceExample {
  const { target, ...others } = example;
  const { input, kept } = readInput(net, reading, example.input, others);
  const perStep = net.output.over === "tokens" && Array.isArray(target);
  return { ...others, input, target: perStep ? kept(target as unknown[]) : target };
}

/** A sequence, or one with its target, as the network reads it. */
function readSequence(net: Network, reading: Reading, given: SequenceInput | SequenceExample): TaskInput {
  const labelled = isLabelled(given) ? asRead(net, reading, given) : undefined;
  const bare = labelled ? labelled.input : readInput(net, reading, given as SequenceInput).input;
  const example = labelled ? labelledSequence(net, labelled) : sequenceExample(net, bare);
  return { example, steps: numbered(exampleLength(net, example)) };
}

/** Inputs by name have none of this. */
const isLabelled = (given: SequenceInput | SequenceExample): given is SequenceExample =>
  "target" in given && "input" in given;

/** The verbs of networks without a task; an opened network itself has predict, evaluate and save. */
export const plainNetwork = { load, open, example: sequenceExample, rows: rowsOf };
