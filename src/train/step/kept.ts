/** What goes on from step to step: the buffers of which a trainer's state is made. */
import type { Program } from "../../exec/executor.js";
import { NetworkError } from "../../nn/index.js";
import type { PlanBuffer } from "../../plan/index.js";
import type { TrainerState } from "../trainer.js";
import { trainingNames } from "./names.js";

/** Parameters, and all slots but gradients that the next step makes anew. */
export function keptBuffers(programs: readonly Program[]): PlanBuffer[] {
  const all = new Map(programs.flatMap(({ plan }) => Object.entries(plan.buffers)));
  return [...all.values()].filter(
    ({ name, role }) => role === "parameter" || (role === "slot" && name.startsWith(trainingNames.slot)),
  );
}

/** @throws NetworkError if a state has other buffers than the trainer */
export function checkBuffers(wanted: readonly string[], { buffers }: TrainerState): void {
  const missing = wanted.find((name) => !buffers.has(name));
  const unknown = [...buffers.keys()].find((name) => !wanted.includes(name));
  const name = missing ?? unknown;
  if (name === undefined) return;
  throw new NetworkError(
    `the state ${missing === undefined ? "has" : "lacks"} ${name}: it is of a training with another network, optimiser or settings`,
  );
}
