/**
 * A plan in a machine's memory: its buffers, its table and the tables of its batch. Preparing one may grow
 * memory; running one never does.
 */
import { access } from "../../plan/access.js";
import { storageOf } from "../../plan/lifetimes.js";
import { bufferOf, type Plan, type PlanBuffer, PlanError, spaceParts } from "../../plan/plan.js";
import { verify } from "../../plan/verify.js";
import { checkStops } from "../check-stops.js";
import {
  type Batch,
  type BufferView,
  type Capacity,
  ExecutorError,
  type Program,
  type Stops,
} from "../executor.js";
import { disposeSymbol } from "../resource.js";
import { alignmentsOf } from "./alignments.js";
import { checkBatch, checkCapacity, type Limits, rowsInBatch } from "./batch.js";
import { copyIn, copyOut, viewIn } from "./copy.js";
import { bufferBytes, isPersistent, rowCapacity, temporaryArena } from "./layout.js";
import { lower } from "./lower.js";
import type { ProgramRoom } from "./machine.js";
import { type Headers, Slots } from "./slots.js";
import { type PlacedTable, runPart } from "./stops.js";
import * as t from "./table.js";

/** A prepared plan. */
export class LoweredProgram implements Program {
  readonly plan: Plan;
  private readonly room: ProgramRoom;
  private readonly capacity: Readonly<Record<string, Capacity>>;
  private readonly limits: Limits;
  private readonly writesPersistent: boolean;
  /** Own blocks of memory, by address, and their sizes in bytes. */
  private readonly blocks = new Map<number, number>();
  private readonly addresses = new Map<string, number>();
  private readonly slots: Slots;
  private readonly headers: Headers;
  /** Addresses of the rows with which the plan's steps begin. */
  private readonly rows: readonly number[];
  /** Where each thread notes the first fault it meets: indices in ints of HEADER_FAULT_STEP. */
  private readonly faults: readonly number[];
  /** `room.version` when the parameters' panels were packed. */
  private packedAt = -1;
  private last: Batch | undefined;
  private ended = false;

  /** @throws ExecutorError if the plan cannot be run here; nothing is held then */
  constructor(plan: Plan, capacity: Readonly<Record<string, Capacity>>, room: ProgramRoom) {
    this.plan = plan;
    this.capacity = capacity;
    this.room = room;
    checkPlan(plan);
    const alignments = alignmentsOf(plan);
    this.limits = { plan, alignments, capacity };
    checkCapacity(plan, alignments, capacity);
    this.writesPersistent = plan.steps.some((step) =>
      access(step).writes.some((name) => isPersistent(bufferOf(plan, name))),
    );
    try {
      this.slots = new Slots(room.machine.memory);
      this.slots.reserve(plan, alignments, { capacity, allocate: (bytes) => this.allocate(bytes) });
      this.placeBuffers();
      ({ headers: this.headers, rows: this.rows } = this.writeTable());
      const { address, stride, threads } = this.headers;
      this.faults = Array.from(
        { length: threads },
        (_, i) => (address + i * stride) / 4 + t.HEADER_FAULT_STEP,
      );
    } catch (error) {
      this.release();
      throw error;
    }
  }

  get disposed(): boolean {
    return this.ended;
  }

  get bytes(): number {
    let sum = 0;
    for (const bytes of this.blocks.values()) sum += bytes;
    return sum;
  }

  write(name: string, values: ArrayLike<number>): void {
    const buffer = this.find(name);
    if (buffer.role !== "input") {
      throw new ExecutorError(`"${name}" is not an input of plan "${this.plan.name}" but its ${buffer.role}`);
    }
    const rows = rowCapacity(buffer.space, this.capacity);
    if (values.length > rows * buffer.width || values.length % buffer.width !== 0) {
      throw new ExecutorError(
        `the input "${name}" holds up to ${rows} rows of ${buffer.width} values and was given ${values.length} values`,
      );
    }
    copyIn(this.room.machine.memory, this.addressOf(name), buffer, values);
  }

  read(name: string): Float64Array {
    const buffer = this.find(name);
    if (buffer.role === "temporary") {
      throw new ExecutorError(
        `"${name}" is a temporary of plan "${this.plan.name}": its memory may hold another value by now; make it an output`,
      );
    }
    const rows = rowsInBatch(buffer, this.last);
    return copyOut(this.room.machine.memory, this.addressOf(name), buffer, rows);
  }

  async readAsync(name: string): Promise<Float64Array> {
    return this.read(name);
  }

  view(name: string): BufferView {
    const buffer = this.find(name);
    const { role } = buffer;
    if (role === "parameter" || role === "temporary") {
      throw new ExecutorError(
        `"${name}" is a ${role} of plan "${this.plan.name}", of which there are no views`,
      );
    }
    const rows = rowCapacity(buffer.space, this.capacity);
    return viewIn(this.room.machine.memory, this.addressOf(name), buffer, rows);
  }

  run(batch: Batch, stops?: Stops): void {
    this.alive();
    checkBatch(this.limits, batch);
    if (stops) checkStops(this.plan, stops);
    this.slots.write(batch);
    this.last = batch;
    if (stops) this.runInParts(stops);
    else this.rerun();
  }

  rerun(): void {
    this.alive();
    if (!this.last)
      throw new ExecutorError(`plan "${this.plan.name}" cannot be run again: it has not run yet`);
    const repack = this.packedAt !== this.room.version;
    this.packedAt = this.room.version;
    this.runTable(repack);
  }

