/**
 * Lowers elementwise programs: decides what every register is (a buffer in place, a constant, a tile), lets
 * results be written where they belong by the instruction that makes them, and shares tiles by last use.
 */
import { type ElementwiseOp, elementwiseOps } from "../../cell/meanings.js";
import { storageOf } from "../../plan/lifetimes.js";
import { bufferOf, type ElementwiseStep, type Plan } from "../../plan/plan.js";
import { rowStride } from "./layout.js";
import type { Lowering, ViewFields } from "./lowering.js";
import * as t from "./table.js";

/** The code of an op is its place in the list of them, from which generate.mjs numbers the kernels' loops too. */
const codes = Object.fromEntries(elementwiseOps.map((op, i) => [op, i])) as Readonly<
  Record<ElementwiseOp, number>
>;

/** Floats that all tiles of a program may take: half of a first-level cache of 32 KB. */
const TILE_FLOATS = 4096;
const LONGEST_TILE = 1024;
const SHORTEST_TILE = 64;

/** An instruction with values for registers: those of the step, then values that lowering adds. */
interface Made {
  readonly op: number;
  readonly value: number;
  readonly args: readonly number[];
}

/** Writes the row of an elementwise step. */
export function lowerElementwise(lowering: Lowering, step: ElementwiseStep): void {
  const { made, home } = placeOutputs(lowering, step);
  const operands = new Operands(lowering, step);
  const lastUse = new Map(made.flatMap(({ args }, i) => args.map((arg) => [arg, i] as const)));
  const list: number[] = [];
  made.forEach(({ op, value, args }, i) => {
    const registers = args.map((arg) => operands.of(arg));
    // A tile whose last reader this is may take the result: loops read before they write.
    for (const arg of args) if (lastUse.get(arg) === i) operands.release(arg);
    const output = home.get(value);
    const into = output === undefined ? operands.tile(value) : operands.output(value, output);
    const [a = 0, b = a, c = a] = registers;
    list.push(op, into, a, b, c);
  });
  const { chunk, fields, count, repeats } = operands.finish();
  const stride = rowStride(step.space, step.width);
  const sharing = lowering.byRows(step.space, (stride * made.length) / 2);
  const head = [
    stride,
    Number(repeats),
    chunk,
    lowering.scratch(8 * count),
    fields.length / t.OPERAND_INTS,
    made.length,
  ];
  // Where nothing is repeated over rows or features, threads share elements: rows may be few and long.
  lowering.emit(t.ELEMENTWISE, repeats ? sharing : { ...sharing, units: -stride }, {
    fields: [...head, ...fields, ...list],
  });
}

/**
 * The instructions in order, with copies where a result cannot be made in place, and the output in which each
 * value is at home. An input whose memory an output takes is copied to a tile first if it is read after that.
 */
function placeOutputs(
  lowering: Lowering,
  step: ElementwiseStep,
): { made: readonly Made[]; home: ReadonlyMap<number, string> } {
  const { plan } = lowering;
  const inputs = step.inputs.length;
  const home = new Map<number, string>();
  let next = inputs + step.program.length;
  const made: Made[] = step.program.flatMap(({ op, args }, i) =>
    op === "constant" ? [] : [{ op: codes[op], value: inputs + i, args }],
  );
  for (const { buffer, register } of step.outputs) {
    const isMade = register >= inputs && step.program[register - inputs]?.op !== "constant";
    if (isMade && !home.has(register)) home.set(register, buffer);
    else {
      made.push({ op: codes.widen, value: next, args: [register] });
      home.set(next++, buffer);
    }
  }
  const writer = new Map(made.flatMap(({ value }, i) => writes(plan, home.get(value), i)));
  if (writer.size < step.outputs.length) lowering.refuse("two outputs lie in the same memory");
  const saved = new Map<number, number>();
  const lastRead = new Map(made.flatMap(({ args }, i) => args.map((arg) => [arg, i] as const)));
  step.inputs.forEach((name, input) => {
    const written = writer.get(storageOf(plan, name));
    if (written !== undefined && (lastRead.get(input) ?? -1) > written) saved.set(input, next++);
  });
  const copies = [...saved].map(([input, value]) => ({ op: codes.widen, value, args: [input] }));
  const after = made.map((m) => ({ ...m, args: m.args.map((arg) => saved.get(arg) ?? arg) }));
  return { made: [...copies, ...after], home };
}

