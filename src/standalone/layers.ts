/**
 * The layers in a module's own words: a row per kind of layer, with the expression that makes it of the weights `w`, and
 * the pieces of the kit that it calls; or why a module cannot have it.
 */

import { topological } from "../cell/expr.js";
import { type CellEquations, type Expr, toGraph, zoneOut } from "../cell/index.js";
import { INPUT, type InputShape } from "../nn/build/index.js";
import {
  type ActivationLayer,
  type AttentionLayer,
  type ConvolutionLayer,
  type DropoutLayer,
  type EmbeddingLayer,
  type FeaturesLayer,
  type JoinLayer,
  type LinearLayer,
  type Network,
  NetworkError,
  type NetworkLayer,
  type NormaliseLayer,
  type PlacedLayer,
  type Pooling,
  type PoolLayer,
  type RecurrentLayer,
  type ScaleLayer,
  type Shape,
} from "../nn/index.js";
import { activationOf } from "../nn/layers/activation.js";
import { placeBranch } from "../nn/layers/branch.js";
import { offsetsOf } from "../nn/layers/convolution.js";
import { attentionParts } from "../nn/layers/graph/attention.js";
import { joinings } from "../nn/layers/graph/join.js";
import { cellCode, functionText } from "./cell-code.js";
import { type Identifiers, literal } from "./identifiers.js";

/** Where a layer stands. */
interface Place {
  /** "recurrent1", the prefix of its parameters. */
  readonly name: string;
  readonly input: Shape;
  /** Where its states start, by state, if at other layers' values. */
  readonly states?: Readonly<Record<string, string>>;
}

/** What a module collects while its layers are written. */
export interface Page {
  readonly names: Identifiers;
  /** Functions of cells, by their equations. */
  readonly cells: Map<string, { readonly name: string; readonly code: string }>;
  /** Pieces of the kit that are called. */
  readonly needs: Set<string>;
}

/** The row of a kind: an expression, or undefined for a layer that does nothing at prediction. */
type LayerCode<L> = (layer: L, place: Place, page: Page) => string | undefined;

/** Two blanks before every line. */
export const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");

const weight = (name: string): string => `w[${literal(name)}]`;

const pools: Readonly<Record<Pooling, (place: Place) => string>> = {
  last: ({ input }) => `poolLast(${input.width})`,
  ends: ({ input }) => `poolEnds(${input.width})`,
  mean: ({ input }) => `poolMean(${input.width})`,
  max: ({ input }) => `poolMax(${input.width})`,
  meanMax: ({ input }) => `poolMeanMax(${input.width})`,
  attention: ({ name }) =>
    `poolAttention(${["w_a", "b_a", "v_a"].map((of) => weight(`${name}.${of}`)).join(", ")})`,
};

/** The rows. */
const rows: { readonly [K in NetworkLayer["kind"]]: LayerCode<Extract<NetworkLayer, { kind: K }>> } = {
  embedding({ width }: EmbeddingLayer, { name }, { needs }) {
    needs.add("embedding");
    return `embedding(${weight(`${name}.w_e`)}, ${width})`;
  },
  recurrent: recurrentCode,
  linear({ tied }: LinearLayer, { name }, { needs }) {
    needs.add("linear");
    return `linear(${weight(tied ?? `${name}.w_ya`)}, ${weight(`${name}.b_y`)})`;
  },
  dropout: (_layer: DropoutLayer) => undefined,
  activation(layer: ActivationLayer, _place, { needs }) {
    const g = activationOf(layer);
    needs.add(g ? "activation" : "ofVectors");
    if (!g) {
      needs.add("softmax");
      return "ofVectors(softmax)";
    }
    const text = functionText(g);
    for (const piece of ["sigmoid", "softplus", "erf"]) if (text.includes(`${piece}(`)) needs.add(piece);
    return `activation(${text})`;
  },
  pool({ by }: PoolLayer, place, { needs }) {
    const text = pools[by](place);
    needs.add(text.slice(0, text.indexOf("(")));
    return text;
  },
  features({ of }: FeaturesLayer, { name, input }, page) {
    page.needs.add("features");
    const branches = Object.entries(of).map(([key, layers]) => {
      const shape = input.inputs?.[key] as Shape;
      const { all } = placeBranch(layers, shape, `${name}.${key}`);
      const texts = all.flatMap((at) => layerCode(at.layer, at, page) ?? []);
      return `${literal(key)}: [${texts.join(", ")}]`;
    });
    const placed = (at: InputShape["place"]): string[] =>
      Object.entries(input.inputs ?? {}).flatMap(([key, { place }]) => (place === at ? [key] : []));
    return `features({ ${branches.join(", ")} }, ${literal({ inside: placed("inside"), once: placed("once") })})`;
  },
  normalise({ epsilon }: NormaliseLayer, { name }, { needs }) {
    needs.add("normalise");
    return `normalise(${weight(`${name}.g`)}, ${weight(`${name}.k`)}, ${epsilon})`;
  },
  scale(_layer: ScaleLayer, { name }, { needs }) {
    needs.add("scale");
    return `scale(${weight(`${name}.g`)}, ${weight(`${name}.k`)})`;
  },
  join({ by }: JoinLayer, { input: { values = [] } }, { needs }) {
    needs.add(by === "concatenate" ? "sideBySide" : "join");
    if (by === "concatenate") return "sideBySide()";
    const names = values.map((_, i) => `z${i}`);
    return `join(${functionText((...all) => joinings[by](all), names)})`;
  },
  repeat(_layer, _place, { needs }) {
    needs.add("repeat");
    return "repeat()";
  },
  convolution(layer: ConvolutionLayer, { name, input }, { needs }) {
    needs.add("convolution");
    const parts = [weight(`${name}.w_x`), weight(`${name}.b_x`)];
    return `convolution(${parts.join(", ")}, { name: ${literal(name)}, width: ${input.width}, offsets: ${literal(offsetsOf(layer))} })`;
  },
  attention({ score }: AttentionLayer, { name, input }, { needs }) {
    needs.add("attention");
    const { query, values } = attentionParts(input.values ?? []);
    const scores = {
      dot: "(q, k) => dot(k, 0, q)",
      scaledDot: `(q, k) => dot(k, 0, q) / Math.sqrt(${query.width})`,
      additive: `(q, k) => q.reduce((sum, value, i) => sum + ${weight(`${name}.v_a`)}[i] * Math.tanh(value + k[i]), 0)`,
    };
    return `attention(${scores[score]}, ${values.width})`;
  },
  decoder(_layer, { name }) {
    throw new NetworkError(
      `${name} cannot be written as a module of its own: a decoder looks at a source and is searched with a beam; ` +
        "keep the model file, and load it with the package",
    );
  },
};

