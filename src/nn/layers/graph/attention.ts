/**
 * Attention of each step to the steps of a sequence: its own, or those of an input beside it. What is compared and what is
 * summed are values of the network, so projections are linear layers before it. The equations are those of a decoder's
 * attention (cell/attention.ts), in a loop that carries nothing.
 * Source: Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015; Vaswani et al. 2017, arXiv:1706.03762.
 */
import { softmaxSource, sourceInput } from "../../../cell/attention.js";
import type { Expr } from "../../../cell/expr.js";
import { add, mul, sumFeatures, tanh } from "../../../cell/functions.js";
import { spread, sumSource } from "../../../cell/nodes.js";
import { checkOptions } from "../../../options/check.js";
import { type RowsOf, withDefaults } from "../../../options/row.js";
import { lookUp, recurrence, type Value } from "../../../plan/index.js";
import { names, packingOf, rowOf } from "../../names.js";
import { blockBuffer, type LayerKind, type NamedShape, NetworkError, type ParameterSpec } from "../layer.js";

/** How a step's query q and a step's key k_j are compared. */
export type AttentionComparison = "dot" | "scaledDot" | "additive";

/** e_j out of q, spread over the source, and k_j. @param width of both @param v the parameter of those that have one */
const energies: Readonly<Record<AttentionComparison, (q: Expr, k: Expr, width: number) => Expr>> = {
  dot: (q, k) => sumFeatures(mul(q, k)),
  scaledDot: (q, k, width) => mul(1 / Math.sqrt(width), sumFeatures(mul(q, k))),
  additive: (q, k) => sumFeatures(mul(spread(v), tanh(add(q, k)))),
};

const v: Expr = { op: "parameter", args: [], width: "Q", name: "v_a" };

/** The record of an attention. */
export interface AttentionLayer {
  readonly kind: "attention";
  readonly score: AttentionComparison;
}

/** The options of an attention. */
export interface AttentionOptions {
  /** How steps are compared, see `attention`; default "scaledDot". */
  readonly score?: AttentionComparison;
}

const attentionRows = {
  score: { kind: "name", names: ["dot", "scaledDot", "additive"], default: "scaledDot" },
} as const satisfies RowsOf<AttentionOptions>;

/**
 * Attention: for each step t, Σ_j α_j⟨t⟩ h_j with α⟨t⟩ = softmax_j e_j⟨t⟩ over all steps j of the example. Its place in the
 * network names the queries q⟨t⟩, the values h_j and the keys k_j, in this order; keys that are left out are the values, and
 * values that are left out are the queries. e_j is, by `score`,
 * - "dot" qᵀ k_j; "scaledDot" qᵀ k_j / √width
 * - "additive" v_aᵀ tanh(q + k_j), with v_a of shape (width)
 *
 * @example
 * { layer: attention({ score: "dot" }), from: ["recurrent2", "recurrent1"] } // as wide as recurrent1
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function attention(options: AttentionOptions = {}): AttentionLayer {
  checkOptions(options, attentionRows, "attention");
  return Object.freeze({ kind: "attention", ...withDefaults(options, attentionRows) });
}

/** The queries, the values and the keys of what it reads. */
export function attentionParts<T>(all: readonly T[]): {
  readonly query: T;
  readonly values: T;
  readonly keys: T;
} {
  const [query, values = query, keys = values] = all as readonly [T, ...T[]];
  return { query, values, keys };
}

const parametersOf = ({ score }: AttentionLayer, width: number, name: string): readonly ParameterSpec[] => {
  if (score !== "additive") return [];
  const block = {
    buffer: `${name}.v_a`,
    columns: width,
    transposed: false,
    start: { glorot: { fanIn: width } },
  };
  return [{ name: `${name}.v_a`, shape: [width], blocks: [block] }];
};

/** The row of the kind. */
export const attentionKind: LayerKind<AttentionLayer> = {
  reads: () => ({ least: 1, most: 3 }),
  output(_layer, { values: all = [] }, name) {
    for (const { name: value, over } of all)
      if (over !== "tokens")
        throw new NetworkError(
          `${name} attends to steps, and ${value} ${over === "ids" ? "is token ids; put an embedding between them" : "gives one vector for each sequence"}`,
        );
    const { query, values, keys } = attentionParts<NamedShape>(all as readonly NamedShape[]);
    if (query.steps !== undefined)
      throw new NetworkError(
        `${name} gives a vector for each of the network's own steps, and ${query.name}, its first value, is of the steps of the input "${query.steps}"`,
      );
    if (values.steps !== keys.steps)
      throw new NetworkError(
        `${name} needs a key for each value, and ${keys.name} is of other steps than ${values.name}`,
      );
    if (query.width !== keys.width)
      throw new NetworkError(
        `${name} compares vectors of one width: ${query.name} is ${query.width} wide, and ${keys.name} ${keys.width}; a linear layer brings one to the width of the other`,
      );
    return { over: "tokens", width: values.width };
  },
  parameters: (layer, { values = [] }, name) => parametersOf(layer, values[0]!.width, name),
  build(layer, { shape, values: all = [] }, { builder, packing, name }) {
    const { query, values, keys } = attentionParts(all);
    const [Q, S] = [query.value.width, values.value.width];
    const { steps } = attentionParts(shape.values!).values;
    const source = steps === undefined ? names.packing : packingOf(steps);
    builder.packing(source);
    const index = builder.input(rowOf(source), `aligned:${packing}:${source}`, 1, "index");
    const rows = (part: string, of: Value): Value => lookUp(builder, `${name}.${part}`, of, index);
    const h = rows("h", values.value);
    const k = keys === values ? h : rows("k", keys.value);
    const q: Expr = { op: "input", args: [], width: "Q", name: "q" };
    const α = softmaxSource(energies[layer.score](spread(q), sourceInput("k", "Q"), Q));
    const context = sumSource(mul(α, sourceInput("h", "S")));
    const [spec] = parametersOf(layer, Q, name);
    const { states } = recurrence(builder, {
      name,
      body: { states: ["c"], next: { c: context }, gates: { α } },
      packing,
      source,
      inputs: { q: query.value, k, h },
      parameters: spec ? { v_a: blockBuffer(builder, spec, spec.blocks[0]!) } : {},
      initial: {},
      widths: { Q, S },
    });
    return { shape: { over: "tokens", width: S }, value: states["c"]! };
  },
  wholeSequence: () => "attends to all steps",
  freshStart: () => "attends to all steps, of which a batch has but a piece",
  write: ({ score }) => ({ score }),
  read: ({ oneOf }) => attention({ score: oneOf("score", attentionRows.score.names) }),
};
