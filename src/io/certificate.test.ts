/** The certificate finds what is wrong with an import, and where; a certificate that cannot fail would be none. */
import { describe, expect, it } from "vitest";
import { lstm, rnn } from "../cell/index.js";
import type { Executor, Session } from "../exec/executor.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import {
  embedding,
  initialParameters,
  linear,
  network,
  type Parameters,
  pool,
  recurrent,
} from "../nn/index.js";
import {
  CertificateError,
  certificateLengths,
  certify,
  type Imported,
  type Rows,
  type SourceLayer,
} from "./index.js";

const executors = { reference: createReferenceExecutor, wasm: createWasmExecutor };
const net = network({
  input: { width: 2 },
  layers: [recurrent({ cell: rnn, units: 3 }), pool({ by: "last" }), linear({ units: 2 })],
  loss: "binaryCrossEntropy",
});
const parameters = initialParameters(net, 4);
const values = (name: string): number[] => Array.from(parameters.get(name)?.data ?? []);

/** a = tanh(w_a [a, x] + b_a), the last of it; written out for itself. */
const lastState = (input: Rows): Rows => {
  const [w, b] = [values("recurrent1.w_a"), values("recurrent1.b_a")];
  let a = [0, 0, 0];
  for (const x of input) {
    const both = [...a, ...x];
    a = a.map((_, j) => Math.tanh(both.reduce((sum, v, k) => sum + w[5 * j + k]! * v, b[j]!)));
  }
  return [a];
};
const output = (input: Rows): Rows => {
  const [w, b] = [values("linear1.w_ya"), values("linear1.b_y")];
  return input.map((a) => [0, 1].map((j) => a.reduce((sum, v, k) => sum + w[3 * j + k]! * v, b[j]!)));
};
const sigmoid = (rows: Rows): Rows => rows.map((row) => row.map((z) => 1 / (1 + Math.exp(-z))));

const imported: Imported = {
  format: "test",
  network: net,
  parameters,
  mapped: [],
  assumed: [],
  layers: [
    { name: "rnn", layers: ["recurrent1", "pool1"], evaluate: lastState },
    { name: "dense", layers: ["linear1"], evaluate: output },
    { name: "sigmoid", layers: [], evaluate: sigmoid },
  ],
};

/** The parameters with one number moved. */
function moved(name: string, by: number): Parameters {
  const tensor = parameters.get(name) as { readonly shape: readonly number[]; readonly data: Float32Array };
  const data = tensor.data.map((value, i) => (i === 1 ? value + by : value));
  return new Map([...parameters, [name, { shape: tensor.shape, data }]]);
}

async function failure(changed: Partial<Imported>): Promise<CertificateError> {
  const error = await certify({ ...imported, ...changed }, executors).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CertificateError);
  return error as CertificateError;
}

