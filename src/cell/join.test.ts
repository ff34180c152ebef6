/** Cells in one body: widths that are told by symbols go along, those of values and those that are counted. */
import { expect, test } from "vitest";
import { lstmLayerNorm } from "./catalogue/index.js";
import { cell } from "./cell.js";
import { type Expr, topological } from "./expr.js";
import { add, mul, standardised, tanh } from "./functions.js";
import { joinCell } from "./join.js";

test("a joined cell counts the features of its own width, and of what it reads as x", () => {
  const reading = cell("reading", { states: ["h"], output: "h" }, ({ h, x, linear }) => ({
    h: tanh(add(linear("h", standardised(x), mul(x, x)), standardised(h))),
  }));
  const leaf: Expr = { op: "input", args: [], width: "X", name: "x" };
  const lower = joinCell(lstmLayerNorm.equations(), "1", leaf, "H1");
  const upper = joinCell(reading.equations(), "2", lower.output, "H2");
  const counted = (roots: readonly Expr[]): string[] =>
    topological(roots).flatMap((e) => (e.op === "featureCount" ? [e.name as string] : []));
  expect(new Set(counted(Object.values(lower.next)))).toEqual(new Set(["H1"]));
  expect(new Set(counted(Object.values(upper.next)))).toEqual(new Set(["H1", "H2"]));
  const widths = topological(Object.values(upper.next)).map((e) => e.width);
  expect(new Set(widths)).toEqual(new Set(["1", "X", "H1", "H2"]));
  expect(widths.filter((w) => w === "X")).toHaveLength(1);
});
