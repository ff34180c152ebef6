/**
 * Gradients that are to lie in places of their own, however they are collected: added to, taken over, or both; and what
 * a builder refuses.
 */
import { expect, it } from "vitest";
import { add, mul } from "../cell/functions.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { Builder, map, optimise, PlanError, type Value, verify } from "./index.js";

/** The gradients of p and q, where each number of the result has the gradient 2. */
async function gradients(write: (b: Builder, p: Value, q: Value) => Value): Promise<number[][]> {
  const b = new Builder("placed");
  const [p, q] = [b.parameter("p", 2, 1), b.parameter("q", 2, 1)];
  const seed = b.buffer("seed", "rows:1", 1);
  b.fill(seed, 2);
  const found = b.backward(write(b, p, q), seed, ({ name, rows, width }) =>
    b.slot(`gradient.${name}`, `rows:${rows}`, width),
  );
  expect(found.map(({ gradient }) => gradient.buffer)).toEqual(["gradient.p", "gradient.q"]);
  const plan = optimise(b.finish(), verify);
  const executor = await createReferenceExecutor();
  const session = executor.session();
  const program = session.prepare(plan, {});
  session.write("p", [3, 4]);
  session.write("q", [5, 6]);
  program.run({ packings: {} });
  return ["p", "q"].map((name) => [...session.read(`gradient.${name}`)]);
}

it("a gradient that two parameters take over from one value lies in both places", async () => {
  expect(await gradients((b, p, q) => map(b, "sum", [p, q], add))).toEqual([
    [2, 2],
    [2, 2],
  ]);
});

it("one that comes from several uses is their sum, once", async () => {
  const twice = (b: Builder, p: Value, q: Value): Value => {
    const product = map(b, "product", [p, q], mul);
    const square = map(b, "square", [p], (x) => mul(x, x));
    return map(b, "all", [product, square, p, q], (x, y, z, w) => add(add(x, y), add(z, w)));
  };
  // p q + p² + p + q: the derivatives are q + 2 p + 1 and p + 1, times 2.
  expect(await gradients(twice)).toEqual([
    [24, 30],
    [8, 10],
  ]);
});

it("a name stands for one input, one parameter, one output", () => {
  const b = new Builder("names");
  b.packing("p");
  const x = b.input("x", "tokens:p", 2);
  expect(b.input("x", "tokens:p", 2)).toEqual(x);
  const twice = new PlanError('the input "x" is declared twice with different shapes');
  expect(() => b.input("x", "sequences:p", 2)).toThrow(twice);
  expect(() => b.input("x", "tokens:p", 3)).toThrow(twice);
  expect(() => b.input("x", "tokens:p", 2, "index")).toThrow(twice);
  const w = b.parameter("w", 3, 2);
  expect(b.parameter("w", 3, 2)).toEqual(w);
  expect(() => b.parameter("w", 4, 2)).toThrow(
    new PlanError('the parameter "w" is used as 4 × 2 and as 3 × 2'),
  );
  expect(() => b.parameter("w", 3, 5)).toThrow(
    new PlanError('the parameter "w" is used as 3 × 5 and as 3 × 2'),
  );
  expect(() => b.input("w", "rows:3", 2)).toThrow(/the input "w" is declared twice/);
  b.output("out", x);
  expect(() => b.output("out", x)).toThrow(new PlanError('there are two outputs "out"'));
  expect(b.finish().buffers["out"]?.dtype).toBe("real");
});

it("an output of another plan's value is for the check to find", () => {
  const b = new Builder("here");
  b.output("out", new Builder("there").parameter("w", 3, 2));
  expect(b.finish().buffers["out"]?.dtype).toBe("real");
  expect(() => verify(b.finish())).toThrow('there is no buffer "w"');
});

it("gradients are collected where they are needed only, under the name of their value", () => {
  const b = new Builder("frozen", (name) => name === "still");
  const still = b.parameter("still", 1, 1);
  const from = b.parameter("from", 1, 1);
  b.contribute(still, () => expect.unreachable("nothing is to be contributed"));
  b.contributeBuffer(still, from);
  expect(b.gradient(still)).toBeUndefined();
  const learning = b.parameter("learning", 1, 1);
  const loss = map(b, "loss", [learning], (x) => mul(x, x));
  b.backward(loss, from);
  b.contribute(from, (target) => b.fill(target, 1));
  expect(b.gradient(from)?.buffer).toContain("from");
  expect(b.gradient(loss)?.buffer).toContain(loss.buffer);
});
