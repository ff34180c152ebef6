/**
 * What a plan costs for given sizes: multiplications and additions of products, elements touched by
 * elementwise programs. Counted from the plan, so that claims about cost need no clock.
 */
import type { Packing } from "../tensor/packing.js";
import { bufferOf, type LeafStep, operandOf, type Plan, spaceParts } from "./plan.js";

/** Counts of one run. */
export interface Cost {
  /** 2 × rows × inner × outer of every product. */
  readonly productFlops: number;
  /** Instructions × elements of every elementwise program. */
  readonly elementwiseOperations: number;
  /** Steps executed, loop bodies counted once per time step. */
  readonly stepsExecuted: number;
}

/** Counts a run of the plan over the given packings. */
export function cost(plan: Plan, packings: Readonly<Record<string, Pick<Packing, "B" | "N" | "T">>>): Cost {
  let productFlops = 0;
  let elementwiseOperations = 0;
  let stepsExecuted = 0;
  const rowsOf = (step: LeafStep, inLoop: boolean): number => {
    const parts = spaceParts(step.space);
    if (parts.over === "rows") return parts.count;
    const p = packings[parts.packing];
    if (parts.over !== "aligned") return (parts.over === "sequences" ? p?.B : p?.N) ?? 0;
    // A loop goes over a source's rows at each step of their reader: at as many as it has on the average.
    const steps = inLoop && p ? p.N / Math.max(p.B, 1) : 1;
    return (packings[parts.source]?.N ?? 0) * steps;
  };
  // A loop's body touches each row of its packing once in all, so rows are counted as outside loops.
  const count = (step: LeafStep, inLoop: boolean): void => {
    const rows = rowsOf(step, inLoop);
    if (step.kind === "gemm") {
      for (const o of step.outputs) {
        const n = bufferOf(plan, step.form === "gradient" ? o.b : o.c).width;
        productFlops += 2 * rows * bufferOf(plan, operandOf(step, o)).width * n;
      }
    }
    if (step.kind === "elementwise")
      elementwiseOperations += rows * step.width * Math.max(step.program.length, 1);
  };
  for (const step of plan.steps) {
    if (step.kind !== "loop") {
      count(step, false);
      stepsExecuted++;
      continue;
    }
    for (const leaf of step.body) count(leaf, true);
    stepsExecuted += step.body.length * (packings[step.packing]?.T ?? 0);
  }
  return { productFlops, elementwiseOperations, stepsExecuted };
}
