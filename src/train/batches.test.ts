/** One long text in lanes: what each batch reads, what it is to predict, and that every token but the first is predicted once. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { gru } from "../cell/index.js";
import { linear, type Network, network, recurrent } from "../nn/index.js";
import { OptionError } from "../options/index.js";
import { laneBatches } from "./batches.js";

const layers = [recurrent({ cell: gru, units: 2 }), linear({ units: 111 })];
const net = network({ input: { vocabulary: 111 }, layers, loss: "crossEntropy" });

it("cuts a text into lanes that are read side by side, each predicting its next token", () => {
  const source = laneBatches(
    net,
    Array.from({ length: 12 }, (_, i) => 10 * i),
    { lanes: 2, steps: 3 },
  );
  expect(source).toMatchObject({ perEpoch: 2, continues: true });
  expect(source.largest).toEqual([3, 3]);
  const numbers = (index: number): unknown =>
    source
      .batch(0, index)
      .map(({ input, target, id }) => [id, [...(input as Int32Array)], Array.from(target!)]);
  // Eleven tokens have a next one; five in each of two lanes leave one out.
  expect(numbers(0)).toEqual([
    [0, [0, 10, 20], [10, 20, 30]],
    [1, [50, 60, 70], [60, 70, 80]],
  ]);
  expect(numbers(1)).toEqual([
    [0, [30, 40], [40, 50]],
    [1, [80, 90], [90, 100]],
  ]);
  const [, second] = source.batch(0, 1);
  expect(source.nameOf(second!, 1)).toBe("lane 1, tokens 8 to 9 of the text");
});

it("reads every token of the lanes once in an epoch, in order, with its successor as the target", () => {
  const anyText = fc.record({
    count: fc.integer({ min: 2, max: 60 }),
    lanes: fc.integer({ min: 1, max: 5 }),
    steps: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(anyText, ({ count, lanes, steps }) => {
      fc.pre(count > lanes);
      const ids = Array.from({ length: count }, (_, i) => i);
      const source = laneBatches(net, ids, { lanes, steps });
      const read: number[][] = Array.from({ length: lanes }, () => []);
      for (let index = 0; index < source.perEpoch; index++) {
        const batch = source.batch(0, index);
        expect(batch).toHaveLength(lanes);
        for (const { id, input, target } of batch) {
          read[id!]!.push(...(input as Int32Array));
          expect(Array.from(target!)).toEqual(Array.from(input as Int32Array, (token) => token + 1));
        }
      }
      const length = Math.floor((count - 1) / lanes);
      expect(read.flat()).toEqual(ids.slice(0, lanes * length));
    }),
    { seed: 1 },
  );
});

it("refuses lanes and steps that are no whole numbers from 1, and texts that do not fill the lanes", () => {
  expect(() => laneBatches(net, [1, 2, 3], { lanes: 0, steps: 1 })).toThrow(
    "lanes is 0; it must be a whole number from 1",
  );
  expect(() => laneBatches(net, [1, 2, 3], { lanes: 1, steps: 1.5 })).toThrow("steps is 1.5");
  expect(() => laneBatches(net, [1, 2, 3], { lanes: 3, steps: 1 })).toThrow(OptionError);
  expect(() => laneBatches(net, [1, 2, 3], { lanes: 2, steps: 1 })).not.toThrow();
});

it("refuses what is no text of the network: numbers would be cut to whole ones unseen", () => {
  const refused = (of: Network, text: readonly number[]): unknown =>
    laneBatches(of, text, { lanes: 1, steps: 1 });
  expect(() => refused(net, [1, 0.5, 3])).toThrow(
    "token 1 of the text is 0.5; the network's ids are whole numbers from 0 to 110",
  );
  expect(() => refused(net, [1, 2, 111])).toThrow("token 2 of the text is 111");
  expect(() => refused(net, [1, -1, 3])).toThrow("token 1 of the text is -1");
  const vectors = network({ input: { width: 1 }, layers, loss: "squaredError" });
  expect(() => refused(vectors, [0.1, 0.2])).toThrow(
    "one long text is read as token ids, and the network reads vectors of 1 numbers; give examples instead",
  );
  const numbers = network({ input: { vocabulary: 3 }, layers, loss: "squaredError" });
  expect(() => refused(numbers, [1, 2])).toThrow("which are classes, and squaredError has numbers");
});
