/**
 * The meaning of every step kind, in float64 and in the plainest loops: this file defines what plans mean.
 * It is the oracle of all fast executors and is not made fast.
 */
import { opRow } from "../../cell/ops.js";
import type {
  ElementwiseStep,
  GatherStep,
  GemmStep,
  LeafStep,
  Plan,
  ReduceStep,
  Space,
  SpreadStep,
  Start,
} from "../../plan/plan.js";
import { bufferOf, operandOf, spaceParts } from "../../plan/plan.js";
import { type RandomPlace, uniform } from "../../tensor/random.js";
import { ExecutorError } from "../executor.js";
import { alignmentOf, type Moment, rowsOf } from "./values.js";

/** Numbers in float64, or rounded to float32 as they are stored. */
export type Numbers = Float64Array | Float32Array;

/** The numbers of a buffer, dense: row i of width w starts at i * w. */
export type Memory = (buffer: string) => Numbers;

interface Context {
  readonly plan: Plan;
  readonly memory: Memory;
  readonly moment: Moment;
}

/** A buffer as the current step sees it: its rows at this moment. */
interface View {
  readonly values: Numbers;
  readonly width: number;
  readonly first: number;
  readonly rows: number;
}

function view(context: Context, name: string): View {
  const buffer = bufferOf(context.plan, name);
  const { first, count } = rowsOf(buffer.space, context.moment);
  return { values: context.memory(name), width: buffer.width, first, rows: count };
}

const at = (v: View, row: number, column: number): number => v.values[(v.first + row) * v.width + column]!;
const put = (v: View, row: number, column: number, value: number): void => {
  v.values[(v.first + row) * v.width + column] = value;
};

/** Runs one step that is not a loop. */
export function runStep(plan: Plan, memory: Memory, moment: Moment, step: LeafStep): void {
  const context: Context = { plan, memory, moment };
  switch (step.kind) {
    case "gemm":
      return step.form === "apply" ? gemmApply(context, step) : gemmGradient(context, step);
    case "elementwise":
      return elementwise(context, step);
    case "reduce":
      return step.along === "segments" ? reduceSegments(context, step) : reduce(context, step);
    case "spread":
      return spread(context, step);
    case "gather":
      return gather(context, step);
    case "scatter-add": {
      const [from, index, into] = [
        view(context, step.from),
        view(context, step.index),
        view(context, step.into),
      ];
      const rows = rowsOf(step.space, moment).count;
      for (let i = 0; i < rows; i++) {
        const target = at(index, i, 0);
        if (target < 0) continue;
        if (step.axis === "columns") put(into, i, target, at(into, i, target) + at(from, i, 0));
        else for (let f = 0; f < from.width; f++) into.values[target * into.width + f]! += at(from, i, f);
      }
      return;
    }
    case "columns": {
      const [from, into] = [view(context, step.from), view(context, step.into)];
      const rows = rowsOf(step.space, moment).count;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < step.width; j++)
          put(into, i, step.intoColumn + j, at(from, i, step.fromColumn + j));
      }
      return;
    }
    case "random": {
      const into = view(context, step.into);
      const sequence = view(context, step.sequence);
      const time = step.time === undefined ? undefined : view(context, step.time);
      const [seed, at0] = [view(context, step.seed), view(context, step.step)];
      const rows = rowsOf(step.space, moment).count;
      for (let i = 0; i < rows; i++) {
        const place: RandomPlace = {
          seed: at(seed, 0, 0),
          purpose: step.purpose as RandomPlace["purpose"],
          layer: step.layer,
          step: at(at0, 0, 0),
          sequence: at(sequence, i, 0),
          time: time ? at(time, i, 0) : 0,
        };
        for (let f = 0; f < step.width; f++) put(into, i, f, uniform(place, f));
      }
      return;
    }
    default:
      step satisfies never;
      throw new ExecutorError(`there is no step kind "${(step as LeafStep).kind}"`);
  }
}

/** What a sum starts from: a function of the element. */
function startOf(context: Context, start: Start, into: View): (row: number, column: number) => number {
  if (start === "zero") return () => 0;
  if (start === "accumulate") return (row, column) => at(into, row, column);
  const values = view(context, start.row);
  return (_row, column) => at(values, 0, column);
}

function gemmApply(context: Context, step: GemmStep): void {
  const a = view(context, step.a);
  const rows = rowsOf(step.space, context.moment).count;
  for (const { b: bName, c: cName, transpose, start } of step.outputs) {
    const [b, c] = [view(context, bName), view(context, cName)];
    const from = startOf(context, start, c);
    for (let i = 0; i < rows; i++) {
      for (let n = 0; n < c.width; n++) {
        let sum = from(i, n);
        for (let k = 0; k < a.width; k++) sum += at(a, i, k) * (transpose ? at(b, n, k) : at(b, k, n));
        put(c, i, n, sum);
      }
    }
  }
}

function gemmGradient(context: Context, step: GemmStep): void {
  const rows = rowsOf(step.space, context.moment).count;
  for (const output of step.outputs) {
    const { start } = output;
    const [a, b, c] = [operandOf(step, output), output.b, output.c].map((name) => view(context, name)) as [
      View,
      View,
      View,
    ];
    const from = startOf(context, start, c);
    for (let m = 0; m < a.width; m++) {
      for (let n = 0; n < b.width; n++) {
        let sum = from(m, n);
        for (let i = 0; i < rows; i++) sum += at(a, i, m) * at(b, i, n);
        put(c, m, n, sum);
      }
    }
  }
}

