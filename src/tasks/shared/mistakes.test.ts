/**
 * The worst mistakes first.
 */
import { expect, test } from "vitest";
import { mistakesOf } from "./mistakes.js";

test("what was predicted right is no mistake; of the others the greatest loss comes first", () => {
  const judged = [
    { truth: "a", predicted: "b", loss: Math.log(2), file: "t.tsv", line: 1 },
    { truth: "a", predicted: "a", loss: 0.1, file: "t.tsv", line: 2 },
    { truth: "b", predicted: "a", loss: Math.log(4) },
    { truth: "a", predicted: "b", loss: Math.log(2) },
  ];
  const found = mistakesOf(judged);
  expect(found.map(({ example }) => example)).toEqual([2, 0, 3]);
  expect(found[1]).toEqual({ ...judged[0], example: 0, probability: expect.closeTo(0.5, 15) });
  expect(found[0]).not.toHaveProperty("file");
});
