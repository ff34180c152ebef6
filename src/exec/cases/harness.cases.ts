/**
 * What the conformance cases are written with: short ways to say a plan, values by formula, batches with
 * every kind of raggedness, and running a plan on an executor and on the reference to compare all results.
 */
import { expect } from "vitest";
import { type Plan, type PlanBuffer, type Role, type Space, type Step, spaceParts } from "../../plan/plan.js";
import { verify } from "../../plan/verify.js";
import { align, type Packing, packing } from "../../tensor/packing.js";
import type { Batch, Capacity, Executor, Program, Session } from "../executor.js";
import { createReferenceExecutor } from "../reference/index.js";

/** How far an executor may be from float64; whoever registers the cases gives the reason. */
export interface Tolerance {
  /** Of sums of up to a few hundred products of numbers within ±1: absolute below 1, relative above. */
  readonly sums: number;
  /** Of one elementwise op: relative; absolute for sigmoid and tanh. */
  readonly functions: number;
}

/** What the cases of a group are given. */
export interface Subject {
  readonly create: () => Promise<Executor>;
  readonly tolerance: Tolerance;
}

/** A buffer in short: name, space, width, role. */
export function buffer(name: string, space: Space, width: number, role: Role = "temporary"): PlanBuffer {
  return { name, space, width, role, dtype: "real" };
}

/** A buffer of indices. */
export function indices(name: string, space: Space, role: Role = "input"): PlanBuffer {
  return { name, space, width: 1, role, dtype: "index" };
}

/** A verified plan; its packings are those that its spaces name. */
export function planOf(name: string, buffers: readonly PlanBuffer[], steps: readonly Step[]): Plan {
  const packings = new Set<string>();
  for (const { space } of buffers) {
    const parts = spaceParts(space);
    if (parts.over !== "rows") packings.add(parts.packing);
    if (parts.over === "aligned") packings.add(parts.source);
  }
  const plan = {
    name,
    packings: [...packings],
    buffers: Object.fromEntries(buffers.map((b) => [b.name, b])),
    steps,
  };
  verify(plan);
  return plan;
}

/** The k-th value of a buffer: within ±1, of all signs and sizes, exact in float32. */
export function valueAt(name: string, k: number): number {
  let code = 0;
  for (let i = 0; i < name.length; i++) code = (code * 31 + name.charCodeAt(i)) % 9973;
  return Math.fround(Math.sin(1.3 * code + 2.7 * k + 0.001 * k * k));
}

/** The k-th index of a buffer: from −1 to bound − 1. */
export const indexAt = (name: string, k: number, bound: number): number =>
  (Math.floor((1 + valueAt(name, k)) * 5000) % (bound + 1)) - 1;

/** Lengths whose packings have 0, 0, 1, 5, 33 and 300 rows, with sequences of length zero and equal lengths. */
export const raggedLengths: readonly (readonly number[])[] = [
  [],
  [0, 0],
  [1],
  [2, 0, 3],
  [9, 0, 7, 7, 2, 5, 3, 0],
  [...Array.from({ length: 40 }, (_, i) => i % 11), 100],
];

/** A batch of two packings of the same sequences: p of these lengths, q of others in another order, aligned to p. */
export function raggedBatch(lengths: readonly number[]): Batch {
  const p = packing(lengths);
  const q = packing(lengths.map((n, i) => (n * 2 + i) % 8));
  return { packings: { p, q }, alignments: { "p:q": align(p, q) } };
}

/** Just enough room for a batch. */
export function capacityOf(batch: Batch): Record<string, Capacity> {
  return Object.fromEntries(Object.entries(batch.packings).map(([name, p]) => [name, sizes(p)]));
}

const sizes = ({ B, T, N }: Packing): Capacity => ({ B, T, N });

/** Rows of a space in a batch. */
export function rowsIn(space: Space, batch: Batch): number {
  const parts = spaceParts(space);
  if (parts.over === "rows") return parts.count;
  const p = batch.packings[parts.over === "aligned" ? parts.source : parts.packing]!;
  return parts.over === "sequences" ? p.B : p.N;
}

/** Values of named buffers that the formula does not suit. */
export type Given = Readonly<Record<string, readonly number[]>>;

/** Writes every persistent and input buffer, by the formula or as given. */
export function fill(session: Session, program: Program, batch: Batch, given: Given = {}): void {
  for (const { name, space, width, role } of Object.values(program.plan.buffers)) {
    const count = rowsIn(space, batch) * width;
    const values = given[name] ?? Array.from({ length: count }, (_, k) => valueAt(name, k));
    if (role === "input") program.write(name, values);
    if (role === "parameter" || role === "slot") session.write(name, values);
  }
}

/** Every output and persistent buffer after a run. */
export function results(session: Session, program: Program): Map<string, Float64Array> {
  const out = new Map<string, Float64Array>();
  for (const { name, role } of Object.values(program.plan.buffers)) {
    if (role === "output") out.set(name, program.read(name));
    if (role === "parameter" || role === "slot") out.set(name, session.read(name));
  }
  return out;
}

/** Throws where a value differs by more than the tolerance, relative to the larger of 1 and the value. */
export function close(
  what: string,
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance: number,
): void {
  expect(found.length, `length of ${what}`).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const [f, w] = [found[i]!, wanted[i]!];
    const same = Object.is(f, w) || Math.abs(f - w) <= tolerance * Math.max(1, Math.abs(w));
    if (!same) throw new Error(`${what}[${i}] is ${f}, reference ${w}`);
  }
}

/** Runs a plan over batches on both executors and compares everything that can be read. */
export async function agree(
  subject: Subject,
  plan: Plan,
  batches: readonly Batch[],
  given: Given = {},
): Promise<void> {
  for (const batch of batches) {
    const [found, wanted] = await Promise.all(
      [subject.create, createReferenceExecutor].map(async (create) => {
        const executor = await create();
        const session = executor.session();
        const program = session.prepare(plan, capacityOf(batch));
        fill(session, program, batch, given);
        program.run(batch);
        const read = results(session, program);
        executor.dispose();
        return read;
      }),
    );
    for (const [name, values] of wanted!) {
      const what = `${plan.name}, N = ${batch.packings["p"]?.N}: ${name}`;
      close(what, found!.get(name)!, values, subject.tolerance.sums);
    }
  }
}
