// Our streaming: one step of a layer at batch 1, the state given and returned. All that knows how is `openStream`:
// when `stream.step` exists, it replaces that function's body and nothing else.
import {
  bindBatch,
  capacityFor,
  initialParameters,
  names,
  predictionPlan,
  writeParameters,
} from "unrolled/nn";
import { inputs } from "../data.mjs";
import { streamNetwork } from "./networks.mjs";

/** A function from one step's input to its output; it keeps the state. */
function openStream(task, executor) {
  const { cell, H, X } = task;
  const net = streamNetwork(task);
  const program = executor.prepare(predictionPlan(net, { states: true }), {
    [names.packing]: capacityFor([[1]]),
  });
  writeParameters(net, initialParameters(net, 1), executor);
  const states = net.layers[0].layer.cell.states.map((state) => ({
    given: `recurrent1.initial.${state}`,
    final: `${names.final}recurrent1.${state}`,
    key: `recurrent1.${state}`,
  }));
  const zeros = Object.fromEntries(states.map(({ key }) => [key, new Float32Array(H)]));
  const example = { input: new Float32Array(X), target: new Float32Array(H), states: zeros };
  const { batch } = bindBatch(net, program, [example], { seed: 0, step: 0 });
  if (states.length === 0) throw new Error(`${cell} has no state`);
  return (x) => {
    program.write(names.input, x);
    program.run(batch);
    for (const { given, final } of states) program.write(given, program.read(final));
    return program.read(names.prediction);
  };
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
