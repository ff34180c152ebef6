/**
 * What gates and units do over many examples: how often a sigmoid or a tanh stands at one of its ends, where it passes
 * hardly any gradient, and which units' outputs hardly ever change. Source of counting so: Karpathy, Johnson and Fei-Fei
 * 2016, arXiv:1506.02078, figure 3.
 */
import type { ObservedLoop } from "../nn/build/index.js";
import type { LayerTrace, TraceRows } from "./trace.js";

/** An activation as the equations have it: the ends of its range, and from where on a value counts as at one. */
interface ActivationRow {
  /** At or below this a value is at the low end, at or above `high` at the high one. */
  readonly low: number;
  readonly high: number;
  /** What the ends mean, of a gate. */
  readonly words: { readonly low: string; readonly high: string };
}

/**
 * The activations that have ends. σ′ is 0.25 in the middle and under 0.0475 beyond 0.05 and 0.95: a fifth. tanh′ is 1 in
 * the middle and under 0.0975 beyond ±0.95: a tenth. ReLU passes nothing at all at 0.
 */
export const activations: Readonly<Record<"sigmoid" | "tanh" | "relu", ActivationRow>> = {
  sigmoid: { low: 0.05, high: 0.95, words: { low: "shut", high: "open" } },
  tanh: { low: -0.95, high: 0.95, words: { low: "at −1", high: "at +1" } },
  relu: { low: 0, high: Number.POSITIVE_INFINITY, words: { low: "at 0", high: "" } },
};

/** The name of an activation that has ends. */
export type ActivationName = keyof typeof activations;

/** How a gate or a state is used. */
export interface ValueActivity {
  /** As the cell has it: "Γu", "c̃", or a state such as "a" of the plain network, which is a tanh itself. */
  readonly name: string;
  readonly activation: ActivationName;
  /** Shares of all its values, over units and steps, that stand at an end. */
  readonly low: number;
  readonly high: number;
  readonly mean: number;
  /** Units of which at least 95 % of all values stand at the same end: they do not choose. */
  readonly stuck: number;
}

/** How a layer's units are used. */
export interface Activity {
  /** Steps that were looked at. */
  readonly steps: number;
  /** Gates and states with an activation that has ends, in the order of the cell. */
  readonly values: readonly ValueActivity[];
  /** The standard deviation of each unit's output over all steps. */
  readonly deviations: readonly number[];
  /** The units whose output hardly varies: deviation at most 1 % of the root mean square over the units. */
  readonly dead: readonly number[];
}

/** The share of its values from which on a unit counts as stuck. */
export const STUCK = 0.95;
/** The share of the layer's deviation up to which a unit counts as dead: what follows sees a constant, as a bias is. */
export const DEAD = 0.01;

interface Counter {
  readonly name: string;
  readonly activation: ActivationName;
  readonly low: number[];
  readonly high: number[];
  sum: number;
}

/** Collects a loop's traces; `result` tells of all so far. */
export function activityOf(loop: ObservedLoop): {
  readonly add: (trace: LayerTrace) => void;
  readonly result: () => Activity;
} {
  const named = Object.entries({ ...loop.body.gates, ...loop.body.next });
  const counters = named.flatMap(([name, { op }]): Counter[] =>
    Object.hasOwn(activations, op)
      ? [{ name, activation: op as ActivationName, low: [], high: [], sum: 0 }]
      : [],
  );
  const units = { steps: 0, mean: [] as number[], squares: [] as number[] };
  return {
    add({ gates = {}, states = {} }) {
      for (const counter of counters) count(counter, gates[counter.name] ?? states[counter.name] ?? []);
      for (const row of states[loop.output] ?? []) {
        units.steps++;
        row.forEach((v, f) => {
          // Welford's way: no difference of large sums.
          const before = units.mean[f] ?? 0;
          const mean = before + (v - before) / units.steps;
          units.mean[f] = mean;
          units.squares[f] = (units.squares[f] ?? 0) + (v - before) * (v - mean);
        });
      }
    },
    result() {
      const steps = Math.max(units.steps, 1);
      const deviations = units.squares.map((sum) => Math.sqrt(sum / steps));
      const typical = Math.sqrt(
        deviations.reduce((sum, d) => sum + d * d, 0) / Math.max(deviations.length, 1),
      );
      // Of fewer than two steps nothing varies.
      const dead = units.steps < 2 ? [] : deviations.flatMap((d, f) => (d <= DEAD * typical ? [f] : []));
      return { steps: units.steps, values: counters.map((c) => valueActivity(c, steps)), deviations, dead };
    },
  };
}

function count(counter: Counter, rows: TraceRows): void {
  const { low, high } = activations[counter.activation];
  for (const row of rows) {
    row.forEach((v, f) => {
      counter.low[f] = (counter.low[f] ?? 0) + Number(v <= low);
      counter.high[f] = (counter.high[f] ?? 0) + Number(v >= high);
      counter.sum += v;
    });
  }
}

function valueActivity({ name, activation, low, high, sum }: Counter, steps: number): ValueActivity {
  const all = Math.max(steps * low.length, 1);
  const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0) / all;
  const stuck = low.filter((n, f) => Math.max(n, high[f]!) >= STUCK * steps).length;
  return { name, activation, low: total(low), high: total(high), mean: sum / all, stuck };
}