describe("a certificate", () => {
  it("has a row for each layer, the whole, and what the file's maker expects", async () => {
    const input = [
      [0.5, -1],
      [0, 1],
    ];
    const expected = [{ input, output: sigmoid(output(lastState(input))) }];
    const { rows, tiers } = await certify({ ...imported, expected }, executors);
    expect(rows.map(({ name, layers, values }) => [name, layers, values])).toEqual([
      ["rnn", ["recurrent1", "pool1"], 3 * certificateLengths.length],
      ["dense", ["linear1"], 2 * certificateLengths.length],
      ["whole network", [], 2 * certificateLengths.length],
      ["expected outputs", [], 2],
    ]);
    expect(tiers).toEqual({ reference: "reference float64", wasm: expect.stringMatching(/^wasm /) });
    for (const { differences } of rows) {
      // The same equations over the same numbers in float64: what the order of sums leaves.
      expect(differences.reference).toBeLessThan(1e-14);
      // Float32 sums of five terms, and a tanh that is off by 2.8e-7.
      expect(differences.wasm).toBeLessThan(1e-6);
    }
  });
  it("names the layer that differs, and not those after it", async () => {
    const { message, certificate } = await failure({ parameters: moved("recurrent1.w_a", 0.01) });
    expect(message).toMatch(/does not do what the file says: rnn by 0\.\d+ in float64 and/);
    expect(message).toContain("whole network by");
    expect(message).not.toContain("dense");
    expect(certificate.rows[1]?.differences.reference).toBeLessThan(1e-14);
  });
  it("passes no more than what rounding explains: 1e-5 in float64, 1e-4 in float32", async () => {
    // tanh of a sum of inputs within ±1 takes over most of what a weight is moved by.
    const { certificate } = await failure({ parameters: moved("recurrent1.w_a", 1e-4) });
    const { reference, wasm } = certificate.rows[0]!.differences;
    expect(reference).toBeGreaterThan(1e-5);
    // Only the tolerance of float64 finds it.
    expect(wasm).toBeLessThan(1e-4);
    // An executor that is off by more than its arithmetic explains, while the import is right.
    const rough = async (): Promise<Executor> => {
      const executor = await createReferenceExecutor();
      const off = (session: Session): Session => ({
        ...session,
        write: (name, values) =>
          session.write(
            name,
            Array.from(values, (v) => (name.endsWith("w_ya") ? v + 5e-4 : v)),
          ),
      });
      return { ...executor, session: () => off(executor.session()) };
    };
    await expect(certify(imported, { ...executors, wasm: rough })).rejects.toThrow(
      /dense by \S+ in float64 and 0\.00/,
    );
    await expect(certify(imported, { ...executors, wasm: createReferenceExecutor })).resolves.toBeDefined();
  });
  it("finds two gates that are interchanged", async () => {
    const of = network({
      input: { width: 2 },
      layers: [recurrent({ cell: lstm, units: 2 })],
      loss: "squaredError",
    });
    const right = initialParameters(of, 1);
    const swapped = new Map(right);
    swapped.set("recurrent1.w_u", right.get("recurrent1.w_o") as never);
    swapped.set("recurrent1.w_o", right.get("recurrent1.w_u") as never);
    const { predict } = await predictorOf(of, right);
    const layers = [{ name: "lstm", layers: ["recurrent1"], evaluate: predict }];
    const { message } = await failure({ network: of, parameters: swapped, layers });
    expect(message).toContain("lstm by");
  });
  it("fails on numbers that are none, on another number of rows, and on outputs that are not the expected ones", async () => {
    const nan = (rows: Rows): Rows => output(rows).map(() => [Number.NaN, 0]);
    const [rnnLayer, dense, ...after] = imported.layers as [SourceLayer, SourceLayer, ...SourceLayer[]];
    const layers = [rnnLayer, { ...dense, evaluate: nan }, ...after];
    expect((await failure({ layers })).message).toContain("dense by Infinity");
    const [first, ...rest] = imported.layers;
    const all = {
      ...first!,
      evaluate: (rows: Rows) => [...lastState(rows), [0, 0, 0]],
    };
    expect((await failure({ layers: [all, ...rest] })).message).toContain("rnn by Infinity");
    const expected = [{ input: [[0, 0]], output: [[0.1, 0.9]] }];
    expect((await failure({ expected })).message).toMatch(/says: expected outputs by 0\.\d+/);
  });
  it("refuses weights that are not finite, also where nothing that is compared reads them", async () => {
    const mapped = [{ from: "fc.bias", to: "linear1.b_y", how: "as it is" }];
    const bad = { ...imported, mapped, parameters: moved("linear1.b_y", Number.NaN) };
    await expect(certify(bad, executors)).rejects.toThrow(
      "the parameter linear1.b_y, from fc.bias, holds NaN at place 1; weights must be finite",
    );
  });
  it("compares the scores behind a softmax, whose values may all be small", async () => {
    const of = network({
      input: { width: 2 },
      layers: [recurrent({ cell: rnn, units: 2 }), linear({ units: 500 })],
      loss: "crossEntropy",
    });
    const right = initialParameters(of, 1);
    const scores = network({
      input: of.input,
      layers: of.layers.map(({ layer }) => layer),
      loss: "squaredError",
    });
    const softmax = (rows: Rows): Rows => rows.map((z) => z.map(() => 1 / z.length));
    const layers = [
      {
        name: "all",
        layers: ["recurrent1", "linear1"],
        evaluate: (await predictorOf(scores, right)).predict,
      },
      { name: "softmax", layers: [], evaluate: softmax },
    ];
    const b = right.get("linear1.b_y") as { readonly shape: readonly number[]; readonly data: Float32Array };
    const wrong = new Map([...right, ["linear1.b_y", { ...b, data: b.data.map(() => 0.1) }] as const]);
    const { message } = await failure({ network: of, parameters: wrong, layers });
    expect(message).toContain("whole network by 0.1");
  });
  it("compares what has the weights of another layer in the whole alone", async () => {
    const tied = network({
      input: { vocabulary: 5 },
      layers: [
        embedding({ width: 3 }),
        recurrent({ cell: rnn, units: 3 }),
        linear({ units: 5, tied: "embedding1.w_e" }),
      ],
      loss: "squaredError",
    });
    const { predict } = await predictorOf(tied, initialParameters(tied, 2));
    const names = tied.layers.map(({ name }) => name);
    const layers = [{ name: "all", layers: names, evaluate: predict }];
    const { rows } = await certify(
      { ...imported, network: tied, parameters: initialParameters(tied, 2), layers },
      executors,
    );
    expect(rows.map(({ name }) => name)).toEqual(["whole network"]);
  });
  it("is not made of layers that do not follow each other", async () => {
    const layers = [{ name: "odd", layers: ["linear1", "recurrent1"], evaluate: output }];
    await expect(certify({ ...imported, layers }, executors)).rejects.toThrow(
      "which are not layers in a row",
    );
  });
});

/** A network as the formula that an importer would write. */
async function predictorOf(of: typeof net, weights: Parameters): Promise<{ predict: (input: Rows) => Rows }> {
  const { createPredictor } = await import("../nn/index.js");
  const predictor = createPredictor(of, await createReferenceExecutor(), { parameters: weights });
  return { predict: (input) => predictor.predict([{ input: input.flat() }])[0]?.rows ?? [] };
}
