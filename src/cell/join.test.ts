/** Cells in one body: widths that are told by symbols go along, those of values and those that are counted. */
import { expect, test } from "vitest";
import { gru, lstmLayerNorm } from "./catalogue/index.js";
import { cell } from "./cell.js";
import { CellError, type Expr, topological } from "./expr.js";
import { add, div, mul, standardised, tanh } from "./functions.js";
import { joinCell } from "./join.js";
import { featureCount } from "./nodes.js";

test("a joined cell counts the features of its own width, and of what it reads as x", () => {
  const reading = cell("reading", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
    h: tanh(add(linear("h", standardised(x), mul(x, x)), standardised(h))),
  }));
  const leaf: Expr = { op: "input", args: [], width: "X", name: "x" };
  const lower = joinCell(lstmLayerNorm.equations(), "1", leaf, "H1");
  const upper = joinCell(reading.equations(), "2", lower.output, "H2");
  const counted = (roots: readonly Expr[]): string[] =>
    topological(roots).flatMap((e) => (e.op === "featureCount" ? [e.name!] : []));
  expect(new Set(counted(Object.values(lower.next)))).toEqual(new Set(["H1"]));
  expect(new Set(counted(Object.values(upper.next)))).toEqual(new Set(["H1", "H2"]));
  const widths = topological(Object.values(upper.next)).map((e) => e.width);
  expect(new Set(widths)).toEqual(new Set(["1", "X", "H1", "H2"]));
  expect(widths.filter((w) => w === "X")).toHaveLength(1);
});

test("an input in parts gives every product that reads it a block for each, and is read by nothing else", () => {
  const y: Expr = { op: "input", args: [], width: "Y", name: "y" };
  const fed: Expr = { op: "state", args: [], width: "F", name: "fed" };
  const { next } = joinCell(gru.equations(), "1", { y, fed }, "H1");
  const products = topological(Object.values(next)).filter((e) => e.op === "affine");
  expect(Object.fromEntries(products.map((e) => [e.weight?.gate, e.weight?.blocks]))).toEqual({
    r: ["1.w_rc", "1.w_rx.y", "1.w_rx.fed"],
    u: ["1.w_uc", "1.w_ux.y", "1.w_ux.fed"],
    c: ["1.w_cc", "1.w_cx.y", "1.w_cx.fed"],
  });
  for (const { args } of products) expect(args.slice(1)).toEqual([y, fed]);
  const gated = cell("gated", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
    h: add(linear("h", h), linear("x", mul(x, 2))),
  }));
  expect(() => joinCell(gated.equations(), "1", { y, fed }, "H1")).toThrow(
    new CellError(
      'cell "gated" reads its input in mul; only where products alone read it can it be of parts',
    ),
  );
});

test("a product has a bias in a body only if it has one in its cell", () => {
  const mixed = cell("mixed", { states: ["h"], output: "h" }, ({ h, x, affine, linear }) => ({
    h: add(affine("u", h, x), linear("v", h)),
  }));
  const leaf: Expr = { op: "input", args: [], width: "X", name: "x" };
  const { output } = joinCell(mixed.equations(), "1", leaf, "H1");
  const biases = output.args.map(({ weight }) => [weight?.gate, weight?.bias, "bias" in weight!]);
  expect(biases).toEqual([
    ["u", "1.b_u", true],
    ["v", undefined, false],
  ]);
});

test("an input in parts has no width that could be counted", () => {
  const counting = cell("counting", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
    h: add(h, div(linear("x", x), featureCount(x.width))),
  }));
  const y: Expr = { op: "input", args: [], width: "Y", name: "y" };
  expect(() => joinCell(counting.equations(), "1", { y }, "H1")).toThrow(/reads its input in featureCount/);
});
