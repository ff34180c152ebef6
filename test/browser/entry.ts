/**
 * The worker's entry in the browser: runs once and posts the result, or what went wrong.
 */
import { trainAndPredict } from "./worker.js";

const here = new URL(self.location.href);
trainAndPredict(Number(here.searchParams.get("threads")), new URL("/kernels.simd.wasm", here)).then(
  (found) => self.postMessage({ found }),
  (error: unknown) => self.postMessage({ error: String(error) }),
);
