/**
 * Pooling: from a vector per step to one per sequence, the step from many to one. Mean and maximum are
 * recurrences themselves, s⟨t⟩ = s⟨t−1⟩ + x⟨t⟩ and m⟨t⟩ = max(m⟨t−1⟩, x⟨t⟩), and run as such; attention is
 * one as well (attention-pool.ts). A sequence without steps gives zeros (the last state: its initial state).
 */
import type { Expr } from "../../cell/expr.js";
import { add, div, greater, max, mul, select } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import type { RowsOf } from "../../options/row.js";
import { concatenate, map, recurrence, type Value } from "../../plan/index.js";
import { names } from "../names.js";
import { runInput } from "../run/inputs.js";
import { attend, attentionParameters } from "./attention-pool.js";
import {
  type Activation,
  type BuildContext,
  type LayerKind,
  NetworkError,
  type ParameterSpec,
} from "./layer.js";

/** How to pool. */
export type Pooling = "last" | "ends" | "mean" | "max" | "meanMax" | "attention";

/** The record of a pooling layer. */
export interface PoolLayer {
  readonly kind: "pool";
  readonly by: Pooling;
}

/** The options of pooling. */
export interface PoolOptions {
  /** How, see `pool`. */
  readonly by: Pooling;
}

/**
 * Pooling over the steps of each sequence, `by`
 * - "last": the output of the recurrent layer before it at the sequence's end (for two directions, each at its own end); after
 *   another layer, or one that is residual, the vector of the last step
 * - "ends": the vector of the last step, whatever gives it. Of a layer in two directions it holds what the reverse one gives
 *   there, which has read that step alone
 * - "mean", "max": over all steps; "meanMax": the two side by side, twice as wide
 * - "attention": a weighted mean whose weights are learned. For the vectors h⟨t⟩ of width H,
 *
 *       e⟨t⟩ = v_aᵀ tanh(w_a h⟨t⟩ + b_a),  α⟨t⟩ = e^(e⟨t⟩) / Σ_s e^(e⟨s⟩),  result Σ_t α⟨t⟩ h⟨t⟩
 *
 *   over the sequence's own steps, with w_a of shape (H, H), b_a and v_a of shape (H) (Yang et al. 2016)
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function pool(options: PoolOptions): PoolLayer {
  checkOptions(options, poolRows, "pool");
  return Object.freeze({ kind: "pool", by: options.by });
}

/** What is pooled, and where. */
type Build = (input: Activation, context: BuildContext) => Value;

/** A way to pool. */
interface Way {
  readonly build: Build;
  /** The result is so many times as wide as the input. Absent: once. */
  readonly times?: number;
  /** Parameters, for vectors of so many features. Absent: none. */
  readonly parameters?: (name: string, width: number) => readonly ParameterSpec[];
}

const mean: Build = (input, context) => {
  const { builder, packing, name } = context;
  const total = over(`${name}.sum`, 0, input, context, (s, x) => add(s, x));
  const length = runInput(builder, "length", packing);
  return map(builder, `${name}.mean`, [total, length], (s, n) => div(s, max(n, 1)));
};

const largest: Build = (input, context) => {
  const { builder, packing, name } = context;
  const found = over(`${name}.largest`, Number.NEGATIVE_INFINITY, input, context, (m, x) => max(x, m));
  const length = runInput(builder, "length", packing);
  return map(builder, `${name}.max`, [found, length], (m, n) => select(greater(n, 0), m, 0));
};

const ways: Readonly<Record<Pooling, Way>> = {
  last: { build: (input, context) => input.last ?? atEnd(input, context) },
  ends: { build: atEnd },
  mean: { build: mean },
  max: { build: largest },
  meanMax: {
    times: 2,
    build: (input, context) =>
      concatenate(context.builder, `${context.name}.both`, [mean(input, context), largest(input, context)]),
  },
  attention: { build: attend, parameters: attentionParameters },
};

/** The ways to pool, by name. */
export const poolings = /* @__PURE__ */ Object.keys(ways) as readonly Pooling[];

const poolRows = {
  by: { kind: "name", names: poolings, required: true },
} as const satisfies RowsOf<PoolOptions>;

/** The final state of a recurrence without parameters, whose state is as wide as its input. */
function over(
  name: string,
  start: number,
  { value }: Activation,
  { builder, packing }: BuildContext,
  step: (state: Expr, x: Expr) => Expr,
): Value {
  const [state, x] = (["state", "input"] as const).map(
    (op): Expr => ({ op, args: [], width: "H", name: op }),
  );
  const result = recurrence(builder, {
    name,
    body: { states: ["state"], next: { state: step(state!, x!) } },
    packing,
    inputs: { input: value },
    parameters: {},
    initial: { state: start },
    widths: { H: value.width },
  });
  return result.final["state"]!;
}

/** The vector of the last step. */
function atEnd(input: Activation, context: BuildContext): Value {
  return over(`${context.name}.end`, 0, input, context, (_, x) => x);
}

/** What any way to pool gives of a sequence whose one step this is: the vector itself. */
function oneStep(times: number, input: Activation, context: BuildContext): Value {
  const { builder, packing, name, only = "isLast" } = context;
  const mark = runInput(builder, only, packing);
  const value = map(builder, `${name}.only`, [input.value, mark], (x, m) => mul(m, x));
  const sum = over(`${name}.step`, 0, { ...input, value }, context, (s, x) => add(s, x));
  return concatenate(builder, `${name}.both`, new Array<Value>(times).fill(sum));
}

/** The row of the kind. */
export const poolKind: LayerKind<PoolLayer> = {
  output({ by }, input, name) {
    if (input.over !== "tokens")
      throw new NetworkError(
        `${name} pools vectors over the steps of a sequence, but there are no steps before it`,
      );
    return { over: "sequences", width: input.width * (ways[by].times ?? 1) };
  },
  parameters: ({ by }, input, name) => ways[by].parameters?.(name, input.width) ?? [],
  build({ by }, input, context) {
    const alone = context.only !== undefined && context.packing === names.packing;
    const value = alone ? oneStep(ways[by].times ?? 1, input, context) : ways[by].build(input, context);
    return { shape: { over: "sequences", width: value.width }, value };
  },
  wholeSequence: () => "pools over all steps, so it has nothing to give before the sequence's end",
  freshStart: () => "pools over all steps of a batch, and what went before is not among them",
  inPieces: ({ by }) =>
    by === "last" || by === "ends" ? undefined : "pools over all steps, and a piece has but its own",
  write: ({ by }) => ({ by }),
  read: ({ oneOf }) => pool({ by: oneOf("by", poolings) }),
};
