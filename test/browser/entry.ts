/**
 * The worker's entry in the browser: runs once and posts the result, or what went wrong.
 */
import { trainAndPredict } from "./worker.js";

// Its name says how many threads: an address with a query would be another module than the one that its parts import.
trainAndPredict(Number(self.name), new URL("/kernels.simd.wasm", self.location.href)).then(
  (found) => self.postMessage({ found }),
  (error: unknown) => self.postMessage({ error: String(error) }),
);