function elementwise(context: Context, step: ElementwiseStep): void {
  const { plan, moment } = context;
  const rows = rowsOf(step.space, moment).count;
  const inputs = step.inputs.map((name) => {
    const single = bufferOf(plan, name).space === "rows:1" && step.space !== "rows:1";
    return { ...view(context, name), single };
  });
  const outputs = step.outputs.map((o) => ({ ...view(context, o.buffer), register: o.register }));
  const program = step.program.map(({ op, args, value }) => {
    if (op === "constant") return { args, evaluate: () => value! };
    return { args, evaluate: opRow(op).evaluate as (...operands: number[]) => number };
  });
  // Where reals are float32, so are registers; whole numbers of an index need float64.
  const narrow = outputs.every((o) => o.values instanceof Float32Array);
  const whole = step.inputs.some((name) => bufferOf(plan, name).dtype === "index");
  const registers = new (narrow && !whole ? Float32Array : Float64Array)(inputs.length + program.length);
  const operand = (args: readonly number[], i: number): number => registers[args[i] ?? 0]!;
  for (let i = 0; i < rows; i++) {
    for (let f = 0; f < step.width; f++) {
      inputs.forEach((v, r) => {
        registers[r] = at(v, v.single ? 0 : i, v.width === 1 ? 0 : f);
      });
      // No op takes more than three operands; those that take fewer ignore the rest.
      program.forEach(({ args, evaluate }, r) => {
        registers[inputs.length + r] = evaluate(operand(args, 0), operand(args, 1), operand(args, 2));
      });
      for (const out of outputs) put(out, i, f, registers[out.register]!);
    }
  }
}

/** One number from a list: an empty one gives 0, and −1 for argmax. */
function fold(op: ReduceStep["op"], values: readonly number[]): number {
  if (op === "argmax")
    return values.reduce((best, v, i) => (v > values[best]! ? i : best), values.length > 0 ? 0 : -1);
  if (values.length === 0) return 0;
  if (op === "sum") return values.reduce((a, b) => a + b, 0);
  if (op === "sumSquares") return values.reduce((a, b) => a + b * b, 0);
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (op === "max" || largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(values.reduce((a, b) => a + Math.exp(b - largest), 0));
}

function reduce(context: Context, step: ReduceStep): void {
  const [from, into] = [view(context, step.from), view(context, step.into)];
  const rows = rowsOf(step.space, context.moment).count;
  const row = (i: number): number[] => Array.from({ length: from.width }, (_, f) => at(from, i, f));
  const column = (f: number): number[] => Array.from({ length: rows }, (_, i) => at(from, i, f));
  const store = (i: number, f: number, values: readonly number[]): void =>
    put(into, i, f, fold(step.op, values) + (step.start === "accumulate" ? at(into, i, f) : 0));
  if (step.along === "features") for (let i = 0; i < rows; i++) store(i, 0, row(i));
  else if (step.along === "rows") for (let f = 0; f < from.width; f++) store(0, f, column(f));
  else store(0, 0, Array.from({ length: rows }, (_, i) => row(i)).flat());
}

function reduceSegments(context: Context, step: ReduceStep): void {
  const [from, into] = [view(context, step.from), view(context, step.into)];
  const offsets = segmentsOf(context, step.space);
  for (let b = 0; b < into.rows; b++) {
    const [first, end] = [offsets[b]!, offsets[b + 1]!];
    for (let f = 0; f < from.width; f++) {
      const values = Array.from(
        { length: end - first },
        (_, i) => from.values[(first + i) * from.width + f]!,
      );
      const value = fold(step.op, values);
      const placed = step.op === "argmax" && value >= 0 ? first + value : value;
      put(into, b, f, placed + (step.start === "accumulate" ? at(into, b, f) : 0));
    }
  }
}

function spread(context: Context, step: SpreadStep): void {
  const [from, into] = [view(context, step.from), view(context, step.into)];
  const offsets = segmentsOf(context, step.space);
  for (let b = 0; b < from.rows; b++) {
    for (let i = offsets[b]!; i < offsets[b + 1]!; i++) {
      for (let f = 0; f < into.width; f++) into.values[i * into.width + f] = at(from, b, f);
    }
  }
}

/** First row of each place's segment in an aligned space. */
function segmentsOf({ moment }: Context, space: Space): Int32Array {
  const parts = spaceParts(space);
  if (parts.over !== "aligned") throw new ExecutorError(`segments need an aligned space, not ${space}`);
  return alignmentOf(moment.batch, parts.packing, parts.source).offsets;
}

function gather(context: Context, step: GatherStep): void {
  const [from, index, into] = [view(context, step.from), view(context, step.index), view(context, step.into)];
  const rows = rowsOf(step.space, context.moment).count;
  const start = startOf(context, step.start, into);
  for (let i = 0; i < rows; i++) {
    const source = at(index, i, 0);
    for (let f = 0; f < into.width; f++) {
      const value =
        source < 0
          ? 0
          : step.axis === "columns"
            ? at(from, i, source)
            : from.values[source * from.width + f]!;
      put(into, i, f, start(i, f) + value);
    }
  }
}
