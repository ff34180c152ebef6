/**
 * The weights of attention for those who look into a loop: as one row for each step, which the loop itself does not keep.
 * It comes along with the observer, so that programs in which nobody looks do not load it.
 */
import { sourceInput } from "../../cell/attention.js";
import { mul } from "../../cell/functions.js";
import { sumSource } from "../../cell/nodes.js";
import type { Builder, RecurrenceOptions } from "../../plan/index.js";
import { stepOf } from "../names.js";

/**
 * A loop that attends, with its weights as rows. The gate α lies over the rows of the source, where the next step overwrites
 * it, so it is given as one row for each step: Σ_j α_j e_j, with the unit vector e_j of the source's step j.
 *
 * @param sourceSteps steps of the longest source
 */
export function weightsPerStep(
  builder: Builder,
  { body, packing, source, inputs, widths }: Omit<RecurrenceOptions, "initial">,
  sourceSteps: number,
): Pick<RecurrenceOptions, "body" | "inputs" | "widths"> {
  const steps = builder.input(stepOf(source!), `aligned:${packing}:${source}`, sourceSteps);
  const α = sumSource(mul(body.gates!["α"]!, sourceInput("step", "P")));
  return {
    body: { ...body, gates: { ...body.gates, α } },
    inputs: { ...inputs, step: steps },
    widths: { ...widths, P: sourceSteps },
  };
}
