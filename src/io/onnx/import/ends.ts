/**
 * The first or the last step of values for each step. The last one of a forward direction is its final state, and so is the first
 * one of a reverse direction; what comes out of layers that look at each step alone is taken from what goes in. Anything else goes
 * through a direction that keeps one step.
 */
import { cell } from "../../../cell/cell.js";
import type { CellPlace } from "./cell-place.js";
import { beside, type Item } from "./items.js";
import { Unreadable } from "./unreadable.js";

/** Which step. */
export type Step = "first" | "last";

/** s⟨t⟩ = w_s x⟨t⟩: forgets everything but the step itself. */
const oneStep = /* @__PURE__ */ cell("oneStep", { states: ["s"], output: "s" }, ({ x, linear }) => ({
  s: linear("s", x),
}));

const place: CellPlace = { cell: oneStep, gates: [], peepholes: [], states: ["s"] };

/** Layers that look at each step alone. */
const stepwise = new Set(["linear", "activation", "dropout", "normalise", "scale"]);

/** The first or the last step of a value for each step, as a value for each sequence. */
export function endOf(item: Item, step: Step, node: string): Item {
  const { made, width, over } = item;
  if (over === "ids" || over === "raw") throw new Unreadable(`takes the ${step} step of the input itself`);
  if (over === "sequences") return item;
  if (made.kind === "beside") return beside(made.parts.map((part) => endOf(part, step, node)));
  if (made.kind === "pass" && made.reverse === (step === "first"))
    return { over: "sequences", width, made: { kind: "end", of: item, state: made.place.cell.output } };
  if (made.kind === "layer" && stepwise.has(made.layer.kind)) {
    const from = made.from.map((each) => endOf(each, step, node));
    return { over: "sequences", width, made: { ...made, from, nodes: [...made.nodes, node] } };
  }
  if (made.kind === "softmax")
    return { over: "sequences", width, made: { ...made, from: [endOf(made.from[0], step, node)] } };
  const identity = new Float32Array(width * width);
  for (let i = 0; i < width; i++) identity[i * (width + 1)] = 1;
  const pass: Item = {
    over: "tokens",
    width,
    made: {
      kind: "pass",
      place,
      units: width,
      reverse: step === "first",
      parameters: new Map([["w_s", { shape: [width, width], data: identity }]]),
      from: [item],
      starts: { kind: "zero" },
      nodes: [node],
      mapped: [],
    },
  };
  return { over: "sequences", width, made: { kind: "end", of: pass, state: "s" } };
}
