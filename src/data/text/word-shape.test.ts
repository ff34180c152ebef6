/**
 * The look of words, by examples that differ in what makes names.
 */
import { expect, test } from "vitest";
import { wordShape, wordShapeWidth } from "../index.js";

test("says how words look", () => {
  const on = (word: string): number[] => wordShape(word).flatMap((v, i) => (v === 1 ? [i] : []));
  expect(on("McDonald")).toEqual([0, 3]);
  expect(on("USA")).toEqual([0, 1]);
  expect(on("Zürich")).toEqual([0, 2]);
  expect(on("4th-floor")).toEqual([5, 8, 13]);
  expect(on("#win")).toEqual([9]);
  expect(on("@who")).toEqual([10]);
  expect(on("http://t.co/x")).toEqual([8, 11, 13]);
  expect(on("2017")).toEqual([5, 6]);
  expect(on("...")).toEqual([7]);
  expect(on("")).toEqual([12]);
  expect(wordShape("x")).toHaveLength(wordShapeWidth);
});
