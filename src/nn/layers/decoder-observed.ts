/**
 * A decoder's loop as it is looked into: its gates and states as they are, and the weights of its attention as one row for
 * each step, which the loop itself does not keep.
 */
import { sourceInput } from "../../cell/attention.js";
import { mul } from "../../cell/functions.js";
import { sumSource } from "../../cell/nodes.js";
import type { Builder, RecurrenceOptions } from "../../plan/index.js";
import { packingOf, stepBeside } from "../names.js";
import type { DecoderParts } from "./decoder-body.js";
import type { Observer } from "./layer.js";

interface Shown {
  readonly layer: DecoderParts;
  readonly output: string;
  readonly observer: Observer;
}

/**
 * The loop as it is looked into. The weights α lie over the rows of the source, where the next step overwrites them, so they
 * are given as one row for each step: Σ_j α_j e_j, with the unit vector e_j of the source's step j.
 */
export function observedDecoder(
  builder: Builder,
  { name, body, packing, inputs, widths }: Omit<RecurrenceOptions, "initial">,
  { layer, output, observer }: Shown,
): Pick<RecurrenceOptions, "body" | "inputs" | "widths" | "observed"> {
  const units = layer.units.at(-1)!;
  const loop = { name, packing, reverse: false, cell: layer.cell.name, units, output };
  if (layer.attention === "none") return { body, inputs, widths, observed: observer.loop({ ...loop, body }) };
  const rows = `aligned:${packing}:${packingOf("source")}` as const;
  const steps = builder.input(stepBeside("source"), rows, observer.sourceSteps);
  const α = sumSource(mul(body.gates!["α"]!, sourceInput("step", "P")));
  const seen = { ...body, gates: { ...body.gates, α } };
  return {
    body: seen,
    inputs: { ...inputs, step: steps },
    widths: { ...widths, P: observer.sourceSteps },
    observed: observer.loop({ ...loop, body: seen, attention: "α" }),
  };
}
