/**
 * Runs inside a Web Worker of the page under test: trains a small network, then predicts, and posts what it saw.
 */
import { gru } from "unrolled/cell";
import { createWasmExecutor } from "unrolled/exec/wasm";
import {
  createPredictor,
  createSampler,
  type Drawn,
  initialParameters,
  linear,
  network,
  recurrent,
} from "unrolled/nn";
import { adam, createTrainer } from "unrolled/train";

/** What the browser found, to be compared with what Node finds. */
export interface Found {
  readonly tier: string;
  readonly losses: readonly number[];
  readonly rows: readonly (readonly number[])[];
  readonly drawn: readonly Drawn[];
}

/**
 * The same few steps in any runtime, in the tier that runs everywhere. Large enough that threads share most of the
 * work: below some microseconds they would leave it to one.
 */
export async function trainAndPredict(threads: number, module?: URL): Promise<Found> {
  const net = network({
    input: { vocabulary: 5 },
    layers: [recurrent({ cell: gru, units: 64, direction: "both" }), linear({ units: 2 })],
    loss: "crossEntropy",
  });
  const examples = Array.from({ length: 24 }, (_, i) => {
    const input = Array.from({ length: i }, (_, t) => (3 * i + 7 * t) % 5);
    return { input, target: input.map((id) => id % 2), id: i };
  });
  const executor = await createWasmExecutor({ tier: "simd", threads, ...(module ? { module } : {}) });
  const batches = [examples.map((e) => e.input.length)];
  const options = { optimizer: adam({ learningRate: 0.01 }), clip: 1, batches };
  const trainer = createTrainer(net, initialParameters(net, 1), executor, options);
  const losses = Array.from({ length: 20 }, () => trainer.step(examples).loss);
  const rows = createPredictor(net, trainer.session)
    .predict(examples)
    .flatMap((p) => p.rows);
  const sample = createSampler({ temperature: 0.7, topP: 0.95, typical: 0.9, repetitionPenalty: 1.1 });
  const drawn = rows.map((row, step) => sample(row, { seed: 1, sequence: 0, step }, [step % 2]));
  const { tier } = executor;
  executor.dispose();
  return { tier, losses, rows, drawn };
}
