/**
 * An application bundled by Vite and by esbuild without any configuration, and run in Chromium.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { executablePath, type Files, resultOf, serve, withPage } from "./browser/chromium.js";

const app = fileURLToPath(new URL("./browser/app/", import.meta.url));
const dist = fileURLToPath(new URL("../dist/", import.meta.url));

/** The files below a folder, by the path they are served at. */
function filesOf(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [`/${relative(folder, file).split(sep).join("/")}`, readFileSync(file)]),
  );
}

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "unrolled-app-"));
});
afterEach(() => rmSync(out, { recursive: true }));

/** How each bundler is used by somebody who has read no more than its first page. */
const bundlers: Readonly<Record<string, () => Promise<Files>>> = {
  Vite: async () => {
    await vite({
      root: app,
      configFile: false,
      logLevel: "silent",
      build: { outDir: out, emptyOutDir: true },
    });
    return filesOf(out);
  },
  // esbuild leaves `new URL("./kernels.simd.wasm", import.meta.url)` as it is: the kernels are served beside the script,
  // and the module of the worker is bundled to the place where it is looked for.
  esbuild: async () => {
    const worker = { in: fileURLToPath(import.meta.resolve("unrolled/tasks/worker")), out: "tasks/worker" };
    const entryPoints = [{ in: join(app, "main.js"), out: "main" }, worker];
    await esbuild({
      entryPoints,
      bundle: true,
      format: "esm",
      splitting: true,
      minify: true,
      outdir: out,
      logLevel: "silent",
    });
    const kernels = Object.entries(filesOf(join(dist, "shared"))).filter(([name]) => name.endsWith(".wasm"));
    return {
      ...filesOf(out),
      ...Object.fromEntries(kernels),
      "/index.html": readFileSync(join(app, "index.html")),
    };
  },
};

describe.skipIf(!executablePath)("bundled for Chromium (install it with apt-get install chromium)", () => {
  it.each(Object.keys(bundlers))(
    "by %s without configuration, a page trains in a worker, stays responsive and predicts",
    async (name) => {
      const served = await serve(await bundlers[name]!());
      try {
        const result = await withPage(served.url, (page) => resultOf<unknown>(page));
        expect(result).toEqual({ found: { labels: ["good", "bad"], steps: 120, long: [] } });
      } finally {
        served.close();
      }
    },
  );
});
