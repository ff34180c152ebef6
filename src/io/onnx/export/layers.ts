/**
 * Layers in ONNX: one row for each kind. A decoder is not among them, for it becomes two graphs (decoder.ts).
 */
import { type Expr, lift } from "../../../cell/expr.js";
import { type InputShape, kindOf } from "../../../nn/build/index.js";
import {
  type Joining,
  type Layer,
  NetworkError,
  type NetworkLayer,
  type PlacedLayer,
  type Shape,
} from "../../../nn/index.js";
import { activationOf } from "../../../nn/layers/activation.js";
import { placeBranch } from "../../../nn/layers/branch.js";
import { joinings } from "../../../nn/layers/graph/join.js";
import type { GraphBuilder } from "../graph.js";
import { type Activation, type ExportContext, stepsOf } from "./context.js";
import { writeEquations } from "./equations.js";
import { exportPool } from "./pools.js";
import { exportRecurrent } from "./recurrent.js";
import { exportAttention, exportConvolution } from "./time.js";

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
  activation(layer, input, { graph }) {
    const g = activationOf(layer);
    if (!g) return pointwise(input, (value) => graph.node("Softmax", [value], { axis: -1 }));
    const e = lift(g({ op: "input", args: [], width: "H", name: "z" }));
    return pointwise(input, (value) =>
      writeEquations([e], { graph, widths: { H: input.shape.width }, leaf: () => value })(e),
    );
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
  normalise({ epsilon }, input, { graph, parameters, name }) {
    const scale = [parameters.whole(`${name}.g`), parameters.whole(`${name}.k`)];
    return pointwise(input, (value) =>
      graph.node("LayerNormalization", [value, ...scale], { axis: -1, epsilon: { float: epsilon } }),
    );
  },
  scale: (_layer, input, { graph, parameters, name }) =>
    pointwise(input, (value) => {
      const scaled = graph.node("Mul", [value, parameters.whole(`${name}.g`)]);
      return graph.node("Add", [scaled, parameters.whole(`${name}.k`)]);
    }),
  join({ by }, { values = [] }, { graph }) {
    const apply = (of: readonly string[]): string => joined(by, of, graph);
    const [first] = values as readonly [Activation, ...Activation[]];
    const width =
      by === "concatenate" ? values.reduce((sum, { shape }) => sum + shape.width, 0) : first.shape.width;
    const lasts = values.flatMap(({ last }) => last ?? []);
    return {
      shape: { over: first.shape.over, width },
      steps: first.steps,
      value: apply(values.map(({ value }) => value)),
      ...(lasts.length === values.length ? { last: apply(lasts) } : {}),
    };
  },
  repeat(_layer, { shape: { width }, value, steps }, { graph }) {
    const sizes = [steps.timeSize(), steps.batchSize(), graph.whole([width])];
    const dims = graph.node("Concat", sizes, { axis: 0 });
    return { shape: { over: "tokens", width }, steps, value: graph.node("Expand", [value, dims]) };
  },
  convolution: exportConvolution,
  attention: exportAttention,
  decoder(_layer, _input, { name }) {
    throw new NetworkError(`${name} can be exported only as the first layer of a network`);
  },
};

/** A function of each vector by itself. */
function pointwise(input: Activation, apply: (value: string) => string): Activation {
  const last = input.last === undefined ? {} : { last: apply(input.last) };
  return { ...input, value: apply(input.value), ...last };
}

/** Values of one width element by element, or side by side. */
function joined(by: Joining, values: readonly string[], graph: GraphBuilder): string {
  if (by === "concatenate") return graph.node("Concat", values, { axis: -1 });
  const leaves = values.map((_, i): Expr => ({ op: "input", args: [], width: "H", name: String(i) }));
  const e = joinings[by](leaves);
  return writeEquations([e], { graph, widths: {}, leaf: ({ name }) => values[Number(name)]! })(e);
}

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

/**
 * Puts the layers of a network into the graph.
 *
 * @param values what there is before the first, by name: the input, or the output of a decoder, and then others
 * @throws NetworkError if a layer cannot be exported, or reads what the graph does not have
 */
export function exportLayers(
  layers: readonly PlacedLayer[],
  values: Map<string, Activation>,
  context: ExportContext,
): Activation {
  let before = [...values.values()][0]!;
  const own = before.steps;
  for (const placed of layers) {
    const { name, layer, input, from, states = {} } = placed;
    const read = from?.map((value) => valueOf(values, value, name)) ?? [before];
    const several = input.over === "values";
    const starts = Object.entries(states).map(
      ([state, value]) => [`${name}.${state}`, valueOf(values, value, name).value] as const,
    );
    const made = exportLayer(placed, several ? { ...read[0]!, shape: input, values: read } : read[0]!, {
      ...context,
      ...(starts.length > 0 ? { starts: new Map(starts) } : {}),
    });
    // Sequences have one order in the graph, whichever steps a vector was made of.
    before = made.shape.over === "sequences" ? { ...made, steps: own } : made;
    values.set(name, before);
    for (const { name: state, ...shape } of kindOf(layer).states?.(layer, name) ?? []) {
      const { value } = context.finals.get(`${state}.final`)!;
      values.set(state, { shape, value, steps: own });
    }
  }
  return before;
}

function valueOf(values: ReadonlyMap<string, Activation>, name: string, reader: string): Activation {
  const value = values.get(name);
  if (value) return value;
  throw new NetworkError(
    `${reader} reads ${name}, which a step of a decoder does not have beside it; the network cannot be exported`,
  );
}

/** Puts one layer into the graph. @throws NetworkError if it cannot be exported, naming it and what would work */
function exportLayer(
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
