// The engine in a real browser: trains and predicts inside a worker, with and without cross-origin isolation, and
// gives the bits that Node gives. What a page fetches is weighed. Needs Chromium (Debian: apt-get install chromium).
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Found, trainAndPredict } from "./browser/worker.js";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);
const root = fileURLToPath(new URL("..", import.meta.url));
const kernels = (tier: string) => readFileSync(`${root}/dist/exec/wasm/kernels.${tier}.wasm`);

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
  let server: Server;
  let script = "";
  const page = `<!doctype html><title>unrolled</title><script type="module">
    new Worker("/worker.js", { type: "module" }).onmessage = ({ data }) => { window.result = data; };
  </script>`;

  beforeAll(async () => {
    script = await bundle(`${root}/test/browser/entry.ts`);
    server = createServer((request, response) => {
      const isolated = request.url?.startsWith("/isolated") || request.headers.referer?.includes("/isolated");
      if (isolated) {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      }
      const file = request.url?.split("?")[0];
      if (file === "/worker.js") response.setHeader("Content-Type", "text/javascript").end(script);
      else if (file?.endsWith(".wasm"))
        response.setHeader("Content-Type", "application/wasm").end(kernels("simd"));
      else response.setHeader("Content-Type", "text/html").end(page);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server?.close());

  it.each(["isolated", "plain"])(
    "an %s page trains and predicts in a worker, to the same bits as Node",
    async (kind) => {
      const browser = await chromium.launch({
        executablePath: executablePath as string,
        args: ["--no-sandbox", "--disable-gpu"],
      });
      try {
        const tab = await browser.newPage();
        await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${kind}`);
        const waiting = tab.waitForFunction("window.result", undefined, { timeout: 30_000 });
        const result = (await (await waiting).jsonValue()) as { found?: Found; error?: string };
        expect(result.error).toBeUndefined();
        expect(await tab.evaluate("crossOriginIsolated")).toBe(kind === "isolated");
        const here = await trainAndPredict();
        expect(result.found).toEqual(here);
        expect(here.losses.at(-1)).toBeLessThan((here.losses[0] as number) / 2);
      } finally {
        await browser.close();
      }
    },
  );
});
