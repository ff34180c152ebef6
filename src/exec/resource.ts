/**
 * What holds memory or threads is given back: by `dispose`, or at the end of a block by `using`. A browser that does not
 * know the symbol of `using` yet gets the one that compilers of `using` look for there.
 */
/// <reference lib="esnext.disposable" preserve="true" />

/** Something that holds memory or threads. Disposing of it a second time does nothing. */
export interface Resource {
  dispose(): void;
  /** The same, for `using`. */
  [Symbol.dispose](): void;
}

/** `Symbol.dispose`, also where the engine does not have it. */
export const disposeSymbol: typeof Symbol.dispose = (Symbol.dispose ??
  Symbol.for("Symbol.dispose")) as typeof Symbol.dispose;

/**
 * Makes a resource of an object that knows how to dispose of itself: the object, with the symbol of `using` added.
 *
 * @example
 * const predictor: Predictor = resource({ predict, dispose: () => program.dispose() });
 */
export function resource<T extends Resource>(thing: Omit<T, typeof Symbol.dispose>): T {
  const held = thing as Pick<Resource, "dispose">;
  return Object.assign(thing, { [disposeSymbol]: () => held.dispose() }) as unknown as T;
}

/**
 * Uses something and disposes of it, also if that fails.
 *
 * @example
 * const predictions = used(predictor, () => predictor.predict(examples));
 */
export function used<T>(held: { dispose(): void }, use: () => T): T {
  try {
    return use();
  } finally {
    held.dispose();
  }
}

/**
 * Makes something, and disposes of what it was made on if that fails.
 *
 * @example
 * const model = await keptBy(executor, async () => open(await read(file), executor)); // no executor is left over
 */
export async function keptBy<T>(held: { dispose(): void }, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    held.dispose();
    throw error;
  }
}
