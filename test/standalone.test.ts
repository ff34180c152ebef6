/**
 * Generated modules where they are to run, from the built package: in Node, in a worker of Node, in a context that has nothing
 * but what the language and `atob` give (as edge runtimes have it, code from texts forbidden), on a page and in a page's worker.
 * Chromium is found on the machine (Debian: apt-get install chromium).
 */
import { createContext, runInContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { classifier } from "unrolled";
import { lstm } from "unrolled/cell";
import { type ModelFile, readModel } from "unrolled/io";
import { embedding, initialParameters, linear, network, recurrent } from "unrolled/nn";
import { standaloneModule } from "unrolled/standalone";
import { beforeAll, describe, expect, it } from "vitest";
import { executablePath, resultOf, serve, withPage } from "./browser/chromium.js";

/** What is asked of both modules, in the words of every runtime. */
const ask = `(mood, stream) => ({
  tests: [mood.selfTest().cases, stream.selfTest().cases],
  answers: ["a fine day", "isn't it dreary? 😀", ""].map((text) => mood.predict(text)),
  steps: [3, 1, 4].map((id) => stream.step(id)),
  states: stream.state(),
})`;

/** The modules by name. */
let texts: Readonly<Record<"mood" | "stream", string>>;
/** What Node says. */
let expected: unknown;

const dataUrl = (text: string): string =>
  `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;

beforeAll(async () => {
  const train = Array.from({ length: 20 }, (_, i) => ({
    text: `a ${i % 2 ? "fine" : "dreary"} ${["day", "night", "hour"][i % 3]}`,
    label: i % 2 ? "good" : "bad",
  }));
  const model = await classifier.train({ train, units: [8], epochs: 2, seed: 3, minimumCount: 1 });
  const layers = [embedding({ width: 4 }), recurrent({ cell: lstm, units: 6 }), linear({ units: 5 })];
  const net = network({ input: { vocabulary: 5 }, layers, loss: "crossEntropy" });
  const file: ModelFile = { task: "none", network: net, parameters: initialParameters(net, 1), data: {} };
  texts = {
    mood: await standaloneModule(readModel(model.save()), { weights: "int8" }),
    stream: await standaloneModule(file),
  };
  model.dispose();
  const [mood, stream] = await Promise.all([import(dataUrl(texts.mood)), import(dataUrl(texts.stream))]);
  expected = runInContext(ask, createContext({}))(mood, stream);
});

/** Every number of a value rounded: Math.exp and Math.tanh are each runtime's own, and differ in the last digits. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, of) => (typeof of === "number" ? Number(of.toFixed(9)) : of));

describe("the same numbers", () => {
  it("in Node, where they are probabilities and the tests have run", () => {
    const found = expected as {
      tests: number[];
      answers: { probabilities: Record<string, number> }[];
      steps: number[][];
    };
    expect(found.tests).toEqual([3, 3]);
    for (const row of [
      ...found.answers.map(({ probabilities }) => Object.values(probabilities)),
      ...found.steps,
    ])
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it("in a worker of Node", async () => {
    const code = `import { parentPort } from "node:worker_threads";
      import * as mood from "${dataUrl(texts.mood)}";
      import * as stream from "${dataUrl(texts.stream)}";
      parentPort.postMessage((${ask})(mood, stream));`;
    const worker = new Worker(new URL(dataUrl(code)));
    const found = await new Promise((resolve, reject) =>
      worker.once("message", resolve).once("error", reject),
    );
    expect(rounded(found)).toEqual(rounded(expected));
  });

  it("in a context that has the language and atob alone, and makes no code of texts", () => {
    const context = createContext({ atob }, { codeGeneration: { strings: false, wasm: false } });
    const modules = Object.values(texts).map((text) => {
      const names = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
      return runInContext(
        `(() => { ${text.replaceAll(/^export /gm, "")}\n return { ${names.join(", ")} }; })()`,
        context,
      );
    });
    expect(rounded(runInContext(ask, context)(...modules))).toEqual(rounded(expected));
  });
});

describe.skipIf(!executablePath)("in Chromium (install it with apt-get install chromium)", () => {
  it("the same numbers on a page and in its worker", async () => {
    const imports = 'import * as mood from "/mood.js"; import * as stream from "/stream.js";';
    const page = `<!doctype html><meta charset="utf-8"><title>unrolled</title><script type="module">
      ${imports}
      const here = (${ask})(mood, stream);
      new Worker("/worker.js", { type: "module" }).onmessage = ({ data }) => { window.result = { found: [here, data] }; };
    </script>`;
    const served = await serve({
      "/index.html": page,
      "/worker.js": `${imports} postMessage((${ask})(mood, stream));`,
      "/mood.js": texts.mood,
      "/stream.js": texts.stream,
    });
    try {
      const { found = [] } = await withPage(served.url, (tab) => resultOf<unknown[]>(tab));
      expect(found.map(rounded)).toEqual([rounded(expected), rounded(expected)]);
    } finally {
      served.close();
    }
  });
});
