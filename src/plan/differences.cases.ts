/**
 * For tests: a plan's gradients against central differences. A function of values is built, its rows are weighed and summed,
 * and every element of every watched input and trained parameter is moved by a little.
 */
import { expect } from "vitest";
import { mul } from "../cell/index.js";
import { capacityOf, rowsIn, valueAt } from "../exec/cases/harness.cases.js";
import type { Batch } from "../exec/executor.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { Builder, map, optimise, type Plan, sumFeatures, type Value, verify } from "./index.js";

/** What is compared. */
export interface Differentiated {
  /** The buffers of the inputs and parameters whose gradients are compared. */
  readonly of: readonly string[];
  readonly batch: Batch;
  /** Numbers that the formula does not suit, as indices. */
  readonly given?: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * Compares the gradients of Σ weight ∘ value. `build` makes the value; what it watches or trains and `of` names is compared,
 * and what no gradient reaches must be named by nobody.
 */
export async function agreesWithDifferences(
  build: (b: Builder) => Value,
  { of, batch, given = {} }: Differentiated,
): Promise<void> {
  const b = new Builder("differences");
  const value = build(b);
  const weights = b.input("weights", value.space, value.width);
  const loss = sumFeatures(
    b,
    "loss",
    map(b, "weighted", [value, weights], (v, w) => mul(v, w)),
  );
  b.backward(loss, b.input("one", "rows:1", 1));
  b.output("out", loss);
  for (const name of of) {
    const { space, width } = b.finish().buffers[name]!;
    b.output(`d/${name}`, b.gradient({ buffer: name, space, width })!);
  }
  await compare(optimise(b.finish(), verify), { of, batch, given });
}

async function compare(plan: Plan, { of, batch, given }: Required<Differentiated>): Promise<void> {
  verify(plan);
  const executor = await createReferenceExecutor();
  const session = executor.session();
  const program = session.prepare(plan, capacityOf(batch));
  const values = new Map(
    Object.values(plan.buffers)
      .filter(({ role }) => role === "input" || role === "parameter")
      .map(({ name, space, width }) => {
        const numbers = Array.from({ length: rowsIn(space, batch) * width }, (_, k) => valueAt(name, k));
        return [name, name === "one" ? [1] : Array.from(given[name] ?? numbers)] as const;
      }),
  );
  const put = (name: string): void => {
    if (plan.buffers[name]!.role === "input") program.write(name, values.get(name)!);
    else session.write(name, values.get(name)!);
  };
  const total = (): number => {
    program.run(batch);
    return program.read("out").reduce((sum, v) => sum + v, 0);
  };
  for (const name of values.keys()) put(name);
  total();
  const found = new Map(of.map((name) => [name, program.read(`d/${name}`)]));
  for (const name of of) {
    const list = values.get(name)!;
    expect(found.get(name), name).toHaveLength(list.length);
    // Six elements of the large ones, in other rows and columns.
    const stride = Math.max(1, Math.floor(list.length / 6) | 1);
    for (let k = 0; k < list.length; k += stride) {
      const [kept, h] = [list[k]!, 1e-5];
      const at = (v: number): number => {
        list[k] = v;
        put(name);
        return total();
      };
      const wanted = (at(kept + h) - at(kept - h)) / (2 * h);
      at(kept);
      const got = found.get(name)![k]!;
      // Central differences with h = 1e-5 leave an error of order h² and rounding of order 1e-16 / h.
      if (!(Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted))))
        throw new Error(`d ${name}[${k}] is ${got}, differences give ${wanted}`);
    }
  }
  executor.dispose();
}
