/**
 * A plain network, as imported models are: sequences of token ids or of numbers go in, numbers come out; there are no
 * labels and no vocabulary.
 */
import type { Home } from "../../exec/executor.js";
import type { OpenHome } from "../../exec/home.js";
import { type Resource, resource, used } from "../../exec/resource.js";
import { FileFormatError, type ModelFile, readFiniteModel, writeModel } from "../../io/index.js";
import { createPredictor, type Network, type Parameters, parameterCount } from "../../nn/index.js";
import { atHome } from "../shared/home.js";
import { type Insight, insightOf, numbered, type ReadInput } from "../shared/insight.js";
import {
  labelledSequence,
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
  return resource({
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...insightOf({ net, session, parameters, read: (input) => readSequence(net, input) }),
    async predict(inputs) {
      const predictions = await predictor.predictAsync(inputs.map((input) => sequenceExample(net, input)));
      return predictions.map(({ rows }) => (pools ? (rows[0] ?? []) : rows));
    },
    async evaluate(examples) {
      const labelled = examples.map((example) => labelledSequence(net, example));
      const judge = createPredictor(net, session, { parameters, loss: true, rows: false });
      const predictions = await used(judge, () => judge.predictAsync(labelled));
      const loss = predictions.reduce((sum, each) => sum + each.loss!, 0);
      const rows = pools ? examples.length : examples.reduce((sum, { input }) => sum + input.length, 0);
      return { count: examples.length, metrics: { loss: loss / rows } };
    },
    save: () => writeModel({ task, network: net, parameters, data }),
    dispose() {
      predictor.dispose();
      home.dispose();
    },
  });
}

/** A sequence, or one with its target, as the network reads it. */
function readSequence(net: Network, input: SequenceInput | SequenceExample): ReadInput {
  const labelled = "target" in input ? input : undefined;
  const bare = labelled ? labelled.input : (input as SequenceInput);
  return {
    example: labelled ? labelledSequence(net, labelled) : sequenceExample(net, bare),
    steps: numbered(bare.length),
  };
}

/** The verbs of networks without a task; an opened network itself has predict, evaluate and save. */
export const plainNetwork = { load, open, example: sequenceExample, rows: rowsOf };
