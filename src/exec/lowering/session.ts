/** A session on a machine: persistent buffers by name, and the programs that share them. */
import { type Plan, type PlanBuffer, spaceParts } from "../../plan/plan.js";
import { type Capacity, type Executor, ExecutorError, type Program, type Session } from "../executor.js";
import { disposeSymbol } from "../resource.js";
import { copyIn, copyOut } from "./copy.js";
import { bufferBytes } from "./layout.js";
import type { Machine, ProgramRoom } from "./machine.js";
import { LoweredProgram } from "./program.js";

interface Persistent {
  readonly buffer: PlanBuffer;
  readonly rows: number;
  readonly address: number;
}

const bytesOf = ({ buffer, rows }: Persistent): number => bufferBytes(buffer, rows);

/** Holds its share of a machine's memory; see Session for what the methods do. */
export class LoweredSession implements Session {
  readonly executor: Executor;
  private readonly persistent = new Map<string, Persistent>();
  private readonly programs = new Set<Program>();
  private readonly machine: Machine;
  private readonly room: ProgramRoom;
  /** Called when it is disposed of. */
  private readonly ended: (session: LoweredSession) => void;
  private disposed = false;

  constructor(executor: Executor, machine: Machine, ended: (session: LoweredSession) => void) {
    [this.executor, this.machine, this.ended] = [executor, machine, ended];
    this.room = {
      machine,
      version: 0,
      persistent: (buffer, plan) => this.place(buffer, plan),
      forget: (program) => this.programs.delete(program),
    };
  }

  get version(): number {
    return this.room.version;
  }

  get bytes(): number {
    let sum = 0;
    for (const entry of this.persistent.values()) sum += bytesOf(entry);
    for (const program of this.programs) sum += program.bytes;
    return sum;
  }

  prepare(plan: Plan, capacity: Readonly<Record<string, Capacity>>): Program {
    this.alive();
    const known = new Set(this.persistent.keys());
    try {
      const program = new LoweredProgram(plan, capacity, this.room);
      this.programs.add(program);
      return program;
    } catch (error) {
      for (const name of this.persistent.keys()) if (!known.has(name)) this.release(name);
      throw error;
    }
  }

  has(name: string): boolean {
    return this.persistent.has(name);
  }

  write(name: string, values: ArrayLike<number>): void {
    const { buffer, rows, address } = this.find(name);
    if (values.length !== rows * buffer.width) {
      throw new ExecutorError(
        `"${name}" holds ${rows} × ${buffer.width} values and was given ${values.length}`,
      );
    }
    copyIn(this.machine.memory, address, buffer, values);
    this.room.version++;
  }

  read(name: string): Float64Array {
    const { buffer, rows, address } = this.find(name);
    return copyOut(this.machine.memory, address, buffer, rows);
  }

  async readAsync(name: string): Promise<Float64Array> {
    return this.read(name);
  }

  dispose(): void {
    if (this.disposed) return;
    for (const program of [...this.programs]) program.dispose();
    for (const name of [...this.persistent.keys()]) this.release(name);
    this.disposed = true;
    this.ended(this);
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  private alive(): void {
    if (this.disposed)
      throw new ExecutorError(`the session of the ${this.machine.name} executor is disposed`);
  }

  private find(name: string): Persistent {
    this.alive();
    const entry = this.persistent.get(name);
    if (!entry)
      throw new ExecutorError(
        `there is no persistent buffer "${name}" in this session; prepare a plan that has it first`,
      );
    return entry;
  }

  private release(name: string): void {
    this.machine.memory.release(this.persistent.get(name)!.address);
    this.persistent.delete(name);
  }

  private place(buffer: PlanBuffer, plan: string): number {
    const { name, space, width, dtype } = buffer;
    const there = this.persistent.get(name);
    if (there) {
      const { buffer: old, address } = there;
      if (old.space === space && old.width === width && old.dtype === dtype) return address;
      throw new ExecutorError(
        `plan "${plan}": "${name}" has another shape than in a plan prepared before in this session`,
      );
    }
    const parts = spaceParts(space);
    if (parts.over !== "rows") {
      throw new ExecutorError(
        `plan "${plan}": "${name}" is persistent and has ${space}; it must have rows:n`,
      );
    }
    const address = this.machine.memory.allocate(bufferBytes(buffer, parts.count));
    this.persistent.set(name, { buffer, rows: parts.count, address });
    return address;
  }
}
