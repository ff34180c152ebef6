/**
 * A decoder with attention as two graphs, from the same equations that train it. The encoder's gives, once for each source,
 * its rows h, their keys, and where every state starts; the step's takes the tokens before and the states, and gives the
 * scores of the tokens that follow, the new states, and the weights of the source's rows.
 */
import { attentionScores } from "../../../cell/attention.js";
import type { Expr } from "../../../cell/expr.js";
import { type InputShape, inputShape } from "../../../nn/build/index.js";
import {
  type DecoderLayer,
  type Network,
  NetworkError,
  type PlacedLayer,
  type Shape,
} from "../../../nn/index.js";
import { placeBranch } from "../../../nn/layers/branch.js";
import { type DecoderBody, decoderBody } from "../../../nn/layers/decoder-body.js";
import type { OnnxTensorInfo } from "../graph.js";
import { type Activation, type ExportContext, type Steps, stepsOf } from "./context.js";
import { writeEquations } from "./equations.js";
import { exportHeads } from "./heads.js";
import { declare } from "./inputs.js";
import { exportBranch, exportLayers } from "./layers.js";
import type { MakePart, OnnxPart } from "./part.js";

/** What stands in both graphs. */
interface Decoder {
  readonly net: Network;
  readonly name: string;
  readonly layer: DecoderLayer;
  readonly source: InputShape;
  readonly target: InputShape;
  /** What the two branches give. */
  readonly shapes: { readonly source: Shape; readonly target: Shape };
}

/** Makes the two files. */
export function exportDecoder(net: Network, part: MakePart): OnnxPart[] {
  const [{ name, layer }] = net.layers as readonly [PlacedLayer, ...PlacedLayer[]];
  const { source, target } = inputShape(net.input).inputs as Record<"source" | "target", InputShape>;
  const of = layer as DecoderLayer;
  const shapes = {
    source: placeBranch(of.source, source, `${name}.source`).output,
    target: placeBranch(of.target, target, `${name}.target`).output,
  };
  const decoder: Decoder = { net, name, layer: of, source, target, shapes };
  return [
    part("encoder", (context) => exportEncoder(decoder, context)),
    part("step", (context) => exportStep(decoder, context)),
  ];
}

/** The rows of the source as the graphs name them. */
const sourceDims = (width: number): OnnxTensorInfo["shape"] => ["source.time", "batch", width];

function exportEncoder({ name, layer, source, shapes }: Decoder, context: ExportContext): void {
  const { graph, parameters } = context;
  const from = declare(graph, "source", source, { stream: false, own: { steps: undefined } });
  const encoded = exportBranch(layer.source, from, { ...context, name: `${name}.source`, inside: true });
  if (encoded.last === undefined)
    throw new NetworkError(
      `${name} starts from the encoder's last state: the source's layers must end with a recurrent one that is not residual`,
    );
  if (layer.attention !== "none") {
    const width = shapes.source.width;
    graph.output(encoded.value, { name: "h", type: "float32", shape: sourceDims(width) });
    const weight = parameters.block(`${name}.${attentionScores[layer.attention].key}`);
    const keys = graph.node("MatMul", [encoded.value, weight]);
    const { A = 0 } = decoderBody(layer, shapes, false).widths;
    graph.output(keys, { name: "keys", type: "float32", shape: sourceDims(A) });
  }
  for (const [state, width] of Object.entries(decoderBody(layer, shapes, false).states)) {
    const [cell, own] = state.split(".");
    const weight = parameters.block(`${name}.${cell}.w_0_${own}`);
    const z = graph.node("Add", [
      graph.node("MatMul", [encoded.last, weight]),
      parameters.whole(`${name}.${cell}.b_0_${own}`),
    ]);
    const start = graph.node("Tanh", [z]);
    graph.output(start, { name: `${name}.${state}.start`, type: "float32", shape: ["batch", width] });
  }
}

