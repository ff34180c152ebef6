/** Attention as layers of ours: what Keras scales before it compares, a scale does here. */
import { attention, type Tensor } from "../../../nn/index.js";
import type { LayerContext } from "./mapped.js";
import type { Value } from "./placer.js";

/** What looks at what. */
export interface WantedAttention {
  readonly query: Value;
  readonly value: Value;
  readonly key: Value;
  readonly additive: boolean;
}

/** An attention in our network. */
export interface PlacedAttention {
  readonly ours: string;
  /** Where the weights of the file went, and how. */
  readonly to: string;
  readonly how: string;
  readonly parameters: (
    found: Readonly<Record<string, readonly number[]>>,
  ) => readonly (readonly [string, Tensor])[];
}

const filled = (values: readonly number[], width: number): Tensor => ({
  shape: [width],
  data: Float32Array.from({ length: width }, (_, k) => values[k] ?? values[0]!),
});

/** Places an attention. @param scaled true if a number that the file has multiplies what is compared */
export function placeAttention(
  { placer }: LayerContext,
  { query, value, key, additive }: WantedAttention,
  scaled: boolean,
): PlacedAttention {
  // Of a dot product it is enough to scale one side; of a sum both are.
  const scale = (from: Value): string => (scaled ? placer.scale(from.ours, from.width, 1, 0) : from.ours);
  const q = scale(query);
  const k = additive && scaled ? scale(key) : key.ours;
  const from = k === value.ours ? [q, value.ours] : [q, value.ours, k];
  const ours = placer.add(attention({ score: additive ? "additive" : "dot" }), from);
  const scales = scaled ? (additive ? [q, k] : [q]) : [];
  const { width } = query;
  return {
    ours,
    to: [...scales.map((name) => `${name}.g`), ...(additive ? [`${ours}.v_a`] : [])].join(", "),
    how: "the same for all features",
    parameters({ scale: factor = [1], concat_score_weight: weight, ...others }) {
      const v = others["v"] ?? weight ?? [1];
      return [
        ...scales.map((name): [string, Tensor] => [`${name}.g`, filled(factor, width)]),
        ...(additive ? [[`${ours}.v_a`, filled(v, width)] as const] : []),
      ];
    },
  };
}
