/**
 * Schedules of the learning rate, one row each: a factor of the optimiser's rate, as a function of the step and, for
 * `plateau`, of the scores so far. A schedule and what it remembers are plain data, which checkpoints hold. Sums and
 * products only: Math.cos may differ in its last bits between JavaScript engines, and a run must not.
 */

import { checkOptions } from "../options/check.js";
import { OptionError, shown } from "../options/error.js";
import { type OptionTable, type RowsOf, withDefaults } from "../options/row.js";

/** The rate as it is. */
export interface Constant {
  readonly kind: "constant";
}
/** The rate times `factor` after every `every` steps. */
export interface StepDecay {
  readonly kind: "step";
  readonly every: number;
  readonly factor: number;
}
/** From the rate down to `to` times the rate along half a wave of the cosine, over all steps of the run. */
export interface Cosine {
  readonly kind: "cosine";
  readonly to: number;
}
/** Up from nearly 0 to the rate over `steps` steps, then as `next` has it. */
export interface WarmUp {
  readonly kind: "warmUp";
  readonly steps: number;
  readonly next: Schedule;
}
/** The rate times `factor` each time that `patience` validations in a row bring no better score. */
export interface Plateau {
  readonly kind: "plateau";
  readonly patience: number;
  readonly factor: number;
}

/** Any schedule. */
export type Schedule = Constant | StepDecay | Cosine | WarmUp | Plateau;

const whole = { kind: "whole" } as const;
const share = { kind: "number", least: 0, most: 1 } as const;

const stepDecayRows = {
  every: { ...whole, required: true },
  factor: { ...share, default: 0.5 },
} as const satisfies RowsOf<Omit<StepDecay, "kind">>;
const cosineRows = { to: { ...share, default: 0 } } as const satisfies RowsOf<Omit<Cosine, "kind">>;
const warmUpRows = {
  steps: { ...whole, required: true },
  next: { kind: "object", what: "a schedule, as cosine() gives one", default: { kind: "constant" } },
} as const satisfies RowsOf<Omit<WarmUp, "kind">>;
const plateauRows = {
  patience: { ...whole, default: 3 },
  factor: { ...share, default: 0.5 },
} as const satisfies RowsOf<Omit<Plateau, "kind">>;

/** Always the optimiser's rate. */
export const constant = (): Constant => ({ kind: "constant" });

/** rate · factorᵏ after k · every steps. Default factor: 0.5. @throws OptionError naming an option that makes no sense */
export function stepDecay(options: { readonly every: number; readonly factor?: number }): StepDecay {
  checkOptions(options, stepDecayRows, "stepDecay");
  const { every, factor } = withDefaults(options, stepDecayRows);
  return { kind: "step", every, factor };
}

/**
 * rate · (to + (1 − to) · ½ (1 + cos(π · done / steps))) (Loshchilov and Hutter 2016), without restarts.
 *
 * @param options.to what is left at the end, as a share of the rate; default 0
 * @throws OptionError naming an option that makes no sense
 */
export function cosine(options: { readonly to?: number } = {}): Cosine {
  checkOptions(options, cosineRows, "cosine");
  return { kind: "cosine", ...withDefaults(options, cosineRows) };
}

/**
 * rate · step / steps for the first steps, then another schedule; default: constant.
 *
 * @throws OptionError naming an option that makes no sense
 */
export function warmUp(options: { readonly steps: number; readonly next?: Schedule }): WarmUp {
  checkOptions(options, warmUpRows, "warmUp");
  const { steps, next } = withDefaults(options, warmUpRows);
  return { kind: "warmUp", steps, next };
}

/**
 * Lowers the rate when validation stops getting better. Needs validation data.
 *
 * @param options.patience validations without a better score before the rate falls; default 3
 * @param options.factor default 0.5
 * @throws OptionError naming an option that makes no sense
 */
export function plateau(options: { readonly patience?: number; readonly factor?: number } = {}): Plateau {
  checkOptions(options, plateauRows, "plateau");
  return { kind: "plateau", ...withDefaults(options, plateauRows) };
}

/** What a schedule remembers of the scores so far. */
export interface ScheduleMemory {
  readonly best: number | null;
  /** Validations since the best one, or since the rate last fell. */
  readonly waited: number;
  /** Product of the falls. */
  readonly fallen: number;
}

