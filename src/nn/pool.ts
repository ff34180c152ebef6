/**
 * Pooling: from a vector per step to one per sequence, the step from many to one. Mean and maximum are
 * recurrences themselves, s⟨t⟩ = s⟨t−1⟩ + x⟨t⟩ and m⟨t⟩ = max(m⟨t−1⟩, x⟨t⟩), and run as such. A sequence
 * without steps gives zeros (the last state: its initial state).
 */
import type { Expr } from "../cell/expr.js";
import { add, div, greater, max, select } from "../cell/functions.js";
import { map, recurrence, type Value } from "../plan/index.js";
import { runInput } from "./inputs.js";
import { type Activation, type BuildContext, type LayerKind, NetworkError } from "./layer.js";

/** How to pool. */
export type Pooling = "last" | "mean" | "max";

/** The record of a pooling layer. */
export interface PoolLayer {
  readonly kind: "pool";
  readonly by: Pooling;
}

/**
 * Pooling over the steps of each sequence.
 *
 * @param options.by "last": the output of the recurrent layer before it at the sequence's end (for two
 *   directions, each at its own end); "mean" or "max": over all steps
 */
export function pool(options: { readonly by: Pooling }): PoolLayer {
  return Object.freeze({ kind: "pool", by: options.by });
}

const ways: Readonly<Record<Pooling, (input: Activation, context: BuildContext) => Value>> = {
  last(input, { name }) {
    if (!input.last)
      throw new NetworkError(
        `${name} takes the last state and must follow a recurrent layer that is not residual`,
      );
    return input.last;
  },
  mean(input, context) {
    const { builder, packing, name } = context;
    const total = over(0, input, context, (s, x) => add(s, x));
    const length = runInput(builder, "length", packing);
    return map(builder, `${name}.mean`, [total, length], (s, n) => div(s, max(n, 1)));
  },
  max(input, context) {
    const { builder, packing, name } = context;
    const largest = over(Number.NEGATIVE_INFINITY, input, context, (m, x) => max(x, m));
    const length = runInput(builder, "length", packing);
    return map(builder, `${name}.max`, [largest, length], (m, n) => select(greater(n, 0), m, 0));
  },
};

/** The final state of a recurrence without parameters, whose state is as wide as its input. */
function over(
  start: number,
  { value }: Activation,
  { builder, packing, name }: BuildContext,
  step: (state: Expr, x: Expr) => Expr,
): Value {
  const [state, x] = (["state", "input"] as const).map(
    (op): Expr => ({ op, args: [], width: "H", name: op }),
  );
  const result = recurrence(builder, {
    name,
    body: { states: ["state"], next: { state: step(state as Expr, x as Expr) } },
    packing,
    inputs: { input: value },
    parameters: {},
    initial: { state: start },
    widths: { H: value.width },
  });
  return result.final["state"] as Value;
}

/** The row of the kind. */
export const poolKind: LayerKind<PoolLayer> = {
  output(_layer, input, name) {
    if (input.over !== "tokens")
      throw new NetworkError(`${name} pools vectors over the steps of a sequence; there are none before it`);
    return { over: "sequences", width: input.width };
  },
  parameters: () => [],
  build: (layer, input, context) => ({
    shape: { over: "sequences", width: input.shape.width },
    value: ways[layer.by](input, context),
  }),
  wholeSequence: () => "pools over all steps, so it has nothing to give before the sequence's end",
  freshStart: () => "pools over all steps of a batch, and what went before is not among them",
  write: ({ by }) => ({ by }),
  read: ({ oneOf }) => pool({ by: oneOf("by", ["last", "mean", "max"]) }),
};
