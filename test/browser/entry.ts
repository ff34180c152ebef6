// The worker's entry in the browser: runs once and posts the result, or what went wrong.
import { trainAndPredict } from "./worker.js";

trainAndPredict(new URL("/kernels.simd.wasm", self.location.href)).then(
  (found) => self.postMessage({ found }),
  (error: unknown) => self.postMessage({ error: String(error) }),
);
