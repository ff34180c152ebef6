/**
 * Training on several threads: the stored trajectories, and the same bits as on one thread for outputs, losses,
 * weights and optimiser state, over ragged batches with empty sequences.
 */
import { afterAll, describe, expect, it } from "vitest";
import { gru, lstm } from "../../cell/index.js";
import type { Executor } from "../../exec/executor.js";
import { type EagerTeam, eagerTeam, executorOf, sharedRuns } from "../../exec/wasm/eager.cases.js";
import { createWasmExecutor } from "../../exec/wasm/index.js";
import {
  createPredictor,
  dropout,
  type Example,
  embedding,
  initialParameters,
  linear,
  type NetworkOptions,
  network,
  pool,
  recurrent,
  stack,
} from "../../nn/index.js";
import { adam, createTrainer } from "../index.js";
import { paritySequences, trainingCases } from "./training.cases.js";

const teams = new Map<number, Promise<EagerTeam>>();

async function create(threads: number): Promise<Executor> {
  const made = teams.get(threads) ?? eagerTeam(threads);
  teams.set(threads, made);
  return executorOf(await made);
}

afterAll(async () => {
  for (const made of teams.values()) {
    const eager = await made;
    expect(sharedRuns(eager)).toBeGreaterThan(10);
    await eager.team.stop();
  }
});

// The tolerance of wasm.test.ts, for its reason: threads change no bit.
describe.each([2, 3])("with %i threads", (threads) => trainingCases(() => create(threads), 2e-3));

/** Batches of 19 sequences of up to 6 steps, two of them empty, and one of three. */
const batches = [0, 1, 2].map((b): Example[] =>
  paritySequences(b === 2 ? 3 : 19, 40 + b).map(({ input, id }) => ({
    input: id === 4 || id === 11 ? [] : input,
    target: [id! % 3],
    id: id!,
  })),
);

/** Everything that twelve steps leave behind, in bits that can be compared. */
async function trained(layers: NetworkOptions["layers"], executor: Executor): Promise<unknown> {
  const net = network({ input: { vocabulary: 3 }, layers, loss: "crossEntropy" });
  const trainer = createTrainer(net, initialParameters(net, 3), executor, {
    optimizer: adam({ learningRate: 0.02 }),
    clip: 1,
    seed: 5,
    batches: batches.map((batch) => batch.map((e) => Number(e.input.length))),
  });
  const reports = Array.from({ length: 12 }, (_, s) => trainer.step(batches[s % 3]!));
  const bytes = executor.bytes;
  trainer.step(batches[0]!);
  expect(executor.bytes).toBe(bytes);
  const predictor = createPredictor(net, trainer.session, { loss: true });
  return { reports, parameters: trainer.parameters(), outputs: predictor.predict(batches[0]!) };
}

describe("one, two and three threads give the same bits for a trained network", () => {
  const networks: Readonly<Record<string, NetworkOptions["layers"]>> = {
    "gru both ways, maximum over time": [
      embedding({ width: 33 }),
      dropout({ rate: 0.2 }),
      recurrent({ cell: gru, units: 20, direction: "both" }),
      pool({ by: "max" }),
      linear({ units: 3 }),
    ],
    "stacked lstm, mean over time": [
      embedding({ width: 17 }),
      stack({ cell: lstm, units: [35, 18] }),
      pool({ by: "mean" }),
      linear({ units: 3 }),
    ],
  };
  it.each(Object.keys(networks))("%s", async (name) => {
    const layers = networks[name]!;
    const alone = await trained(layers, await createWasmExecutor());
    for (const threads of [2, 3]) expect(await trained(layers, await create(threads))).toEqual(alone);
  });
});
