// The engine in a real browser: trains and predicts inside a worker, on two threads where the page is isolated and on
// one elsewhere, and gives the bits that Node gives on one, while the page stays responsive. What a page fetches is
// weighed. Needs Chromium (Debian: apt-get install chromium).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, it } from "vitest";
import { executablePath, resultOf, serve, withPage } from "./browser/chromium.js";
import { type Found, trainAndPredict } from "./browser/worker.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const kernels = (tier: string) => readFileSync(`${root}/dist/shared/kernels.${tier}.wasm`);

/** A bundle for browsers, without any configuration but the entry. */
async function bundle(input: string): Promise<string> {
  const build = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await build.generate({ format: "esm", minify: true });
  await build.close();
  // What is imported on demand (the parser of .csv files) lies in other chunks, which a page fetches when it is used.
  return output[0].code;
}

/** An entry that uses some names of the package, as a source text. */
const using = (imports: string): string => `data:text/javascript,${encodeURIComponent(imports)}`;

describe("what a page fetches", () => {
  const weigh = async (source: string): Promise<number> => {
    const code = await bundle(using(source));
    return (
      gzipSync(code, { level: 9 }).length +
      Math.max(...["simd", "relaxed"].map((t) => gzipSync(kernels(t), { level: 9 }).length))
    );
  };
  it("to load a model and predict is at most 60 KB gzip, kernels included", async () => {
    const bytes = await weigh(
      `import { createPredictor } from "unrolled/nn"; import { readModel } from "unrolled/io"; import { createWasmExecutor } from "unrolled/exec/wasm"; console.log(createPredictor, readModel, createWasmExecutor);`,
    );
    expect(bytes).toBeLessThanOrEqual(60_000);
  });
  it("to train a task is at most 90 KB gzip, kernels included", async () => {
    expect(
      await weigh(`import { classifier } from "unrolled"; console.log(classifier);`),
    ).toBeLessThanOrEqual(90_000);
  });
});

describe.skipIf(!executablePath)("in Chromium (install it with apt-get install chromium)", () => {
  let script = "";
  /** The page: starts the worker once it is at rest, and notes its own tasks of more than 50 ms from then on. */
  const page = (threads: number): string => `<!doctype html><title>unrolled</title><script type="module">
    await new Promise((resolve) => addEventListener("load", () => setTimeout(resolve, 100)));
    window.long = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.long.push(duration);
    }).observe({ entryTypes: ["longtask"] });
    new Worker("/worker.js?threads=${threads}", { type: "module" }).onmessage = ({ data }) => { window.result = data; };
  </script>`;

  beforeAll(async () => {
    script = await bundle(`${root}/test/browser/entry.ts`);
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
        "/worker.js": script,
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
          expect(here.losses.at(-1)).toBeLessThan((here.losses[0] as number) / 2);
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
      "/worker.js": script,
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
