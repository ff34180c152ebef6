/**
 * `unrolled/exec/reference`: the interpreter in float64 that defines what plans mean. Slow, plain, kept for
 * ever; use it to check numbers, not to train.
 */
import { type Executor, ExecutorError, type Session } from "../executor.js";
import { resource } from "../resource.js";
import type { ReferenceOptions } from "./options.js";
import { planMemory } from "./program.js";
import { openSession } from "./session.js";

export type { ReferenceOptions } from "./options.js";
export type { Watch, WatchedRun, WatchedStep } from "./watch.js";

/** Creates the reference executor. */
export async function createReferenceExecutor(options: ReferenceOptions = {}): Promise<Executor> {
  const { precision = "float64" } = options;
  const sessions = new Set<Session>();
  let disposed = false;
  const executor: Executor = resource({
    name: "reference",
    tier: `reference ${precision}`,
    synchronous: true,
    precision,
    mostBytes: Number.POSITIVE_INFINITY,
    estimate: (plan, capacity) => planMemory(plan, capacity, options),
    get bytes() {
      return [...sessions].reduce((sum, session) => sum + session.bytes, 0);
    },
    session() {
      if (disposed) throw new ExecutorError("the reference executor is disposed");
      const session = openSession(executor, options, (ended) => sessions.delete(ended));
      sessions.add(session);
      return session;
    },
    dispose() {
      for (const session of [...sessions]) session.dispose();
      disposed = true;
    },
  });
  return executor;
}
