/**
 * For tests: a recurrent layer in both directions under a squared error, step by step in float64, straight from the cell's
 * equations; and any gate or state of any step moved by hand, for central differences. It shares no code with plans.
 */

import {
  type Bindings,
  evaluate,
  type Matrix,
  multiply,
  numbers,
  type Vector,
} from "../cell/evaluate.cases.js";
import { type Expr, topological } from "../cell/expr.js";
import { add } from "../cell/functions.js";
import type { Cell, CellEquations } from "../cell/index.js";
import { opRow } from "../cell/ops.js";
import { linear, type Network, network, type Parameters, recurrent } from "../nn/index.js";

/** Widths of the network. */
export const sizes = { X: 2, H: 3, Y: 2 };

/** The network: x -> cell in both directions -> z. */
export const bothWays = (cell: Cell): Network =>
  network({
    input: { width: sizes.X },
    layers: [recurrent({ cell, units: sizes.H, direction: "both" }), linear({ units: sizes.Y })],
    loss: "squaredError",
  });

/** Parameters by formula, biases too. */
export function parametersFor(net: Network): Parameters {
  return new Map(
    net.parameters.map(({ name, shape }, i) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from(numbers(i + 1, count)) }];
    }),
  );
}

/** A value that is moved: whose, at which step, which feature, how far. */
export interface Nudge {
  readonly pass: "forward" | "reverse";
  readonly name: string;
  readonly step: number;
  readonly feature: number;
  readonly by: number;
}

/** What the oracle gives: values by pass and name, step after step in the order of the example, and the loss. */
export interface Walked {
  readonly values: Readonly<Record<string, Readonly<Record<string, readonly Vector[]>>>>;
  readonly loss: number;
}

/** Takes an example of T steps through the network, in float64. */
export function walk(
  cell: Cell,
  parameters: Parameters,
  example: { readonly input: readonly number[]; readonly target: readonly number[] },
  nudge?: Nudge,
): Walked {
  const { X, H, Y } = sizes;
  const T = example.input.length / X;
  const equations = cell.equations();
  const values: Record<string, Record<string, Vector[]>> = {};
  const outputs: Vector[][] = (["forward", "reverse"] as const).map((pass) => {
    const own = nudge?.pass === pass ? nudge : undefined;
    const moved = own ? movable(equations, own.name) : equations;
    const bindings = bindingsOf(equations, parameters, `recurrent1.${pass}`);
    const lists: Record<string, Vector[]> = {};
    let state = Object.fromEntries(equations.states.map((s): [string, Vector] => [s, new Array(H).fill(0)]));
    for (let i = 0; i < T; i++) {
      const t = pass === "forward" ? i : T - 1 - i;
      const move = Array.from({ length: H }, (_, f) => (own?.step === t && own.feature === f ? own.by : 0));
      const roots = { ...moved.gates, ...moved.next };
      const input = { x: example.input.slice(t * X, (t + 1) * X), moved: move };
      const all = evaluate(Object.values(roots), { ...bindings, input, state });
      for (const [name, e] of Object.entries(roots)) {
        lists[name] ??= new Array<Vector>(T);
        (lists[name] as Vector[])[t] = all.get(e)!;
      }
      state = Object.fromEntries(equations.states.map((s) => [s, all.get(moved.next[s]!)!]));
    }
    values[`recurrent1.${pass}`] = lists;
    return lists[equations.output] ?? [];
  });
  const [w, b] = ["linear1.w_ya", "linear1.b_y"].map((name) => Array.from(parameters.get(name)?.data ?? []));
  const matrix = Array.from({ length: Y }, (_, y) => w!.slice(y * 2 * H, (y + 1) * 2 * H));
  let loss = 0;
  for (let t = 0; t < T; t++) {
    const z = multiply(
      matrix,
      outputs.flatMap((steps) => [...steps[t]!]),
    );
    for (let y = 0; y < Y; y++) loss += (z[y]! + b![y]! - example.target[t * Y + y]!) ** 2;
  }
  return { values, loss };
}

/**
 * The equations with "moved" added to the value of that name, wherever it is read. Of a state that is a leaf (another one's
 * value before) the new state alone is moved.
 */
function movable(equations: CellEquations, name: string): Pick<CellEquations, "gates" | "next"> {
  const { gates, next } = equations;
  const moved: Expr = { op: "input", args: [], width: "H", name: "moved" };
  const state = next[name];
  if (state && opRow(state.op).kind === "leaf")
    return { gates, next: { ...next, [name]: add(state, moved) } };
  const target = (state ?? gates[name])!;
  const made = new Map<Expr, Expr>();
  for (const e of topological([...Object.values(gates), ...Object.values(next)])) {
    const copy = { ...e, args: e.args.map((arg) => made.get(arg)!) };
    made.set(e, e === target ? add(copy, moved) : copy);
  }
  const take = (named: Readonly<Record<string, Expr>>): Record<string, Expr> =>
    Object.fromEntries(Object.entries(named).map(([key, e]) => [key, made.get(e)!]));
  return { gates: take(gates), next: take(next) };
}

function bindingsOf(
  { parameters: list }: CellEquations,
  parameters: Parameters,
  prefix: string,
): Omit<Bindings, "input" | "state"> {
  const { X, H } = sizes;
  const parameter: Record<string, Vector> = {};
  const blocks: Record<string, Matrix> = {};
  for (const p of list) {
    const { data, shape } = parameters.get(`${prefix}.${p.name}`) as {
      data: Float32Array;
      shape: readonly number[];
    };
    if (p.kind !== "weight") parameter[p.name] = Array.from(data);
    let from = 0;
    for (const block of p.blocks) {
      const columns = block.columns === "X" ? X : H;
      const start = from;
      const width = shape[1]!;
      blocks[block.name] = Array.from({ length: H }, (_, row) =>
        Array.from(data.subarray(row * width + start, row * width + start + columns)),
      );
      from += columns;
    }
  }
  return { widths: { X, H }, parameter, incoming: {}, blocks };
}
