/**
 * The engine in a real browser: trains and predicts inside a worker, on two threads where the page is isolated and on
 * one elsewhere, and gives the bits that Node gives on one, while the page stays responsive. What a page fetches is
 * weighed. Needs Chromium (Debian: apt-get install chromium).
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, it } from "vitest";
import { executablePath, resultOf, serve, withPage } from "./browser/chromium.js";
import { kernelsOf } from "./browser/kernels.js";
import { type Found, trainAndPredict } from "./browser/worker.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const kernels = (tier: string) => readFileSync(kernelsOf(tier));

/** A bundle for browsers, without any configuration but the entry: its files by name, the entry's first. */
async function bundle(input: string): Promise<readonly (readonly [name: string, code: string])[]> {
  const build = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  return output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file.code] as const] : []));
}

describe("what a page fetches, in KB after gzip, with one build of the kernels", () => {
  const zipped = (contents: string | Uint8Array): number => gzipSync(contents, { level: 9 }).length / 1000;
  const weigh = async (...entries: string[]): Promise<number> => {
    let sum = Math.max(...["simd", "relaxed"].map((tier) => zipped(kernels(tier))));
    for (const entry of entries) {
      // What is imported on demand (workers, the parser of .csv files) lies in other files, which a page fetches when it is used.
      const [[, code] = ["", ""]] = await bundle(`${root}/test/browser/weigh/${entry}.js`);
      // A bundler that left the package out would weigh next to nothing.
      expect(code).not.toMatch(/from ?"unrolled/);
      sum += zipped(code);
    }
    return sum;
  };
  it("to load a model and predict is at most 65", async () => {
    const weight = await weigh("predict");
    expect(weight).toBeLessThanOrEqual(65);
    expect(weight).toBeGreaterThan(30);
  });
  it("to train a task in a worker of its own, or on the page, is at most 90", async () => {
    expect(await weigh("train")).toBeLessThanOrEqual(90);
    expect(await weigh("worker")).toBeLessThanOrEqual(90);
  });
  // Bundlers give a worker a bundle of its own, in which what page and worker share stands once more.
  it("to train on a page by the worker that it makes itself is at most 120", async () => {
    expect(await weigh("train", "worker")).toBeLessThanOrEqual(120);
  });
});

describe.skipIf(!executablePath)("in Chromium (install it with apt-get install chromium)", () => {
  let scripts: Readonly<Record<string, string>> = {};
  /** The page: starts the worker once it is at rest, and notes its own tasks of more than 50 ms from then on. */
  const page = (threads: number): string => `<!doctype html><title>unrolled</title><script type="module">
    await new Promise((resolve) => addEventListener("load", () => setTimeout(resolve, 100)));
    window.long = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.long.push(duration);
    }).observe({ entryTypes: ["longtask"] });
    new Worker("/entry.js", { type: "module", name: "${threads}" }).onmessage = ({ data }) => { window.result = data; };
  </script>`;

  beforeAll(async () => {
    const files = await bundle(`${root}/test/browser/entry.ts`);
    scripts = Object.fromEntries(files.map(([name, code]) => [`/${name}`, code]));
  });

  it.each([
    { kind: "isolated", threads: 2 },
    { kind: "isolated", threads: 1 },
    { kind: "plain", threads: 1 },
  ])(
    "an $kind page trains and predicts in a worker on $threads threads, to the bits of Node, and stays responsive",
    async ({ kind, threads }) => {
      const files = {
        "/index.html": page(threads),
        ...scripts,
        "/kernels.simd.wasm": kernels("simd"),
      };
      const served = await serve(files, kind === "isolated");
      try {
        await withPage(served.url, async (tab) => {
          const result = await resultOf<Found>(tab);
          expect(result.error).toBeUndefined();
          expect(await tab.evaluate("crossOriginIsolated")).toBe(kind === "isolated");
          expect(result.found?.tier).toBe(threads === 1 ? "wasm simd" : `wasm simd, ${threads} threads`);
          const here = await trainAndPredict(1);
          expect(result.found?.losses).toEqual(here.losses);
          expect(result.found?.rows).toEqual(here.rows);
          expect(result.found?.drawn).toEqual(here.drawn);
          expect(here.losses.at(-1)).toBeLessThan(here.losses[0]! / 2);
          expect(await tab.evaluate("long")).toEqual([]);
        });
      } finally {
        served.close();
      }
    },
  );

  it("a page that is not isolated refuses two threads and says what would work", async () => {
    const files = {
      "/index.html": page(2),
      ...scripts,
      "/kernels.simd.wasm": kernels("simd"),
    };
    const served = await serve(files);
    try {
      const result = await withPage(served.url, (tab) => resultOf<Found>(tab));
      expect(result.error).toMatch(/isolat/);
      expect(result.error).toMatch(/one thread/);
    } finally {
      served.close();
    }
  });
});
