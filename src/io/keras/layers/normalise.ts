/** Normalisations as they predict: BatchNormalization, whose mean and variance are folded into a gain and a shift; LayerNormalization. */
import { normalise, scale, type Tensor } from "../../../nn/index.js";
import type { Rows } from "../../imported.js";
import { shown } from "../fields.js";
import type { SourceTensor } from "../source.js";
import { checkOptions, type LayerContext, type LayerRow, nothing, titleOf, variable } from "./mapped.js";
import type { Value } from "./placer.js";

/** Its input, if it normalises the features. */
function overFeatures(context: LayerContext): Value | undefined {
  const { inputs, fields, refuse } = context;
  const [input] = inputs;
  if (!input) return undefined;
  if (input.over === "ids") {
    refuse("reads token ids; put an Embedding before it");
    return undefined;
  }
  const axis = fields.json["axis"] ?? -1;
  const one = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  // Inside TimeDistributed it reads one step at a time, whose features are axis 1.
  const steps = input.over === "tokens" && !context.layer.distributed;
  if (one === -1 || one === (steps ? 2 : 1)) return input;
  refuse(`the option axis ${shown(axis)}: it normalises over steps; -1, the features, can be imported`);
  return undefined;
}

const vector = (of: SourceTensor | undefined, width: number, absent: number): number[] =>
  of ? Array.from(of.values) : new Array<number>(width).fill(absent);
const tensor = (values: readonly number[]): Tensor => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

/** The weights in their order, of those that there are. */
function named<const N extends string>(
  weights: readonly SourceTensor[],
  names: readonly N[],
): Partial<Record<N, SourceTensor>> {
  return Object.fromEntries(names.map((name, i) => [name, weights[i]])) as Partial<Record<N, SourceTensor>>;
}

function centerAndScale({ fields }: LayerContext): ("gamma" | "beta")[] {
  return [
    ...(fields.flag("scale", true) ? (["gamma"] as const) : []),
    ...(fields.flag("center", true) ? (["beta"] as const) : []),
  ];
}

const batchRow: LayerRow = {
  stepwise: true,
  read(context) {
    const { fields, layer, placer } = context;
    checkOptions(context, [
      "axis",
      "momentum",
      "epsilon",
      "center",
      "scale",
      "renorm_momentum",
      "renorm_clipping",
      "mode",
      "fused",
      "synchronized",
      "virtual_batch_size",
      "adjustment",
    ]);
    const epsilon = fields.number("epsilon", 1e-3);
    const names = [...centerAndScale(context), "moving_mean", "moving_variance"] as const;
    const input = overFeatures(context);
    if (!input) return nothing;
    const { width } = input;
    const ours = placer.add(scale(), input.ours);
    return {
      outputs: [{ ...input, ours }],
      variables: names.map((name) => variable(context, name, [width])),
      bind(weights) {
        const found = named(weights, names);
        const [gamma, beta] = [vector(found.gamma, width, 1), vector(found.beta, width, 0)];
        const mean = vector(found.moving_mean, width, 0);
        const deviation = vector(found.moving_variance, width, 1).map((v) => Math.sqrt(v + epsilon));
        const evaluate = (rows: Rows): Rows =>
          rows.map((x) => x.map((v, k) => (gamma[k]! * (v - mean[k]!)) / deviation[k]! + beta[k]!));
        const g = gamma.map((v, k) => v / deviation[k]!);
        return {
          parameters: [
            [`${ours}.g`, tensor(g)],
            [`${ours}.k`, tensor(beta.map((v, k) => v - g[k]! * mean[k]!))],
          ],
          mapped: weights.map(({ name }, i) => ({
            from: name,
            to: names[i] === "beta" || names[i] === "moving_mean" ? `${ours}.k` : `${ours}.g, k`,
            how: "γ / √(variance + ε), and β less that times the mean",
          })),
          stages: [{ name: titleOf(layer), layers: [ours], evaluate }],
        };
      },
    };
  },
};

const layerRow: LayerRow = {
  stepwise: true,
  read(context) {
    const { fields, layer, placer, refuse } = context;
    checkOptions(context, ["axis", "epsilon", "center", "scale", "rms_scaling"]);
    if (fields.flag("rms_scaling", false)) refuse("the option rms_scaling true, which keeps the mean");
    const epsilon = fields.number("epsilon", 1e-3);
    const names = centerAndScale(context);
    const input = overFeatures(context);
    if (!input) return nothing;
    const { width } = input;
    const ours = placer.add(normalise({ epsilon }), input.ours);
    return {
      outputs: [{ ...input, ours }],
      variables: names.map((name) => variable(context, name, [width])),
      bind(weights) {
        const found = named(weights, names);
        const [gamma, beta] = [vector(found.gamma, width, 1), vector(found.beta, width, 0)];
        const evaluate = (rows: Rows): Rows =>
          rows.map((x) => {
            const mean = x.reduce((sum, v) => sum + v, 0) / width;
            const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / width;
            return x.map((v, k) => (gamma[k]! * (v - mean)) / Math.sqrt(variance + epsilon) + beta[k]!);
          });
        return {
          parameters: [
            [`${ours}.g`, tensor(gamma)],
            [`${ours}.k`, tensor(beta)],
          ],
          mapped: weights.map(({ name }, i) => ({
            from: name,
            to: `${ours}.${names[i] === "gamma" ? "g" : "k"}`,
            how: "as it is",
          })),
          stages: [{ name: titleOf(layer), layers: [ours], evaluate }],
        };
      },
    };
  },
};

/** The rows. */
export const normaliseRows: Readonly<Record<string, LayerRow>> = {
  BatchNormalization: batchRow,
  BatchNormalizationV1: batchRow,
  LayerNormalization: layerRow,
};
