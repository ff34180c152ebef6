/**
 * The limits that files are read with: those of the work that reads them, whoever opens them.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type ReadLimits, usualLimits } from "../../io/limits.js";

const scope = new AsyncLocalStorage<ReadLimits>();

/** Does work in which files are read with these limits, whoever opens them. Default everywhere else: the usual ones. */
export function withLimits<T>(limits: ReadLimits, work: () => Promise<T>): Promise<T> {
  return scope.run(limits, work);
}

/** The limits of the work that this is called in. */
export const limitsHere = (): ReadLimits => scope.getStore() ?? usualLimits;
