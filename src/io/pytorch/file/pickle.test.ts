/** The reader of pickles: every operation that it knows, and that it does nothing else. */
import { describe, expect, it } from "vitest";
import { FileFormatError } from "../../errors.js";
import { fileBudget } from "../../limits.js";
import { pickleOf, piece } from "./pickle.cases.js";
import { type PickleOptions, readPickle } from "./pickle.js";

const fail = (problem: string) => new FileFormatError({ file: "p", where: "pickle", problem, remedy: "No." });
const options: PickleOptions = {
  fail,
  take: () => {},
  global(module, name) {
    if (module === "math" && name === "sum")
      return { name, call: (args) => args.reduce((sum: number, each) => sum + (each as number), 0) };
    if (module === "math" && name === "pi") return { name };
    return { name: `${module}.${name}` };
  },
  persistent: (id) => ({ id }),
};
const read = (...parts: readonly (readonly number[])[]): unknown =>
  readPickle(pickleOf(...parts), options).value;

describe("values", () => {
  it.each<[string, number[], unknown]>([
    ["None", [0x4e], null],
    ["True", [0x88], true],
    ["False", [0x89], false],
    ["a byte", [0x4b, 255], 255],
    ["two bytes", [0x4d, 1, 2], 513],
    ["four bytes with a sign", [0x4a, 0xfe, 0xff, 0xff, 0xff], -2],
    ["a long of no bytes", [0x8a, 0], 0],
    ["a negative long", [0x8a, 2, 0, 0xff], -256],
    ["a long beyond 53 bits", [0x8a, 8, 1, 0, 0, 0, 0, 0, 0, 0x40], 2n ** 62n + 1n],
    ["a long with a long length", [0x8b, 1, 0, 0, 0, 7], 7],
    ["a float", [0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
    ["a text", [0x58, 2, 0, 0, 0, 0xc3, 0xa9], "é"],
    ["a short text", [0x8c, 1, 97], "a"],
    ["a text with a length of eight bytes", [0x8d, 1, 0, 0, 0, 0, 0, 0, 0, 97], "a"],
    ["a string of Python 2", [0x55, 1, 97], "a"],
    ["a long string of Python 2", [0x54, 1, 0, 0, 0, 97], "a"],
    ["bytes", [0x43, 2, 1, 2], Uint8Array.of(1, 2)],
    ["more bytes", [0x42, 2, 0, 0, 0, 1, 2], Uint8Array.of(1, 2)],
    ["an empty list", [0x5d], []],
    ["a list", [0x5d, 0x28, 0x4b, 1, 0x4b, 2, 0x65], [1, 2]],
    ["a list, one by one", [0x5d, 0x4b, 1, 0x61, 0x4b, 2, 0x61], [1, 2]],
    ["a list from a mark", [0x28, 0x4b, 1, 0x6c], [1]],
    ["a tuple of one", [0x4b, 1, 0x85], [1]],
    ["tuples of two, in order", [0x4b, 1, 0x85, 0x4b, 2, 0x86], [[1], 2]],
    ["a tuple of three", [0x29, 0x4e, 0x4b, 3, 0x87], [[], null, 3]],
    ["a tuple from a mark", [0x28, 0x4b, 1, 0x74], [1]],
    ["a dictionary", [0x7d, 0x4b, 1, 0x4b, 2, 0x73], new Map([[1, 2]])],
    ["a dictionary, several at once", [0x7d, 0x28, 0x4b, 1, 0x4b, 2, 0x75], new Map([[1, 2]])],
    ["what was remembered", [0x4b, 5, 0x71, 3, 0x30, 0x68, 3], 5],
    ["what was remembered far away", [0x4b, 5, 0x72, 0, 1, 0, 0, 0x30, 0x6a, 0, 1, 0, 0], 5],
    ["what was remembered without a number", [0x4b, 5, 0x94, 0x30, 0x68, 0], 5],
    ["a value twice", [0x4b, 5, 0x32, 0x86], [5, 5]],
    ["what is left after a mark is dropped", [0x4b, 5, 0x28, 0x4b, 6, 0x31], 5],
    ["behind a frame", [0x95, 1, 0, 0, 0, 0, 0, 0, 0, 0x4e], null],
    ["a persistent id", [0x4b, 5, 0x51], { id: 5 }],
    [
      "a call that is allowed",
      [...piece.global("math", "sum"), ...piece.tuple([0x4b, 2], [0x4b, 3]), 0x52],
      5,
    ],
    ["a name from the stack", [...piece.text("math"), ...piece.text("pi"), 0x93], { name: "pi" }],
    ["attributes of a dictionary", [0x7d, 0x4e, 0x62], new Map()],
  ])("%s", (_, parts, value) => {
    expect(read(parts)).toEqual(value);
  });
});

describe("what Python would call is a record of it, and is not called", () => {
  const [system, evaluate] = [piece.global("os", "system"), piece.global("builtins", "eval")];
  const args = piece.tuple(piece.text("touch opened"));
  const record = (name: string, ...given: unknown[]) => expect.objectContaining({ name, args: given });
  it.each<[string, number[], unknown]>([
    ["a name", system, { name: "os.system" }],
    ["a name from the stack", [...piece.text("os"), ...piece.text("system"), 0x93], { name: "os.system" }],
    ["REDUCE", [...system, ...args, 0x52], record("os.system", "touch opened")],
    ["NEWOBJ", [...system, ...args, 0x81], record("os.system", "touch opened")],
    ["NEWOBJ_EX", [...evaluate, ...args, 0x7d, 0x92], record("builtins.eval", "touch opened")],
    ["a call of what a call gives", [...evaluate, ...args, 0x52, 0x29, 0x52], record("builtins.eval")],
    ["attributes", [...system, 0x29, 0x81, 0x7d, 0x62], expect.objectContaining({ state: new Map() })],
    [
      "a dictionary of a class of its own",
      [...evaluate, 0x29, 0x81, 0x4b, 1, 0x4b, 2, 0x73],
      expect.objectContaining({ entries: new Map([[1, 2]]) }),
    ],
    [
      "a list of a class of its own",
      [...evaluate, 0x29, 0x81, 0x4b, 1, 0x61],
      expect.objectContaining({ items: [1] }),
    ],
    ["a set", [0x8f, 0x28, 0x4b, 1, 0x90], [1]],
    ["a frozen set", [0x28, 0x4b, 1, 0x91], [1]],
    ["many bytes", [0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 7], Uint8Array.of(7)],
  ])("%s", (_, parts, value) => {
    expect(read(parts)).toEqual(value);
  });
});

describe("refused is", () => {
  it.each<[string, number[], string]>([
    ["a call of a text", [...piece.text("f"), 0x29, 0x52], "calls something that is no function"],
    ["a call without a tuple", [...piece.global("math", "sum"), 0x4e, 0x52], "calls something that is no"],
    ["a new object of a text", [...piece.text("f"), 0x29, 0x81], "calls something that is no function"],
    ["an instance", [0x69], "has the operation 0x69"],
    ["an extension", [0x82, 1], "has the operation 0x82"],
    ["attributes of a list", [0x5d, 0x4e, 0x62], "sets attributes of something that has none"],
    ["a protocol of text", [0x80, 0], "has protocol 0"],
    ["a protocol to come", [0x80, 6], "has protocol 6"],
    ["more taken than there is", [0x85], "takes a value that is not there"],
    ["a mark that is not there", [0x74], "goes back to a mark that is not there"],
    ["a memory that is not there", [0x68, 1], "recalls a value that it has not remembered"],
    ["a key without a value", [0x7d, 0x28, 0x4e, 0x75], "fills something that is no container"],
    ["filling a number", [0x4b, 1, 0x4e, 0x61], "fills something that is no container"],
    ["a name that is no text", [0x4b, 1, 0x4b, 2, 0x93], "names something that is not a text"],
    ["a text that is no UTF-8", [0x8c, 1, 0xff], "holds a text that is not UTF-8"],
    ["a text longer than the file", [0x58, 255, 255, 255, 255], "is cut off"],
    ["a text of 2^63 bytes", [0x8d, 0, 0, 0, 0, 0, 0, 0, 128], "is cut off"],
    ["a name without its line end", [0x63, 97], "is cut off"],
  ])("%s", (_, parts, says) => {
    expect(() => read(parts)).toThrow(FileFormatError);
    expect(() => read(parts)).toThrow(says);
  });
  it("a pickle without an end", () => {
    expect(() => readPickle(Uint8Array.of(0x80, 2, 0x4e), options)).toThrow("is cut off");
  });
});

it("several pickles are read one after the other", () => {
  const both = Uint8Array.from([...pickleOf([0x4b, 1]), ...pickleOf([0x4b, 2])]);
  const first = readPickle(both, options);
  expect([first.value, readPickle(both, options, first.end).value]).toEqual([1, 2]);
});

it("counts what it makes, so that a small pickle cannot make any amount", () => {
  const budget = fileBudget("p", { mostBytes: 10_000 });
  const take = (bytes: number): void => budget.take(bytes, "pickle", "makes more and more values");
  const lists = pickleOf(new Array(1000).fill(0x5d));
  expect(() => readPickle(lists, { ...options, take })).toThrow(
    "makes more and more values, and reading a file may take",
  );
});
