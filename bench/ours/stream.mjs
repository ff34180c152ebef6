// Our streaming: one step of a layer at batch 1, called from JavaScript; the state stays where the program has it.
import { createStream, initialParameters } from "unrolled/nn";
import { inputs } from "../data.mjs";
import { streamNetwork } from "./networks.mjs";

/** A function from one step's input to its output; it keeps the state. */
function openStream(task, executor) {
  const net = streamNetwork(task);
  const names = net.layers[0].layer.cell.states.map((state) => `recurrent1.${state}`);
  const states = Object.fromEntries(names.map((name) => [name, new Float32Array(task.H)]));
  const stream = createStream(net, executor, { parameters: initialParameters(net, 1), states });
  return (x) => stream.step(x);
}

/** Sets up a task of kind "stream" on an executor. */
export function prepareStream(task, executor) {
  const step = openStream(task, executor);
  const x = inputs(0, 1, task.X);
  return {
    ready: { tier: executor.tier },
    run: () => void step(x),
    facts: () => ({ bytes: executor.bytes }),
    dispose: () => executor.dispose(),
  };
}
