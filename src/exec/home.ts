/**
 * Homes: given an executor, code opens a session of its own on it and closes it; given a session, it works in that one and
 * leaves it open.
 */
import { type Executor, ExecutorError, type Home, type Session } from "./executor.js";
import { type Resource, resource } from "./resource.js";

/** A session, and what gives back as much as was opened here. */
export interface OpenHome extends Resource {
  readonly session: Session;
  /** True if the session was opened here: nothing is in it. */
  readonly isOwn: boolean;
}

/** @throws ExecutorError if it is neither */
function isExecutor(home: Home): home is Executor {
  const { session, prepare } = Object(home) as Partial<Executor & Session>;
  if (typeof session === "function") return true;
  if (typeof prepare === "function") return false;
  throw new ExecutorError("give an executor, as createExecutor() does, or a session of one");
}

/** Opens a session on an executor, or goes into one. */
export function openHome(home: Home): OpenHome {
  const isOwn = isExecutor(home);
  const session = isOwn ? home.session() : home;
  return resource({
    session,
    isOwn,
    dispose() {
      if (isOwn) session.dispose();
    },
  });
}

/** The executor of a home. */
export const executorOf = (home: Home): Executor => (isExecutor(home) ? home : home.executor);
