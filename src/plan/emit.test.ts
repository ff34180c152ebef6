/** Sums with products among their terms: a product is added to the others, unless somebody reads it for itself. */
import { expect, it } from "vitest";
import { add, type Expr, mul } from "../cell/index.js";
import { product, transposed } from "../cell/nodes.js";
import { Builder } from "./builder.js";
import { emitAll, type Operand, valueOf } from "./emit.js";
import { verify } from "./verify.js";

const input = (name: string): Expr => Object.freeze({ op: "input", args: [], width: "H", name });
const [x, y, z] = [input("x"), input("y"), input("z")];
/** wᵀ of a value, as derivatives have it. */
const back = (of: Expr): Expr =>
  transposed(product({ gate: "w", parameter: "w", blocks: ["w"] }, [x], "H"), 0, of, "H");

/** The steps that compute the roots: products with their start, other steps by their ops; all as one verified plan. */
function emitted(...roots: Expr[]): string[] {
  const b = new Builder("sums");
  b.packing("p");
  const given = [x, y, z].map((e): [Expr, Operand] => [e, b.input(e.name!, "tokens:p", 2)]);
  const scope = {
    ...({ builder: b, space: "tokens:p", prefix: "e", width: () => 2, values: new Map(given) } as const),
    ...{ parameters: { w: b.parameter("w", 2, 2) }, nameOf: (e: Expr) => e.op },
  };
  emitAll(scope, roots);
  for (const [i, root] of roots.entries()) b.output(`out ${i}`, valueOf(scope, root));
  const plan = b.finish();
  verify(plan);
  return plan.steps.slice(0, -roots.length).map((step) => {
    if (step.kind === "gemm") return step.outputs.map(({ start }) => `product from ${start}`).join();
    return step.kind === "elementwise" ? step.program.map(({ op }) => op).join(" ") || "copy" : step.kind;
  });
}

it("products are added to the terms before them, also through sums within the sum", () => {
  expect(emitted(add(x, back(y)))).toEqual(["copy", "product from accumulate"]);
  expect(emitted(add(add(x, z), add(back(y), back(z))))).toEqual([
    "add",
    "product from accumulate",
    "product from accumulate",
  ]);
  expect(emitted(add(back(y), back(z)))).toEqual(["product from zero", "product from accumulate"]);
});

it("sums without products stay one step per node", () => {
  expect(emitted(add(add(x, y), z))).toEqual(["add", "add"]);
});

it("a product or a sum that is read elsewhere too is computed for itself", () => {
  const shared = back(y);
  expect(emitted(add(x, shared), mul(shared, z))).toEqual(["product from zero", "add", "mul"]);
  const sum = add(x, y);
  expect(emitted(add(sum, back(z)), mul(sum, z))).toEqual(["add", "copy", "product from accumulate", "mul"]);
  // One that is itself asked for, and read twice besides.
  expect(emitted(sum, add(sum, back(z)), mul(sum, z))).toEqual([
    "add",
    "copy",
    "product from accumulate",
    "mul",
  ]);
});
