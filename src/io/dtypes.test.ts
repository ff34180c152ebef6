// Conversions between bytes and typed arrays, for every element type.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dtype, type TensorData, tensorFrom, toFloat32, toFloat64, toInt32 } from "./dtypes.js";
import { FileFormatError } from "./errors.js";

function tensorOf(dtype: Dtype, ...bytes: number[]): TensorData {
  return { name: "t", dtype, shape: [], data: Uint8Array.from(bytes) };
}

test.each<[Dtype, number[], number]>([
  ["F64", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], -1.5],
  ["F32", [0, 0, 0xc0, 0xbf], -1.5],
  ["F16", [0x00, 0xbe], -1.5],
  ["F16", [0xff, 0x7b], 65504],
  ["F16", [0x01, 0x00], 2 ** -24],
  ["F16", [0x00, 0xfc], Number.NEGATIVE_INFINITY],
  ["F16", [0x01, 0x7c], Number.NaN],
  ["BF16", [0xc0, 0xbf], -1.5],
  ["BF16", [0x01, 0x00], 2 ** -133],
  ["BF16", [0x80, 0x7f], Number.POSITIVE_INFINITY],
  ["BF16", [0xc0, 0x7f], Number.NaN],
  ["I64", [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2],
  ["I32", [0xfe, 0xff, 0xff, 0xff], -2],
  ["I16", [0xfe, 0xff], -2],
  ["I8", [0xfe], -2],
  ["U64", [0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
  ["U32", [0xfe, 0xff, 0xff, 0xff], 2 ** 32 - 2],
  ["U16", [0xfe, 0xff], 65534],
  ["U8", [0xfe], 254],
  ["BOOL", [1], 1],
])("%s %j is %d", (dtype, bytes, value) => {
  expect(toFloat64(tensorOf(dtype, ...bytes))).toEqual(Float64Array.of(value));
});

test("BF16 is the upper half of a float32, for every bit pattern", () => {
  const upper = new Uint32Array(1);
  const asFloat = new Float32Array(upper.buffer);
  for (let bits = 0; bits < 65536; bits++) {
    upper[0] = bits * 65536;
    expect(Object.is(toFloat64(tensorOf("BF16", bits & 255, bits >> 8))[0], asFloat[0])).toBe(true);
  }
});

test("values come back from a tensor as they went in", () => {
  fc.assert(
    fc.property(fc.float32Array(), fc.float64Array(), fc.int32Array(), (floats, doubles, integers) => {
      expect(toFloat32(tensorFrom("a", [floats.length], floats))).toEqual(floats);
      expect(toFloat64(tensorFrom("b", [doubles.length], doubles))).toEqual(doubles);
      expect(toInt32(tensorFrom("c", [integers.length], integers))).toEqual(integers);
    }),
  );
});

test("bytes at an odd address are read all the same", () => {
  const whole = new Uint8Array(9);
  whole.set(tensorFrom("x", [2], Float32Array.of(1, 2)).data, 1);
  expect(toFloat32({ name: "x", dtype: "F32", shape: [2], data: whole.subarray(1) })).toEqual(
    Float32Array.of(1, 2),
  );
});

test("tensorFrom refuses a shape of another size", () => {
  expect(() => tensorFrom("w", [2, 2], Float32Array.of(1, 2, 3))).toThrow(
    "shape [2,2] holds 4 elements, not 3",
  );
});

describe("toInt32 refuses", () => {
  test("fractions", () => {
    expect(() => toInt32(tensorOf("F32", 0, 0, 0, 0), "m.safetensors")).toThrow(FileFormatError);
    expect(() => toInt32(tensorOf("F32", 0, 0, 0, 0), "m.safetensors")).toThrow(
      'm.safetensors, tensor "t": F32 values where integers are needed.',
    );
  });

  test("integers beyond 32 bits", () => {
    expect(() => toInt32(tensorOf("U32", 0, 0, 0, 0x80))).toThrow("element 0 is 2147483648");
    expect(() => toInt32(tensorOf("I64", 0, 0, 0, 0, 1, 0, 0, 0))).toThrow("element 0 is 4294967296");
  });
});
