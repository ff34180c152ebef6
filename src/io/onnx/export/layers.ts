/**
 * Layers in ONNX: one row for each kind. A decoder is not among them, for it becomes two graphs (decoder.ts).
 */
import { type Expr, lift } from "../../../cell/expr.js";
import type { InputShape } from "../../../nn/build/index.js";
import {
  type Layer,
  NetworkError,
  type NetworkLayer,
  type PlacedLayer,
  type Shape,
} from "../../../nn/index.js";
import { activations } from "../../../nn/layers/activation.js";
import { placeBranch } from "../../../nn/layers/branch.js";
import { type Activation, type ExportContext, stepsOf } from "./context.js";
import { writeEquations } from "./equations.js";
import { exportPool } from "./pools.js";
import { exportRecurrent } from "./recurrent.js";

type Row<L> = (layer: L, input: Activation, context: ExportContext) => Activation;

type Rows = { readonly [K in NetworkLayer["kind"]]: Row<Extract<NetworkLayer, { kind: K }>> };

const rows: Rows = {
  embedding: (layer, input, { graph, parameters, name }) => ({
    ...input,
    shape: { over: "tokens", width: layer.width },
    value: graph.node("Gather", [parameters.whole(`${name}.w_e`), input.value]),
  }),
  recurrent: exportRecurrent,
  linear(layer, { shape, value, steps }, { graph, parameters, name }) {
    // The weights of another layer are there as that layer has them: [units, width].
    const weight =
      layer.tied === undefined
        ? parameters.block(`${name}.w_ya`)
        : graph.node("Transpose", [parameters.whole(layer.tied)], { perm: [1, 0] });
    const product = graph.node("MatMul", [value, weight]);
    const z = graph.node("Add", [product, parameters.whole(`${name}.b_y`)]);
    return { shape: { over: shape.over, width: layer.units }, steps, value: z };
  },
  dropout: (_layer, input) => input,
  activation({ by }, input, { graph }) {
    const z: Expr = { op: "input", args: [], width: "H", name: "z" };
    const e = lift(activations[by](z));
    const apply = (value: string): string =>
      writeEquations([e], { graph, widths: { H: input.shape.width }, leaf: () => value })(e);
    const last = input.last === undefined ? {} : { last: apply(input.last) };
    return { ...input, value: apply(input.value), ...last };
  },
  pool(layer, input, context) {
    const value = exportPool(layer.by, input, context);
    const width = input.shape.width * (layer.by === "meanMax" ? 2 : 1);
    return { shape: { over: "sequences", width }, steps: input.steps, value };
  },
  features({ of }, input, context) {
    const { graph, name } = context;
    const own = [...(input.inputs?.values() ?? [])].find(({ shape }) => placeOf(shape) === "step")!;
    const parts = Object.entries(of).map(([key, layers]) => {
      const from = input.inputs!.get(key)!;
      const branch = (start: Activation): Activation =>
        exportBranch(layers, start, { ...context, name: `${name}.${key}`, inside: true });
      if (placeOf(from.shape) !== "inside") return branch(from);
      return perStep(branch(innerSequences(from, context)), own, context);
    });
    const width = parts.reduce((sum, { shape }) => sum + shape.width, 0);
    const value = graph.node(
      "Concat",
      parts.map((part) => part.value),
      { axis: -1 },
    );
    return { shape: { over: parts[0]!.shape.over, width }, steps: own.steps, value };
  },
  decoder(_layer, _input, { name }) {
    throw new NetworkError(`${name} can be exported only as the first layer of a network`);
  },
};

const placeOf = (shape: Shape | InputShape): InputShape["place"] => ("place" in shape ? shape.place : "step");

/** Sequences inside steps, [inner time, time, batch, …], as a batch of sequences [inner time, time · batch, …]. */
function innerSequences({ shape, value, steps }: Activation, { graph }: ExportContext): Activation {
  const dims = shape.over === "ids" ? [0, -1] : [0, -1, shape.width];
  const flat = graph.node("Reshape", [value, graph.whole(dims)]);
  const lengths = graph.node("Reshape", [steps.lengths ?? "", graph.whole([-1])]);
  const names = { time: steps.time, batch: `${steps.time} sequences`, lengths };
  return { shape, value: flat, steps: stepsOf(graph, flat, names) };
}

/** What there is for every sequence inside the steps, for every step: [time · batch, W] -> [time, batch, W]. */
function perStep({ shape, value }: Activation, { steps }: Activation, { graph }: ExportContext): Activation {
  const sizes = [steps.timeSize(), steps.batchSize(), graph.whole([shape.width])];
  const dims = graph.node("Concat", sizes, { axis: 0 });
  return {
    shape: { over: "tokens", width: shape.width },
    steps,
    value: graph.node("Reshape", [value, dims]),
  };
}

/** Puts one layer into the graph. @throws NetworkError if it cannot be exported, naming it and what would work */
export function exportLayer(
  { layer, name }: Pick<PlacedLayer, "layer" | "name">,
  input: Activation,
  context: ExportContext,
): Activation {
  const row = rows[layer.kind] as Row<NetworkLayer>;
  return row(layer, input, { ...context, name });
}

/** Puts the layers inside a layer into the graph. @param context its name is the prefix of theirs */
export function exportBranch(
  layers: readonly Layer[],
  input: Activation,
  context: ExportContext,
): Activation {
  const { all } = placeBranch(layers, input.shape, context.name);
  return all.reduce((activation, placed) => exportLayer(placed, activation, context), input);
}
