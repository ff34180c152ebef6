/**
 * Orders the steps of each block so that alike ones meet, and joins them: elementwise steps of one shape
 * become one register program, products of one operand become one step with several outputs (all gates at
 * once). Works backwards from the end of the block, so that values are computed as late as possible and
 * near their readers.
 */
import { type Access, conflict, leafAccess } from "../access.js";
import type { ElementwiseStep, GemmStep, Instruction, LeafStep, Plan, Step } from "../plan.js";

/** Joins steps in every block: between loops, and in each loop's body. */
export function joinSteps(plan: Plan): Plan {
  const steps: Step[] = [];
  let block: LeafStep[] = [];
  const flush = (): void => {
    steps.push(...joinBlock(block));
    block = [];
  };
  for (const step of plan.steps) {
    if (step.kind !== "loop") {
      block.push(step);
      continue;
    }
    flush();
    steps.push({ ...step, body: joinBlock(step.body) });
  }
  flush();
  return { ...plan, steps };
}

/** Steps with equal keys may be joined; undefined: never. */
function joinKey(step: LeafStep): string | undefined {
  if (step.kind === "elementwise") return `elementwise ${step.space} ${step.width}`;
  if (step.kind === "gemm") return `${step.form} ${step.space} ${step.a}`;
  return undefined;
}

interface Node {
  readonly step: LeafStep;
  readonly access: Access;
  readonly key: string | undefined;
  readonly index: number;
  /** Steps that must come later and are not placed yet. */
  waiting: number;
  readonly before: Node[];
}

function joinBlock(block: readonly LeafStep[]): LeafStep[] {
  const nodes = block.map(
    (step, index): Node => ({
      step,
      access: leafAccess(step),
      key: joinKey(step),
      index,
      waiting: 0,
      before: [],
    }),
  );
  for (const later of nodes) {
    for (const earlier of nodes.slice(0, later.index)) {
      if (!conflict(earlier.access, later.access)) continue;
      later.before.push(earlier);
      earlier.waiting++;
    }
  }
  const left = new Set(nodes);
  const groups: Node[][] = [];
  const place = (node: Node, group: Node[]): void => {
    group.push(node);
    left.delete(node);
    for (const earlier of node.before) earlier.waiting--;
  };
  while (left.size > 0) {
    const ready = [...left].filter((n) => n.waiting === 0);
    const group: Node[] = [];
    place(chooseSeed(ready, left), group);
    const { key } = group[0]!;
    for (let next = key && findMember(left, key, group); next; next = findMember(left, key!, group))
      place(next, group);
    groups.push(group);
  }
  return groups.reverse().map((group) => join(group.reverse().map((n) => n.step)));
}

/** Products go first whose partners are all ready; elementwise steps wait until no product is ready. */
function chooseSeed(ready: readonly Node[], left: ReadonlySet<Node>): Node {
  const latest = (nodes: readonly Node[]): Node | undefined =>
    nodes.reduce<Node | undefined>((a, b) => (a && a.index > b.index ? a : b), undefined);
  const waitsForPartner = (n: Node): boolean =>
    n.key !== undefined && [...left].some((o) => o.key === n.key && o.waiting > 0);
  const others = ready.filter((n) => n.step.kind !== "elementwise");
  return (latest(others.filter((n) => !waitsForPartner(n))) ??
    latest(ready.filter((n) => n.step.kind === "elementwise")) ??
    latest(others))!;
}

function findMember(left: ReadonlySet<Node>, key: string, group: readonly Node[]): Node | undefined {
  let found: Node | undefined;
  for (const n of left) {
    if (n.key !== key || n.waiting > 0 || (found && found.index > n.index)) continue;
    // Elementwise steps may feed each other inside a program; products of one step may not.
    if (n.step.kind !== "elementwise" && group.some((m) => conflict(n.access, m.access))) continue;
    found = n;
  }
  return found;
}

function join(group: readonly LeafStep[]): LeafStep {
  const [head] = group;
  if (group.length === 1) return head!;
  if (head?.kind === "gemm") return { ...head, outputs: (group as GemmStep[]).flatMap((g) => g.outputs) };
  return joinElementwise(group as ElementwiseStep[]);
}

/** One program for all: values that an earlier member made are read from registers, equal instructions are made once. */
export function joinElementwise(group: readonly ElementwiseStep[]): ElementwiseStep {
  const [head] = group as [ElementwiseStep];
  const made = new Set<string>();
  const inputs: string[] = [];
  for (const step of group) {
    for (const input of step.inputs) if (!made.has(input) && !inputs.includes(input)) inputs.push(input);
    for (const o of step.outputs) made.add(o.buffer);
  }
  const program: Instruction[] = [];
  const known = new Map<string, number>();
  const holder = new Map(inputs.map((input, i) => [input, i]));
  for (const step of group) {
    const registers = step.inputs.map((input) => holder.get(input)!);
    for (const { op, args, value } of step.program) {
      const mapped = args.map((arg) => registers[arg]!);
      const key = `${op} ${mapped.join(" ")} ${value ?? ""} ${Object.is(value, -0)}`;
      let at = known.get(key);
      if (at === undefined) {
        program.push(value === undefined ? { op, args: mapped } : { op, args: mapped, value });
        at = inputs.length + program.length - 1;
        known.set(key, at);
      }
      registers.push(at);
    }
    for (const o of step.outputs) holder.set(o.buffer, registers[o.register]!);
  }
  const outputs = [...made].map((buffer) => ({ buffer, register: holder.get(buffer)! }));
  return { ...head, inputs, program, outputs };
}
