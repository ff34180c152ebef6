/**
 * The state of lowering one plan: the rows so far, the scratch that they need, and how a step says what its rows are. The
 * functions of the step kinds work with it; lower.ts goes over the steps.
 */
import { bufferOf, type LeafStep, type Plan, type Space } from "../../plan/plan.js";
import { describeStep } from "../../plan/print.js";
import { ExecutorError } from "../executor.js";
import { rowStride } from "./layout.js";
import type { Slots } from "./slots.js";
import * as t from "./table.js";

/** Address of the buffer, row stride in bytes, slot of the first row: the three ints of a view. */
export type ViewFields = readonly [address: number, stride: number, firstSlot: number];

/** What lowering needs of the program it is for. */
export interface Target {
  /** The executor's name, for messages. */
  readonly name: string;
  readonly slots: Slots;
  /** Columns of a panel of weights: those of the kernels' tile. */
  readonly panelColumns: number;
  /** Address of a buffer, regardless of its owner. */
  address(name: string): number;
  /** A new block of the program's memory. */
  allocate(bytes: number): number;
  /** Eight equal floats of this value. */
  constant(value: number): number;
}

/** How threads share a row; see ROW_ROWS, ROW_WORK, ROW_UNITS and ROW_GRAIN of table.ts. */
export interface Sharing {
  readonly rows: number;
  readonly work: number;
  readonly units: number;
  readonly grain: number;
}

/** Rows of one number share cache lines: threads that each write whole lines do not wait for each other's. */
const ROW_GRAIN = 16;
const MOST_WORK = 2 ** 30;

/** The state of lowering one step: what the functions of the step kinds work with. */
export class Lowering {
  readonly plan: Plan;
  readonly target: Target;
  readonly packing: number[] = [];
  readonly rows: number[] = [];
  /** Addresses of packed panels by matrix, transposition and moment of packing. */
  readonly panels = new Map<string, number>();
  scratchBytes = 0;
  sharedScratchBytes = 0;
  /** Sum of the work of the rows so far: of a loop's body, how much a token is. */
  work = 0;
  /** Place in `plan.steps`; loop bodies have their loop's. */
  position = 0;
  private step: LeafStep | undefined;
  private where = "";
  private stepScratch = 0;
  private stepSharedScratch = 0;

  constructor(plan: Plan, target: Target) {
    this.plan = plan;
    this.target = target;
  }

  /** Starts on a step; `where` is its number as verify prints it: "3", or "3.1" inside a loop. */
  enter(step: LeafStep, position: number, where: string): void {
    this.step = step;
    this.position = position;
    this.where = where;
    this.stepScratch = 0;
    this.stepSharedScratch = 0;
  }

  /** @throws ExecutorError naming the step */
  refuse(reason: string): never {
    const what = this.step ? ` (${this.step.kind} ${describeStep(this.step)})` : "";
    throw new ExecutorError(
      `plan "${this.plan.name}", step ${this.where}${what}: the ${this.target.name} executor cannot run it: ${reason}`,
    );
  }

  /** A buffer's rows as a step inside or outside a loop sees them. */
  view(name: string): ViewFields {
    const { space } = bufferOf(this.plan, name);
    return [this.target.address(name), this.strideBytes(name), this.target.slots.first(space)];
  }

  /** The whole of a buffer, also inside a loop. */
  whole(name: string): ViewFields {
    return [this.target.address(name), this.strideBytes(name), this.target.slots.zero];
  }

  /** Bytes from one row of a buffer to the next. */
  strideBytes(name: string): number {
    const { space, width } = bufferOf(this.plan, name);
    return 4 * rowStride(space, width);
  }

  /** Offset of `bytes` of scratch that this step has for itself, 64-byte aligned. */
  scratch(bytes: number): number {
    const offset = this.stepScratch;
    this.stepScratch += Math.ceil(bytes / 64) * 64;
    this.scratchBytes = Math.max(this.scratchBytes, this.stepScratch);
    return offset;
  }

  /** Like `scratch`, of a block that all threads have together. */
  sharedScratch(bytes: number): number {
    const offset = this.stepSharedScratch;
    this.stepSharedScratch += Math.ceil(bytes / 64) * 64;
    this.sharedScratchBytes = Math.max(this.sharedScratchBytes, this.stepSharedScratch);
    return offset;
  }

  /** The sharing of a row whose threads take rows of `space`; `work` is that of one row. */
  byRows(space: Space, work: number, grain = ROW_GRAIN): Sharing {
    return { rows: this.target.slots.rows(space), work, units: -1, grain };
  }

  /** Appends a row to a list; the head's size is counted here. */
  emit(
    kind: number,
    { rows, work, units, grain }: Sharing,
    { fields, list = this.rows }: { fields: readonly number[]; list?: number[] },
  ): void {
    const whole = Math.min(Math.ceil(work), MOST_WORK);
    if (list === this.rows) this.work += whole;
    list.push(kind, fields.length + t.ROW_HEAD, this.position, rows, whole, units, grain);
    // One by one: a program may have more instructions than a call can have arguments.
    for (const field of fields) list.push(field);
  }
}