/** Nothing yet. */
export const freshMemory: ScheduleMemory = { best: null, waited: 0, fallen: 1 };

/** Where a run is. */
export interface SchedulePlace {
  /** Steps that are done: 0 before the first. */
  readonly done: number;
  /** Steps of the whole run; undefined while that is not known yet. */
  readonly steps?: number | undefined;
  readonly memory: ScheduleMemory;
}

interface ScheduleRow<S> {
  /** Factor of the rate for the step after `done`. */
  readonly factor: (schedule: S, place: SchedulePlace) => number;
  /** What is remembered after a validation; absent: nothing. */
  readonly observe?: (schedule: S, memory: ScheduleMemory, score: number) => ScheduleMemory;
}

const rows: { readonly [K in Schedule["kind"]]: ScheduleRow<Extract<Schedule, { kind: K }>> } = {
  constant: { factor: () => 1 },
  step: {
    factor({ every, factor }, { done }) {
      let result = 1;
      // Once it is 0, or stays what it is, more falls change nothing.
      for (let k = Math.floor(done / every); k > 0 && result * factor !== result; k--) result *= factor;
      return result;
    },
  },
  cosine: {
    // Until the length of the run is known it has hardly begun.
    factor: ({ to }, { done, steps }) =>
      steps === undefined ? 1 : to + (1 - to) * 0.5 * (1 + halfWave(Math.min(done / steps, 1))),
  },
  warmUp: {
    factor: ({ steps, next }, place) =>
      place.done < steps ? (place.done + 1) / steps : scheduleFactor(next, after(place, steps)),
    observe: ({ next }, memory, score) => observeScore(next, memory, score),
  },
  plateau: {
    factor: (_, { memory }) => memory.fallen,
    observe({ patience, factor }, { best, waited, fallen }, score) {
      if (best === null || score > best) return { best: score, waited: 0, fallen };
      if (waited + 1 < patience) return { best, waited: waited + 1, fallen };
      return { best, waited: 0, fallen: fallen * factor };
    },
  },
};

const recordRows: Readonly<Record<Schedule["kind"], OptionTable>> = {
  constant: {},
  step: stepDecayRows,
  cosine: cosineRows,
  warmUp: warmUpRows,
  plateau: plateauRows,
};

/** Refuses what is no schedule, or one whose numbers make no sense. @throws OptionError naming what is wrong */
export function checkSchedule(schedule: Schedule): void {
  const { kind, ...numbers } = Object(schedule) as Schedule;
  if (!Object.hasOwn(recordRows, kind))
    throw new OptionError(`{schedule} is ${shown(schedule)}; it must be a schedule, as cosine() gives one`);
  const every = Object.entries(recordRows[kind]).map(([key, row]) => [key, { ...row, required: true }]);
  checkOptions(numbers, Object.fromEntries(every), `a schedule ${kind}`);
  if (schedule.kind === "warmUp") checkSchedule(schedule.next);
}

/** The factor of the learning rate for the next step. */
export function scheduleFactor(schedule: Schedule, place: SchedulePlace): number {
  if (!Object.hasOwn(rows, Object(schedule).kind)) checkSchedule(schedule);
  return (rows[schedule.kind] as ScheduleRow<Schedule>).factor(schedule, place);
}

/** What the schedule remembers after a validation with this score, of which higher is better. */
export function observeScore(schedule: Schedule, memory: ScheduleMemory, score: number): ScheduleMemory {
  return (rows[schedule.kind] as ScheduleRow<Schedule>).observe?.(schedule, memory, score) ?? memory;
}

/** True if the schedule looks at validation scores. */
export function needsScores(schedule: Schedule): boolean {
  return schedule.kind === "warmUp" ? needsScores(schedule.next) : rows[schedule.kind].observe !== undefined;
}

const after = ({ done, steps, memory }: SchedulePlace, warm: number): SchedulePlace => ({
  done: done - warm,
  steps: steps === undefined ? undefined : Math.max(steps - warm, 1),
  memory,
});

/** cos(π x) for x from 0 to 1, by its power series around ½, where it is odd: within 1e-15. */
function halfWave(x: number): number {
  const y = Math.PI * (0.5 - x);
  let [term, sum] = [y, y];
  for (let k = 1; k <= 11; k++) {
    term *= (-y * y) / (2 * k * (2 * k + 1));
    sum += term;
  }
  return sum;
}
