/**
 * Removes work and memory that nobody needs: results that are never read, zeroing before the first addition,
 * whole-sequence buffers that only ever hold one step, and second buffers where one can be overwritten.
 */
import { leafAccess } from "../access.js";
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
  for (let current = plan; ; ) {
    const readers = new Map<string, Set<LeafStep>>();
    for (const { step } of leaves(current)) {
      for (const name of leafAccess(step).reads) {
        const set = readers.get(name);
        if (set) set.add(step);
        else readers.set(name, new Set([step]));
      }
    }
    const unread = (step: LeafStep, name: string): boolean => {
      if (!isTemporary(current, name)) return false;
      const by = readers.get(name);
      return !by || (by.size === 1 && by.has(step) && step.kind !== "elementwise");
    };
    let changed = false;
    const next = mapLeaves(current, (step) => {
      if (step.kind === "elementwise" || step.kind === "gemm") {
        const kept =
          step.kind === "gemm"
            ? step.outputs.filter((o) => !unread(step, o.c))
            : step.outputs.filter((o) => !unread(step, o.buffer));
        if (kept.length === step.outputs.length) return step;
        changed = true;
        return kept.length === 0
          ? undefined
          : step.kind === "gemm"
            ? { ...step, outputs: kept as typeof step.outputs }
            : prune({ ...step, outputs: kept as typeof step.outputs });
      }
      if (!leafAccess(step).writes.every((w) => unread(step, w))) return step;
      changed = true;
      return undefined;
    });
    if (!changed) return dropBuffers(current);
    current = next;
  }
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
  plan.steps.forEach((step, i) => {
    const name = zeroes(step);
    if (name === undefined) return;
    const next = plan.steps.slice(i + 1).find((s) => touchesAny(s, name));
    if (!next || next.kind === "loop" || !addsTo(next, name)) return;
    removed.add(step);
    started.set(next, (started.get(next) ?? new Set()).add(name));
  });
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

function touchesAny(step: Step, name: string): boolean {
  const all = step.kind === "loop" ? step.body : [step];
  return all.some((s) => leafAccess(s).reads.includes(name) || leafAccess(s).writes.includes(name));
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
    for (const { buffer: out } of step.outputs) {
      if (places.get(out)?.first !== i || step.inputs.includes(out) || !isTemporary(plan, out)) continue;
      const shape = bufferOf(plan, out);
      const free = step.inputs.find((input) => {
        // What the step itself overwrites is not free for another of its results.
        if (step.outputs.some((o) => o.buffer === input)) return false;
        const b = bufferOf(plan, input);
        const last = places.get(input)?.last;
        return (
          b.role === "temporary" &&
          b.dtype === shape.dtype &&
          b.space === shape.space &&
          b.width === shape.width &&
          last === i &&
          !taken.has(input) &&
          perRow(plan, order, input)
        );
      });
      if (free === undefined) continue;
      taken.add(free);
      storage.set(out, storage.get(free) ?? free);
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

/**
 * Inside loops, "nobody reads afterwards" must hold across time steps: true for per-token rows, and for
 * per-sequence and aligned ones that the same time step wrote first.
 */
function perRow(plan: Plan, order: readonly { step: LeafStep; top: number }[], name: string): boolean {
  const buffer = bufferOf(plan, name);
  if (/^(tokens|rows):/.test(buffer.space)) return buffer.space.startsWith("tokens:");
  const uses = order.filter(({ step }) => touchesAny(step, name));
  const first = uses[0]!;
  return uses.every((u) => u.top === first.top) && !leafAccess(first.step).reads.includes(name);
}
