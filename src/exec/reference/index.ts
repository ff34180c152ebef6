/**
 * `unrolled/exec/reference`: the interpreter in float64 that defines what plans mean. Slow, plain, kept for
 * ever; use it to check numbers, not to train.
 */
import { bufferOf, type Plan, type PlanBuffer, spaceParts } from "../../plan/plan.js";
import { type Batch, type Capacity, type Executor, ExecutorError, type Program } from "../executor.js";
import { runStep } from "./steps.js";
import { packingOf, rowsInBatch } from "./values.js";

/** Creates the reference executor. */
export async function createReferenceExecutor(): Promise<Executor> {
  const persistent = new Map<string, { buffer: PlanBuffer; values: Float64Array }>();
  const find = (name: string): { buffer: PlanBuffer; values: Float64Array } => {
    const entry = persistent.get(name);
    if (!entry)
      throw new ExecutorError(`there is no persistent buffer "${name}"; prepare a plan that has it first`);
    return entry;
  };
  let bytes = 0;
  return {
    name: "reference",
    tier: "reference float64",
    get bytes() {
      return bytes;
    },
    prepare(plan, capacity) {
      const program = prepare(plan, capacity, persistent);
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
    read: (name) => find(name).values.slice(),
    dispose: () => persistent.clear(),
  };
}

const isPersistent = (buffer: PlanBuffer): boolean => buffer.role === "parameter" || buffer.role === "slot";

function prepare(
  plan: Plan,
  capacity: Readonly<Record<string, Capacity>>,
  persistent: Map<string, { buffer: PlanBuffer; values: Float64Array }>,
): Program {
  const own = new Map<string, Float64Array>();
  let bytes = 0;
  for (const buffer of Object.values(plan.buffers)) {
    const length = rowCapacity(buffer, capacity) * buffer.width;
    if (buffer.storage !== undefined) continue;
    if (!isPersistent(buffer)) {
      own.set(buffer.name, new Float64Array(length));
      bytes += 8 * length;
      continue;
    }
    const there = persistent.get(buffer.name);
    if (!there) persistent.set(buffer.name, { buffer, values: new Float64Array(length) });
    else if (there.buffer.space !== buffer.space || there.buffer.width !== buffer.width) {
      throw new ExecutorError(
        `plan "${plan.name}": "${buffer.name}" has another shape than in a plan prepared before`,
      );
    }
  }
  const memory = (name: string): Float64Array => {
    const place = bufferOf(plan, name).storage ?? name;
    return own.get(place) ?? (persistent.get(place)?.values as Float64Array);
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
      return memory(name).slice(0, rows * buffer.width);
    },
    run(batch) {
      checkCapacity(plan, capacity, batch);
      last = batch;
      // What a step has not written must not be read: leftovers of the run before would hide such a mistake.
      for (const buffer of Object.values(plan.buffers)) {
        if (buffer.role === "temporary" || buffer.role === "output") memory(buffer.name).fill(Number.NaN);
      }
      for (const step of plan.steps) {
        if (step.kind !== "loop") {
          runStep(plan, memory, { batch }, step);
          continue;
        }
        const { T } = packingOf(batch, step.packing);
        for (let i = 0; i < T; i++) {
          const t = step.reverse ? T - 1 - i : i;
          for (const leaf of step.body)
            runStep(plan, memory, { batch, loop: { packing: step.packing, t } }, leaf);
        }
      }
    },
  };
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
    const most = capacity[name] as Capacity;
    if (B > most.B || T > most.T || N > most.N) {
      throw new ExecutorError(
        `plan "${plan.name}": packing "${name}" has ${B} sequences, ${T} steps, ${N} rows; prepared for ${most.B}, ${most.T}, ${most.N}`,
      );
    }
  }
}
