/** An executor on a machine: its sessions, and the end of all of them. */
import type { Plan } from "../../plan/plan.js";
import { type Capacity, type Executor, ExecutorError, type PlanMemory, type Session } from "../executor.js";
import { disposeSymbol } from "../resource.js";
import { planMemory } from "./estimate.js";
import type { Machine } from "./machine.js";
import { LoweredSession } from "./session.js";

/** Holds a machine; see Executor for what the methods do. */
export class LoweredExecutor implements Executor {
  readonly name: string;
  readonly tier: string;
  readonly synchronous = true;
  readonly mostBytes: number;
  private readonly panelColumns: number;
  private readonly sessions = new Set<Session>();
  private machine: Machine | undefined;

  constructor(machine: Machine) {
    this.name = machine.name;
    this.tier = `${machine.name} ${machine.tier}`;
    this.mostBytes = machine.mostBytes;
    this.panelColumns = machine.panelColumns;
    this.machine = machine;
  }

  get bytes(): number {
    return this.machine?.memory.bytes ?? 0;
  }

  session(): Session {
    if (!this.machine) throw new ExecutorError(`the ${this.name} executor is disposed`);
    const session = new LoweredSession(this, this.machine, (ended) => this.sessions.delete(ended));
    this.sessions.add(session);
    return session;
  }

  estimate(plan: Plan, capacity: Readonly<Record<string, Capacity>>): PlanMemory {
    return planMemory(plan, capacity, this.panelColumns);
  }

  dispose(): void {
    for (const session of [...this.sessions]) session.dispose();
    // Not waited for: dispose is synchronous, and threads that are ending do no harm.
    this.machine?.stop();
    // Memory that cannot shrink goes with the last reference to it.
    this.machine = undefined;
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
