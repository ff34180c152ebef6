/**
 * Joins gradient products that share their factors: the gates of a cell, whose weights meet the same states and inputs. An
 * executor then brings these into the order of its kernels once for all gates. Works on steps outside loops, after products
 * of one operand have been joined (schedule.ts).
 */
import { type Access, conflict, leafAccess } from "../access.js";
import type { GemmStep, Plan, Step } from "../plan.js";

/** One step for all gradient products with the same factors, at the place of the first. */
export function shareFactors(plan: Plan): Plan {
  const gone = new Set<Step>();
  const steps = plan.steps.flatMap((step, position): Step[] => {
    if (gone.has(step)) return [];
    if (!isGradient(step)) return [step];
    const group = partners(plan, step, position).filter((other) => !gone.has(other));
    for (const other of group) gone.add(other);
    return [join([step, ...group])];
  });
  return { ...plan, steps };
}

const isGradient = (step: Step): step is GemmStep => step.kind === "gemm" && step.form === "gradient";

const factors = ({ space, outputs }: GemmStep): string => `${space} ${outputs.map(({ b }) => b).join(" ")}`;

/** Later steps with the same factors that may be computed as early as this one: no step between touches what they do. */
function partners({ steps }: Plan, head: GemmStep, position: number): GemmStep[] {
  const found: GemmStep[] = [];
  const between: Access[] = [leafAccess(head)];
  for (const step of steps.slice(position + 1)) {
    if (step.kind === "loop") break;
    const own = leafAccess(step);
    if (isGradient(step) && factors(step) === factors(head) && !between.some((other) => conflict(other, own)))
      found.push(step);
    // Those of the group are kept too: two products into one result must stay apart, in their order.
    between.push(own);
  }
  return found;
}

function join(group: readonly GemmStep[]): GemmStep {
  const [head] = group as [GemmStep];
  if (group.length === 1) return head;
  return { ...head, outputs: group.flatMap(({ a, outputs }) => outputs.map((o) => ({ ...o, a }))) };
}
