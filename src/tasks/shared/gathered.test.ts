/** Groups of a stream: all items once and in order, bounded, none waiting for the next, errors in their place. */
import { describe, expect, it } from "vitest";
import { gathered } from "./gathered.js";

async function groupsOf<Item>(items: AsyncIterable<Item> | Iterable<Item>, most: number): Promise<Item[][]> {
  const groups: Item[][] = [];
  for await (const group of gathered(items, most)) groups.push([...group]);
  return groups;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

describe("groups of a stream", () => {
  it("have every item once, in order, and no more than the most", async () => {
    for (const [count, most] of [
      [0, 3],
      [1, 3],
      [3, 3],
      [7, 3],
      [2500, 1024],
    ] as const) {
      const groups = await groupsOf(numbers(count), most);
      expect(groups.flat()).toEqual(numbers(count));
      // What is there at once fills its groups.
      expect(groups.map(({ length }) => length)).toEqual(
        Array.from({ length: Math.ceil(count / most) }, (_, i) => Math.min(most, count - i * most)),
      );
    }
  });

  it("are of a bounded size, but for an item that is longer", async () => {
    const texts = ["a".repeat(2 ** 20), "b", "c".repeat(2 ** 20 - 1), "d"];
    expect((await groupsOf(texts, 100)).map((group) => group.map((text) => text[0]).join(""))).toEqual([
      "a",
      "bc",
      "d",
    ]);
    const series = [new Array(2 ** 19).fill([1, 2]), [[1, 2]]];
    expect(await groupsOf(series, 100)).toHaveLength(2);
  });

  it("come when the stream pauses, before the next item is there", async () => {
    let taken = 0;
    async function* slow(): AsyncGenerator<number> {
      for (let i = 0; i < 3; i++) {
        yield i;
        // Not before the item has been taken out of its group.
        while (taken <= i) await wait(1);
      }
    }
    for await (const group of gathered(slow(), 100)) {
      expect(group).toEqual([taken]);
      taken++;
    }
    expect(taken).toBe(3);
  });

  it("come after a while although the stream never pauses", async () => {
    let ended = false;
    async function* steady(): AsyncGenerator<number> {
      const until = performance.now() + 1000;
      for (let i = 0; performance.now() < until; i++) {
        yield i;
        await wait(0);
      }
      ended = true;
    }
    for await (const group of gathered(steady(), 1e6)) {
      expect(group.length).toBeGreaterThan(0);
      break;
    }
    expect(ended).toBe(false);
  });

  it("are one of all, if there is no most", async () => {
    async function* slow(): AsyncGenerator<number> {
      for (let i = 0; i < 3; i++) {
        await wait(10);
        yield i;
      }
    }
    expect(await groupsOf(slow(), Number.POSITIVE_INFINITY)).toEqual([[0, 1, 2]]);
  });

  it("are followed by an error of the stream", async () => {
    async function* failing(): AsyncGenerator<number> {
      yield* [1, 2, 3];
      throw new Error("line 4");
    }
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      for await (const group of gathered(failing(), 2)) seen.push(...group);
    };
    await expect(work()).rejects.toThrow("line 4");
    expect(seen).toEqual([1, 2, 3]);
  });

  it("are read ahead by one, and no further", async () => {
    let read = 0;
    function* counted(): Generator<number> {
      for (const i of numbers(1000)) {
        read++;
        yield i;
      }
    }
    let used = 0;
    for await (const group of gathered(counted(), 10)) {
      await wait(1);
      used += group.length;
      expect(read).toBeLessThanOrEqual(used + 10);
    }
    expect([used, read]).toEqual([1000, 1000]);
  });

  it("end their stream when nobody wants more, also while it waits", async () => {
    let ended = 0;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          yield i;
          await wait(0);
        }
      } finally {
        ended++;
      }
    }
    for await (const _ of gathered(endless(), 5)) break;
    await wait(20);
    expect(ended).toBe(1);
    const values = [Promise.resolve({ value: 1 }), new Promise<never>(() => undefined)];
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => values.shift()!,
        return: async () => {
          ended++;
          return { done: true, value: undefined };
        },
      }),
    };
    for await (const group of gathered(never, 5)) {
      expect(group).toEqual([1]);
      break;
    }
    expect(ended).toBe(2);
  });
});
