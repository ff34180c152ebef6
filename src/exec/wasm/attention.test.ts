/** Attention in the wasm executor: against the reference, and the same bits with any number of threads. */
import { afterAll, describe, expect, it } from "vitest";
import {
  attentionCases,
  attentionOutputs,
  attentionVariants,
  bindAttention,
} from "../../plan/attention.cases.js";
import { createReferenceExecutor } from "../reference/index.js";
import { type EagerTeam, eagerTeam, executorOf, sharedRuns, testedTier } from "./eager.cases.js";
import { createWasmExecutor } from "./index.js";

// float32 keeps seven digits; sums here have at most some fifty terms.
attentionCases(() => createWasmExecutor({ tier: testedTier }), createReferenceExecutor, 2e-5);

describe.each([2, 3])("with %i threads", (threads) => {
  let made: Promise<EagerTeam> | undefined;
  const team = (): Promise<EagerTeam> => {
    made ??= eagerTeam(threads);
    return made;
  };
  it.each(attentionVariants)(
    "attention, $score, input feeding $feeding, is the same bits",
    async (variant) => {
      const alone = bindAttention(await createWasmExecutor({ tier: testedTier }), variant);
      const together = bindAttention(executorOf(await team()), variant);
      const before = sharedRuns(await team());
      for (const bound of [alone, together]) bound.run();
      expect(sharedRuns(await team())).toBe(before + 1);
      expect(attentionOutputs(together)).toEqual(attentionOutputs(alone));
    },
  );
  afterAll(async () => (await team()).team.stop());
});
