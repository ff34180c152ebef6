/**
 * A page exports networks and runs them in onnxruntime-web, as an application in a browser would.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { executablePath, resultOf, serve, withPage } from "../browser/chromium.js";
import { isMissing, suiteName } from "./runtimes.js";

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));
const runtime = "onnxruntime-web";
const missing = executablePath ? "" : " (no Chromium: install it with apt-get install chromium)";

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "unrolled-onnx-"));
});
afterEach(() => rmSync(out, { recursive: true }));

describe.skipIf(!executablePath || isMissing(runtime))(`${suiteName(runtime)} in Chromium${missing}`, () => {
  it("runs a bidirectional LSTM and a user's cell, exported in the page, as we do", async () => {
    await build({
      entryPoints: [path("../browser/onnx.ts")],
      bundle: true,
      format: "esm",
      splitting: true,
      outdir: out,
      logLevel: "silent",
    });
    const scripts = readdirSync(out).map((name) => [`/${name}`, readFileSync(join(out, name))] as const);
    const ort = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"].map(
      (name) => [`/${name}`, readFileSync(path(`./node_modules/${runtime}/dist/${name}`))] as const,
    );
    const served = await serve({
      ...Object.fromEntries([...scripts, ...ort]),
      "/index.html": '<!doctype html><script type="module" src="/onnx.js"></script>',
    });
    try {
      const { found = {}, error } = await withPage(served.url, (page) =>
        resultOf<Readonly<Record<string, number>>>(page),
      );
      expect(error).toBeUndefined();
      expect(Object.keys(found)).toEqual(["lstm", "layers", "mgu"]);
      // Float32 against float64, of sums of ten terms over four steps.
      expect(found["lstm"]).toBeLessThan(1e-5);
      expect(found["mgu"]).toBeLessThan(1e-5);
      // The weights of token ids are looked up in a table for each direction, and come back so: two embeddings, two
      // layers, their join, and the output.
      expect(found["layers"]).toBe(6);
    } finally {
      served.close();
    }
  });
});
