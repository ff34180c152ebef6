// Our runs over a batch: a training step (forward, loss, backward, all weight gradients, clipping, gradient descent,
// one call into the executor) and a forward pass. The batch is written once, before the clock starts.
import {
  bindBatch,
  capacityFor,
  initialParameters,
  names,
  predictionPlan,
  writeParameters,
} from "unrolled/nn";
import { cost } from "unrolled/plan";
import { sgd, trainingNames, trainingPlan } from "unrolled/train";
import { batch } from "../data.mjs";
import { networkOf } from "./networks.mjs";

const rate = 1e-3;

const kinds = {
  train: (net) => trainingPlan(net, { optimizer: sgd({ learningRate: rate }), clip: 1 }),
  forward: (net) => predictionPlan(net),
};

/** Sets up a task of kind "train" or "forward" on an executor. */
export function prepareBatch(task, executor) {
  const net = networkOf(task);
  const plan = kinds[task.kind](net);
  const session = executor.session();
  const program = session.prepare(plan, { [names.packing]: capacityFor([task.lengths]) });
  writeParameters(net, initialParameters(net, 1), session);
  const bound = bindBatch(net, program, batch(task, net.output.width), { seed: 1, step: 1 });
  const training = task.kind === "train";
  if (training) {
    program.write(trainingNames.weight, [1 / task.lengths.length]);
    program.write(`${trainingNames.number}rate`, [rate]);
  }
  // A step hands its loss to JavaScript, a forward pass what it predicts: nobody can do without.
  const output = training ? trainingNames.loss : names.prediction;
  const { productFlops } = cost(plan, { [names.packing]: bound.packing });
  return {
    ready: { tier: executor.tier, flops: productFlops },
    run() {
      program.run(bound.batch);
      const values = program.read(output);
      return training ? values[0] : undefined;
    },
    facts: () => ({ bytes: executor.bytes }),
    dispose: () => executor.dispose(),
  };
}
