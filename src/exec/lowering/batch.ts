/** Checks of what a caller hands over: capacities when a plan is prepared, packings and alignments with every run. */
import { type Plan, type PlanBuffer, spaceParts } from "../../plan/plan.js";
import { type Batch, type Capacity, ExecutorError } from "../executor.js";

/** @throws ExecutorError if the capacity of a packing is missing or senseless */
export function checkCapacity(
  plan: Plan,
  alignments: readonly string[],
  capacity: Readonly<Record<string, Capacity>>,
): void {
  for (const name of [...plan.packings, ...alignments.flatMap((key) => key.split(":"))]) {
    const sizes = capacity[name];
    if (!sizes || ![sizes.B, sizes.T, sizes.N].every((n) => Number.isInteger(n) && n >= 0)) {
      throw new ExecutorError(
        `plan "${plan.name}" needs the capacity of packing "${name}": whole numbers B, T and N`,
      );
    }
    if (!plan.packings.includes(name)) {
      throw new ExecutorError(`plan "${plan.name}" has rows of packing "${name}" and does not declare it`);
    }
  }
}

/** What the batches of a program must keep to. Made once: a run allocates nothing. */
export interface Limits {
  readonly plan: Plan;
  readonly alignments: readonly string[];
  readonly capacity: Readonly<Record<string, Capacity>>;
}

/** @throws ExecutorError if a table is missing, malformed or larger than the capacity */
export function checkBatch({ plan, alignments, capacity }: Limits, batch: Batch): void {
  const refuse = (problem: string): never => {
    throw new ExecutorError(`plan "${plan.name}": ${problem}`);
  };
  for (const name of plan.packings) {
    const packing = batch.packings[name];
    if (!packing) return refuse(`the run hands over no packing "${name}"`);
    const { B, T, N, active, offsets } = packing;
    const most = capacity[name]!;
    if (B > most.B || T > most.T || N > most.N) {
      const sizes = `${B} sequences, ${T} steps, ${N} rows; prepared for ${most.B}, ${most.T}, ${most.N}`;
      refuse(`packing "${name}" has ${sizes}`);
    }
    if (active.length !== T || offsets.length !== T + 1)
      refuse(`packing "${name}" has tables of another length than T`);
  }
  for (const key of alignments) {
    const alignment = batch.alignments?.[key];
    if (!alignment) return refuse(`the run hands over no alignment "${key}"`);
    const [reader = "", source = ""] = key.split(":");
    const [B, N] = [batch.packings[reader]?.B, batch.packings[source]?.N];
    if (alignment.offsets.length !== (B ?? 0) + 1 || alignment.rowOf.length !== N) {
      refuse(`alignment "${key}" is not one of the packings that the run hands over`);
    }
  }
}

/** How many rows of a buffer the last batch used: none before the first run, but for buffers of fixed size. */
export function rowsInBatch({ space }: PlanBuffer, batch: Batch | undefined): number {
  const parts = spaceParts(space);
  if (parts.over === "rows") return parts.count;
  const packing = batch?.packings[parts.over === "aligned" ? parts.source : parts.packing];
  return (parts.over === "sequences" ? packing?.B : packing?.N) ?? 0;
}
