/**
 * The wire format against bytes of the documentation, every value there and back, fields that are not known, and bytes that are
 * damaged in every way.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, ProtobufError, type Schema } from "./protobuf.js";

const schema: Schema = {
  all: {
    whole: { number: 1, type: "int", list: false },
    text: { number: 2, type: "text", list: false },
    inner: { number: 3, type: { message: "all" }, list: false },
    float: { number: 4, type: "float", list: false },
    double: { number: 5, type: "double", list: false },
    bytes: { number: 6, type: "bytes", list: false },
    wholes: { number: 1000, type: "int", list: true },
    floats: { number: 17, type: "float", list: true },
    inners: { number: 18, type: { message: "all" }, list: true },
  },
  some: { whole: { number: 1, type: "int", list: false } },
};
const lists = { wholes: [], floats: [], inners: [] };
const encode = (value: object): number[] => [...encodeMessage(schema, "all", { ...value })];
const decode = (bytes: readonly number[]) => decodeMessage(schema, "all", Uint8Array.from(bytes));

it("writes the bytes of the documentation", () => {
  expect(encode({ whole: 150 })).toEqual([0x08, 0x96, 0x01]);
  expect(encode({ text: "testing" })).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  expect(encode({ inner: { whole: 150 } })).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
  expect(encode({ whole: -2 })).toEqual([0x08, 0xfe, ...Array(8).fill(0xff), 0x01]);
});

it("reads a packed list of the documentation, and the same one by one", () => {
  // 6: {3 270 86942}, with field 1000 in place of 6.
  const [tag, tail] = [
    [0xc2, 0x3e],
    [0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05],
  ] as const;
  expect(decode([...tag, 0x06, ...tail])["wholes"]).toEqual([3, 270, 86942]);
  expect(decode([...encode({ wholes: [3, 270, 86942] })])["wholes"]).toEqual([3, 270, 86942]);
});

it("brings every message there and back", () => {
  const whole = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  const flat = {
    whole,
    text: fc.string({ unit: "grapheme" }),
    float: fc.float({ noNaN: true }),
    double: fc.double({ noNaN: true }),
    bytes: fc.uint8Array(),
    wholes: fc.array(whole),
    floats: fc.array(fc.float({ noNaN: true })),
  };
  const leaf = fc.record({ ...flat, inners: fc.constant([]) });
  const message = fc.record({ ...flat, inner: leaf, inners: fc.array(leaf) });
  fc.assert(
    fc.property(message, (value) => {
      expect(decode(encode(value))).toEqual(value);
    }),
  );
});

it("skips fields that it does not know", () => {
  const bytes = encodeMessage(schema, "all", { text: "x", whole: 7, float: 1, double: 2, inners: [{}] });
  expect(decodeMessage(schema, "some", bytes)).toEqual({ whole: 7 });
});

it("takes the last of a value that stands twice", () => {
  expect(decode([0x08, 1, 0x08, 2])).toEqual({ ...lists, whole: 2 });
});

describe("damaged bytes", () => {
  it.each<[string, readonly number[], string]>([
    ["ends inside a number", [0x08, 0x96], "byte 2: the message ends inside a number"],
    ["a number without end", [0x08, ...Array(10).fill(0xff)], "a number of more than 64 bits"],
    ["less than it announces", [0x12, 0x07, 0x74], "byte 2: the message ends before the 7 bytes"],
    ["a negative length", [0x12, 0xff, ...Array(8).fill(0xff), 0x01], "ends before the -1 bytes"],
    ["an unknown form", [0x93, 0x03], "a field of the unknown form 3"],
    ["a form that the field does not have", [0x10, 0x01], "of the form 0 where 2 is right"],
    ["an error inside a message", [0x1a, 0x02, 0x08, 0x96], "byte 4: the message ends inside a number"],
  ])("%s", (_, bytes, says) => {
    expect(() => decode(bytes)).toThrow(ProtobufError);
    expect(() => decode(bytes)).toThrow(says);
  });

  it("whatever they are, they are read or refused by name", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decodeMessage(schema, "all", bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
    );
  });

  it("a field that the table does not name is not written", () => {
    expect(() => encode({ other: 1 })).toThrow("the message all has no field other");
  });
});

it("messages inside each other are read to a depth, and what they take is told before", () => {
  const nested = (depth: number): Uint8Array => {
    let bytes = new Uint8Array(0);
    for (let i = 0; i < depth; i++) bytes = encodeMessageOf(bytes);
    return bytes;
  };
  // A message with a message of these bytes in it, the length in two bytes at most.
  const encodeMessageOf = (inner: Uint8Array): Uint8Array<ArrayBuffer> => {
    const length = inner.length < 128 ? [inner.length] : [(inner.length & 127) | 128, inner.length >> 7];
    return Uint8Array.of(0x1a, ...length, ...inner);
  };
  expect(decodeMessage(schema, "all", nested(60))).toBeTypeOf("object");
  expect(() => decodeMessage(schema, "all", nested(2000))).toThrow("the message stands in 64 others");
  const taken: number[] = [];
  decodeMessage(
    schema,
    "all",
    new Uint8Array(200).map((_, i) => (i % 2 ? 0 : 0x1a)),
    (bytes) => taken.push(bytes),
  );
  // A hundred messages of two bytes are a hundred objects.
  expect(taken.length).toBe(101);
  expect(taken.reduce((a, b) => a + b, 0)).toBeGreaterThan(50_000);
});
