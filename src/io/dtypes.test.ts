/**
 * Conversions between bytes and typed arrays, for every element type.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Dtype,
  type TensorData,
  tensorAs,
  tensorFrom,
  toFloat32,
  toFloat64,
  toInt32,
} from "./dtypes.js";
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

describe("tensorAs", () => {
  const whole = (bits: number, signed: boolean) =>
    fc.array(fc.integer({ min: signed ? -(2 ** (bits - 1)) : 0, max: 2 ** (bits - (signed ? 1 : 0)) - 1 }));
  test.each<[Dtype, fc.Arbitrary<number[]>]>([
    ["F64", fc.array(fc.double())],
    ["F32", fc.array(fc.float())],
    ["I64", fc.array(fc.maxSafeInteger())],
    ["I32", whole(32, true)],
    ["I16", whole(16, true)],
    ["I8", whole(8, true)],
    ["U64", fc.array(fc.maxSafeNat())],
    ["U32", whole(32, false)],
    ["U16", whole(16, false)],
    ["U8", whole(8, false)],
    ["BOOL", whole(1, false)],
  ])("%s values come back as they went in", (dtype, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (values) => {
        expect([...toFloat64(tensorAs(dtype, "t", { shape: [values.length], values }))]).toEqual(
          // Integers have one zero.
          dtype.startsWith("F") ? values : values.map((value) => value + 0),
        );
      }),
    );
  });

  test.each<[Dtype]>([["F16"], ["BF16"]])("every bit pattern of %s comes back as it was", (dtype) => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const tensor = { name: "t", dtype, shape: [65536], data: new Uint8Array(bits.buffer) };
    const values = toFloat64(tensor);
    const again = tensorAs(dtype, "t", { shape: [65536], values }).data;
    const written = new Uint16Array(again.buffer);
    // Of NaN there are many patterns; one is written.
    expect(written.filter((pattern, i) => pattern !== i && !Number.isNaN(values[i]))).toEqual(
      new Uint16Array(0),
    );
    expect(written.filter((_, i) => Number.isNaN(values[i])).every((p) => (p & 0x7fff) > 0x7c00)).toBe(true);
  });

  test.each<[Dtype, number]>([
    ["F16", 65504],
    ["BF16", 2 ** 127 * (2 - 2 ** -7)],
  ])("between two numbers of %s the nearer is taken, and in the middle the even one", (dtype, largest) => {
    const round = (value: number): number =>
      toFloat64(tensorAs(dtype, "t", { shape: [1], values: [value] }))[0]!;
    const bits = dtype === "F16" ? 0x7bff : 0x7f7f;
    const number = (pattern: number): number => toFloat64(tensorOf(dtype, pattern & 255, pattern >> 8))[0]!;
    expect(number(bits)).toBe(largest);
    for (let low = 0; low < bits; low += 7) {
      const [a, b] = [number(low), number(low + 1)];
      const middle = a + (b - a) / 2;
      const even = low % 2 === 0 ? a : b;
      expect([round(middle), round(-middle)]).toEqual([even, -even]);
      const near = (b - a) / 1024;
      expect([round(middle - near), round(middle + near)]).toEqual([a, b]);
    }
  });

  test.each<[Dtype, number]>([
    ["I8", 128],
    ["U8", -1],
    ["I32", 0.5],
    ["I64", 2 ** 53],
    ["U64", -1],
    ["BOOL", 2],
    ["I16", Number.NaN],
    ["F16", 65520],
    ["BF16", -3.4e38],
    ["F32", 1e39],
  ])("%s refuses %d", (dtype, value) => {
    expect(() => tensorAs(dtype, "w", { shape: [1], values: [value] })).toThrow(
      `tensor w: element 0 is ${value}, which ${dtype} does not hold`,
    );
  });

  test("infinities are numbers of a type like any other", () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    expect([...toFloat64(tensorAs("F16", "t", { shape: [2], values }))]).toEqual(values);
  });
});