const writes = (plan: Plan, buffer: string | undefined, i: number): [string, number][] =>
  buffer === undefined ? [] : [[storageOf(plan, buffer), i]];

/** The operands of one step: gives registers to values as the program needs them. */
class Operands {
  private readonly lowering: Lowering;
  private readonly step: ElementwiseStep;
  /** What is known of each register; scratch is placed when the number of tiles is known. */
  private readonly found: { role: number; view: ViewFields }[] = [];
  private readonly registers = new Map<number, number>();
  private readonly freeTiles: number[] = [];

  constructor(lowering: Lowering, step: ElementwiseStep) {
    this.lowering = lowering;
    this.step = step;
  }

  /** The register of a value that exists: an input, a constant, or what an instruction made. */
  of(value: number): number {
    const there = this.registers.get(value);
    if (there !== undefined) return there;
    const instruction = this.step.program[value - this.step.inputs.length];
    if (instruction) {
      const address = this.lowering.target.constant(instruction.value!);
      return this.add(value, t.ROLE_CONSTANT, [address, 0, 0]);
    }
    const name = this.step.inputs[value]!;
    return this.add(value, this.roleOf(name), this.lowering.view(name));
  }

  /** A tile for a value. */
  tile(value: number): number {
    const free = this.freeTiles.pop();
    if (free === undefined) return this.add(value, t.ROLE_TILE, [0, 0, 0]);
    this.registers.set(value, free);
    return free;
  }

  /** The output that a value is written to. */
  output(value: number, buffer: string): number {
    return this.add(value, t.ROLE_OUTPUT, this.lowering.view(buffer));
  }

  /** Ends a value's life; its register is free if it is a tile. */
  release(value: number): void {
    const register = this.registers.get(value);
    if (register === undefined || this.found[register]?.role !== t.ROLE_TILE) return;
    this.registers.delete(value);
    this.freeTiles.push(register);
  }

  /** The operands' fields, with scratch for each, and how long a tile may be. */
  finish(): { chunk: number; fields: number[]; count: number; repeats: boolean } {
    const { lowering, found } = this;
    const tiled = [t.ROLE_TILE, t.ROLE_ROW, t.ROLE_COLUMN];
    const tiles = found.filter(({ role }) => tiled.includes(role)).length;
    const fair = TILE_FLOATS / Math.max(tiles, 1);
    const chunk = Math.min(LONGEST_TILE, Math.max(SHORTEST_TILE, fair & ~15));
    const fields = found.flatMap(({ role, view }, register) => {
      // Behind a tile a cache line, into which rows are spread past its end, and which keeps tiles from lying
      // a multiple of 4 KB apart.
      const bytes = tiled.includes(role) ? 4 * chunk + 64 : 64;
      return [role, register, ...view, lowering.scratch(bytes)];
    });
    const repeats = found.some(({ role }) => role === t.ROLE_ROW || role === t.ROLE_COLUMN);
    return { chunk, fields, count: found.length, repeats };
  }

  private add(value: number, role: number, view: ViewFields): number {
    this.registers.set(value, this.found.length);
    return this.found.push({ role, view }) - 1;
  }

  /** What an input's shape says. */
  private roleOf(name: string): number {
    const { step } = this;
    const { space, width, dtype } = bufferOf(this.lowering.plan, name);
    if (dtype !== "real") this.lowering.refuse(`"${name}" holds indices, not reals`);
    const oneRow = space === "rows:1" && step.space !== "rows:1";
    const oneColumn = width === 1 && step.width !== 1;
    if ((oneRow || step.space === "rows:1") && width === 1) return t.ROLE_SCALAR;
    if (oneRow) return t.ROLE_ROW;
    return oneColumn ? t.ROLE_COLUMN : t.ROLE_FULL;
  }
}
