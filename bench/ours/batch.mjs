// @ts-check
/**
 * Our runs over a batch: a training step (forward, loss, backward, all weight gradients, clipping, gradient descent,
 * one call into the executor) and a forward pass. The batch is written once, before the clock starts.
 */
import { initialParameters } from "unrolled/nn";
import { bindBatch, capacityFor, names, predictionPlan, writeParameters } from "unrolled/nn/build";
import { cost } from "unrolled/plan";
import { sgd, trainingNames, trainingPlan } from "unrolled/train";
import { batch } from "../data.mjs";
import { networkOf } from "./networks.mjs";

/** @typedef {import("../tasks.mjs").Task} Task */
/** @typedef {import("./tiers.mjs").Executor} Executor */

const rate = 1e-3;

/**
 * What a kind of task runs, and what of it is read after each run: a step hands its loss to JavaScript, a forward pass what
 * it predicts, for nobody can do without.
 * @satisfies {Record<string, { plan: (net: import("unrolled/nn").Network) => import("unrolled/plan").Plan, output: string }>}
 */
const kinds = {
  train: {
    plan: (net) => trainingPlan(net, { optimizer: sgd({ learningRate: rate }), clip: 1 }),
    output: trainingNames.loss,
  },
  forward: { plan: predictionPlan, output: names.prediction },
};

/** Sets up a task of kind "train" or "forward" on an executor. @param {Task} task @param {Executor} executor */
export function prepareBatch(task, executor) {
  const net = networkOf(task);
  const kind = /** @type {keyof typeof kinds} */ (task.kind);
  const plan = kinds[kind].plan(net);
  const session = executor.session();
  const program = session.prepare(plan, capacityFor([task.lengths]));
  writeParameters(net, initialParameters(net, 1), session);
  const bound = bindBatch(net, program, batch(task, net.output.width), { seed: 1, step: 1 });
  if (kind === "train") {
    program.write(trainingNames.weight, [1 / task.lengths.length]);
    program.write(`${trainingNames.number}rate`, [rate]);
  }
  const { output } = kinds[kind];
  const { productFlops } = cost(plan, { [names.packing]: bound.packing });
  return {
    ready: { tier: executor.tier, flops: productFlops },
    run() {
      program.run(bound.batch);
      const values = program.read(output);
      return kind === "train" ? values[0] : undefined;
    },
    facts: () => ({ bytes: executor.bytes }),
    dispose: () => executor.dispose(),
  };
}
