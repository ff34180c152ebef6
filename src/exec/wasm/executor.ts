/** The wasm executor: persistent buffers by name, and the programs that share them. */
import { type Plan, type PlanBuffer, spaceParts } from "../../plan/plan.js";
import { type Capacity, type Executor, ExecutorError, type Program } from "../executor.js";
import { bufferBytes } from "../lowering/layout.js";
import { copyIn, copyOut } from "./copy.js";
import type { Engine } from "./module.js";
import { type Shared, WasmProgram } from "./program.js";
import type { Team } from "./threads.js";

interface Persistent {
  readonly buffer: PlanBuffer;
  readonly rows: number;
  readonly address: number;
}

/** Holds the linear memory; see Executor for what the methods do. */
export class WasmExecutor implements Executor {
  readonly name = "wasm";
  readonly tier: string;
  private readonly persistent = new Map<string, Persistent>();
  private readonly programs = new Set<WasmProgram>();
  private shared: Shared | undefined;

  constructor(engine: Engine, team: Team) {
    this.tier = `wasm ${engine.tier}${team.threads === 1 ? "" : `, ${team.threads} threads`}`;
    this.shared = {
      engine,
      team,
      version: 0,
      persistent: (buffer, plan) => this.place(buffer, plan),
      forget: (program) => this.programs.delete(program),
    };
  }

  get bytes(): number {
    return this.shared?.engine.memory.bytes ?? 0;
  }

  prepare(plan: Plan, capacity: Readonly<Record<string, Capacity>>): Program {
    const { engine } = this.alive();
    const known = new Set(this.persistent.keys());
    try {
      const program = new WasmProgram(plan, capacity, this.alive());
      this.programs.add(program);
      return program;
    } catch (error) {
      for (const [name, { address }] of this.persistent) {
        if (known.has(name)) continue;
        engine.memory.release(address);
        this.persistent.delete(name);
      }
      throw error;
    }
  }

  write(name: string, values: ArrayLike<number>): void {
    const shared = this.alive();
    const { buffer, rows, address } = this.find(name);
    if (values.length !== rows * buffer.width) {
      throw new ExecutorError(
        `"${name}" holds ${rows} × ${buffer.width} values and was given ${values.length}`,
      );
    }
    copyIn(shared.engine.memory, address, buffer, values);
    shared.version++;
  }

  read(name: string): Float64Array {
    const { memory } = this.alive().engine;
    const { buffer, rows, address } = this.find(name);
    return copyOut(memory, address, buffer, rows);
  }

  dispose(): void {
    for (const program of [...this.programs]) program.dispose();
    this.persistent.clear();
    // Not waited for: dispose is synchronous, and workers that are ending do no harm.
    void this.shared?.team.stop();
    // Linear memory cannot shrink; it goes with the last reference to it.
    this.shared = undefined;
  }

  private alive(): Shared {
    if (!this.shared) throw new ExecutorError("the wasm executor is disposed");
    return this.shared;
  }

  private find(name: string): Persistent {
    const entry = this.persistent.get(name);
    if (!entry)
      throw new ExecutorError(`there is no persistent buffer "${name}"; prepare a plan that has it first`);
    return entry;
  }

  private place(buffer: PlanBuffer, plan: Plan): number {
    const { name, space, width, dtype } = buffer;
    const there = this.persistent.get(name);
    if (there) {
      const { buffer: old, address } = there;
      if (old.space === space && old.width === width && old.dtype === dtype) return address;
      throw new ExecutorError(
        `plan "${plan.name}": "${name}" has another shape than in a plan prepared before`,
      );
    }
    const parts = spaceParts(space);
    if (parts.over !== "rows") {
      throw new ExecutorError(
        `plan "${plan.name}": "${name}" is persistent and has ${space}; it must have rows:n`,
      );
    }
    const address = this.alive().engine.memory.allocate(bufferBytes(buffer, parts.count));
    this.persistent.set(name, { buffer, rows: parts.count, address });
    return address;
  }
}
