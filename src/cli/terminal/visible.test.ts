/** What comes from files and models cannot command a terminal, whichever command prints it. */
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { aligned } from "./talk.js";
import { type RawSink, shownSink, visible } from "./visible.js";

/** A stream that keeps what it is given. */
function kept(more: Partial<RawSink> = {}) {
  const written: string[] = [];
  return { written, sink: shownSink({ write: (text) => written.push(text), ...more }) };
}

describe("visible", () => {
  it("shows every control character but tabs and line feeds, and what turns the direction of writing", () => {
    const all = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code));
    const shown = all.filter((character) => visible(character) !== character);
    const codes = shown.map((character) => character.charCodeAt(0));
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(codes).toEqual([
      ...range(0, 8),
      ...range(0xb, 0x1f),
      ...range(0x7f, 0x9f),
      ...range(0x202a, 0x202e),
      ...range(0x2066, 0x2069),
    ]);
    expect(visible("\u001b]0;a\u0007\u009b2J\r\u202ex\u2066")).toBe(
      "\\u001b]0;a\\u0007\\u009b2J\\u000d\\u202ex\\u2066",
    );
    expect(visible("naïve\tשלום\u200f 🙂\n")).toBe("naïve\tשלום\u200f 🙂\n");
  });

  it("leaves JSON JSON, of the same value", () => {
    const value = { "\u009b\u007f\u202e": ["\u001b[2J", "\u0085\n"] };
    const text = visible(JSON.stringify(value));
    expect(text).toMatch(/^[ -~]+$/);
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe("a sink", () => {
  it("shows controls everywhere, and directions of writing where a person reads", () => {
    const [file, terminal] = [kept(), kept({ isTTY: true })];
    for (const { sink } of [file, terminal]) sink.write("\u001b[31m\u202e");
    expect([file.written, terminal.written]).toEqual([["\\u001b[31m\u202e"], ["\\u001b[31m\\u202e"]]);
  });

  it("writes what is the result itself byte for byte, but to terminals", () => {
    const [file, terminal] = [kept(), kept({ isTTY: true })];
    for (const { sink } of [file, terminal]) sink.exact("a\tb\n\u001b\u009b");
    expect([file.written, terminal.written]).toEqual([["a\tb\n\u001b\u009b"], ["a\tb\n\\u001b\\u009b"]]);
  });

  it("waits until a slow reader has taken what was written, and leaves no listeners", async () => {
    const stream = Object.assign(new EventEmitter(), { writableNeedDrain: true, write: () => false });
    const sink = shownSink(stream);
    for (const event of ["drain", "close", "error"]) {
      const waiting = sink.drained();
      const failed = new Error("no room");
      stream.emit(event, ...(event === "error" ? [failed] : []));
      await (event === "error" ? expect(waiting).rejects.toBe(failed) : waiting);
      expect(stream.listenerCount(event)).toBe(0);
    }
    await kept({ writableNeedDrain: false }).sink.drained();
  });
});

it("a cell of a table stays on its line, and its column straight", () => {
  expect(
    aligned([
      ["a\nb", "1"],
      ["c\u001b", "2"],
    ]),
  ).toEqual(["a\\u000ab  1", "c\\u001b   2"]);
});
