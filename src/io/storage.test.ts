/** Weights in fewer bits: hand-worked numbers, the bounds of what is lost, and what is refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gru } from "../cell/index.js";
import { embedding, initialParameters, linear, network, recurrent } from "../nn/index.js";
import {
  dequantised,
  quantised,
  readModel,
  readSafetensors,
  type TensorData,
  tensorAs,
  toFloat64,
  writeModel,
  writeSafetensors,
} from "./index.js";

describe("rows in int8", () => {
  it("are multiples of a 127th of their largest weight, of two equally near the even one", () => {
    // Scale 1: halves are ties. Scale 2: odd numbers are.
    const values = Float32Array.of(127, 0.5, 1.5, -2.5, -254, 1, 3, -5, 0, 0, 0, 0);
    const { numbers, scales } = quantised([3, 4], values);
    expect([...scales]).toEqual([1, 2, 0]);
    expect([...numbers]).toEqual([127, 0, 2, -2, -127, 0, 2, -2, 0, 0, 0, 0]);
    expect([...dequantised({ numbers, scales })]).toEqual([127, 0, 2, -2, -254, 0, 4, -4, 0, 0, 0, 0]);
  });

  it("lose at most half a scale, and give the same numbers when they are stored again", () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1, maxLength: 40 }), (list) => {
        const values = Float32Array.from(list);
        const shape = [1, values.length];
        const first = quantised(shape, values);
        const [scale] = first.scales as unknown as [number];
        const back = dequantised(first);
        values.forEach((value, i) => {
          // Rounding to float32 adds half a unit of the last place, and that of the scale up to 127 times half of one. A
          // scale so small that it is 0 loses the weight, which is then below 127 times half the smallest float32.
          const rounding = Math.abs(value) * 2 ** -22 + 127 * 2 ** -150;
          expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(scale / 2 + rounding);
        });
        if (scale > 2 ** -120) expect(quantised(shape, back).numbers).toEqual(first.numbers);
      }),
    );
  });

  it("of the very largest weights stay finite", () => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    const { numbers, scales } = quantised([1, 2], Float32Array.of(-largest, largest / 2));
    expect([...numbers]).toEqual([-127, 64]);
    const [back = 0] = dequantised({ numbers, scales });
    expect(back / -largest).toBeCloseTo(1, 6);
  });

  it("may be none, or without columns", () => {
    expect(quantised([0, 3], new Float32Array(0)).scales.length).toBe(0);
    expect([...quantised([2, 0], new Float32Array(0)).scales]).toEqual([0, 0]);
    expect(dequantised(quantised([2, 0], new Float32Array(0))).length).toBe(0);
  });
});

const net = network({
  input: { vocabulary: 5 },
  layers: [embedding({ width: 3 }), recurrent({ cell: gru, units: 2 }), linear({ units: 3 })],
  loss: "crf",
});
const parameters = initialParameters(net, 1);
const model = { task: "tagger", network: net, parameters, data: { tags: ["a", "b", "c"] } };

describe("a model file", () => {
  const matrices = net.parameters.filter(({ shape, exact }) => shape.length === 2 && !exact);

  it("in int8 holds matrices as I8 with scales by their side, and everything else as it was", () => {
    const bytes = writeModel(model, { storage: "int8" });
    const { tensors, metadata } = readSafetensors(bytes);
    expect(JSON.parse(metadata["unrolled"]!)).toMatchObject({ format: 2 });
    for (const { name, shape } of net.parameters) {
      const isMatrix = matrices.some((spec) => spec.name === name);
      expect(tensors.get(name)).toMatchObject({ dtype: isMatrix ? "I8" : "F32", shape });
      const scales = tensors.get(`${name}.scale`);
      if (isMatrix) expect(scales).toMatchObject({ dtype: "F32", shape: [shape[0]] });
      else expect(scales).toBeUndefined();
    }
    expect(tensors.get("crf.w_t")?.dtype).toBe("F32");
    // A Buffer in the middle of another, as Node reads files.
    const read = readModel(Buffer.concat([Buffer.from("abc"), bytes]).subarray(3));
    expect(read.stored).toEqual({ format: 2, storage: "int8" });
    for (const { name, shape } of net.parameters) {
      const values = parameters.get(name)!.data;
      const isMatrix = matrices.some((spec) => spec.name === name);
      const wanted = isMatrix ? dequantised(quantised(shape, values)) : values;
      expect(read.parameters.get(name)).toEqual({ shape, data: wanted });
    }
  });

  it("in float16 is read by versions that know format 1, and loses at most a 2048th of a weight", () => {
    const bytes = writeModel(model, { storage: "float16" });
    const { tensors, metadata } = readSafetensors(bytes);
    expect(JSON.parse(metadata["unrolled"]!)).toMatchObject({ format: 1 });
    for (const { name } of matrices) expect(tensors.get(name)?.dtype).toBe("F16");
    const read = readModel(bytes);
    expect(read.stored).toEqual({ format: 1, storage: "float16" });
    for (const [name, { data }] of parameters)
      data.forEach((value, i) => {
        const back = read.parameters.get(name)!.data[i]!;
        // Half precision has 11 significant bits, down to 2⁻¹⁴; below, steps of 2⁻²⁴.
        expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
      });
  });

  it.each(["F64", "BF16"] as const)("whose weights another tool wrote as %s is read", (dtype) => {
    const { tensors, metadata } = readSafetensors(writeModel(model));
    const others = [...tensors.values()].map((tensor) =>
      tensorAs(dtype, tensor.name, { shape: tensor.shape, values: toFloat64(tensor) }),
    );
    const read = readModel(writeSafetensors(others, metadata));
    for (const { name } of others) {
      const [found, wanted] = [read.parameters.get(name)?.data, parameters.get(name)?.data];
      // BF16 has 8 significant bits; F64 holds every float32.
      const share = dtype === "F64" ? 0 : 2 ** -8;
      expect(found).toHaveLength(wanted!.length);
      wanted!.forEach((value, i) =>
        expect(Math.abs(found![i]! - value)).toBeLessThanOrEqual(Math.abs(value) * share),
      );
    }
  });

  it("that is stored again in the same way has the same bytes", () => {
    for (const storage of ["float32", "float16"] as const) {
      const bytes = writeModel(model, { storage });
      expect(writeModel(readModel(bytes), { storage })).toEqual(bytes);
    }
  });

  const changed = (name: string, to: number, at = 0): typeof model => {
    const { shape, data } = parameters.get(name) as { shape: readonly number[]; data: Float32Array };
    const copy = data.slice();
    copy[at] = to;
    return { ...model, parameters: new Map(parameters).set(name, { shape, data: copy }) };
  };
  it.each(["int8", "float16"] as const)("in %s is refused with weights that are not finite", (storage) => {
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => writeModel(changed("recurrent1.w_u", odd, 3), { storage })).toThrow(
        `recurrent1.w_u holds ${odd} at place 3; only finite weights can be stored as ${storage}`,
      );
  });
  it("in float16 is refused with a weight beyond its largest", () => {
    const large = changed("recurrent1.w_u", 65520);
    expect(() => writeModel(large, { storage: "float16" })).toThrow(
      "recurrent1.w_u holds 65520, and float16 ends at 65504; store it as float32 or int8",
    );
    expect(readModel(writeModel(large, { storage: "int8" })).parameters.get("recurrent1.w_u")?.data[0]).toBe(
      Math.fround(127 * Math.fround(65520 / 127)),
    );
  });

  const tampered = (change: (tensors: Map<string, TensorData>) => void): Uint8Array => {
    const { tensors, metadata } = readSafetensors(writeModel(model, { storage: "int8" }));
    const all = new Map(tensors);
    change(all);
    return writeSafetensors(all.values(), metadata);
  };
  it.each<[string, Uint8Array, string]>([
    [
      "without scales",
      tampered((all) => all.delete("recurrent1.w_u.scale")),
      "tensor recurrent1.w_u.scale: is missing. There must be a tensor F32 of the shape (2)",
    ],
    [
      "with scales of another shape",
      tampered((all) =>
        all.set("recurrent1.w_u.scale", {
          ...all.get("recurrent1.w_u.scale")!,
          shape: [2, 1],
        }),
      ),
      "tensor recurrent1.w_u.scale: holds F32 in the shape (2, 1)",
    ],
    [
      "with scales of another type",
      tampered((all) =>
        all.set("recurrent1.w_u.scale", { ...all.get("recurrent1.w_u.scale")!, dtype: "I32" }),
      ),
      "tensor recurrent1.w_u.scale: holds I32 in the shape (2)",
    ],
    [
      "with weights in a type that is none of theirs",
      tampered((all) => all.set("recurrent1.w_u", { ...all.get("recurrent1.w_u")!, dtype: "U8" })),
      "tensor recurrent1.w_u: holds U8 in the shape (2, 5). Weights are F64, F32, F16, BF16, or matrices of I8",
    ],
  ])("is refused %s", (_, bytes, message) => {
    expect(() => readModel(bytes, "m.safetensors")).toThrow(message);
  });
});
