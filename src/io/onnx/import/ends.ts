/**
 * Single steps of values for each step. The last one of a forward direction is its final state, and so is the first one of a reverse
 * direction; what comes out of layers that look at each step alone is taken from what goes in. Of any other value the last step is
 * pooled, and the first one goes through a reverse direction that keeps one step. A step in between is one of steps that were written
 * out (unrolled.ts).
 */
import { cell } from "../../../cell/cell.js";
import { pool } from "../../../nn/index.js";
import type { CellPlace } from "./cells/cell-place.js";
import { beside, type Item, layerItem } from "./items.js";
import { Unreadable } from "./unreadable.js";

/** s⟨t⟩ = w_s x⟨t⟩: forgets everything but the step itself. */
const oneStep = /* @__PURE__ */ cell("oneStep", { states: ["s"], output: "s" }, ({ x, linear }) => ({
  s: linear("s", x),
}));

const place: CellPlace = { cell: oneStep, gates: [], peepholes: [], states: ["s"] };

/** Layers that look at each step alone. */
const stepwise = new Set(["linear", "activation", "dropout", "normalise", "scale", "join"]);

/** A step of a value for each step, by its number. */
export function stepOf(
  item: Item,
  at: number,
  { steps, fixed, node }: { readonly steps: number; readonly fixed: boolean; readonly node: string },
): Item {
  if (item.over === "sequences") return item;
  if (item.made.kind === "flip") return stepOf(item.made.of, steps - 1 - at, { steps, fixed, node });
  // Of sequences of any length only the ends can be told; of steps that were written out the ends are steps like others.
  if (fixed && item.made.kind !== "beside")
    return { over: "sequences", width: item.width, made: { kind: "step", of: item, at, steps, node } };
  return endOf(item, at === 0 ? "first" : "last", node);
}

/** Which end. */
export type End = "first" | "last";

/** The first or the last step of a value for each step, as a value for each sequence. */
export function endOf(item: Item, end: End, node: string): Item {
  const { made, width, over } = item;
  if (over === "ids") throw new Unreadable(`takes the ${end} step of the input itself`);
  if (over === "sequences") return item;
  if (made.kind === "beside") {
    if (end === "last" && made.parts.some((part) => part.made.kind === "pass" && part.made.reverse))
      return pooled(item, node);
    return beside(made.parts.map((part) => endOf(part, end, node)));
  }
  if (made.kind === "flip") return endOf(made.of, end === "first" ? "last" : "first", node);
  if (made.kind === "pass" && made.reverse === (end === "first"))
    return { over: "sequences", width, made: { kind: "end", of: item, state: made.place.cell.output } };
  if (made.kind === "layer" && stepwise.has(made.layer.kind)) {
    const from = made.from.map((each) => endOf(each, end, node));
    return { over: "sequences", width, made: { ...made, from, nodes: [...made.nodes, node] } };
  }
  if (made.kind === "layer" && made.layer.kind === "repeat") return made.from[0]!;
  if (made.kind === "softmax")
    return { over: "sequences", width, made: { ...made, from: [endOf(made.from[0], end, node)] } };
  if (end === "last") return pooled(item, node);
  const identity = new Float32Array(width * width);
  for (let i = 0; i < width; i++) identity[i * (width + 1)] = 1;
  const pass: Item = {
    over: "tokens",
    width,
    made: {
      kind: "pass",
      place,
      units: width,
      reverse: true,
      parameters: new Map([["w_s", { shape: [width, width], data: identity }]]),
      from: [item],
      starts: { kind: "zero" },
      nodes: [node],
      mapped: [],
    },
  };
  return { over: "sequences", width, made: { kind: "end", of: pass, state: "s" } };
}

const pooled = (item: Item, node: string): Item =>
  layerItem(
    item,
    { layer: pool({ by: "ends" }), parameters: new Map(), nodes: [node], mapped: [] },
    { over: "sequences" },
  );
