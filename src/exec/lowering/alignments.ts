/** The alignments of a plan, by which rows of one packing find those of another. */
import { type Plan, type Space, spaceParts } from "../../plan/plan.js";

/** "reader:source", as a batch names its alignments. */
export const alignmentKey = (parts: { readonly packing: string; readonly source: string }): string =>
  `${parts.packing}:${parts.source}`;

/** The alignments that a plan's spaces name, each as "reader:source". */
export function alignmentsOf(plan: Plan): string[] {
  const spaces: Space[] = Object.values(plan.buffers).map((b) => b.space);
  for (const step of plan.steps) {
    for (const leaf of step.kind === "loop" ? step.body : [step]) spaces.push(leaf.space);
  }
  const keys = spaces
    .map(spaceParts)
    .flatMap((parts) => (parts.over === "aligned" ? [alignmentKey(parts)] : []));
  return [...new Set(keys)];
}
