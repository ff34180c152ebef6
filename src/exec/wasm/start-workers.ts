/**
 * Starts the workers of a team, where workers can run and share memory. A module of its own, so that a page that computes on
 * one thread does not load it.
 */
import { ExecutorError } from "../executor.js";
import * as t from "../lowering/table.js";
import type { Engine } from "./module.js";
import { type RunningWorker, startWorker } from "./workers.js";

/** The address of a team and its workers. @throws ExecutorError if workers cannot run here */
export async function startWorkers(
  engine: Engine,
  threads: number,
  leastWork: number,
): Promise<{ readonly team: number; readonly workers: readonly RunningWorker[] }> {
  checkSharing();
  const { memory } = engine;
  const team = memory.allocate(4 * t.TEAM_SIZE);
  memory.ints[team / 4 + t.TEAM_LEAST_WORK] = leastWork;
  checkWaiting(memory.ints, team / 4);
  const tasks = Array.from({ length: threads - 1 }, (_, i) => ({
    module: engine.module,
    memory: memory.memory,
    team,
    thread: i + 1,
  }));
  const started = await Promise.allSettled(tasks.map(startWorker));
  const workers = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = started.find((one) => one.status === "rejected");
  if (failed) {
    await Promise.all(workers.map((worker) => worker.stop()));
    throw new ExecutorError(`the workers for ${threads} threads do not start here`, { cause: failed.reason });
  }
  return { team, workers };
}

/** @throws ExecutorError on a page whose memory no worker may see; Node knows no isolation and needs none */
function checkSharing(): void {
  const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
  if (crossOriginIsolated !== false) return;
  throw new ExecutorError(
    "several threads need a page that is cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin " +
      "and Cross-Origin-Embedder-Policy: require-corp, or ask for one thread",
  );
}

/** @throws ExecutorError where this thread must not wait, as on a browser's page */
function checkWaiting(ints: Int32Array, at: number): void {
  try {
    Atomics.wait(ints, at, 0, 0);
  } catch (cause) {
    throw new ExecutorError(
      "several threads need a thread that may wait: make the executor inside a worker, or ask for one thread",
      { cause },
    );
  }
}