/** A layer as an expression; undefined for one that does nothing at prediction. @throws NetworkError if it cannot be one */
export const layerCode = (layer: NetworkLayer, place: Place, page: Page): string | undefined =>
  (rows[layer.kind] as LayerCode<NetworkLayer>)(layer, place, page);

function recurrentCode(layer: RecurrentLayer, { name, input, states = {} }: Place, page: Page): string {
  const { cell, units, direction, initialState, residual, zoneout } = layer;
  const equations = cell.equations();
  checkOneHot(equations, name, input);
  page.needs.add("recurrent");
  const body = zoneOut(equations, zoneout);
  const key = JSON.stringify(toGraph(body));
  const there = page.cells.get(key) ?? writeCell(body, equations, page);
  page.cells.set(key, there);
  const passes = direction === "both" ? (["forward", "reverse"] as const) : ([direction] as const);
  const texts = passes.map((pass) => {
    const prefix = direction === "both" ? `${name}.${pass}` : name;
    const taken = equations.states.filter((state) =>
      Object.hasOwn(states, `${prefix.slice(name.length + 1)}${prefix === name ? "" : "."}${state}`),
    );
    const options = [
      `w, name: ${literal(prefix)}, cell: ${there.name}, states: ${literal(equations.states)}, output: ${literal(equations.output)},`,
      `units: ${units}, width: ${input.width}, reverse: ${pass === "reverse"}, start: ${literal(initialState)},${taken.length > 0 ? ` taken: ${literal(taken)},` : ""}`,
    ];
    return indented(["direction({", indented(options.join("\n")), "}),"].join("\n"));
  });
  return ["recurrent([", ...texts, `], ${residual})`].join("\n");
}

/** A network's layers as lines of a list, each an expression; of a network that is more than a row, with what it reads. */
export function layerLines({ layers }: Network, page: Page): string[] {
  const graph = isGraph(layers);
  let before = INPUT;
  return layers.flatMap((placed) => {
    const { name, from = [before], states } = placed;
    const code = layerCode(placed.layer, placed, page);
    before = name;
    if (!graph) return code === undefined ? [] : [`${code},`];
    if (code === undefined) page.needs.add("same");
    const starts = states ? `, starts: ${literal(states)}` : "";
    return [`{ name: ${literal(name)}, from: ${literal(from)}${starts}, layer: ${code ?? "same()"} },`];
  });
}

/** True for a network that is more than a row. */
export const isGraph = (layers: readonly PlacedLayer[]): boolean =>
  layers.some(({ from, states }) => from !== undefined || states !== undefined);

function writeCell(
  body: CellEquations,
  printed: CellEquations,
  { names, needs }: Page,
): { name: string; code: string } {
  const name = names.fresh(`cell_${printed.name}`);
  const code = cellCode(body, name, printed);
  for (const piece of ["product", "sigmoid", "softplus", "erf"])
    if (code.includes(`${piece}(`)) needs.add(piece);
  return { name, code };
}

/** @throws NetworkError if a cell reads token ids in anything but a product */
function checkOneHot(equations: CellEquations, name: string, { over }: Shape): void {
  if (over !== "ids") return;
  const all = topological(Object.values(equations.next));
  const reads = ({ op, args }: Expr): boolean => op !== "affine" && args.some((arg) => arg.op === "input");
  if (all.some(reads))
    throw new NetworkError(`${name} reads token ids other than through weights; put an embedding before it`);
}
