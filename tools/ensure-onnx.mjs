// @ts-check
/**
 * Installs ONNX Runtime for the tests of unrolled/onnx (test/onnx, 400 MB), which `npm test` does before it runs. Where it
 * cannot be fetched the tests that need it are skipped, and say so; on a server that tests what is published, where CI is set,
 * they may not be.
 */
import { fileURLToPath } from "node:url";
import { install } from "./ensure.mjs";

const status = install(fileURLToPath(new URL("../test/onnx", import.meta.url)));
if (status !== 0) {
  console.error(
    "ONNX Runtime is not installed: the tests that need it will be skipped (npm ci --prefix test/onnx)",
  );
  if (process.env["CI"]) process.exit(status);
}
