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

/** Resources that are made one after another and end together, the last one first. */
export class Held implements Resource {
  private readonly things: { dispose(): void }[] = [];

  /** Holds something too, and gives it back. */
  keep<T extends { dispose(): void }>(thing: T): T {
    this.things.push(thing);
    return thing;
  }

  dispose(): void {
    for (const thing of this.things.splice(0).reverse()) thing.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

/**
 * Makes something out of several resources; if that fails, those that are there already are given back.
 *
 * @example
 * return madeOf((held) => thingOf(held.keep(openHome(home)), held)); // and `dispose: () => held.dispose()` in the thing
 */
export function madeOf<T>(make: (held: Held) => T): T {
  const held = new Held();
  try {
    return make(held);
  } catch (error) {
    held.dispose();
    throw error;
  }
}

/**
 * Uses something and disposes of it, also if that fails.
 *
 * @example
 * const predictions = await used(predictor, () => predictor.predictAsync(examples));
 */
export async function used<T>(held: { dispose(): void }, use: () => Promise<T> | T): Promise<T> {
  try {
    return await use();
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
