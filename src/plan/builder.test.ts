/** Gradients that are to lie in places of their own, however they are collected: added to, taken over, or both. */
import { expect, it } from "vitest";
import { add, mul } from "../cell/functions.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { Builder, map, optimise, type Value, verify } from "./index.js";

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
