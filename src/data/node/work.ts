/**
 * The work that files are read in: the limits that they are read with, whoever opens them, and which of them no option named.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type ReadLimits, usualLimits } from "../../io/limits.js";

interface Work {
  readonly limits: ReadLimits;
  /** The files, by device and number, that are parts of what another file describes. */
  readonly named: Set<string>;
}

const scope = new AsyncLocalStorage<Work>();

/** Does work in which files are read with these limits, whoever opens them. Default everywhere else: the usual ones. */
export function withLimits<T>(limits: ReadLimits, work: () => Promise<T>): Promise<T> {
  return scope.run({ limits, named: new Set() }, work);
}

/** The limits of the work that this is called in. */
export const limitsHere = (): ReadLimits => scope.getStore()?.limits ?? usualLimits;

/** What a file is known by, whatever paths lead to it. */
interface Place {
  readonly dev: bigint;
  readonly ino: bigint;
}

const keyOf = ({ dev, ino }: Place): string => `${dev}:${ino}`;

/** Notes that this work reads a file, a part of what another file describes. */
export const noteNamed = (file: Place): void => {
  scope.getStore()?.named.add(keyOf(file));
};

/** Whether this work has read a file as a part of what another file describes. */
export const isNamedHere = (file: Place): boolean => scope.getStore()?.named.has(keyOf(file)) ?? false;
