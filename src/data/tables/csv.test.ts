/**
 * The two builds of csv-parse: a browser gets the one with its own streams and buffers, and has to read the same.
 * What a row is, and how a .csv can be wrong, is tested in table.test.ts.
 */
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import type { Source } from "../source.js";
import { csvRows } from "./csv.js";

const useBrowserBuild = (): void => {
  vi.doMock("#csv-parse", () => import("csv-parse/browser/esm"));
};
afterEach(() => {
  vi.doUnmock("#csv-parse");
});

/** The rows, or the message of the error after them. */
async function read(text: string, size: number): Promise<unknown[]> {
  const bytes = new TextEncoder().encode(text);
  const source: Source = {
    name: "t.csv",
    async *stream() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
  const rows: unknown[] = [];
  try {
    for await (const row of csvRows(source)) rows.push(row);
  } catch (error) {
    rows.push((error as Error).message);
  }
  return rows;
}

test("the browser's build is another one, and reads an empty text too", async () => {
  const node = await import("#csv-parse");
  useBrowserBuild();
  expect((await import("#csv-parse")).parse).not.toBe(node.parse);
  expect(await read("", 1)).toEqual([]);
});

test("both builds give the same rows and the same errors", async () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "é", "😀", '"', ",", "\n", "\r\n", '""'),
    maxLength: 16,
  });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 4 }), async (content, size) => {
      const inNode = await read(content, size);
      useBrowserBuild();
      const inBrowsers = await read(content, size);
      vi.doUnmock("#csv-parse");
      expect(inBrowsers).toEqual(inNode);
    }),
    { numRuns: 200 },
  );
});

test("a source of which only the first rows are wanted is closed", async () => {
  let closed = false;
  const endless: Source = {
    name: "t.csv",
    async *stream() {
      try {
        while (true) yield new TextEncoder().encode("a,b\n");
      } finally {
        closed = true;
      }
    },
  };
  for await (const row of csvRows(endless)) {
    expect(row).toEqual({ line: 1, fields: ["a", "b"] });
    break;
  }
  expect(closed).toBe(true);
});
