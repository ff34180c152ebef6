/**
 * Where training takes its batches from: shuffled examples of similar length, or one long sequence in lanes. A source is
 * a function of seed and epoch alone, so a run can go on in the middle of an epoch.
 */

import { epochBatches } from "../data/batches.js";
import { checkText, type Extent, exampleLength, extentOf, largestExtents } from "../nn/build/index.js";
import { type Example, type ExampleInput, type Network, NetworkError } from "../nn/index.js";
import { checkOptions } from "../options/check.js";
import { OptionError } from "../options/error.js";
import type { RowsOf } from "../options/row.js";
import { fingerprint } from "../tensor/fingerprint.js";

/** Batches, epoch after epoch. */
export interface BatchSource {
  /** Batches of an epoch: the same number in each. */
  readonly perEpoch: number;
  /** Batch `index` of an epoch; both count from 0. */
  batch(epoch: number, index: number): readonly Example[];
  /** Extents of a batch that no other exceeds: memory is sized for it. */
  readonly largest: readonly Extent[];
  /** True if the sequences of a batch go on in the next one, so that states are carried. */
  readonly continues: boolean;
  /** A short name of the data. */
  readonly fingerprint: string;
  /** What an example of a batch is called in messages. */
  nameOf(example: Example, batch: number): string;
}

/** How examples are put into batches. */
export interface ShuffleOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** What an example is called in messages, by its id; default "example 12". */
  readonly exampleName?: ((id: number) => string) | undefined;
}

/**
 * Batches of examples of similar length in an order that is new in every epoch.
 *
 * @throws NetworkError if there are no examples, or one does not fit the network
 */
export function shuffledBatches(
  net: Network,
  examples: readonly Example[],
  { batchSize, seed, exampleName = (id) => `example ${id}` }: ShuffleOptions,
): BatchSource {
  if (examples.length === 0) throw new NetworkError("there are no examples to train with");
  const lengths = examples.map((e) => exampleLength(net, e));
  let known: { epoch: number; order: Int32Array[] } | undefined;
  return {
    perEpoch: Math.ceil(examples.length / batchSize),
    batch(epoch, index) {
      if (known?.epoch !== epoch) known = { epoch, order: epochBatches({ lengths, batchSize, seed, epoch }) };
      return Array.from(known.order[index]!, (i) => {
        const example = examples[i]!;
        return { ...example, id: example.id ?? i };
      });
    },
    largest: largestExtents(
      examples.map((e) => extentOf(net, e)),
      batchSize,
    ),
    continues: false,
    nameOf: ({ id = -1 }) => exampleName(id),
    fingerprint: fingerprint(
      (function* () {
        for (const { input, target = [], weight = 1 } of examples)
          yield [...flatInputs(input), target, [weight]];
      })(),
    ),
  };
}

/** All values of an input; several inputs go by name. */
function flatInputs(input: ExampleInput): ArrayLike<number>[] {
  if ("length" in input) return [input as ArrayLike<number>];
  return Object.values(input).flatMap((values) =>
    typeof values[0] === "object"
      ? [...(values as readonly ArrayLike<number>[])]
      : [values as ArrayLike<number>],
  );
}

/** How one long sequence is cut for truncated back-propagation through time. */
export interface LaneOptions {
  /** Lanes that are read side by side, as sequences of a batch: 20 and more keep the processor busy. */
  readonly lanes: number;
  /** Time steps of a batch, over which gradients flow back. */
  readonly steps: number;
}

const laneRows = {
  lanes: { kind: "whole", required: true },
  steps: { kind: "whole", required: true },
} as const satisfies RowsOf<LaneOptions>;

/**
 * One long sequence of token ids in lanes, each predicting its next token: lane b starts at token b · L, batch s holds
 * steps s · `steps` to (s + 1) · `steps` − 1 of every lane, and states go on from batch to batch (truncated
 * back-propagation through time, Williams and Peng 1990; the set-up of word-level language models since Mikolov et al. 2010).
 *
 * @param ids n tokens; the last n − 1 are the targets, and of these what does not fill all lanes evenly is left out
 * @throws NetworkError if there are too few tokens, one is no id of the network, or the network reads no ids
 */
export function laneBatches(net: Network, ids: ArrayLike<number>, cut: LaneOptions): BatchSource {
  checkOptions(cut, laneRows, "bptt");
  checkText(net, ids);
  const { lanes, steps } = cut;
  const length = Math.floor((ids.length - 1) / lanes);
  if (length < 1)
    throw new OptionError(
      `${ids.length} tokens do not fill ${lanes} lanes, each a sequence of the batch; take a smaller batch ({batchSize}) or a longer text`,
    );
  const part = (from: number, to: number): Int32Array =>
    Int32Array.from({ length: to - from }, (_, i) => ids[from + i]!);
  return {
    perEpoch: Math.ceil(length / steps),
    batch: (_epoch, index) =>
      Array.from({ length: lanes }, (_, lane) => {
        const from = lane * length + index * steps;
        const to = Math.min(from + steps, (lane + 1) * length);
        return { input: part(from, to), target: part(from + 1, to + 1), id: lane };
      }),
    largest: new Array<number>(lanes).fill(Math.min(steps, length)),
    continues: true,
    nameOf({ input, id = 0 }, batch) {
      const from = id * length + batch * steps;
      return `lane ${id}, tokens ${from} to ${from + (input as ArrayLike<number>).length - 1} of the text`;
    },
    fingerprint: fingerprint([[ids]]),
  };
}
