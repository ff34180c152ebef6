/**
 * The team of an executor: the thread that made it and its workers, and the memory they meet through. Which rows
 * they share, and how, is in the table (lower.ts); how they wait for each other in assembly/team.ts.
 */
import { ExecutorError } from "../executor.js";
import type { Machine } from "../lowering/machine.js";
import * as t from "../lowering/table.js";
import type { LinearMemory } from "./memory.js";
import type { Engine } from "./module.js";
import type { RunningWorker } from "./workers.js";

/** Rows below so many nanoseconds of work stay on one thread: meeting costs a few thousand. */
export const LEAST_WORK = 20_000;

/** More would only wait for each other. */
const MOST_THREADS = 64;

/** A guarded resource: workers run until `stop`. */
export class Team implements Machine {
  readonly name = "wasm";
  readonly tier: string;
  readonly memory: LinearMemory;
  readonly mostBytes: number;
  readonly panelColumns: number;
  readonly threads: number;
  readonly team: number;
  private readonly engine: Engine;
  private readonly workers: readonly RunningWorker[];

  constructor(engine: Engine, team: number, workers: readonly RunningWorker[]) {
    this.engine = engine;
    this.team = team;
    this.workers = workers;
    this.threads = 1 + workers.length;
    this.tier = `${engine.tier}${this.threads === 1 ? "" : `, ${this.threads} threads`}`;
    this.memory = engine.memory;
    this.mostBytes = engine.mostBytes;
    this.panelColumns = engine.kernels.panelColumns();
  }

  run(header: number, repack: boolean): void {
    this.check();
    try {
      this.engine.kernels.run(header, Number(repack));
    } catch (error) {
      // The others wait for this thread: let them go.
      if (this.threads > 1) this.engine.kernels.fail(this.team, 0);
      throw error;
    }
    this.check();
  }

  /** Ends the workers; resolves when they are gone. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  private check(): void {
    if (this.threads === 1) return;
    const { ints } = this.engine.memory;
    const at = this.team / 4;
    if (Atomics.load(ints, at + t.TEAM_FAILED) === 0) return;
    const length = ints[at + t.TEAM_MESSAGE_BYTES]!;
    // A copy, since text is not decoded from shared memory.
    const bytes = new Uint8Array(ints.buffer, this.team + 4 * t.TEAM_MESSAGE, length).slice();
    const reason = length > 0 ? new TextDecoder().decode(bytes) : "the calling thread";
    throw new ExecutorError(
      `a thread of the wasm executor has failed (${reason}): results are incomplete and it cannot run again; ` +
        "create a new executor",
    );
  }
}

/**
 * Starts the workers of an executor.
 *
 * @param leastWork below which a row is not shared; tests share everything
 * @throws ExecutorError if the number of threads is senseless or workers cannot run here
 */
export async function startTeam(
  engine: Engine,
  { threads = 1, leastWork = LEAST_WORK }: { threads?: number | undefined; leastWork?: number | undefined },
): Promise<Team> {
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new ExecutorError(`threads is ${threads}; it must be a whole number from 1 to ${MOST_THREADS}`);
  }
  if (threads === 1) return new Team(engine, 0, []);
  // Loaded when it is needed: most pages compute on one thread.
  const { startWorkers } = await import("./start-workers.js");
  const { team, workers } = await startWorkers(engine, threads, leastWork);
  return new Team(engine, team, workers);
}
