/**
 * What test/onnx/browser.test.ts runs in a page: networks exported there, run by ONNX Runtime there, and compared with the
 * interpreter that defines what they mean; and one of them imported again.
 */
import { add, cell, lstm, mul, sigmoid, sub, tanh } from "unrolled/cell";
import { createReferenceExecutor } from "unrolled/exec/reference";
import { createPredictor, initialParameters, linear, type Network, network, recurrent } from "unrolled/nn";
import { exportOnnx, importOnnx, type OnnxPart } from "unrolled/onnx";

/** As much of onnxruntime-web as is used here. */
interface Ort {
  readonly env: { wasm: { numThreads: number } };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array): Promise<{
      run(feeds: object): Promise<Record<string, { readonly data: ArrayLike<number> }>>;
    }>;
  };
}

const mgu = cell("mgu", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const f = sigmoid(affine("f", h, x));
  const candidate = tanh(affine("h", mul(f, h), x));
  return { h: add(mul(sub(1, f), h), mul(f, candidate)) };
});

const lengths = [4, 2, 0];
const ids = (b: number): number[] => Array.from({ length: lengths[b]! }, (_, t) => (3 * b + 2 * t) % 7);

/** The greatest distance between ONNX Runtime's scores and ours. */
async function differenceOf(ort: Ort, net: Network, [file]: readonly OnnxPart[]): Promise<number> {
  const [T, B] = [4, lengths.length];
  const session = await ort.InferenceSession.create(file!.bytes);
  const padded = Array.from({ length: T * B }, (_, k) => ids(k % B)[Math.floor(k / B)] ?? 6);
  const { scores } = await session.run({
    input: new ort.Tensor("int32", Int32Array.from(padded), [T, B]),
    lengths: new ort.Tensor("int32", Int32Array.from(lengths), [B]),
  });
  const executor = createReferenceExecutor();
  const parameters = initialParameters(net, 1);
  const examples = lengths.map((_, b) => ({ input: ids(b) }));
  const wanted = createPredictor(net, await executor, { parameters, scores: true }).predict(examples);
  const Y = net.output.width;
  return Math.max(
    ...wanted.flatMap(({ scores: rows = [] }, b) =>
      rows.flatMap((row, t) => row.map((v, y) => Math.abs(v - scores!.data[(t * B + b) * Y + y]!))),
    ),
  );
}

async function run(): Promise<object> {
  const place = "/ort.wasm.min.mjs";
  const ort = (await import(/* @vite-ignore */ place)) as Ort;
  ort.env.wasm.numThreads = 1;
  const found: Record<string, number> = {};
  for (const of of [lstm, mgu]) {
    const net = network({
      input: { vocabulary: 7 },
      layers: [recurrent({ cell: of, units: 5, direction: "both" }), linear({ units: 3 })],
      loss: "crossEntropy",
    });
    const parts = exportOnnx({ network: net, parameters: initialParameters(net, 1) });
    found[of.name] = await differenceOf(ort, net, parts);
    if (of === lstm) found["layers"] = importOnnx(parts[0]!.bytes).network.layers.length;
  }
  return { found };
}

const result = await run().catch((error: unknown) => ({ error: String(error) }));
Object.assign(globalThis, { result });
