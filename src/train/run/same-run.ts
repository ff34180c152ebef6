/**
 * What must be as it was for a run to go on to the bit: settings, network, data and tier. What is not is refused before a
 * step is made, with what it was and what it is.
 */

import { networkDifference } from "../../nn/build/index.js";
import type { Network } from "../../nn/index.js";
import { keyed, plain } from "../../options/error.js";
import { TrainingError } from "../errors.js";

/** What a run is made with. */
export interface RunConditions {
  /** Settings, fingerprint of the data and tier by name, as plain data. */
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly network: Network;
}

/**
 * Compares what a run was made with to what it would go on with.
 *
 * @param options.anyTier it may go on where the kernels round otherwise
 * @throws TrainingError naming the first thing that is not as it was, in `changed` too
 */
export function requireSameRun(
  was: RunConditions,
  is: RunConditions,
  { anyTier = false }: { readonly anyTier?: boolean | undefined } = {},
): void {
  for (const key of new Set([...Object.keys(was.conditions), ...Object.keys(is.conditions)])) {
    const [before, now] = [was, is].map((run) => JSON.stringify(run.conditions[key]) ?? "nothing");
    if (before === now || (key === "tier" && anyTier)) continue;
    const refuse = refusals[key] ?? ((a, b) => cannot(`${key} was ${a} and is ${b}; use the same`));
    throw new TrainingError(keyed(refuse(plain(String(before)), plain(String(now)))), { changed: key });
  }
  const difference = networkDifference(was.network, is.network);
  if (difference !== undefined)
    throw new TrainingError(cannot(`its network is another: ${difference}; use the same`), {
      changed: "network",
    });
}

const cannot = (why: string): string =>
  `the run cannot go on: ${why}, or train anew from the model's weights`;

/** What is said of conditions that are more than a setting, from what they were and what they are. */
const refusals: Readonly<Record<string, (was: string, is: string) => string>> = {
  // Its fingerprints say nothing to anybody.
  data: () => cannot("the training data is not what it was; use the same"),
  tier: (was, is) =>
    `the run was on ${was} and would go on with other rounding on ${is}; choose the same executor and tier, or allow any ({anyTier})`,
};
