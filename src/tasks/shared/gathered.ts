/**
 * Items of a stream in groups, so that a network answers many at a time and none waits for the end: a group is what has
 * arrived, up to a number and a size. Reading goes on while a group is worked on, and waits when the next one is full, so
 * memory holds two groups, whatever the length of the stream.
 */

/** Characters or numbers in a group: a longer item is a group of its own. */
const MOST_SIZE = 1 << 20;
/** Milliseconds without a new item after which a group is complete. Reading from a disk takes less. */
const PAUSE = 2;
/** Milliseconds after which it is complete anyway. */
const MOST_WAIT = 50;

/** Something to wait for. */
interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/**
 * The items in groups, in their order. An error of the stream comes after the items before it.
 *
 * @param most items in a group; infinite for a single group, of all of them
 */
export async function* gathered<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  most: number,
): AsyncGenerator<readonly Item[]> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let arrived: Item[] = [];
  let [size, ended, stopped] = [0, false, false];
  let failed: { readonly error: unknown } | undefined;
  let [news, complete, room] = [gate(), gate(), gate()];
  const isOne = most === Number.POSITIVE_INFINITY;

  const read = async (): Promise<void> => {
    try {
      for (let next = await iterator.next(); !next.done && !stopped; next = await iterator.next()) {
        arrived.push(next.value);
        size += sizeOf(next.value);
        news.open();
        if (isOne || (arrived.length < most && size < MOST_SIZE)) continue;
        room = gate();
        complete.open();
        await room.opened;
      }
    } catch (error) {
      failed = { error };
    }
    ended = true;
    news.open();
    complete.open();
  };

  void read();
  try {
    while (true) {
      await news.opened;
      await (isOne ? complete.opened : settled(complete, () => arrived.length));
      const [group, last] = [arrived, ended];
      [arrived, size] = [[], 0];
      if (!last) [news, complete] = [gate(), gate()];
      room.open();
      if (group.length > 0) yield group;
      if (!last) continue;
      if (failed) throw failed.error;
      return;
    }
  } finally {
    stopped = true;
    room.open();
    // Not awaited: a source that waits for its writer does not answer before that.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

/** Waits until a group is complete, or for a pause. @param count how many items have arrived */
async function settled({ opened }: Gate, count: () => number): Promise<void> {
  let isComplete = false;
  const complete = opened.then(() => {
    isComplete = true;
  });
  const until = performance.now() + MOST_WAIT;
  for (let before = -1; !isComplete && before !== count() && performance.now() < until; ) {
    before = count();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pause = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PAUSE);
    });
    await Promise.race([complete, pause]);
    clearTimeout(timer);
  }
}

/** Characters of a text, or numbers of a series, judging by its first step; 1 for anything else. */
function sizeOf(item: unknown): number {
  const lengthOf = (value: unknown): number => {
    const { length } = Object(value) as { readonly length?: unknown };
    return typeof length === "number" ? length : 1;
  };
  return typeof item === "string" ? item.length : lengthOf(item) * lengthOf(Object(item)[0]);
}
