/** What a stream writes, to its end or until it is stopped. */
import { expect, it } from "vitest";
import { written } from "./written.js";

function* numbers(most: number): Generator<number> {
  for (let i = 0; i < most; i++) yield i;
}

it("gives all steps of a stream", async () => {
  expect(await written(numbers(3))).toEqual([0, 1, 2]);
});
it("hears a signal in a stream without an end", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("enough")));
  const counted = written(
    (function* () {
      while (true) yield;
    })(),
    controller.signal,
  );
  await expect(counted).rejects.toThrow("enough");
});
