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
  type FitResult,
  type SplitTrainer,
  type StepSums,
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

/** A trainer and where its gradients lie. */
interface Rank {
  readonly trainer: SplitTrainer;
}

/** Adds up the gradients of all, and gives every one the sums. */
function exchange(ranks: readonly Rank[]): void {
  for (const { name } of ranks[0]!.trainer.gradientBuffers) {
    const [first, ...others] = ranks.map(({ trainer }) => trainer.session.read(name));
    const sum = others.reduce((a, b) => a.map((value, k) => value + b[k]!), first!);
    for (const { trainer } of ranks) trainer.session.write(name, sum);
  }
}

/** A trainer of two ranks, the second on an executor of its own. */
const pairOn =
  (second: Executor): TrainerMaker =>
  (_, parameters, first, options) => {
    const ranks = [first, second].map((home): Rank => {
      return { trainer: createSplitTrainer(net, parameters, home, options) };
    });
    const [{ trainer: own }] = ranks as [Rank];
    const each = (use: (trainer: Trainer) => void): void => {
      for (const { trainer } of ranks) use(trainer);
    };
    // What is not replaced, such as the state, is the first one's: both are the same.
    return Object.assign(Object.create(own) as Trainer, {
      step(examples: Parameters<Trainer["step"]>[0], of = examples.length) {
        const middle = Math.ceil(examples.length / 2);
        const shards = [examples.slice(0, middle), examples.slice(middle)];
        const sums = ranks.map(({ trainer }, rank) => trainer.gradients(shards[rank]!, of));
        exchange(ranks);
        const all = sums.reduce(
          (a, b): StepSums => ({ loss: a.loss + b.loss, rows: a.rows + b.rows, tokens: a.tokens + b.tokens }),
        );
        const [report] = ranks.map(({ trainer }) => trainer.update(all));
        return report;
      },
      observe: (score: number) => each((trainer) => trainer.observe(score)),
      setParameters: (given: typeof parameters) => each((trainer) => trainer.setParameters(given)),
      restore: (state: ReturnType<Trainer["state"]>) => each((trainer) => trainer.restore(state)),
      dispose: () => each((trainer) => trainer.dispose()),
    });
  };

const options = (executor: Executor): FitOptions => ({
  net,
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
const outcome = ({ parameters, score, bestEpoch, steps, skipped }: FitResult): unknown => ({
  parameters,
  score,
  bestEpoch,
  steps,
  skipped,
});

describe.each<[string, () => Promise<Executor>]>([
  ["reference", () => createReferenceExecutor()],
  ["wasm", () => createWasmExecutor({ tier: "simd" })],
])("a trainer that is given (%s)", (_, create) => {
  it("of two ranks that exchange gradients trains to the bits of one process with both shards", async () => {
    const two = await trainNetwork({ ...options(await create()), trainer: pairOn(await create()) });
    const one = await trainNetwork({ ...options(await create()), accumulate: 2 });
    expect(outcome(two)).toEqual(outcome(one));
    expect(two.steps).toBe(18);
  });
});
