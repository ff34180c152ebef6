/**
 * A recurrent layer's output put together from its directions: both of a bidirectional operator, or those of two operators of
 * which one reads forward and one in reverse.
 */
import { type Direction, pool, recurrent } from "../../../nn/index.js";
import type { Mapping } from "../../imported.js";
import { evaluateOperator, type Formula } from "./evaluate.js";
import { type Axis, type Flow, type Found, type Row, sizesOf, Unreadable } from "./values.js";

/** What flows on after a recurrent layer, with the layer in its chain. @throws Unreadable if it is not all of one layer */
export function wholeRows(flow: Flow): Flow {
  const { rows, chain, over } = flow;
  if (!rows) return flow;
  const [found, before] = layerOf(rows);
  const width = flow.dims.findIndex((axes) => axes.at(-1)?.kind === "feature");
  const { layer } = found;
  const units = layer.kind === "recurrent" ? layer.units * (layer.direction === "both" ? 2 : 1) : 0;
  // What is left of a stack of one direction takes no place.
  if (width < 0 || sizesOf(flow)[width] !== units)
    throw new Unreadable("reads the directions of a recurrent layer otherwise than side by side");
  const feature: readonly Axis[] = [{ kind: "feature", size: units }];
  const dims = flow.dims.map((axes, i) => (i === width ? feature : axes));
  const ends = over === "sequences" ? [lastOf(found)] : [];
  return { kind: "flow", over, dims, chain: [...(before ?? chain), found, ...ends] };
}

function layerOf(rows: readonly Row[]): readonly [Found, readonly Found[]] {
  const [first, second] = rows as readonly [Row, Row?];
  const { found, before, of } = first;
  if (rows.length === of && rows.every((row, i) => row.found === found && row.part === i))
    return [found, before];
  if (rows.length === 2 && second && of === 1 && second.of === 1) {
    const both = bothOf(first, second);
    if (both) return [both, before];
  }
  const names = [...new Set(rows.flatMap((row) => row.found.nodes))].join(" and ");
  throw new Unreadable(
    `goes on from a part of the directions or layers of ${names}, or from them in another order`,
  );
}

/** The same layer, which may have been put together of its directions more than once. */
function isSame(a: Found, b: Found | undefined): boolean {
  if (a === b || !b) return a === b;
  const alike = [...a.parameters].every(([name, tensor]) => b.parameters.get(name) === tensor);
  return alike && a.layer.kind === b.layer.kind && a.nodes.join() === b.nodes.join();
}

/** Two layers of one direction each, side by side, as one of both. */
function bothOf({ found: a, before }: Row, { found: b, before: other }: Row): Found | undefined {
  const [forward, reverse] = [a.layer, b.layer];
  if (forward.kind !== "recurrent" || reverse.kind !== "recurrent") return undefined;
  const directions: readonly Direction[] = [forward.direction, reverse.direction];
  const alike = forward.cell === reverse.cell && forward.units === reverse.units;
  const same = before.length === other.length && before.every((found, i) => isSame(found, other[i]));
  if (!alike || !same || directions.join() !== "forward,reverse") return undefined;
  if (forward.initialState !== reverse.initialState) return undefined;
  const { cell, units, initialState } = forward;
  const parameters = new Map([
    ...[...a.parameters].map(([name, tensor]) => [`forward.${name}`, tensor] as const),
    ...[...b.parameters].map(([name, tensor]) => [`reverse.${name}`, tensor] as const),
  ]);
  const sided = (side: string, { mapped }: Found): Mapping[] =>
    mapped.map((each) => ({ ...each, to: `${side}.${each.to}` }));
  const [one, two] = [a.formula, b.formula] as [Formula, Formula];
  const formula = { ...one, directions: [...one.directions, ...two.directions] };
  return {
    layer: recurrent({ cell, units, initialState, direction: "both" }),
    parameters,
    nodes: [...a.nodes, ...b.nodes],
    mapped: [...sided("forward", a), ...sided("reverse", b)],
    formula,
    evaluate: (input) => evaluateOperator(formula, input).steps,
  };
}

/** Pooling by the last state of a recurrent layer. */
export function lastOf({ formula }: Found, nodes: readonly string[] = []): Found {
  return {
    layer: pool({ by: "last" }),
    parameters: new Map(),
    nodes,
    mapped: [],
    evaluate: (input) => [evaluateOperator(formula!, input).ends],
  };
}
