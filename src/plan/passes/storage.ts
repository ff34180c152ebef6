/**
 * Removes work and memory that nobody needs: results that are never read, zeroing before the first addition,
 * whole-sequence buffers that only ever hold one step, and second buffers where one can be overwritten.
 */
import { access, leafAccess } from "../access.js";
import {
  bufferOf,
  type ElementwiseStep,
  type LeafStep,
  type Plan,
  type PlanBuffer,
  type Space,
  type Step,
} from "../plan.js";

/** A plan with each leaf step replaced by others; `undefined` removes it. */
function mapLeaves(plan: Plan, change: (step: LeafStep) => LeafStep | undefined): Plan {
  const steps = plan.steps.flatMap((step): Step[] => {
    if (step.kind !== "loop") return [change(step) ?? []].flat();
    const body = step.body.flatMap((leaf) => change(leaf) ?? []);
    return body.length > 0 ? [{ ...step, body }] : [];
  });
  return { ...plan, steps };
}

/** All leaf steps in order, with the number of their top-level step. */
function leaves(plan: Plan): { step: LeafStep; top: number }[] {
  return plan.steps.flatMap((step, top) =>
    step.kind === "loop" ? step.body.map((leaf) => ({ step: leaf, top })) : [{ step, top }],
  );
}

const isTemporary = (plan: Plan, name: string): boolean => bufferOf(plan, name).role === "temporary";

/** Removes steps and outputs that write only temporaries which no other step reads, until none is left. */
export function dropUnread(plan: Plan): Plan {
  const all = leaves(plan).map(({ step }) => step);
  /** What each leaf has become; undefined: it is gone. */
  const now: (LeafStep | undefined)[] = [...all];
  const readers = new Map<string, Set<number>>();
  all.forEach((step, i) => {
    for (const name of leafAccess(step).reads) {
      const set = readers.get(name);
      if (set) set.add(i);
      else readers.set(name, new Set([i]));
    }
  });
  const change = (step: LeafStep, i: number): LeafStep | undefined => {
    const unread = (name: string): boolean => {
      if (!isTemporary(plan, name)) return false;
      const by = readers.get(name);
      return !by || by.size === 0 || (by.size === 1 && by.has(i) && step.kind !== "elementwise");
    };
    if (step.kind !== "elementwise" && step.kind !== "gemm")
      return leafAccess(step).writes.every(unread) ? undefined : step;
    if (step.kind === "gemm") {
      const kept = step.outputs.filter((o) => !unread(o.c));
      if (kept.length === step.outputs.length) return step;
      return kept.length === 0 ? undefined : { ...step, outputs: kept as typeof step.outputs };
    }
    const kept = step.outputs.filter((o) => !unread(o.buffer));
    if (kept.length === step.outputs.length) return step;
    return kept.length === 0 ? undefined : prune({ ...step, outputs: kept as typeof step.outputs });
  };
  for (let changed = true; changed; ) {
    changed = false;
    // From the end on: what only a removed step read is then found at once.
    for (let i = now.length - 1; i >= 0; i--) {
      const step = now[i];
      const next = step && change(step, i);
      if (step === next) continue;
      changed = true;
      now[i] = next;
      const still = new Set(next ? leafAccess(next).reads : []);
      for (const name of leafAccess(step!).reads) if (!still.has(name)) readers.get(name)?.delete(i);
    }
  }
  let at = 0;
  return dropBuffers(mapLeaves(plan, () => now[at++]));
}

/** Removes instructions and inputs that no output needs. */
export function prune(step: ElementwiseStep): ElementwiseStep {
  const n = step.inputs.length;
  const needed = new Set(step.outputs.map((o) => o.register));
  for (let r = n + step.program.length - 1; r >= n; r--) {
    if (needed.has(r)) for (const arg of step.program[r - n]?.args ?? []) needed.add(arg);
  }
  const place = new Map<number, number>();
  const inputs = step.inputs.filter((_, r) => needed.has(r) && place.set(r, place.size));
  const program = step.program.filter((_, i) => needed.has(n + i) && place.set(n + i, place.size));
  const at = (r: number): number => place.get(r)!;
  return {
    ...step,
    inputs,
    program: program.map((i) => ({ ...i, args: i.args.map(at) })),
    outputs: step.outputs.map((o) => ({ ...o, register: at(o.register) })),
  };
}

/** Removes buffers that no step names; what the caller writes or reads stays. */
function dropBuffers(plan: Plan): Plan {
  const named = new Set(
    leaves(plan).flatMap(({ step }) => [...leafAccess(step).reads, ...leafAccess(step).writes]),
  );
  const buffers = Object.fromEntries(
    Object.entries(plan.buffers).filter(([name, b]) => named.has(name) || b.role !== "temporary"),
  );
  return { ...plan, buffers };
}

