/**
 * A trainer that stands in for the usual one: two trainers in halves, as two processes would have them, each with half of
 * every batch, whose gradients are summed between the halves of a step. It is what data-parallel training does.
 */
import { describe, expect, it } from "vitest";
import { gru } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import {
  dropout,
  embedding,
  initialParameters,
  linear,
  network,
  type Prediction,
  recurrent,
} from "../../nn/index.js";
import {
  adam,
  createSplitTrainer,
  type FitOptions,
  type SplitTrainer,
  type StepSums,
  type TrainedNetwork,
  type Trainer,
  type TrainerMaker,
  fit as trainNetwork,
} from "../index.js";
import { paritySequences } from "../step/training.cases.js";

const net = network({
  input: { vocabulary: 3 },
  layers: [
    embedding({ width: 6 }),
    dropout({ rate: 0.1 }),
    recurrent({ cell: gru, units: 8 }),
    linear({ units: 2 }),
  ],
  loss: "crossEntropy",
});

/** Adds up the gradients of all in place, in the order of the ranks. */
function exchange(ranks: readonly SplitTrainer[]): void {
  for (const buffer of ranks[0]!.gradientBuffers) {
    const [sum, ...others] = ranks.map((rank) => rank.gradient(buffer));
    for (const other of others) other.forEach((value, k) => (sum![k]! += value));
    for (const other of others) other.set(sum!);
  }
}

/** A trainer of two ranks, the second on an executor of its own. */
const pairOn =
  (second: Executor): TrainerMaker =>
  (_, parameters, first, options) => {
    const ranks = [first, second].map((home) => createSplitTrainer(net, parameters, home, options));
    const each = (use: (trainer: Trainer) => void): void => {
      for (const rank of ranks) use(rank);
    };
    // What is not replaced, such as the state, is the first one's: both are the same.
    return Object.assign(Object.create(ranks[0]!) as Trainer, {
      step(examples: Parameters<Trainer["step"]>[0], of = examples.length) {
        const middle = Math.ceil(examples.length / 2);
        const shards = [examples.slice(0, middle), examples.slice(middle)];
        const sums = ranks.map((rank, i) => rank.gradients(shards[i]!, of));
        exchange(ranks);
        const all = sums.reduce(
          (a, b): StepSums => ({ loss: a.loss + b.loss, rows: a.rows + b.rows, tokens: a.tokens + b.tokens }),
        );
        const [report] = ranks.map((rank) => rank.update(all));
        return report;
      },
      observe: (score: number) => each((trainer) => trainer.observe(score)),
      setParameters: (given: typeof parameters) => each((trainer) => trainer.setParameters(given)),
      restore: (state: ReturnType<Trainer["state"]>) => each((trainer) => trainer.restore(state)),
      dispose: () => each((trainer) => trainer.dispose()),
    });
  };

const options = (executor: Executor): FitOptions => ({
  parameters: initialParameters(net, 1),
  executor,
  train: paritySequences(45, 1),
  valid: {
    examples: paritySequences(10, 2),
    score: (all: readonly Prediction[]) => -all.reduce((sum, { loss }) => sum + loss!, 0),
  },
  epochs: 3,
  batchSize: 8,
  optimizer: adam({ learningRate: 0.02 }),
  clip: 0.5,
  average: 0.8,
  seed: 3,
});
const outcome = ({ parameters, training }: TrainedNetwork): unknown => {
  const { score, bestEpoch, steps, skipped } = training;
  return { parameters, score, bestEpoch, steps, skipped };
};

describe.each<[string, () => Promise<Executor>]>([
  ["reference", () => createReferenceExecutor()],
  ["wasm", () => createWasmExecutor({ tier: "simd" })],
])("a trainer that is given (%s)", (_, create) => {
  it("of two ranks that exchange gradients trains to the bits of one process with both shards", async () => {
    const two = await trainNetwork(net, { ...options(await create()), trainer: pairOn(await create()) });
    const one = await trainNetwork(net, { ...options(await create()), accumulate: 2 });
    expect(outcome(two)).toEqual(outcome(one));
    expect(two.training.steps).toBe(18);
  });
});
