/**
 * A page imports a file of Keras: the archive, the reader of HDF5, which is loaded for it, and the certificate.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { executablePath, resultOf, serve, withPage } from "./browser/chromium.js";

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "unrolled-keras-"));
});
afterEach(() => rmSync(out, { recursive: true }));

describe.skipIf(!executablePath)("in Chromium (install it with apt-get install chromium)", () => {
  it("a .keras file and a .h5 file are imported and certified, and HDF5's reader is a file of its own", async () => {
    await build({
      entryPoints: [path("./browser/keras.ts")],
      bundle: true,
      format: "esm",
      splitting: true,
      outdir: out,
      logLevel: "silent",
    });
    const scripts = readdirSync(out).map((name) => [`/${name}`, readFileSync(join(out, name))] as const);
    const entry = readFileSync(join(out, "keras.js"), "utf8");
    expect(entry).not.toContain("DataObjects");
    const served = await serve({
      ...Object.fromEntries(scripts),
      "/index.html": '<!doctype html><script type="module" src="/keras.js"></script>',
      "/tagger.keras": readFileSync(path("./golden/keras/tagger.keras")),
      "/legacy.h5": readFileSync(path("./golden/keras/legacy.h5")),
    });
    try {
      const { found, error } = await withPage(served.url, (page) =>
        resultOf<Readonly<Record<string, number>>>(page),
      );
      expect(error).toBeUndefined();
      expect(Object.keys(found ?? {})).toEqual(["tagger.keras", "legacy.h5"]);
      // In float64 what remains is the float32 of summed biases.
      for (const difference of Object.values(found ?? {})) expect(difference).toBeLessThan(1e-6);
    } finally {
      served.close();
    }
  });
});