/** Where a buffer is zeroed and then, first of all, added to by a step outside loops, the addition starts from zero itself. */
export function startFromZero(plan: Plan): Plan {
  const removed = new Set<Step>();
  const started = new Map<Step, Set<string>>();
  /** Of each buffer, from the end on, the next step that touches it. */
  const next = new Map<string, Step>();
  for (const step of [...plan.steps].reverse()) {
    const name = zeroes(step);
    const user = name === undefined ? undefined : next.get(name);
    if (name !== undefined && user && user.kind !== "loop" && addsTo(user, name)) {
      removed.add(step);
      started.set(user, (started.get(user) ?? new Set()).add(name));
    }
    const { reads, writes } = access(step);
    for (const touched of [...reads, ...writes]) next.set(touched, step);
  }
  const steps = plan.steps.flatMap((step): Step[] => {
    if (removed.has(step)) return [];
    const names = started.get(step);
    if (!names) return [step];
    if (step.kind === "gemm")
      return [{ ...step, outputs: step.outputs.map((o) => (names.has(o.c) ? { ...o, start: "zero" } : o)) }];
    return step.kind === "reduce" ? [{ ...step, start: "zero" }] : [step];
  });
  return { ...plan, steps };
}

function zeroes(step: Step): string | undefined {
  if (step.kind !== "elementwise" || step.outputs.length !== 1 || step.program.length !== 1) return undefined;
  const [instruction] = step.program;
  return instruction?.op === "constant" && instruction.value === 0 ? step.outputs[0]?.buffer : undefined;
}

function addsTo(step: LeafStep, name: string): boolean {
  if (leafAccess(step).reads.filter((r) => r === name).length !== 1) return false;
  if (step.kind === "gemm") return step.outputs.some((o) => o.c === name && o.start === "accumulate");
  return step.kind === "reduce" && step.into === name && step.start === "accumulate";
}

/** A per-token temporary that lives within one time step of one loop needs the rows of one step only. */
export function keepOneStep(plan: Plan): Plan {
  const uses = new Map<string, { tops: Set<number>; first: LeafStep }>();
  const addressedWhole = new Set<string>();
  for (const { step, top } of leaves(plan)) {
    const { reads, writes } = leafAccess(step);
    if (step.kind === "gather" && step.axis === "rows") addressedWhole.add(step.from);
    if (step.kind === "scatter-add" && step.axis === "rows") addressedWhole.add(step.into);
    for (const name of [...reads, ...writes]) {
      const use = uses.get(name);
      if (use) use.tops.add(top);
      else uses.set(name, { tops: new Set([top]), first: step });
    }
  }
  const buffers = Object.fromEntries(
    Object.entries(plan.buffers).map(([name, buffer]): [string, PlanBuffer] => {
      const use = uses.get(name);
      if (buffer.role !== "temporary" || use?.tops.size !== 1 || addressedWhole.has(name))
        return [name, buffer];
      const loop = plan.steps[[...use.tops][0]!]!;
      const written = !leafAccess(use.first).reads.includes(name);
      if (loop.kind !== "loop" || !written || buffer.space !== `tokens:${loop.packing}`)
        return [name, buffer];
      const space: Space = `sequences:${loop.packing}`;
      return [name, { ...buffer, space }];
    }),
  );
  return { ...plan, buffers };
}

/** Lets an elementwise result lie in the memory of an operand of its shape that nobody reads afterwards. */
export function overwrite(plan: Plan): Plan {
  const order = leaves(plan);
  const places = new Map<string, { first: number; last: number; tops: Set<number> }>();
  order.forEach(({ step, top }, i) => {
    const { reads, writes } = leafAccess(step);
    for (const name of [...reads, ...writes]) {
      const p = places.get(name);
      if (p) {
        p.last = i;
        p.tops.add(top);
      } else places.set(name, { first: i, last: i, tops: new Set([top]) });
    }
  });
  const storage = new Map<string, string>();
  const taken = new Set<string>();
  order.forEach(({ step }, i) => {
    if (step.kind !== "elementwise") return;
    const [read, written] = [new Set(step.inputs), new Set(step.outputs.map(({ buffer }) => buffer))];
    /** Operands that nobody reads afterwards, by their shape. What the step itself overwrites is not free. */
    const free = new Map<string, string[]>();
    for (const input of read) {
      const buffer = bufferOf(plan, input);
      const place = places.get(input);
      if (written.has(input) || buffer.role !== "temporary" || place?.last !== i || taken.has(input))
        continue;
      if (!perRow(buffer, order[place.first]!.step, place.tops.size)) continue;
      const there = free.get(shapeOf(buffer));
      if (there) there.push(input);
      else free.set(shapeOf(buffer), [input]);
    }
    for (const { buffer: out } of step.outputs) {
      if (places.get(out)?.first !== i || read.has(out) || !isTemporary(plan, out)) continue;
      const found = free.get(shapeOf(bufferOf(plan, out)))?.shift();
      if (found === undefined) continue;
      taken.add(found);
      storage.set(out, storage.get(found) ?? found);
    }
  });
  const buffers = Object.fromEntries(
    Object.entries(plan.buffers).map(([name, buffer]): [string, PlanBuffer] => {
      const shared = storage.get(name);
      return [name, shared === undefined ? buffer : { ...buffer, storage: shared }];
    }),
  );
  return { ...plan, buffers };
}

const shapeOf = ({ dtype, space, width }: PlanBuffer): string => `${dtype} ${space} ${width}`;

/**
 * Inside loops, "nobody reads afterwards" must hold across time steps: true for per-token rows, and for
 * per-sequence and aligned ones that the same time step wrote first.
 *
 * @param first the first step that uses it
 * @param tops how many top-level steps use it
 */
function perRow({ name, space }: PlanBuffer, first: LeafStep, tops: number): boolean {
  if (/^(tokens|rows):/.test(space)) return space.startsWith("tokens:");
  return tops === 1 && !leafAccess(first).reads.includes(name);
}
