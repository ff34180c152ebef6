/** Attention in the reference interpreter: its gradients against central differences in float64. */
import { describe, expect, it } from "vitest";
import {
  attentionCases,
  attentionOutputs,
  attentionVariants,
  bindAttention,
} from "../../plan/attention.cases.js";
import { createReferenceExecutor } from "./index.js";

attentionCases(createReferenceExecutor, createReferenceExecutor, 0);

describe.each(attentionVariants)("gradients of attention, $score, input feeding $feeding", (variant) => {
  it("agree with central differences", async () => {
    const bound = bindAttention(await createReferenceExecutor(), variant);
    const { values, set, run, program } = bound;
    const total = (): number => {
      run();
      return program.read("loss.out").reduce((a, v) => a + v, 0);
    };
    total();
    const found = attentionOutputs(bound);
    const h = 1e-5;
    for (const [name, list] of Object.entries(values)) {
      const gradient = found[`d.${name}.out`] as Float64Array;
      expect(gradient).toHaveLength(list.length);
      list.forEach((kept, k) => {
        if (k % 3 !== 0 && k + 1 < list.length) return;
        const at = (value: number): number => {
          set(
            name,
            list.map((old, i) => (i === k ? value : old)),
          );
          return total();
        };
        const wanted = (at(kept + h) - at(kept - h)) / (2 * h);
        // Central differences with h = 1e-5 leave an error of order h² and rounding of order 1e-16 / h.
        expect(Math.abs((gradient[k] as number) - wanted), `${name}[${k}]`).toBeLessThan(1e-7);
      });
      set(name, list);
    }
  });
});
