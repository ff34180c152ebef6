/** Attention as layers of ours. */
import type { Tensor } from "../../../nn/index.js";
import type { LayerContext } from "./mapped.js";
import type { Value } from "./placer.js";

interface Wanted {
  readonly query: Value;
  readonly value: Value;
  readonly key: Value;
  readonly causal: boolean;
  readonly additive: boolean;
}
interface Placed {
  readonly ours: string;
  readonly to: string;
  readonly how: string;
  readonly parameters: (
    found: Readonly<Record<string, readonly number[]>>,
  ) => readonly (readonly [string, Tensor])[];
}
export function placeAttention(context: LayerContext, _wanted: Wanted): Placed | undefined {
  context.refuse("there is no attention yet");
  return undefined;
}
