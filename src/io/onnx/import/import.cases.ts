/**
 * For tests of imports: runs a file in ONNX Runtime and what it became in our executor, on the same numbers, and compares.
 */
import { expect } from "vitest";
import type { RunTensor, Runtime } from "../../../../test/onnx/runtimes.js";
import { createReferenceExecutor } from "../../../exec/reference/index.js";
import { createWasmExecutor } from "../../../exec/wasm/index.js";
import { createPredictor } from "../../../nn/index.js";
import { certify } from "../../certificate.js";
import { TOLERANCE } from "../export/export.cases.js";
import { decodeModel } from "../messages.js";
import { importOnnx, type OnnxImport, type OnnxImportOptions } from "./import.js";

const number = (k: number): number => Math.sin(1.3 * k + 0.2);

/** Imports a file and compares its output with ours, of two sequences of five steps, the second shorter where it may be. */
export async function expectImported(
  ort: Runtime,
  bytes: Uint8Array,
  options: OnnxImportOptions = {},
): Promise<OnnxImport> {
  const made = importOnnx(bytes, options);
  // Against the file's own formulas, layer by layer; those do not know states that examples bring.
  const executors = { reference: createReferenceExecutor, wasm: () => createWasmExecutor({ tier: "simd" }) };
  if (options.states !== "given") await certify(made, executors);
  const { network: net, parameters, input, gives } = made;
  const [T, B] = [5, 2];
  const graph = decodeModel(bytes).graph;
  const ids = "vocabulary" in net.input;
  const X = "width" in net.input ? net.input.width : 1;
  const lengths = graph?.inputs.some(({ name }) => name?.includes("length")) ? [5, 3] : [5, 5];
  const at = (t: number, b: number, x: number): number =>
    ids
      ? (3 * t + 5 * b + 1) % (net.input as { vocabulary: number }).vocabulary
      : number((t * B + b) * X + x);
  const timeFirst = input.axes[0] === "time";
  const rows = timeFirst ? [T, B] : [B, T];
  const data = Array.from({ length: T * B * X }, (_, k) => {
    const [i, j] = [Math.floor(k / X / rows[1]!), Math.floor(k / X) % rows[1]!];
    return timeFirst ? at(i, j, k % X) : at(j, i, k % X);
  });
  const feeds: Record<string, RunTensor> = {};
  const states: Record<string, number[]>[] = [{}, {}];
  for (const { name = "", type } of graph?.inputs ?? []) {
    if (graph?.initializers.some((tensor) => tensor.name === name)) continue;
    const element = ({ 1: "float32", 6: "int32", 7: "int64" } as const)[type?.tensor?.type as 1 | 6 | 7];
    const whole = (values: readonly number[]): ArrayLike<number> | BigInt64Array =>
      element === "int64" ? BigInt64Array.from(values, BigInt) : values;
    if (name === input.name)
      feeds[name] = { type: element, dims: ids ? rows : [...rows, X], data: whole(data) };
    else if (element !== "float32") feeds[name] = { type: element, dims: [B], data: whole(lengths) };
    else {
      const first = net.layers.find(({ layer }) => layer.kind === "recurrent");
      const of = first?.layer;
      if (of?.kind !== "recurrent") throw new Error("a state of what?");
      const H = of.units;
      const values = Array.from({ length: B * H }, (_, k) => number(k + 50));
      feeds[name] = { type: "float32", dims: [1, B, H], data: values };
      states.forEach((row, b) => {
        row[`${first?.name}.${of.cell.states[0]}`] = values.slice(b * H, (b + 1) * H);
      });
    }
  }
  const session = await ort.load(bytes);
  const found = (await session.run(feeds))[made.output]!;
  const examples = lengths.map((length, b) => ({
    input: Array.from({ length: length * X }, (_, k) => at(Math.floor(k / X), b, k % X)),
    states: states[b] ?? {},
  }));
  const executor = await createReferenceExecutor();
  const wanted = createPredictor(net, executor, { parameters, scores: true }).predict(examples);
  executor.dispose();
  const Y = net.output.width;
  const perSequence = net.output.over === "sequences";
  wanted.forEach(({ rows: predicted, scores = [] }, b) => {
    const ours = gives === "scores" ? scores : predicted;
    ours.forEach((row, t) =>
      row.forEach((value, y) => {
        const place = perSequence ? b : timeFirst ? t * B + b : b * T + t;
        const theirs = (found.data as ArrayLike<number>)[place * Y + y]!;
        const mine = gives === "log prediction" ? Math.log(value) : value;
        expect(Math.abs(theirs - mine)).toBeLessThan(TOLERANCE);
      }),
    );
  });
  return made;
}
