/**
 * Where the backward pass can be cut: behind which steps of a gradient plan the gradients of a layer are final, so that
 * they can leave while the layers before it are still computed. It is read off the plan; no pass knows of it.
 */
import { access, type Plan } from "../../plan/index.js";
import type { GradientBuffer } from "../trainer.js";

/** A place in a gradient plan. */
export interface GradientCut {
  /** The top-level step of the plan after which it lies. */
  readonly after: number;
  /** The gradients that are final there and were not before. */
  readonly gradients: readonly GradientBuffer[];
}

/** The layer of a buffer of weights: "recurrent1" of "recurrent1.forward.w_uc". */
const layerOf = ({ weights }: GradientBuffer): string => weights.split(".", 1)[0]!;

/** The cuts of a gradient plan in the order of its steps: the last layer's gradients come first, all of a layer together. */
export function gradientCuts(plan: Plan, gradients: readonly GradientBuffer[]): readonly GradientCut[] {
  const lastWrite = new Map<string, number>();
  plan.steps.forEach((step, i) => {
    for (const name of access(step).writes) lastWrite.set(name, i);
  });
  const finalAfter = new Map<string, number>();
  for (const gradient of gradients) {
    const layer = layerOf(gradient);
    const after = Math.max(finalAfter.get(layer) ?? 0, lastWrite.get(gradient.name) ?? 0);
    finalAfter.set(layer, after);
  }
  const places = [...new Set(finalAfter.values())].sort((a, b) => a - b);
  return places.map((after) => {
    return { after, gradients: gradients.filter((each) => finalAfter.get(layerOf(each)) === after) };
  });
}
