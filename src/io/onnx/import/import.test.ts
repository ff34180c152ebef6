/**
 * Imports: files of PyTorch's exporter (test/onnx/fixtures), graphs as tf2onnx writes them, and our own exports, each against
 * ONNX Runtime on the same file; what is refused, and how.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { isMissing, type Runtime, runtime, runtimeNames, suiteName } from "../../../../test/onnx/runtimes.js";
import { gru, gruResetAfter, lstm, lstmPeephole, minGru, rnn, rnnRelu } from "../../../cell/index.js";
import { createReferenceExecutor } from "../../../exec/reference/index.js";
import { embedding, linear, network, stack } from "../../../nn/index.js";
import { certify } from "../../certificate.js";
import { FileFormatError } from "../../errors.js";
import { livelyParameters } from "../export/export.cases.js";
import { exportOnnx } from "../export/export.js";
import { type GraphBuilder, graphBuilder, modelBytes } from "../graph.js";
import { expectImported } from "./import.cases.js";
import { importOnnx, type OnnxImportOptions } from "./import.js";
import { kerasGraphs, refusedGraphs } from "./keras.cases.js";

const file = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../../test/onnx/fixtures/${name}.onnx`, import.meta.url));

/** What the files of PyTorch become. */
const torch: Readonly<Record<string, string>> = {
  "torch-tagger": "embedding recurrent recurrent linear",
  "torch-packed-tagger": "embedding recurrent linear",
  "torch-classifier": "embedding recurrent recurrent pool linear",
  "torch-both-ends": "recurrent pool linear",
  "torch-series": "recurrent linear",
  "torch-hidden": "recurrent activation linear activation linear activation linear activation linear",
  "torch-pooled-mean": "recurrent pool linear",
  "torch-pooled-max": "recurrent pool linear",
  "torch-pooled-last": "recurrent pool linear",
};

/** What their files do not tell. */
const options: Readonly<Record<string, OnnxImportOptions>> = {
  "torch-packed-tagger": { head: "softmax" },
  "torch-series": { states: "given" },
};

for (const name of runtimeNames) {
  describe.skipIf(isMissing(name))(suiteName(name), () => {
    let ort: Runtime;
    beforeAll(async () => {
      ort = await runtime(name);
    });

    it.each(Object.keys(torch))("%s", async (of) => {
      const { network } = await expectImported(ort, file(of), options[of]);
      expect(network.layers.map(({ layer }) => layer.kind).join(" ")).toBe(torch[of]);
    });

    // ONNX Runtime's own LSTM does not know the layout with the batch first.
    const run = Object.keys(kerasGraphs).filter((of) => !of.includes("batch comes first"));
    it.each(run)("%s", async (of) => {
      await expectImported(ort, kerasGraphs[of]!());
    });
  });
}

it.each(Object.keys(torch))("%s says what it does not tell", (of) => {
  expect(importOnnx(file(of), options[of]).assumed).toMatchSnapshot();
});

it("says where every tensor went, and certifies a graph whose states are left to start at zero", async () => {
  const made = importOnnx(file("torch-series"));
  expect(made.mapped).toMatchSnapshot();
  expect(made.assumed).toMatchSnapshot();
  const executors = { reference: createReferenceExecutor, wasm: createReferenceExecutor };
  const { rows } = await certify(made, executors);
  expect(rows.map(({ name, layers }) => [name, ...layers])).toEqual([
    ["/rnn/RNN (RNN)", "recurrent1"],
    ["/head/MatMul (MatMul)", "linear1"],
    ["whole network"],
  ]);
});

it("reads a layout with the batch first", async () => {
  const made = importOnnx(kerasGraphs["an LSTM whose batch comes first"]!());
  expect(made.input.axes).toEqual(["batch", "time"]);
  await certify(made, { reference: createReferenceExecutor, wasm: createReferenceExecutor });
});

it("reads an LSTM of two directions of which one has peepholes", async () => {
  const made = importOnnx(kerasGraphs["an LSTM of two directions of which one has peepholes"]!());
  await certify(made, { reference: createReferenceExecutor, wasm: createReferenceExecutor });
  expect(made.parameters.get("recurrent1.forward.p_u")?.data.some((v) => v !== 0)).toBe(true);
  expect(made.parameters.get("recurrent1.reverse.p_u")?.data.every((v) => v === 0)).toBe(true);
});

it("reads states of two directions in a layout with the batch first", async () => {
  const of = "two directions that start at numbers of their own, where the batch comes first";
  const made = importOnnx(kerasGraphs[of]!());
  await certify(made, { reference: createReferenceExecutor, wasm: createReferenceExecutor });
  const start = (side: string): number[] => [
    ...(made.parameters.get(`recurrent1.${side}.initial_c`)?.data ?? []),
  ];
  const numbers = Float32Array.from({ length: 6 }, (_, k) => 0.7 * Math.sin(1.7 * k + 6));
  expect([...start("forward"), ...start("reverse")]).toEqual([...numbers]);
});

