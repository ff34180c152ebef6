/**
 * Every pass on random plans, which no model would write: after each of them the plan is valid, and what it leaves behind is
 * what the plan left behind before.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf, fill, results } from "../../exec/cases/harness.cases.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { packing } from "../../tensor/packing.js";
import { type Plan, passes, printPlan, verify } from "../index.js";
import { type Below, randomPlan } from "../random-plans.cases.js";

const p = packing([3, 0, 1]);
const batch = { packings: { p } };
const given = {
  own: Array.from({ length: p.N }, (_, i) => i),
  other: Array.from({ length: p.N }, (_, i) => ((5 * i + 2) % (p.N + 1)) - 1),
  any: Array.from({ length: p.N }, (_, i) => (i % 3) - 1),
  column: Array.from({ length: p.N }, (_, i) => ((2 * i) % 3) - 1),
};

async function run(plan: Plan): Promise<Map<string, Float64Array>> {
  const session = (await createReferenceExecutor()).session();
  const program = session.prepare(plan, capacityOf(batch));
  fill(session, program, batch, given);
  program.run(batch);
  return results(session, program);
}

function same(
  found: ReadonlyMap<string, Float64Array>,
  wanted: ReadonlyMap<string, Float64Array>,
  where: () => string,
): void {
  expect([...found.keys()]).toEqual([...wanted.keys()]);
  for (const [name, values] of wanted) {
    values.forEach((value, i) => {
      const other = found.get(name)?.[i] as number;
      // Only sums are reordered: of a few dozen terms of size one, each rounded to 1e-16.
      if (!(Math.abs(other - value) <= 1e-12 * Math.max(1, Math.abs(value))))
        throw new Error(`${name}[${i}] is ${other} and was ${value} ${where()}`);
    });
  }
}

const plans = fc.gen().map((draw): Plan => {
  const below: Below = (n) => draw(fc.nat, { max: n - 1 });
  return Object.assign(randomPlan(below), { [fc.toStringMethod]: () => "" });
});

describe("passes over random plans", () => {
  it("keep what they leave behind to 1e-12, and valid plans valid", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        verify(plan);
        const before = await run(plan);
        let current = plan;
        for (const pass of passes) {
          const next = pass.run(current);
          if (JSON.stringify(next) === JSON.stringify(current)) continue;
          current = next;
          verify(current);
          same(await run(current), before, () => `after "${pass.name}" of\n${printPlan(plan)}`);
        }
      }),
      // Without `endOnFailure` the plan that fails is made smaller, which takes half a minute.
      { numRuns: 200, seed: 1, endOnFailure: true },
    );
  });
});