function exportStep(decoder: Decoder, context: ExportContext): void {
  const { net, name, layer, shapes } = decoder;
  const { graph } = context;
  const y = targetStep(decoder, context);
  const made = decoderBody(layer, shapes, false);
  const { body, output, widths } = made;
  const source = sourceInputs(decoder, context, widths["A"]!);
  const old = stateInputs(decoder, context, made);
  const value = stepEquations(decoder, context, { made, y, source, old });
  const widthOf = (state: string): number => widths[body.next[state]!.width]!;
  for (const state of body.states) {
    const shape = ["batch", widthOf(state)];
    context.finals.set(`${name}.${state}.final`, { value: value(body.next[state]!), shape });
  }
  context.operators.push({ layer: name, cell: layer.cell.name, operator: "equations" });
  // One row for each sequence, as after pooling: the step has no time.
  const shape: Shape = { over: "sequences", width: widthOf(output) };
  const from: Activation = { shape, value: value(body.next[output]!), steps: y.steps };
  exportHeads(net, exportLayers(net.layers.slice(1), new Map([[name, from]]), context), context);
  const weights = body.gates?.["α"];
  if (!source || !weights) return;
  const all = graph.node("Squeeze", [value(weights), graph.whole([2])]);
  const mask = graph.node("Squeeze", [source.steps.mask(), graph.whole([2])]);
  const own = graph.node("Where", [mask, all, graph.number(0)]);
  graph.output(own, { name: "attention", type: "float32", shape: ["source.time", "batch"] });
}

/** The states before the step, as inputs. */
function stateInputs(
  { name }: Decoder,
  { graph, states }: ExportContext,
  { body, states: started, widths }: DecoderBody,
): ReadonlyMap<string, string> {
  return new Map(
    body.states.map((state) => {
      const width = widths[body.next[state]!.width]!;
      const [input, output] = [`${name}.${state}.initial`, `${name}.${state}.final`];
      // What is fed back of a step before the first is zero; the others start where the encoder ends.
      states.push({
        name: `${name}.${state}`,
        input,
        output,
        width,
        ...(state in started ? {} : { start: 0 }),
      });
      return [state, graph.input({ name: input, type: "float32", shape: ["batch", width] })];
    }),
  );
}

/** Puts the equations of a step into the graph. */
function stepEquations(
  { name }: Decoder,
  { graph, parameters }: ExportContext,
  {
    made,
    y,
    source,
    old,
  }: {
    readonly made: DecoderBody;
    readonly y: Activation;
    readonly source: Source | undefined;
    readonly old: ReadonlyMap<string, string>;
  },
): (e: Expr) => string {
  const { body, widths } = made;
  const isIds = (e: Expr): boolean => y.shape.over === "ids" && e.op === "input" && e.name === "y";
  const inputs: Readonly<Record<string, string | undefined>> = {
    y: y.value,
    h: source?.h,
    keys: source?.keys,
  };
  return writeEquations([...Object.values(body.next), ...Object.values(body.gates ?? {})], {
    graph,
    widths,
    ...(source ? { source: source.steps } : {}),
    leaf: ({ op, name: of = "" }) => {
      if (op === "state") return old.get(of)!;
      return op === "parameter" ? parameters.whole(`${name}.${of}`) : inputs[of]!;
    },
    product: (e, args) => {
      const { blocks, bias } = e.weight!;
      const terms = e.args.map((arg, i) => {
        const weight = parameters.block(`${name}.${blocks[i]}`);
        return isIds(arg)
          ? graph.node("Gather", [weight, y.value])
          : graph.node("MatMul", [args[i]!, weight]);
      });
      if (bias !== undefined) terms.push(parameters.whole(`${name}.${bias}`));
      return terms.reduce((a, b) => graph.node("Add", [a, b]));
    },
  });
}

/** The tokens before, [batch], through the target's layers. */
function targetStep({ name, layer, target, shapes }: Decoder, context: ExportContext): Activation {
  const { graph } = context;
  const ids = target.over === "ids";
  const shape = ids ? ["batch"] : ["batch", target.width];
  const value = graph.input({ name: "target", type: ids ? "int32" : "float32", shape });
  const step = graph.node("Unsqueeze", [value, graph.whole([0])]);
  const steps = stepsOf(graph, step, { time: "one", batch: "batch" });
  const from: Activation = { shape: target, value: step, steps };
  const through = exportBranch(layer.target, from, { ...context, name: `${name}.target` });
  const row = graph.node("Squeeze", [through.value, graph.whole([0])]);
  return { shape: shapes.target, value: row, steps };
}

/** What the step reads of the source. */
interface Source {
  readonly h: string;
  readonly keys: string;
  readonly steps: Steps;
}

/** The encoder's rows and their keys as inputs; nothing without attention. */
function sourceInputs(
  { layer, shapes }: Decoder,
  { graph }: ExportContext,
  keyWidth: number,
): Source | undefined {
  if (layer.attention === "none") return undefined;
  const h = graph.input({ name: "h", type: "float32", shape: sourceDims(shapes.source.width) });
  const keys = graph.input({ name: "keys", type: "float32", shape: sourceDims(keyWidth) });
  const lengths = graph.input({ name: "source.lengths", type: "int32", shape: ["batch"] });
  return { h, keys, steps: stepsOf(graph, h, { time: "source.time", batch: "batch", lengths }) };
}
