/**
 * The safetensors reader and writer: round trips, one test per way a file can be wrong, and mutations of valid
 * files, of which nothing but a FileFormatError may come.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dtype, dtypes, type TensorData, tensorAs, tensorFrom, toFloat32, toInt32 } from "./dtypes.js";
import { FileFormatError } from "./errors.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

const sample: TensorData[] = [
  tensorFrom("w_a", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)),
  tensorFrom("ids", [2], Int32Array.of(-1, 7)),
  tensorFrom("scalar", [], Float64Array.of(0.5)),
  tensorFrom("nothing", [0, 4], new Float32Array(0)),
  { name: "ünï 😀", dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) },
];

/** A file from a header text and data, with or without a true length. */
function fileOf(header: string, data: number[] = [], length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** The header of one tensor `t` with some of its fields replaced. */
function headerWith(fields: Record<string, unknown>): string {
  return JSON.stringify({ t: { dtype: "U8", shape: [2], data_offsets: [0, 2], ...fields } });
}

test("what is written is read back", () => {
  const metadata = { cell: "gru", __proto__x: "1", note: 'a "quote" and 😀' };
  const { tensors, metadata: read } = readSafetensors(writeSafetensors(sample, metadata));
  expect(read).toEqual(metadata);
  expect([...tensors.keys()].sort()).toEqual(sample.map((tensor) => tensor.name).sort());
  for (const tensor of sample) expect(tensors.get(tensor.name)).toEqual(tensor);
  expect(toFloat32(tensors.get("w_a")!)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  expect(toInt32(tensors.get("ids")!)).toEqual(Int32Array.of(-1, 7));
});

test("the bytes are those of the format, padded and ordered", () => {
  const bytes = writeSafetensors([
    tensorFrom("b", [1], Float32Array.of(1)),
    { name: "c", dtype: "U8", shape: [1], data: Uint8Array.of(9) },
    tensorFrom("a", [1], Float32Array.of(2)),
  ]);
  const header =
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},' +
    '"c":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8, " ");
  expect(bytes).toEqual(fileOf(padded, [0, 0, 0, 64, 0, 0, 128, 63, 9]));
});

test("every tensor begins at a multiple of its type's size, after a header of whole eights", () => {
  const names = Object.keys(dtypes) as Dtype[];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(5))), fc.string(), (kinds, note) => {
      const tensors = kinds.map(([dtype, size], i) =>
        tensorAs(dtype, `t${i}`, { shape: [size], values: Array(size).fill(1) }),
      );
      const bytes = writeSafetensors(tensors, { note: note.replace(/\p{Surrogate}/gu, "") });
      expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
      for (const { dtype, data } of readSafetensors(bytes).tensors.values())
        expect(data.byteOffset % dtypes[dtype].bytes).toBe(0);
    }),
  );
});

test("the order of tensors and of metadata does not change the bytes", () => {
  const forward = writeSafetensors(sample, { a: "1", b: "2" });
  expect(writeSafetensors([...sample].reverse(), { b: "2", a: "1" })).toEqual(forward);
});

test("a file without tensors is legal", () => {
  expect(readSafetensors(writeSafetensors([])).tensors.size).toBe(0);
});

test("escaped characters are read, whole pairs of surrogates too", () => {
  const { metadata } = readSafetensors(fileOf('{"__metadata__":{"\\u00fc":"\\ud83d\\ude00\\\\u"}}'));
  expect(metadata).toEqual({ ü: "😀\\u" });
});

test("a tensor or metadata called __proto__ is a name like any other", () => {
  const metadata = JSON.parse('{"__proto__": "x"}');
  const read = readSafetensors(writeSafetensors([tensorFrom("__proto__", [], Float32Array.of(3))], metadata));
  expect(Object.keys(read.metadata)).toEqual(["__proto__"]);
  expect(read.tensors.get("__proto__")?.dtype).toBe("F32");
});

test("tensors are views into the file, wherever the file lies in its buffer", () => {
  const bytes = writeSafetensors(sample);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const tensor = readSafetensors(shifted.subarray(3)).tensors.get("w_a")!;
  expect(tensor.data.buffer).toBe(shifted.buffer);
  expect(toFloat32(tensor)[5]).toBe(6);
});

