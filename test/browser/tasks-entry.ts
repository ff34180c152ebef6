/**
 * The worker's entry in the browser: fetches the models, asks them, and posts the answers, or what went wrong.
 */
import { askAll, modelNames } from "./tasks.js";

const here = new URL(self.location.href);

async function fetchModel(name: string): Promise<[string, Uint8Array]> {
  const response = await fetch(new URL(`/${name}.safetensors`, here));
  return [name, new Uint8Array(await response.arrayBuffer())];
}

Promise.all(modelNames.map(fetchModel))
  .then((models) => askAll(Object.fromEntries(models), new URL("/kernels.simd.wasm", here)))
  .then(
    (found) => self.postMessage({ found }),
    (error: unknown) => self.postMessage({ error: String(error) }),
  );