describe("our own exports come back", () => {
  const cells = [rnn, rnnRelu, gru, gruResetAfter, lstm, lstmPeephole];
  it.each(cells.map((of) => [of.name, of] as const))("%s", (_, of) => {
    const layers = [
      embedding({ width: 4 }),
      ...stack({ cell: of, units: [3, 4], direction: "both", initialState: "learned" }),
      linear({ units: 5 }),
    ];
    const net = network({ input: { vocabulary: 9 }, layers, loss: "crossEntropy" });
    const parameters = livelyParameters(net);
    const [part] = exportOnnx({ network: net, parameters });
    const back = importOnnx(part!.bytes);
    expect(back.network.layers.map(({ layer }) => layer)).toEqual(net.layers.map(({ layer }) => layer));
    expect([...back.parameters]).toEqual([...parameters]);
    expect(back.output).toBe("prediction");
    expect(back.input).toEqual({ name: "input", axes: ["time", "batch"] });
    expect(back.left).toContain("recurrent1.forward.a.final".replace(".a.", `.${of.states[0]}.`));
  });
});

describe("what is refused", () => {
  const problemOf = (bytes: Uint8Array): string => {
    try {
      importOnnx(bytes, { name: "file.onnx" });
    } catch (error) {
      if (error instanceof FileFormatError) return error.message;
      throw error;
    }
    throw new Error("nothing was refused");
  };

  it("lists every operator that no layer stands for", () => {
    const problem = problemOf(file("torch-unsupported"));
    expect(problem).toContain("file.onnx, graph: ");
    expect(problem).toContain('Conv at "/conv/Conv" is an operator for which there is no layer here');
    expect(problem.match(/\n {2}/g)).toHaveLength(1);
  });

  it.each(Object.keys(refusedGraphs))("%s", (of) => {
    const [says, bytes] = refusedGraphs[of] as readonly [string, () => Uint8Array];
    expect(problemOf(bytes())).toContain(says);
  });

  it("a Scan, naming it", () => {
    const layers = [embedding({ width: 4 }), ...stack({ cell: minGru, units: [3] }), linear({ units: 5 })];
    const net = network({ input: { vocabulary: 9 }, layers, loss: "crossEntropy" });
    const [part] = exportOnnx({ network: net, parameters: livelyParameters(net) });
    expect(problemOf(part!.bytes)).toMatch(
      /Scan at "Scan_\d+" is an operator for which there is no layer here/,
    );
  });

  it("whatever is damaged in a file, it is read or refused with the file's name", () => {
    const files = Object.keys(torch).map(file);
    const damage = fc.record({
      which: fc.nat(files.length - 1),
      at: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(damage, ({ which, at }) => {
        const bytes = Uint8Array.from(files[which]!);
        for (const [place, byte] of at) bytes[Math.floor(place * (bytes.length - 1))] = byte;
        try {
          importOnnx(bytes, { name: "file.onnx" });
        } catch (error) {
          if (!(error instanceof FileFormatError)) throw error;
          expect(error.message).toContain("file.onnx");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("bytes that are no ONNX model", () => {
    expect(problemOf(Uint8Array.of(1, 2, 3))).toContain("file.onnx, bytes: byte ");
    expect(problemOf(new Uint8Array())).toContain("file.onnx, model: has no graph");
    const whole = file("torch-tagger");
    expect(problemOf(whole.subarray(0, whole.length - 40))).toContain("file.onnx, bytes: byte ");
  });
});

describe("a small file that asks for any amount is refused before it has it", () => {
  const made = (build: (graph: GraphBuilder, x: string) => string): Uint8Array => {
    const graph = graphBuilder("small");
    const x = graph.input({ name: "x", type: "float32", shape: ["batch", "time", 3] });
    graph.output(build(graph, x), { name: "y", type: "float32", shape: [] });
    return modelBytes(graph, {});
  };
  /** The refusal, which takes no time to speak of: an eighth of what was asked for takes longer. */
  const refusal = (bytes: Uint8Array): string => {
    const from = performance.now();
    try {
      importOnnx(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(FileFormatError);
      expect(performance.now() - from).toBeLessThan(10_000);
      return (error as Error).message;
    }
    throw new Error("it was imported");
  };
  it("constants that are kept a hundred times", () => {
    const bytes = made((graph) => {
      const shape = graph.whole([4096, 4096]);
      return Array.from({ length: 100 }, () => graph.node("ConstantOfShape", [shape])).reduce((a, b) =>
        graph.node("Concat", [a, b], { axis: 0 }),
      );
    });
    expect(bytes.length).toBeLessThan(20_000);
    expect(refusal(bytes)).toContain("makes more and more numbers, and reading a file may take 512 MiB");
  });
  it("dimensions without end, and sizes that could be anything", () => {
    const axes = (graph: GraphBuilder, x: string, count: number): string =>
      graph.node("Unsqueeze", [x, graph.whole(Array.from({ length: count }, (_, i) => i))]);
    expect(refusal(made((graph, x) => axes(graph, x, 5000)))).toContain("makes a value of 5003 dimensions");
    const anyhow = made((graph, x) =>
      graph.node("Reshape", [axes(graph, x, 12), graph.whole(new Array(19).fill(-1))]),
    );
    expect(refusal(anyhow)).toContain("which takes apart what belongs together");
  });
  it("more layers than any network has", () => {
    const chain = made((graph, x) =>
      Array.from({ length: 3000 }).reduce((at: string) => graph.node("Tanh", [at]), x),
    );
    expect(refusal(chain)).toContain("stands behind 3000 layers; 1000 are imported at most");
  });
});