describe("the writer refuses", () => {
  test.each<[string, TensorData[], string]>([
    ["two tensors of one name", [sample[0]!, { ...sample[4]!, name: "w_a" }], "cannot be called w_a"],
    ["the name of the metadata", [{ ...sample[0]!, name: "__metadata__" }], "cannot be called __metadata__"],
    ["bytes that do not fit", [{ ...sample[0]!, shape: [7] }], "24 bytes do not fit shape [7] of F32"],
    ["a negative size", [{ ...sample[0]!, shape: [-2, -3] }], "must be a list of whole numbers from 0"],
    ["half a surrogate pair", [{ ...sample[0]!, name: "\ud800" }], "not valid Unicode"],
  ])("%s", (_, tensors, message) => {
    expect(() => writeSafetensors(tensors)).toThrow(RangeError);
    expect(() => writeSafetensors(tensors)).toThrow(message);
  });
});

describe("the reader refuses", () => {
  const two = { dtype: "U8", shape: [2] };
  test.each<[string, Uint8Array, string]>([
    ["a file of less than 8 bytes", new Uint8Array(7), "header length: the file has only 7 bytes"],
    ["a header over the limit", fileOf("{}", [], 100_000_001n), "more than the limit of 100000000"],
    ["an absurd header length", fileOf("{}", [], 2n ** 64n - 1n), "18446744073709551615 bytes of header"],
    [
      "a header longer than the file",
      fileOf("{}", [], 3n),
      "the header ends at byte 11, but the file has 10",
    ],
    ["a header that is not UTF-8", Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff), "is not UTF-8"],
    ["an empty header", fileOf(""), "does not start with `{`"],
    ["a header that starts with a blank", fileOf(" {}"), "does not start with `{`"],
    ["a header that starts with a byte order mark", fileOf("\ufeff{}"), "does not start with `{`"],
    ["a list as header", fileOf("[]"), "does not start with `{`"],
    ["a header that is not JSON", fileOf('{"t":}'), "header: is not JSON"],
    ["a header that breaks off in a text", fileOf('{"t\\'), "header: is not JSON"],
    ["a key with a bad escape", fileOf('{"\\x":1}'), "header: is not JSON"],
    ["text after the header's object", fileOf("{}{}"), "header: is not JSON"],
    ["a tensor named twice", fileOf('{"t":{},"\\u0074":{}}'), 'has the key "t" twice'],
    ["a field named twice", fileOf('{"t":{"dtype":"U8","dtype":"I8"}}'), 'has the key "dtype" twice'],
    ["deep nesting", fileOf(`${'{"t":'.repeat(9)}1${"}".repeat(9)}`), "nested more than 8 levels deep"],
    [
      "a list in a list",
      fileOf('{"t":{"shape":[[1]]}}'),
      "header: holds `[` in a list, where only sizes belong",
    ],
    [
      "a shape of more sizes than any",
      fileOf(headerWith({ shape: Array(65).fill(1) })),
      "a list of more than 64",
    ],
    ["a fraction as size", fileOf(headerWith({}).replace("[2]", "[2.0]"), [1, 2]), "holds the number 2.0"],
    ["an exponent as size", fileOf(headerWith({}).replace("[2]", "[2e0]"), [1, 2]), "holds the number 2e0"],
    ["a negative size", fileOf(headerWith({ shape: [-2] }), [1, 2]), "holds the number -2"],
    [
      "a size that is no number",
      fileOf(headerWith({ shape: ["2"] }), [1, 2]),
      "shape is not a list of sizes",
    ],
    [
      "a size beyond 2^53",
      fileOf(headerWith({}).replace("[2]", "[9007199254740993]")),
      "not a list of sizes",
    ],
    [
      "sizes that multiply beyond all numbers",
      fileOf(headerWith({ shape: Array(64).fill(2 ** 52) })),
      "multiply beyond 2^53",
    ],
    [
      "sizes that multiply beyond all numbers before a size of 0",
      fileOf(headerWith({ shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] })),
      'tensor "t": the sizes of the shape [4503599627370496,4503599627370496,0] multiply beyond 2^53',
    ],
    ["a missing shape", fileOf(headerWith({ shape: undefined })), "shape is not a list of sizes"],
    [
      "an unknown type",
      fileOf(headerWith({ dtype: "F8" }), [1, 2]),
      'dtype is "F8". Known types are F64, F32',
    ],
    ["a type from the prototype", fileOf(headerWith({ dtype: "toString" }), [1, 2]), 'dtype is "toString"'],
    ["a missing type", fileOf(headerWith({ dtype: undefined }), [1, 2]), "dtype is missing"],
    ["a tensor that is no object", fileOf('{"t":5}'), "dtype is missing"],
    ["one offset", fileOf(headerWith({ data_offsets: [0] }), [1, 2]), "data_offsets is not [start, end]"],
    ["offsets in the wrong order", fileOf(headerWith({ data_offsets: [2, 0] }), [1, 2]), "not [start, end]"],
    [
      "a shape of another size",
      fileOf(headerWith({ shape: [3] }), [1, 2]),
      "2 bytes of data for shape [3] of U8",
    ],
    [
      "an offset that is not at the start",
      fileOf(headerWith({ data_offsets: [1, 3] }), [0, 1, 2]),
      "leaves a hole",
    ],
    [
      "data beyond the end",
      fileOf(headerWith({}), [1]),
      "its data ends at 2, but the file holds only 1 bytes",
    ],
    [
      "bytes after the last tensor",
      fileOf(headerWith({}), [1, 2, 3]),
      "end of file: 1 bytes follow the last tensor",
    ],
    ["bytes after no tensor", fileOf("{}", [1]), "1 bytes follow"],
    [
      "a hole between tensors",
      fileOf(
        JSON.stringify({ a: { ...two, data_offsets: [0, 2] }, b: { ...two, data_offsets: [3, 5] } }),
        [1, 2, 3, 4, 5],
      ),
      'tensor "b": starting at 3 it leaves a hole',
    ],
    [
      "overlapping tensors",
      fileOf(
        JSON.stringify({ a: { ...two, data_offsets: [0, 2] }, b: { ...two, data_offsets: [1, 3] } }),
        [1, 2, 3],
      ),
      'tensor "b": starting at 1 it overlaps',
    ],
    [
      "a name that is half a surrogate pair",
      fileOf('{"\\ud800":{}}'),
      'the text "\\ud800", which is not valid',
    ],
    [
      "metadata with half a surrogate pair",
      fileOf('{"__metadata__":{"a":"x\\udc00"}}'),
      'holds the text "x\\udc00", which is not valid Unicode',
    ],
    ["metadata that is no object", fileOf('{"__metadata__":[]}'), "__metadata__: is not an object"],
    ["metadata that is null", fileOf('{"__metadata__":null}'), "__metadata__: is not an object"],
    ["metadata that is no text", fileOf('{"__metadata__":{"a":1}}'), 'the value of "a" is not a text'],
  ])("%s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes, "m.safetensors")).toThrow(FileFormatError);
    expect(() => readSafetensors(bytes, "m.safetensors")).toThrow(message);
    expect(() => readSafetensors(bytes, "m.safetensors")).toThrow(/^m\.safetensors, /);
  });
});

test("a header of one long run of quotes is refused at once", () => {
  const header = `{${'"\\"'.repeat(300_000)}`;
  expect(() => readSafetensors(fileOf(header))).toThrow(FileFormatError);
});

// What becomes of files that are changed at random stands in mutations.test.ts.
describe("a valid file", () => {
  const valid = writeSafetensors(sample, { cell: "gru", layers: "2" });

  test("is refused in every way to cut it off", () => {
    for (let length = 0; length < valid.length; length++) {
      expect(() => readSafetensors(valid.subarray(0, length))).toThrow(FileFormatError);
    }
  });
});

test("200,000 keys of metadata are as good as one", () => {
  const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, String(i)]));
  expect(readSafetensors(writeSafetensors([], many)).metadata).toEqual(many);
});