  private runInParts({ after, reached }: Stops): void {
    const { room, headers, rows } = this;
    const last = this.plan.steps.length - 1;
    const parts = after.at(-1) === last ? after : [...after, last];
    let from = 0;
    for (const step of parts) {
      this.alive();
      // Panels are packed before the first part: nothing writes parameters on the way but the plan itself.
      const repack = from === 0 && this.packedAt !== room.version;
      if (from === 0) this.packedAt = room.version;
      runPart(room.machine, { headers, rows }, { from, to: step + 1, run: () => this.runTable(repack) });
      if (after.includes(step)) reached(step);
      from = step + 1;
    }
  }

  /** Runs the rows with which the headers have it begin. */
  private runTable(repack: boolean): void {
    const { room, faults } = this;
    const { ints } = room.machine.memory;
    for (let i = 0; i < faults.length; i++) ints[faults[i]!] = -1;
    room.machine.run(this.headers.address, repack);
    if (this.writesPersistent) room.version++;
    for (let i = 0; i < faults.length; i++) {
      if (ints[faults[i]!]! >= 0) this.throwFault();
    }
  }

  dispose(): void {
    this.release();
    this.ended = true;
    this.room.forget(this);
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  private allocate(bytes: number): number {
    const { memory } = this.room.machine;
    const before = memory.bytes;
    const address = memory.allocate(bytes);
    this.blocks.set(address, memory.bytes - before);
    return address;
  }

  private release(): void {
    for (const address of this.blocks.keys()) this.room.machine.memory.release(address);
    this.blocks.clear();
  }

  /** Gives every buffer that has memory of its own an address: persistent ones, temporaries in one arena, the rest. */
  private placeBuffers(): void {
    const { plan, capacity } = this;
    const arena = temporaryArena(plan, capacity);
    const base = this.allocate(arena.bytes);
    for (const [name, offset] of arena.offsets) this.addresses.set(name, base + offset);
    for (const buffer of Object.values(plan.buffers)) {
      if (buffer.storage !== undefined || buffer.role === "temporary") continue;
      const rows = rowCapacity(buffer.space, capacity);
      const address = isPersistent(buffer)
        ? this.room.persistent(buffer, plan.name)
        : this.allocate(bufferBytes(buffer, rows));
      this.addresses.set(buffer.name, address);
    }
  }

  /** Lowers the plan, writes its table and a header for each thread. */
  private writeTable(): PlacedTable {
    const { name, memory, threads, team, panelColumns } = this.room.machine;
    const constants = new Map<string, number>();
    const { packing, steps, starts, scratchBytes, sharedScratchBytes } = lower(this.plan, {
      name,
      panelColumns,
      slots: this.slots,
      address: (name) => this.addressOf(name),
      allocate: (bytes) => this.allocate(bytes),
      constant: (value) => {
        const key = Object.is(value, -0) ? "-0" : String(Math.fround(value));
        const address = constants.get(key) ?? this.allocate(32);
        constants.set(key, address);
        memory.floats.fill(value, address / 4, address / 4 + 8);
        return address;
      },
    });
    const stride = this.slots.headerBytes;
    const headers = { address: this.allocate(threads * stride), stride, threads };
    const scratches = Array.from({ length: threads }, () => this.allocate(scratchBytes));
    const sharedScratch = this.allocate(sharedScratchBytes);
    const first = this.allocate(4 * (packing.length + steps.length));
    const { ints } = memory;
    ints.set([...packing, ...steps], first / 4);
    scratches.forEach((scratch, thread) => {
      const tables = [first, first + 4 * packing.length, scratch, sharedScratch];
      const at = (headers.address + thread * stride) / 4;
      ints.set([...tables, -1, 0, 0, 0, thread, threads, team, stride], at);
    });
    this.slots.place(headers);
    return { headers, rows: starts.map((start) => first + 4 * (packing.length + start)) };
  }

  private addressOf(name: string): number {
    return this.addresses.get(storageOf(this.plan, name))!;
  }

  private find(name: string): PlanBuffer {
    this.alive();
    const buffer = this.plan.buffers[name];
    if (!buffer) throw new ExecutorError(`plan "${this.plan.name}" has no buffer "${name}"`);
    return buffer;
  }

  private alive(): void {
    if (this.ended) throw new ExecutorError(`the program of plan "${this.plan.name}" is disposed`);
  }

  /** @throws ExecutorError for the first fault of the first step that any thread met one in */
  private throwFault(): never {
    const { ints } = this.room.machine.memory;
    const [found] = this.faults
      .map((at) => [...ints.subarray(at, at + 4)] as [number, number, number, number])
      .filter(([step]) => step >= 0)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const [step, row, index, bound] = found!;
    throw new ExecutorError(
      `plan "${this.plan.name}", step ${step}: row ${row} has the index ${index}, which is not below ${bound} (−1 means none)`,
    );
  }
}

function checkPlan(plan: Plan): void {
  try {
    verify(plan);
  } catch (cause) {
    if (cause instanceof PlanError) throw new ExecutorError(cause.message, { cause });
    throw cause;
  }
  for (const buffer of Object.values(plan.buffers)) {
    const parts = spaceParts(buffer.space);
    const rows = parts.over === "rows" ? parts.count : 1;
    if (!(Number.isInteger(rows) && rows > 0 && Number.isInteger(buffer.width) && buffer.width > 0)) {
      throw new ExecutorError(
        `plan "${plan.name}": "${buffer.name}" has ${buffer.space} and width ${buffer.width}`,
      );
    }
  }
}
