/**
 * The gradient by distance in time. The loss of one step is taken, the last one for what reads forward and the first one for
 * what reads in reverse, and followed back: ‖dL/ds⟨t⟩‖ of all states s of a loop, by the number of steps between t and the
 * loss. Where the network pools, the pooling is given that step alone; otherwise it would hand the gradient to every step
 * directly, and say nothing of what the recurrence carries.
 * Source: Hochreiter 1991; Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063.
 */
import type { Session } from "../exec/executor.js";
import {
  bindBatch,
  buildForward,
  buildLossAlone,
  capacityFor,
  extentOf,
  growingProgram,
  names,
  type OnlyStep,
  runInput,
} from "../nn/build/index.js";
import type { Example, Network } from "../nn/index.js";
import { Builder, optimise, type Plan, type Value, verify } from "../plan/index.js";
import { unpackRows } from "../tensor/packing.js";
import { observation } from "./trace-plan.js";

/** Norms by distance, of one example: at 0 that of the step that the loss is of. */
export type Norms = readonly number[];

/** The norms of examples, by loop ("recurrent1.reverse"). */
export type NormsByLoop = Readonly<Record<string, readonly Norms[]>>;

interface DistancePlan {
  readonly plan: Plan;
  readonly loops: readonly { readonly name: string; readonly outputs: readonly string[] }[];
}

/**
 * The norms of every loop over the network's own steps.
 *
 * @param session holds the network's parameters already
 * @throws NetworkError if an example does not fit the network or brings no target
 */
export function gradientNorms(
  net: Network,
  session: Session,
  { examples, batchSize = 8 }: { readonly examples: readonly Example[]; readonly batchSize?: number },
): NormsByLoop {
  const out: Record<string, Norms[]> = {};
  for (const only of ["isLast", "isFirst"] as const) {
    const { plan, loops } = distancePlan(net, only);
    if (loops.length === 0) continue;
    const growing = growingProgram(session, plan);
    for (let from = 0; from < examples.length; from += batchSize) {
      const part = examples.slice(from, from + batchSize);
      const program = growing.withRoom(capacityFor([part.map((e) => extentOf(net, e))]));
      const bound = bindBatch(net, program, part, { seed: 0, step: 0 });
      program.run(bound.batch);
      for (const { name, outputs } of loops) {
        const squares = part.map((): number[] => []);
        for (const output of outputs) {
          const rows = unpackRows(bound.packing, program.read(output), plan.buffers[output]?.width ?? 0);
          rows.forEach((steps, i) => {
            steps.forEach((row, t) => {
              const list = squares[i]!;
              list[t] = (list[t] ?? 0) + row.reduce((sum, v) => sum + v * v, 0);
            });
          });
        }
        const norms = squares.map((list) => list.map(Math.sqrt));
        out[name] = [
          ...(out[name] ?? []),
          ...(only === "isLast" ? norms.map((list) => list.reverse()) : norms),
        ];
      }
    }
    growing.dispose();
  }
  return out;
}

/** The loss of one step, and the way back to the states of the loops that run towards it. */
function distancePlan(net: Network, only: OnlyStep): DistancePlan {
  const b = new Builder("distance");
  const { observer, loops } = observation(1);
  const { z } = buildForward(b, net, { observer, only });
  const towards = loops.filter(
    ({ loop }) => loop.packing === names.packing && loop.reverse === (only === "isFirst"),
  );
  b.backward(buildLossAlone(b, net, z), seedOf(b, net, only));
  const outputs = towards.map(({ loop, values }) => ({
    name: loop.name,
    outputs: loop.body.states.flatMap((state) => {
      const gradient = values.gradients.get(state);
      return gradient ? [b.output(`distance.${loop.name}.${state}`, gradient).buffer] : [];
    }),
  }));
  const plan = optimise(b.finish());
  verify(plan);
  return { plan, loops: outputs };
}

/** The gradient of each row of the loss: one at the step, zero elsewhere. */
function seedOf(b: Builder, net: Network, only: OnlyStep): Value {
  if (net.output.over === "tokens") return runInput(b, only, names.packing);
  const one = b.buffer("one", "rows:1", 1);
  b.fill(one, 1);
  return one;
}

/** How a gradient goes with the distance, over many examples. */
export interface GradientByDistance {
  /**
   * By distance, from 0: the geometric mean over the examples of the norm, in units of the example's own norm at distance 0;
   * and the 10 % and 90 % quantiles. As far as a quarter of the examples reach.
   */
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Examples that reach each distance. */
  readonly count: readonly number[];
  /** The geometric mean of the norms at distance 0. */
  readonly atLoss: number;
  /** By how much the norm is multiplied with every step: e to the slope of the line through the logarithms of `mean`. */
  readonly perStep: number;
  /** By how much over the longest distance, by that line. */
  readonly overall: number;
}

/** Below this, float32 has no normal numbers: what is smaller counts as so much, so that its logarithm is one. */
const LEAST = 2 ** -126;

/** @returns undefined if no example has two steps, or no gradient reaches one */
export function byDistance(norms: readonly Norms[]): GradientByDistance | undefined {
  // A loss that is zero to the last bit has no gradient, which says nothing of how gradients travel.
  const alive = norms.filter((list) => (list[0] ?? 0) > 0);
  const reaching = (d: number): Norms[] => alive.filter((list) => list.length > d);
  const [mean, low, high, count] = [[], [], [], []] as [number[], number[], number[], number[]];
  for (let d = 0; reaching(d).length > 0 && reaching(d).length >= alive.length / 4; d++) {
    const logarithms = reaching(d)
      .map((list) => Math.log(Math.max(list[d]! / list[0]!, LEAST)))
      .sort((a, b) => a - b);
    mean.push(Math.exp(logarithms.reduce((a, b) => a + b, 0) / logarithms.length));
    low.push(Math.exp(quantile(logarithms, 0.1)));
    high.push(Math.exp(quantile(logarithms, 0.9)));
    count.push(logarithms.length);
  }
  if (mean.length < 2) return undefined;
  const perStep = Math.exp(slope(mean.map(Math.log)));
  const atLoss = Math.exp(alive.reduce((sum, [first]) => sum + Math.log(first!), 0) / alive.length);
  return { mean, low, high, count, atLoss, perStep, overall: perStep ** (mean.length - 1) };
}

/** Of sorted numbers, between neighbours where it falls between them. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
}

/** Of the line of least squares through numbers at 0, 1, 2 …. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const [above, below] = values.reduce(
    ([xy, xx], y, x) => [xy + (x - middle) * (y - mean), xx + (x - middle) ** 2],
    [0, 0],
  );
  return above / below;
}
