/**
 * A plan in the interpreter: its buffers as arrays, and a run as a walk over its steps.
 */
import { access } from "../../plan/access.js";
import { bufferOf, type Plan, type PlanBuffer, type Step, spaceParts } from "../../plan/plan.js";
import { checkStops } from "../check-stops.js";
import {
  type Batch,
  type Capacity,
  ExecutorError,
  type PlanMemory,
  type Program,
  type Stops,
} from "../executor.js";
import { resource } from "../resource.js";
import type { ReferenceOptions } from "./options.js";
import { type Numbers, runStep } from "./steps.js";
import { type Moment, packingOf, rowsInBatch } from "./values.js";

/** A buffer of a session. */
export interface Persistent {
  readonly buffer: PlanBuffer;
  readonly values: Numbers;
}

/** What a program shares with the others of its session. */
export interface ProgramRoom extends ReferenceOptions {
  readonly persistent: Map<string, Persistent>;
  /** Counts every change of a persistent buffer. */
  version: number;
  /** Called when a program has given its memory back. */
  forget(program: Program): void;
}

const isPersistent = (buffer: PlanBuffer): boolean => buffer.role === "parameter" || buffer.role === "slot";

/** @throws ExecutorError if there is not so much memory */
function roomFor({ name }: PlanBuffer, length: number, narrow: boolean): Numbers {
  const kind = narrow ? Float32Array : Float64Array;
  try {
    return new kind(length);
  } catch (cause) {
    const mib = Math.ceil((kind.BYTES_PER_ELEMENT * length) / 2 ** 20).toLocaleString("en-US");
    throw new ExecutorError(
      `the reference executor could not get ${mib} MiB for "${name}"; take a smaller network, or smaller batches`,
      { cause },
    );
  }
}

/** Makes a plan ready. @throws ExecutorError if the plan has a persistent buffer in another shape than the session */
export function prepare(
  plan: Plan,
  capacity: Readonly<Record<string, Capacity>>,
  room: ProgramRoom,
): Program {
  const { persistent, precision = "float64", watch } = room;
  const own = new Map<string, Numbers>();
  const writesPersistent = plan.steps.some((step) =>
    access(step).writes.some((name) => isPersistent(bufferOf(plan, name))),
  );
  const placeOf = ({ name, storage = name }: PlanBuffer): string => (watch ? name : storage);
  checkShapes(plan, persistent);
  let bytes = 0;
  for (const buffer of Object.values(plan.buffers)) {
    const length = rowCapacity(buffer, capacity) * buffer.width;
    if (placeOf(buffer) !== buffer.name) continue;
    const narrow = precision === "float32" && buffer.dtype === "real";
    const values = roomFor(buffer, length, narrow);
    if (!isPersistent(buffer)) {
      own.set(buffer.name, values);
      bytes += values.byteLength;
      continue;
    }
    if (!persistent.has(buffer.name)) persistent.set(buffer.name, { buffer, values });
  }
  let disposed = false;
  const alive = (): void => {
    if (disposed) throw new ExecutorError(`the program of plan "${plan.name}" is disposed`);
  };
  const memory = (name: string): Numbers => {
    alive();
    const place = placeOf(bufferOf(plan, name));
    return own.get(place) ?? persistent.get(place)!.values;
  };
  const runOnce = (batch: Batch, stops?: Stops): void => {
    if (writesPersistent) room.version++;
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
      if (stops?.after.includes(index)) stops.reached(index);
    }
  };
  let last: Batch | undefined;
  const program: Program = resource({
    plan,
    bytes,
    get disposed() {
      return disposed;
    },
    dispose() {
      disposed = true;
      own.clear();
      room.forget(program);
    },
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
    readAsync: async (name) => program.read(name),
    view(name) {
      const { role, width } = bufferOf(plan, name);
      if (role === "parameter" || role === "temporary")
        throw new ExecutorError(`"${name}" is a ${role} of plan "${plan.name}", of which there are no views`);
      return { values: memory(name), stride: width };
    },
    run(batch, stops) {
      checkCapacity(plan, capacity, batch);
      if (stops) checkStops(plan, stops);
      last = batch;
      runOnce(batch, stops);
    },
    rerun() {
      if (!last) throw new ExecutorError(`plan "${plan.name}" cannot be run again: it has not run yet`);
      runOnce(last);
    },
  });
  return program;
}

/** @throws ExecutorError if a persistent buffer has another shape than in the session */
function checkShapes(plan: Plan, persistent: ReadonlyMap<string, Persistent>): void {
  for (const { name, space, width } of Object.values(plan.buffers)) {
    const there = persistent.get(name)?.buffer;
    if (there === undefined || (there.space === space && there.width === width)) continue;
    throw new ExecutorError(
      `plan "${plan.name}": "${name}" has another shape than in a plan prepared before in this session`,
    );
  }
}

/** What a plan takes. @throws ExecutorError if the capacity of a packing is missing */
export function planMemory(
  plan: Plan,
  capacity: Readonly<Record<string, Capacity>>,
  { precision, watch }: ReferenceOptions,
): PlanMemory {
  const sums = { input: 0, output: 0, state: 0, parameter: 0, slot: 0, temporary: 0 };
  for (const buffer of Object.values(plan.buffers)) {
    const { name, storage = name, role, dtype, width } = buffer;
    const size = precision === "float32" && dtype === "real" ? 4 : 8;
    if (storage === name || watch) sums[role] += size * width * rowCapacity(buffer, capacity);
  }
  const { parameter: weights, slot: slots, ...working } = sums;
  return { weights, slots, working: Object.values(working).reduce((a, b) => a + b, 0) };
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
