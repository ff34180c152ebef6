/** An executor on a machine: its sessions, and the end of all of them. */
import { type Executor, ExecutorError, type Session } from "../executor.js";
import { disposeSymbol } from "../resource.js";
import type { Machine } from "./machine.js";
import { LoweredSession } from "./session.js";

/** Holds a machine; see Executor for what the methods do. */
export class LoweredExecutor implements Executor {
  readonly name: string;
  readonly tier: string;
  readonly synchronous = true;
  private readonly sessions = new Set<Session>();
  private machine: Machine | undefined;

  constructor(machine: Machine) {
    this.name = machine.name;
    this.tier = `${machine.name} ${machine.tier}`;
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
