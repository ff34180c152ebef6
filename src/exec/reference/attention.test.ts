/** Attention in the reference interpreter: its gradients against central differences in float64. */
import { describe, expect, it } from "vitest";
import { sourceInput } from "../../cell/attention.js";
import { add } from "../../cell/functions.js";
import type { Expr } from "../../cell/index.js";
import { sumSource } from "../../cell/nodes.js";
import {
  attentionCases,
  attentionOutputs,
  attentionVariants,
  bindAttention,
} from "../../plan/attention.cases.js";
import { Builder, PlanError, recurrence, type Value } from "../../plan/index.js";
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
      const gradient = found[`d.${name}.out`]!;
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
        expect(Math.abs(gradient[k]! - wanted), `${name}[${k}]`).toBeLessThan(1e-7);
      });
      set(name, list);
    }
  });
});

describe("a recurrence over a source refuses", () => {
  const state: Expr = { op: "state", args: [], width: "H", name: "s" };
  const attempt = (read: Expr, value: (b: Builder) => Value, source?: string) => (): void => {
    const b = new Builder("refused");
    recurrence(b, {
      name: "r",
      packing: "p",
      parameters: {},
      initial: {},
      widths: { H: 2 },
      body: { states: ["s"], next: { s: add(state, read) } },
      inputs: { h: value(b) },
      ...(source === undefined ? {} : { source }),
    });
  };
  const h = sumSource(sourceInput("h", "H"));
  it.each<[string, () => void, string]>([
    [
      "values of other rows",
      attempt(h, (b) => b.input("h", "tokens:p", 2), "q"),
      "its value must be of aligned:p:q",
    ],
    ["another source's rows", attempt(h, (b) => b.input("h", "aligned:p:o", 2), "q"), "aligned:p:q"],
    [
      "a source that is not told",
      attempt(h, (b) => b.input("h", "aligned:p:q", 2)),
      "say which packing is the source",
    ],
  ])("%s", (_what, act, message) => {
    expect(act).toThrow(PlanError);
    expect(act).toThrow(message);
  });
});
