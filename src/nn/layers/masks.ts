/**
 * The random masks of regularisers: uniform numbers in a plan, each a function of (seed, training step, layer,
 * sequence, time, feature) alone, and what is made of them. What is masked is for dropout.ts and noise.ts to say.
 */
import type { Expr } from "../../cell/expr.js";
import { greater, mul, sub } from "../../cell/functions.js";
import type { Value } from "../../plan/index.js";
import type { Purpose } from "../../tensor/random.js";
import { runInput } from "../run/inputs.js";
import { type BuildContext, NetworkError } from "./layer.js";

/** Which uniform numbers to draw. */
export interface MaskOptions {
  /** Of the buffer. */
  readonly name: string;
  readonly over: "tokens" | "sequences";
  /** Features; 1 for a mask that is repeated over them. */
  readonly width: number;
  /** False to draw the same at all steps of a sequence. Per sequence there is but one. */
  readonly overTime: boolean;
  readonly purpose: Purpose;
  /** Number of the random stream within its purpose, 0 to 65,535. */
  readonly stream: number;
}

/** Uniform numbers in [0, 1), drawn afresh at every training step. */
export function uniforms({ builder, packing }: BuildContext, options: MaskOptions): Value {
  const { name, over, width, overTime, purpose, stream } = options;
  const perToken = over === "tokens";
  const u = builder.buffer(name, `${over}:${packing}`, width);
  builder.emit({
    kind: "random",
    space: u.space,
    width,
    into: u.buffer,
    purpose,
    layer: stream,
    seed: runInput(builder, "seed").buffer,
    step: runInput(builder, "step").buffer,
    sequence: runInput(builder, perToken ? "sequenceOfToken" : "sequence", packing).buffer,
    ...(perToken && overTime ? { time: runInput(builder, "timeOfToken", packing).buffer } : {}),
  });
  return u;
}

/** 1 / (1 − rate) where a uniform number lets a value live, else 0: a mask whose expectation is 1. */
export function keptOrZero(uniform: Expr, rate: number): Expr {
  return mul(sub(1, greater(rate, uniform)), 1 / (1 - rate));
}

/** What a probability to drop can be, as the option of a layer. */
export const dropoutRate = { kind: "number", least: 0, below: 1 } as const;

/** @throws NetworkError if a probability to drop is not at least 0 and below 1; `what` names it */
export function checkRate(rate: number, what: string): void {
  if (!(rate >= 0 && rate < 1)) throw new NetworkError(`${what} is at least 0 and below 1, not ${rate}`);
}
