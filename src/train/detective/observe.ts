/**
 * Watches a step of training in the interpreter: where the first number comes from that is not finite, and how large
 * numbers were on the way there.
 */
import { opRow } from "../../cell/ops.js";
import type { Batch } from "../../exec/executor.js";
import type { Watch, WatchedRun } from "../../exec/reference/index.js";
import { rowsInBatch, rowsOf } from "../../exec/reference/values.js";
import {
  bufferOf,
  type ElementwiseStep,
  type LeafStep,
  leafAccess,
  type PlanBuffer,
} from "../../plan/index.js";

/** A number in a buffer. */
export interface Spot {
  readonly buffer: string;
  readonly role: PlanBuffer["role"];
  readonly space: PlanBuffer["space"];
  readonly value: number;
  /** Its row in the whole of the buffer's space, and its column. */
  readonly row: number;
  readonly feature: number;
  /** The time step of the loop that wrote it. */
  readonly time?: number;
  readonly batch: Batch;
}

/** The first number that is not finite. */
export interface Origin extends Spot {
  /** The operation that made it out of finite numbers, and these. */
  readonly operation?: { readonly op: string; readonly operands: readonly number[] };
}

/** The largest size that a buffer had at each time step of a loop, in the order of the loop. */
export interface LoopSizes {
  readonly buffer: string;
  readonly reverse: boolean;
  readonly sizes: readonly { readonly time: number; readonly size: number }[];
}

/** What was seen. */
export interface Observer {
  readonly watch: Watch;
  readonly origin: Origin | undefined;
  readonly loops: readonly LoopSizes[];
  /** The largest number of each input. */
  readonly inputs: readonly Spot[];
}

/** Begins to look. Where a step is several runs, it looks at all up to the first number that is not finite. */
export function observer(): Observer {
  let origin: Origin | undefined;
  const loops = new Map<
    string,
    { buffer: string; reverse: boolean; sizes: { time: number; size: number }[] }
  >();
  const inputs = new Map<string, Spot>();
  const watch: Watch = {
    begins(run) {
      if (origin) return true;
      for (const buffer of Object.values(run.plan.buffers)) {
        if (!["input", "parameter", "slot"].includes(buffer.role)) continue;
        const { broken, largest } = scan(run, buffer.name);
        // Slots of sums hold what a failed step left there, and are not read.
        if (buffer.role !== "slot") origin ??= broken;
        if (buffer.role === "input" && largest && buffer.dtype === "real") inputs.set(buffer.name, largest);
      }
      return origin !== undefined;
    },
    stored(done) {
      for (const name of new Set(leafAccess(done.step).writes)) {
        const { broken, largest } = scan(done, name, done.step);
        const { loop } = done.moment;
        if (loop && !broken) {
          const outer = done.plan.steps[done.index]!;
          const reverse = outer.kind === "loop" && outer.reverse;
          const seen = loops.get(name) ?? { buffer: name, reverse, sizes: [] };
          loops.set(name, seen);
          seen.sizes.push({ time: loop.t, size: Math.abs(largest?.value ?? 0) });
        }
        origin = broken;
        if (origin) return true;
      }
      return false;
    },
  };
  return {
    watch,
    get origin() {
      return origin;
    },
    get loops() {
      return [...loops.values()];
    },
    get inputs() {
      return [...inputs.values()];
    },
  };
}

/** The first number of a buffer that came out not finite, and the largest, among those that a step has just written. */
function scan(
  run: WatchedRun,
  name: string,
  step?: LeafStep,
): { readonly broken?: Origin; readonly largest?: Spot } {
  const { plan, memory, moment } = run;
  const buffer = bufferOf(plan, name);
  const values = memory(name);
  // Addressed as a whole, wherever the loop stands.
  const scattered = step?.kind === "scatter-add" && step.axis === "rows";
  const all = { first: 0, count: rowsInBatch(buffer, moment.batch) };
  const { first, count } = scattered ? all : rowsOf(buffer.space, moment);
  const [from, to] =
    step?.kind === "columns" ? [step.intoColumn, step.intoColumn + step.width] : [0, buffer.width];
  const spot = (row: number, feature: number): Spot => ({
    buffer: name,
    role: buffer.role,
    space: buffer.space,
    batch: moment.batch,
    row,
    feature,
    value: values[row * buffer.width + feature]!,
    ...(moment.loop && !buffer.space.startsWith("rows:") ? { time: moment.loop.t } : {}),
  });
  let [size, at] = [-1, -1];
  for (let row = first; row < first + count; row++) {
    for (let f = from; f < to; f++) {
      const value = Math.abs(values[row * buffer.width + f]!);
      if (Number.isFinite(value)) {
        if (value > size) [size, at] = [value, row * buffer.width + f];
        continue;
      }
      const broken = step ? originOf(spot(row, f), run, step) : spot(row, f);
      if (broken) return { broken };
    }
  }
  return at < 0 ? {} : { largest: spot(Math.floor(at / buffer.width), at % buffer.width) };
}

/**
 * A number that is not finite, with the operation that made it: of an elementwise program one of many, of a sum itself and its
 * largest summand. Undefined for an infinity that stands in the equations, as where a running maximum starts.
 */
function originOf(spot: Spot, run: WatchedRun, step: LeafStep): Origin | undefined {
  const { plan, memory, moment } = run;
  if (step.kind === "reduce") {
    const { value } = scan(run, step.from).largest ?? { value: 0 };
    return { ...spot, operation: { op: `${step.op} of ${step.from}`, operands: [value] } };
  }
  if (step.kind !== "elementwise") return spot;
  const row = spot.row - rowsOf(spot.space, moment).first;
  const registers = step.inputs.map((name) => {
    const { space, width } = bufferOf(plan, name);
    const single = space === "rows:1" && step.space !== "rows:1";
    const at = single ? 0 : rowsOf(space, moment).first + row;
    return memory(name)[at * width + (width === 1 ? 0 : spot.feature)]!;
  });
  const operation = brokenOperation(step, registers);
  if (operation) return { ...spot, operation };
  // Of what was overwritten nobody knows any more what it was.
  return Number.isNaN(spot.value) || step.inputs.includes(spot.buffer) ? spot : undefined;
}

/** The first operation of a program whose result is not finite although its operands are; else one whose result alone is no number. */
function brokenOperation({ program }: ElementwiseStep, inputs: readonly number[]): Origin["operation"] {
  const registers = [...inputs];
  let none: Origin["operation"];
  for (const { op, args, value } of program) {
    const operands = args.map((register) => registers[register]!);
    const evaluate = op === "constant" ? undefined : (opRow(op).evaluate as (...values: number[]) => number);
    const result = Math.fround(evaluate ? evaluate(...operands) : value!);
    if (evaluate && !Number.isFinite(result) && operands.every(Number.isFinite)) return { op, operands };
    if (evaluate && Number.isNaN(result) && !operands.some(Number.isNaN)) none ??= { op, operands };
    registers.push(result);
  }
  return none;
}
