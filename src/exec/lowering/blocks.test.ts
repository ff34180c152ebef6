/** Blocks of memory: apart from each other, used again, and no more taken than is needed. */
import { expect, it } from "vitest";
import { randomWord, wordBelow } from "../../tensor/random.js";
import { Blocks } from "./blocks.js";

it("are apart from each other whatever is taken and given back, and take no more than they must", () => {
  let [reached, drawn] = [0, 0];
  const below = (n: number): number => wordBelow(randomWord({ seed: 1, purpose: 6 }, drawn++), n);
  const blocks = new Blocks(100, (end) => {
    reached = Math.max(reached, end);
  });
  const taken: { address: number; bytes: number }[] = [];
  for (let i = 0; i < 2000; i++) {
    if (taken.length > 20 || (taken.length > 0 && below(3) === 0)) {
      const [gone] = taken.splice(below(taken.length), 1);
      blocks.give(gone!.address);
    } else {
      const block = blocks.take(1 + below(5000));
      expect(block.address % 64).toBe(0);
      expect(block.address).toBeGreaterThanOrEqual(128);
      expect(block.address + block.bytes).toBeLessThanOrEqual(reached);
      const isApart = taken.every(
        ({ address, bytes }) => block.address + block.bytes <= address || address + bytes <= block.address,
      );
      expect(isApart).toBe(true);
      taken.push(block);
    }
    expect(blocks.bytes).toBe(taken.reduce((sum, { bytes }) => sum + bytes, 0));
  }
  // Twenty-one blocks of at most 5,056 bytes; gaps cost less than as much again.
  expect(reached).toBeLessThan(2 * 21 * 5056);
  for (const { address } of taken) blocks.give(address);
  const before = reached;
  blocks.take(before - 128);
  expect(reached).toBe(before);
});

it("grow in place at the end, and leave nothing behind where memory cannot reach", () => {
  const blocks = new Blocks(0, (end) => {
    if (end > 1024) throw new RangeError("no more");
  });
  const first = blocks.take(128);
  expect(first).toEqual({ address: 0, bytes: 128, isNew: true });
  blocks.give(blocks.take(256).address);
  expect(blocks.take(512)).toEqual({ address: 128, bytes: 512, isNew: false });
  expect(() => blocks.take(512)).toThrow("no more");
  expect(blocks.bytes).toBe(640);
  expect(blocks.take(384)).toEqual({ address: 640, bytes: 384, isNew: true });
});
