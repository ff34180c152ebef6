/** Lines of results: written together, before anything is waited for, no faster than they are read, and refused out loud. */
import { expect, it } from "vitest";
import { resultLines } from "./result-lines.js";
import type { Surroundings } from "./surroundings.js";
import { type RawSink, shownSink } from "./visible.js";

const linesOf = (raw: RawSink) => resultLines({ stdout: shownSink(raw) } as Surroundings);
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

it("lines in quick succession are written together, and before anything is waited for", async () => {
  const written: string[] = [];
  const lines = linesOf({ write: (text) => written.push(text) });
  await lines.print("a");
  await lines.print("b\u001b");
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual(["a\nb\\u001b\n"]);
  await lines.print("c");
  await lines.end();
  expect(written).toEqual(["a\nb\\u001b\n", "c\n"]);
});

it("a slow reader holds up whoever prints", async () => {
  let [held, read] = [0, () => undefined as unknown];
  const lines = linesOf({
    write: (text) => {
      held += text.length;
    },
    get writableNeedDrain() {
      return held > 0;
    },
    on: (event, listener) => {
      if (event === "drain") read = listener;
    },
  });
  let printed = 0;
  const work = (async () => {
    for (; printed < 100; printed++) await lines.print("x".repeat(10_000));
    await lines.end();
  })();
  for (let most = 7; printed < 100; most += 7) {
    await turn();
    // What is written at once is 65,536 characters: seven of these lines.
    expect(printed).toBeLessThanOrEqual(most);
    held = 0;
    read();
    await turn();
  }
  read();
  held = 0;
  await work;
});

it("what the output refuses ends the work at the next line, or at the end", async () => {
  const full = new Error("no room");
  const refusing = (): RawSink => ({
    write: () => {
      throw full;
    },
  });
  const lines = linesOf(refusing());
  await lines.print("a");
  await turn();
  await expect(lines.print("b")).rejects.toBe(full);
  const short = linesOf(refusing());
  await short.print("a");
  await expect(short.end()).rejects.toBe(full);
});
