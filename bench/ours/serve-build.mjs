// @ts-check
/**
 * `node serve-build.mjs FOLDER TIER THREADS`: the training step of the build in another checkout, spoken to by protocol.mjs.
 * It goes through `createTrainer`, which builds of different age have in common.
 */
import { pathToFileURL } from "node:url";
import { batch } from "../data.mjs";
import { serve } from "../protocol.mjs";

const [folder = "", tier = "auto", threads = "1"] = process.argv.slice(2);
/** @param {string} entry */
const load = (entry) => import(new URL(`dist/${entry}/index.js`, `${pathToFileURL(folder)}/`).href);
const [{ catalogue }, nn, { createTrainer, sgd }, { createWasmExecutor }] = await Promise.all(
  ["cell", "nn", "train", "exec/wasm"].map(load),
);

await serve(async (task) => {
  const executor = await createWasmExecutor({ tier, threads: Number(threads) });
  const net = nn.network({
    input: { width: task.X },
    layers: [nn.recurrent({ cell: catalogue[task.cell], units: task.H })],
    loss: "squaredError",
  });
  const trainer = createTrainer(net, nn.initialParameters(net, 1), executor, {
    optimizer: sgd({ learningRate: 1e-3 }),
    clip: 1,
    batches: [task.lengths],
  });
  const examples = batch(task, task.H);
  return {
    ready: { tier: executor.tier },
    run: () => void trainer.step(examples),
    dispose: () => executor.dispose(),
  };
});
