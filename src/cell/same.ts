/**
 * Whether two cells are the same equations over the same parameters, wherever they come from: a model file carries its
 * cells as data, and a cell's name proves nothing.
 */
import type { Cell } from "./cell.js";
import { toGraph } from "./graph.js";

/**
 * True if two cells have the same states, parameters, gates and equations, node by node. Their names and what their
 * parameters start at do not count.
 */
export function sameEquations(a: Cell, b: Cell): boolean {
  return shown(a) === shown(b);
}

function shown(cell: Cell): string {
  const { name: _name, parameters, ...graph } = toGraph(cell.equations());
  const bare = parameters.map((each) => ("initial" in each ? { ...each, initial: 0 } : each));
  return JSON.stringify({ ...graph, parameters: bare });
}
