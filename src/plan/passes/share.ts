/**
 * Joins gradient products that share their factors: the gates of a cell, whose weights meet the same states and inputs. An
 * executor then brings these into the order of its kernels once for all gates. Works on steps outside loops, after products
 * of one operand have been joined (schedule.ts).
 */
import { leafAccess } from "../access.js";
import type { GemmStep, Plan, Step } from "../plan.js";

/** One step for all gradient products with the same factors, at the place of the first. */
export function shareFactors(plan: Plan): Plan {
  const candidates = candidatesOf(plan);
  const gone = new Set<Step>();
  const steps = plan.steps.flatMap((step, position): Step[] => {
    if (gone.has(step)) return [];
    if (!isGradient(step)) return [step];
    // Later ones that may be computed as early as this one: no step between touches what they do.
    const group = candidates
      .get(step)!
      .filter((other) => other.position > position && other.after < position && !gone.has(other.step))
      .map((other) => other.step);
    for (const other of group) gone.add(other);
    return [join([step, ...group])];
  });
  return { ...plan, steps };
}

const isGradient = (step: Step): step is GemmStep => step.kind === "gemm" && step.form === "gradient";

const factors = ({ space, outputs }: GemmStep): string => `${space} ${outputs.map(({ b }) => b).join(" ")}`;

/** A gradient product, its place, and that of the last step before it with which it must keep its order; −1: there is none. */
interface Candidate {
  readonly step: GemmStep;
  readonly position: number;
  readonly after: number;
}

/** For each gradient product all with the same factors between the same loops, in their order. */
function candidatesOf({ steps }: Plan): ReadonlyMap<Step, readonly Candidate[]> {
  const all = new Map<Step, Candidate[]>();
  let groups = new Map<string, Candidate[]>();
  let writers = new Map<string, number>();
  let users = new Map<string, number>();
  steps.forEach((step, position) => {
    if (step.kind === "loop") {
      [groups, writers, users] = [new Map(), new Map(), new Map()];
      return;
    }
    const { reads, writes } = leafAccess(step);
    if (isGradient(step)) {
      let after = -1;
      for (const name of reads) after = Math.max(after, writers.get(name) ?? -1);
      for (const name of writes) after = Math.max(after, users.get(name) ?? -1);
      const group = groups.get(factors(step)) ?? [];
      groups.set(factors(step), group);
      group.push({ step, position, after });
      all.set(step, group);
    }
    for (const name of [...reads, ...writes]) users.set(name, position);
    for (const name of writes) writers.set(name, position);
  });
  return all;
}

function join(group: readonly GemmStep[]): GemmStep {
  const [head] = group as [GemmStep];
  if (group.length === 1) return head;
  return { ...head, outputs: group.flatMap(({ a, outputs }) => outputs.map((o) => ({ ...o, a }))) };
}
