/**
 * `unrolled/exec/reference`: the interpreter in float64 that defines what plans mean. Slow, plain, kept for
 * ever; use it to check numbers, not to train.
 */
import { bufferOf, type Plan, type PlanBuffer, type Step, spaceParts } from "../../plan/plan.js";
import { type Batch, type Capacity, type Executor, ExecutorError, type Program } from "../executor.js";
import { type Numbers, runStep } from "./steps.js";
import { type Moment, packingOf, rowsInBatch } from "./values.js";
import type { Watch } from "./watch.js";

export type { Watch, WatchedRun, WatchedStep } from "./watch.js";

/** How the interpreter computes. */
export interface ReferenceOptions {
  /**
   * "float32" rounds every real that is stored, and every register of an elementwise program, as fast executors do; sums
   * are rounded when they are done. Default "float64".
   */
  readonly precision?: "float64" | "float32";
  /** Told of every step. No two buffers share memory then, so that what a step stored stays. Default: nobody is. */
  readonly watch?: Watch;
}

interface Persistent {
  readonly buffer: PlanBuffer;
  readonly values: Numbers;
}

/** Creates the reference executor. */
export async function createReferenceExecutor(options: ReferenceOptions = {}): Promise<Executor> {
  const { precision = "float64" } = options;
  const persistent = new Map<string, Persistent>();
  const find = (name: string): Persistent => {
    const entry = persistent.get(name);
    if (!entry)
      throw new ExecutorError(`there is no persistent buffer "${name}"; prepare a plan that has it first`);
    return entry;
  };
  let bytes = 0;
  return {
    name: "reference",
    tier: `reference ${precision}`,
    get bytes() {
      return bytes;
    },
    prepare(plan, capacity) {
      const program = prepare(plan, { capacity, persistent, ...options });
      bytes += program.bytes;
      return {
        ...program,
        dispose() {
          bytes -= program.bytes;
          program.dispose();
        },
      };
    },
    write(name, values) {
      const { values: to } = find(name);
      if (values.length !== to.length)
        throw new ExecutorError(`"${name}" holds ${to.length} values and was given ${values.length}`);
      to.set(Array.from(values));
    },
    read: (name) => Float64Array.from(find(name).values),
    dispose: () => persistent.clear(),
  };
}

const isPersistent = (buffer: PlanBuffer): boolean => buffer.role === "parameter" || buffer.role === "slot";

interface Preparation extends ReferenceOptions {
  readonly capacity: Readonly<Record<string, Capacity>>;
  readonly persistent: Map<string, Persistent>;
}

function prepare(plan: Plan, { capacity, persistent, precision = "float64", watch }: Preparation): Program {
  const own = new Map<string, Numbers>();
  const placeOf = ({ name, storage = name }: PlanBuffer): string => (watch ? name : storage);
  let bytes = 0;
  for (const buffer of Object.values(plan.buffers)) {
    const length = rowCapacity(buffer, capacity) * buffer.width;
    if (placeOf(buffer) !== buffer.name) continue;
    const narrow = precision === "float32" && buffer.dtype === "real";
    const values = new (narrow ? Float32Array : Float64Array)(length);
    if (!isPersistent(buffer)) {
      own.set(buffer.name, values);
      bytes += values.byteLength;
      continue;
    }
    const there = persistent.get(buffer.name);
    if (!there) persistent.set(buffer.name, { buffer, values });
    else if (there.buffer.space !== buffer.space || there.buffer.width !== buffer.width) {
      throw new ExecutorError(
        `plan "${plan.name}": "${buffer.name}" has another shape than in a plan prepared before`,
      );
    }
  }
  const memory = (name: string): Numbers => {
    const place = placeOf(bufferOf(plan, name));
    return own.get(place) ?? persistent.get(place)!.values;
  };
  let last: Batch | undefined;
  return {
    plan,
    bytes,
    dispose: () => own.clear(),
    write(name, values) {
      if (bufferOf(plan, name).role !== "input")
        throw new ExecutorError(`"${name}" is not an input of plan "${plan.name}"`);
      const to = memory(name);
      if (values.length > to.length)
        throw new ExecutorError(
          `the input "${name}" holds ${to.length} values and was given ${values.length}`,
        );
      to.set(Array.from(values));
    },
    read(name) {
      const buffer = bufferOf(plan, name);
      if (buffer.role === "temporary") {
        throw new ExecutorError(
          `"${name}" is a temporary of plan "${plan.name}"; make it an output to read it`,
        );
      }
      const rows = last ? rowsInBatch(buffer, last) : 0;
      return Float64Array.from(memory(name).subarray(0, rows * buffer.width));
    },
    view(name) {
      const { role, width } = bufferOf(plan, name);
      if (role !== "input" && role !== "output" && role !== "state")
        throw new ExecutorError(`"${name}" is a ${role} of plan "${plan.name}", of which there are no views`);
      return { values: memory(name), stride: width };
    },
    run(batch) {
      checkCapacity(plan, capacity, batch);
      last = batch;
      this.rerun();
    },
    rerun() {
      if (!last) throw new ExecutorError(`plan "${plan.name}" is to run again and has not run yet`);
      const batch = last;
      // What a step has not written must not be read: leftovers of the run before would hide such a mistake.
      for (const buffer of Object.values(plan.buffers)) {
        if (buffer.role === "temporary" || buffer.role === "output") memory(buffer.name).fill(Number.NaN);
      }
      if (watch?.begins({ plan, memory, moment: { batch } })) return;
      for (const [index, step] of plan.steps.entries()) {
        const body = step.kind === "loop" ? step.body : [step];
        for (const moment of momentsOf(step, batch)) {
          for (const leaf of body) {
            runStep(plan, memory, moment, leaf);
            if (watch?.stored({ plan, memory, moment, step: leaf, index })) return;
          }
        }
      }
    },
  };
}

/** The moments at which a step is done: one, or a loop's time steps. */
function* momentsOf(step: Step, batch: Batch): Generator<Moment> {
  if (step.kind !== "loop") {
    yield { batch };
    return;
  }
  const { packing, reverse } = step;
  const { T } = packingOf(batch, packing);
  for (let i = 0; i < T; i++) yield { batch, loop: { packing, t: reverse ? T - 1 - i : i } };
}

function rowCapacity(buffer: PlanBuffer, capacity: Readonly<Record<string, Capacity>>): number {
  const parts = spaceParts(buffer.space);
  if (parts.over === "rows") return parts.count;
  const of = parts.over === "aligned" ? parts.source : parts.packing;
  const sizes = capacity[of];
  if (!sizes) throw new ExecutorError(`buffer "${buffer.name}" needs the capacity of packing "${of}"`);
  return parts.over === "sequences" ? sizes.B : sizes.N;
}

function checkCapacity(plan: Plan, capacity: Readonly<Record<string, Capacity>>, batch: Batch): void {
  for (const name of plan.packings) {
    const { B, T, N } = packingOf(batch, name);
    const most = capacity[name]!;
    if (B > most.B || T > most.T || N > most.N) {
      throw new ExecutorError(
        `plan "${plan.name}": packing "${name}" has ${B} sequences, ${T} steps, ${N} rows; prepared for ${most.B}, ${most.T}, ${most.N}`,
      );
    }
  }
}
