// @ts-check
/** Our streaming: one step of a layer at batch 1, called from JavaScript; the state stays where the program has it. */
import { createStream, initialParameters } from "unrolled/nn";
import { inputs } from "../data.mjs";
import { cellOf, streamNetwork } from "./networks.mjs";

/** Sets up a task of kind "stream" on an executor. @param {import("../tasks.mjs").Task} task @param {import("./tiers.mjs").Executor} executor */
export function prepareStream(task, executor) {
  const net = streamNetwork(task);
  const zeros = cellOf(task.cell).states.map((state) => [`recurrent1.${state}`, new Float32Array(task.H)]);
  const options = { parameters: initialParameters(net, 1), states: Object.fromEntries(zeros) };
  const stream = createStream(net, executor, options);
  const x = inputs(0, 1, task.X);
  return {
    ready: { tier: executor.tier },
    run: () => void stream.step(x),
    facts: () => ({ bytes: executor.bytes }),
    dispose: () => executor.dispose(),
  };
}
