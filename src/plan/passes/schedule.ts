/**
 * Orders the steps of each block so that alike ones meet, and joins them: elementwise steps of one shape
 * become one register program, products of one operand become one step with several outputs (all gates at
 * once). Works backwards from the end of the block, so that values are computed as late as possible and
 * near their readers.
 */
import { type Access, leafAccess } from "../access.js";
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
  /** Steps that must come later and are not placed yet; of those that others on the list wait for, these others stand. */
  waiting: number;
  readonly before: Node[];
  placed: boolean;
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
      placed: false,
    }),
  );
  order(nodes);
  const ready = new Ready(nodes);
  const groups: Node[][] = [];
  for (let seed = ready.seed(); seed; seed = ready.seed()) {
    const group = new Group();
    for (let next: Node | undefined = seed; next; next = ready.member(seed.key, group)) {
      group.add(next);
      ready.place(next);
    }
    ready.returnAside();
    groups.push(group.nodes);
  }
  return groups.reverse().map((group) => join(group.reverse().map((n) => n.step)));
}

/**
 * Notes which steps must keep their order. Of the steps that touch a buffer, one that writes it waits for those that read it
 * up to the next writer, and for that; one that reads it waits for the next writer. All others follow.
 */
function order(nodes: readonly Node[]): void {
  const later = (early: Node, late: Node): void => {
    if (early === late) return;
    late.before.push(early);
    early.waiting++;
  };
  /** Of each buffer, from the end on: the next writer, and the readers before it. */
  const next = new Map<string, { writer: Node | undefined; readers: Node[] }>();
  for (const node of [...nodes].reverse()) {
    const [reads, writes] = [new Set(node.access.reads), new Set(node.access.writes)];
    for (const name of new Set([...reads, ...writes])) {
      const there = next.get(name) ?? { writer: undefined, readers: [] };
      next.set(name, there);
      if (there.writer) later(node, there.writer);
      if (writes.has(name)) {
        for (const reader of there.readers) later(node, reader);
        [there.writer, there.readers] = [node, []];
      } else there.readers.push(node);
    }
  }
}

/** Steps that are joined, and what they touch. */
class Group {
  readonly nodes: Node[] = [];
  private readonly reads = new Set<string>();
  private readonly writes = new Set<string>();

  add(node: Node): void {
    this.nodes.push(node);
    for (const name of node.access.reads) this.reads.add(name);
    for (const name of node.access.writes) this.writes.add(name);
  }

  /** Elementwise steps may feed each other inside a program; products of one step may not. */
  takes({ step, access }: Node): boolean {
    if (step.kind === "elementwise") return true;
    return (
      !access.reads.some((name) => this.writes.has(name)) &&
      !access.writes.some((name) => this.writes.has(name) || this.reads.has(name))
    );
  }
}

/** The steps that may be placed next, the latest first. */
class Ready {
  private readonly products = new Latest();
  private readonly elementwise = new Latest();
  /** Products whose partners are all ready. */
  private readonly complete = new Latest();
  private readonly byKey = new Map<string, Latest>();
  /** Steps of a key that still wait. */
  private readonly blocked = new Map<string, number>();
  private aside: Node[] = [];

  constructor(nodes: readonly Node[]) {
    for (const { key, waiting } of nodes)
      if (key !== undefined && waiting > 0) this.blocked.set(key, (this.blocked.get(key) ?? 0) + 1);
    for (const node of nodes) if (node.waiting === 0) this.add(node);
  }

  /** Products go first whose partners are all ready; elementwise steps wait until no product is ready. */
  seed(): Node | undefined {
    return this.complete.first() ?? this.elementwise.first() ?? this.products.first();
  }

  /** The latest step of a key that can join a group. */
  member(key: string | undefined, group: Group): Node | undefined {
    const queue = key === undefined ? undefined : this.byKey.get(key);
    for (let node = queue?.first(); node; node = queue!.first()) {
      if (group.takes(node)) return node;
      queue!.take();
      this.aside.push(node);
    }
    return undefined;
  }

  /** What could not join a group may join the next. */
  returnAside(): void {
    for (const node of this.aside) this.byKey.get(node.key!)!.add(node);
    this.aside = [];
  }

  place(node: Node): void {
    node.placed = true;
    for (const earlier of node.before) {
      if (--earlier.waiting > 0) continue;
      const { key } = earlier;
      if (key !== undefined) this.unblock(key);
      this.add(earlier);
    }
  }

  private add(node: Node): void {
    const { step, key } = node;
    if (step.kind === "elementwise") this.elementwise.add(node);
    else {
      this.products.add(node);
      if (key === undefined || !this.blocked.get(key)) this.complete.add(node);
    }
    if (key === undefined) return;
    const queue = this.byKey.get(key) ?? new Latest();
    this.byKey.set(key, queue);
    queue.add(node);
  }

  private unblock(key: string): void {
    const left = this.blocked.get(key)! - 1;
    this.blocked.set(key, left);
    if (left > 0) return;
    for (const node of [...(this.byKey.get(key)?.steps ?? []), ...this.aside])
      if (!node.placed && node.key === key && node.step.kind === "gemm") this.complete.add(node);
  }
}

/** Steps by their place, the latest last. Steps that are placed fall out by themselves. */
class Latest {
  readonly steps: Node[] = [];

  add(node: Node): void {
    let [low, high] = [0, this.steps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle]!.index < node.index) low = middle + 1;
      else high = middle;
    }
    this.steps.splice(low, 0, node);
  }

  first(): Node | undefined {
    while (this.steps.at(-1)?.placed) this.take();
    return this.steps.at(-1);
  }

  take(): void {
    this.steps.pop();
  }
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
  const read = new Set<string>();
  for (const step of group) {
    for (const input of step.inputs) if (!made.has(input)) read.add(input);
    for (const o of step.outputs) made.add(o.buffer);
  }
  const inputs = [...read];
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
