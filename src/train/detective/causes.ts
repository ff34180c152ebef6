/**
 * The likely causes of a step that is not finite: a row each, with the rule that recognises it in what was seen, and what
 * to try. The first row whose rule holds is the one that is named, so what comes first is what would bring about the others.
 */
import { names } from "../../nn/build/index.js";
import type { FindingCause } from "../errors.js";
import { largestSize } from "../step/weight-sizes.js";
import type { StepReport } from "../trainer.js";
import type { FailedStep } from "./failed-step.js";
import type { LoopSizes, Origin, Spot } from "./observe.js";
import type { Place } from "./place.js";

/** What was seen. */
export interface Clues {
  /** The first number that is not finite; none if the replay was finite throughout. */
  readonly origin: Origin | undefined;
  readonly place: Place | undefined;
  readonly report: StepReport;
  readonly recent: readonly StepReport[];
  readonly weights: FailedStep["weights"];
  readonly loops: readonly LoopSizes[];
  /** The largest number of each input. */
  readonly inputs: readonly (Spot & { readonly where: Place })[];
  /** Weights and slots before the step. */
  readonly before: ReadonlyMap<string, Float64Array>;
  readonly rate: number;
}

/** A cause in words. */
export interface LikelyCause {
  readonly cause: FindingCause;
  /** What was seen that speaks for it. */
  readonly evidence: string;
  /** What to try. */
  readonly advice: string;
}

interface CauseRow {
  /** What was seen that speaks for the cause; undefined: nothing. */
  readonly evidence: (clues: Clues) => string | undefined;
  readonly advice: string;
}

/** Beyond it a number of the data is no measurement in units that a network can read. */
const LARGE_INPUT = 1e6;
/** So many times as large as when the epoch began, or the run, are weights that ran away; and below this none is large. */
const GROWTH = { epoch: 10, run: 100, least: 5 } as const;
/** So many times its first size is a state that explodes, if it is above this then. */
const EXPLOSION = { factor: 1000, least: 100 } as const;

const rows: Readonly<Record<FindingCause, CauseRow>> = {
  badInput: {
    evidence({ origin, place, inputs }) {
      if (origin && isData(origin.buffer)) return `${shown(origin.value)} in the data: ${place?.text}`;
      const large = inputs.find(({ buffer, value }) => isData(buffer) && Math.abs(value) > LARGE_INPUT);
      return large && `${shown(large.value)} in the data: ${large.where.text}`;
    },
    advice:
      "correct or leave out this example; numbers should be standardised (mean 0, deviation 1), and missing ones filled in",
  },
  badWeights: {
    evidence({ origin, weights }) {
      if (origin?.role !== "parameter" || Number.isFinite(weights.atStart.get(origin.buffer)))
        return undefined;
      return `${origin.buffer} held ${shown(origin.value)} when the run began`;
    },
    advice: "begin with other weights: the model that training started from is broken",
  },
  learningRate: {
    evidence: runaway,
    advice:
      "a lower learning rate ({learningRate}), one that rises at first ({warmUp}), or clipping ({clip})",
  },
  logOfZero: {
    evidence({ origin }) {
      const { op, operands = [] } = origin?.operation ?? {};
      const [first = Number.NaN, second = Number.NaN] = operands;
      if (op === "log" && first <= 0) return `the logarithm of ${shown(first)} is taken in ${origin?.buffer}`;
      if (op === "sqrt" && first < 0)
        return `the square root of ${shown(first)} is taken in ${origin?.buffer}`;
      if (op === "div" && second === 0) return `${shown(first)} is divided by 0 in ${origin?.buffer}`;
      return undefined;
    },
    advice:
      "keep the operand away from zero in the equations, as in log(max(p, 1e-7)); of a crf, look whether the scores of transitions forbid what the data holds",
  },
  explodingState: {
    evidence: ({ loops }) => explosion(loops, false),
    advice:
      "a cell with gates ({cell} gru or lstm), layer normalisation (lstmLayerNorm), shorter sequences, or a lower learning rate ({learningRate})",
  },
  explodingGradient: {
    evidence: ({ loops }) => explosion(loops, true),
    advice:
      "a limit of every number of the gradient ({clipValue}), a cell with gates ({cell} gru or lstm), shorter sequences, or a lower learning rate ({learningRate})",
  },
  overflow: {
    evidence({ origin }) {
      if (!origin) return undefined;
      const { op, operands = [] } = origin.operation ?? {};
      const how = op === undefined ? "" : `: ${op} of ${operands.map(shown).join(", ")}`;
      return `${origin.buffer} is ${shown(origin.value)}, more than float32 holds${how}`;
    },
    advice:
      "a lower learning rate ({learningRate}), standardised numbers in the data, or a limit of every number of the gradient ({clipValue})",
  },
  unknown: {
    evidence: ({ report }) =>
      `the replay in the interpreter stayed finite, so the numbers are at the edge of what float32 holds (norm ${shown(report.norm)})`,
    advice: "a lower learning rate ({learningRate}), or clipping of every number ({clipValue})",
  },
};

