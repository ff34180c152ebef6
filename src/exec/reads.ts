/**
 * Procedures that read results on their way, written once for executors that read at once and for those that read
 * asynchronously: a procedure is a generator that says what it wants to read, and is driven in one way or the other.
 */
import type { Home } from "./executor.js";
import { executorOf } from "./home.js";

/** What can be read: a program, or a session. */
export interface Readable {
  read(name: string): Float64Array;
  readAsync(name: string): Promise<Float64Array>;
}

/** Buffers that are wanted together: as they are when they are asked for, whatever others run until they come. */
export interface Wanted {
  readonly from: Readable;
  readonly names: readonly string[];
}

/** A procedure with the result T. */
export type Reading<T> = Generator<Wanted, T, readonly Float64Array[]>;

/**
 * Reads buffers inside a procedure.
 *
 * @example
 * const [loss, norm] = yield* reads(program, "loss", "norm");
 */
export function* reads(from: Readable, ...names: readonly string[]): Reading<readonly Float64Array[]> {
  return yield { from, names };
}

/** The result of a procedure on an executor that reads at once. @throws ExecutorError if it does not */
export function now<T>(reading: Reading<T>): T {
  let next = reading.next();
  while (!next.done) {
    const { from, names } = next.value;
    let values: Float64Array[];
    try {
      values = names.map((name) => from.read(name));
    } catch (error) {
      next = reading.throw(error);
      continue;
    }
    next = reading.next(values);
  }
  return next.value;
}

/** The result of a procedure on any executor. On one that reads at once there is no waiting. */
export async function later<T>(reading: Reading<T>, home: Home): Promise<T> {
  if (executorOf(home).synchronous) return now(reading);
  let next = reading.next();
  while (!next.done) {
    const { from, names } = next.value;
    let values: Float64Array[];
    try {
      // All are asked for before anything is waited for: nobody else runs in between.
      values = await Promise.all(names.map((name) => from.readAsync(name)));
    } catch (error) {
      // So that it gives back what it holds.
      next = reading.throw(error);
      continue;
    }
    next = reading.next(values);
  }
  return next.value;
}
