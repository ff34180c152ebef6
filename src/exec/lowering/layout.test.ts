/** The arena of temporaries: those that live at the same time never overlap. */
import { expect, it } from "vitest";
import { lifetimes } from "../../plan/lifetimes.js";
import type { ElementwiseStep, PlanBuffer } from "../../plan/plan.js";
import { randomWord, wordBelow } from "../../tensor/random.js";
import { buffer, planOf } from "../cases/harness.cases.js";
import { bufferBytes, rowStride, temporaryArena } from "./layout.js";

const capacity = { p: { B: 4, T: 10, N: 30 } };

it("pads rows of tokens and sequences to whole panels, and nothing else", () => {
  expect([1, 3, 16, 17].map((width) => rowStride("tokens:p", width))).toEqual([1, 16, 16, 32]);
  expect([1, 3, 16, 17].map((width) => rowStride("rows:5", width))).toEqual([1, 3, 16, 17]);
});

it.each(Array.from({ length: 20 }, (_, i) => i))(
  "gives random lifetimes %i places that do not overlap",
  (seed) => {
    let drawn = 0;
    const below = (n: number): number => wordBelow(randomWord({ seed, purpose: 6 }, drawn++), n);
    const buffers: PlanBuffer[] = [buffer("x", "tokens:p", 1, "input")];
    const steps: ElementwiseStep[] = [];
    for (let i = 0; i < 40; i++) {
      const made = buffer(`t${i}`, below(2) ? "tokens:p" : "sequences:p", 1 + below(60));
      const readers = buffers.filter((b) => b.space === made.space && b.width === made.width).slice(-2);
      const inputs = [...new Set([made, ...readers])].slice(1).map((b) => b.name);
      steps.push({
        kind: "elementwise",
        space: made.space,
        width: made.width,
        inputs,
        program: [{ op: "constant", args: [], value: 1 }],
        outputs: [{ buffer: made.name, register: inputs.length }],
      });
      buffers.push(made);
      // Keeps an earlier one alive until now.
      const old = buffers[1 + below(buffers.length - 1)]!;
      steps.push({
        kind: "elementwise",
        space: old.space,
        width: old.width,
        inputs: [old.name],
        program: [],
        outputs: [{ buffer: old.name, register: 0 }],
      });
    }
    const plan = planOf("lifetimes", buffers, steps);
    const { offsets, bytes } = temporaryArena(plan, capacity);
    const live = [...lifetimes(plan)].map(([name, { first, last }]) => {
      const b = plan.buffers[name]!;
      const offset = offsets.get(name)!;
      return { name, first, last, offset, end: offset + bufferBytes(b, b.space === "tokens:p" ? 30 : 4) };
    });
    expect(live.length).toBe(40);
    expect(bytes).toBe(Math.max(...live.map((l) => l.end)));
    for (const a of live) {
      for (const b of live) {
        const meet = a.name !== b.name && a.first <= b.last && b.first <= a.last;
        if (meet) expect(a.end <= b.offset || b.end <= a.offset, `${a.name} and ${b.name}`).toBe(true);
      }
    }
    expect(bytes).toBeLessThan(live.reduce((sum, l) => sum + l.end - l.offset, 0));
  },
);