/** The first cause whose rule holds. */
export function likelyCause(clues: Clues): LikelyCause {
  for (const [cause, { evidence, advice }] of Object.entries(rows)) {
    const found = evidence(clues);
    if (found !== undefined) return { cause: cause as FindingCause, evidence: found, advice };
  }
  throw new Error("the last row takes whatever comes");
}

/** Whether an input of the plan comes from the data: others are numbers of the optimiser, tables, carried states. */
const isData = (buffer: string): boolean =>
  [names.input, names.target, names.sampleWeight].some(
    (name) => buffer === name || buffer.startsWith(`${name}.`),
  );

/** Weights that grew by orders of magnitude. */
function runaway({ origin, weights, before, recent, rate }: Clues): string | undefined {
  const growth = [...before].flatMap(([name, values]) => {
    const [run, epoch] = [weights.atStart.get(name), weights.atEpoch.get(name)];
    if (run === undefined || epoch === undefined) return [];
    const now = largestSize(values);
    const least = GROWTH.least / GROWTH.epoch;
    const [byRun, byEpoch] = [run, epoch].map((size) => now / Math.max(size, least)) as [number, number];
    const ran = byEpoch >= GROWTH.epoch || byRun >= GROWTH.run;
    return ran ? [{ name, now, from: Math.min(run, epoch), by: Math.max(byRun, byEpoch) }] : [];
  });
  const worst = growth.sort((a, b) => b.by - a.by)[0];
  if (!worst && origin?.role !== "parameter") return undefined;
  const { name, from, now } = worst ?? { name: origin?.buffer, from: 0, now: origin!.value };
  const norms = recent.map(({ norm }) => shown(norm)).join(", ");
  const grew = `at a rate of ${shown(rate)} the largest weight of ${name} went from ${shown(from)} to ${shown(now)}`;
  return norms === "" ? grew : `${grew}; the gradients' norms were ${norms} in the steps before`;
}

/** A state, or a gradient of one, that grew from time step to time step. */
function explosion(loops: readonly LoopSizes[], gradients: boolean): string | undefined {
  const known = new Set(loops.map(({ buffer }) => buffer));
  // "recurrent1.dc.carried" is the gradient of "recurrent1.c.carried".
  const isGradient = (buffer: string): boolean =>
    known.has(buffer.replace(/\.d([^.]+\.carried)$/, ".$1")) && /\.d[^.]+\.carried$/.test(buffer);
  const found = loops
    .filter(({ buffer }) => buffer.endsWith(CARRIED) && isGradient(buffer) === gradients)
    .flatMap(({ buffer, sizes }) => {
      const first = sizes.find(({ size }) => size > 0);
      const last = sizes.at(-1);
      if (!first || !last) return [];
      const exploded = last.size >= EXPLOSION.least && last.size >= EXPLOSION.factor * first.size;
      return exploded ? [{ name: buffer.slice(0, -CARRIED.length), first, last }] : [];
    })
    .sort((a, b) => b.last.size - a.last.size)[0];
  if (!found) return undefined;
  const { name, first, last } = found;
  return `${name} grows from ${shown(first.size)} at step ${first.time} to ${shown(last.size)} at step ${last.time}`;
}

/** How plans call what goes from one time step to the next. */
const CARRIED = ".carried";

/** Three digits are enough for people. */
const shown = (value: number): string =>
  String(Number.isFinite(value) ? Number(value.toPrecision(3)) : value);
