/**
 * What is written as .npz: read by NumPy, if this machine has it, and byte by byte where it must not change.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type NpzArray, writeNpy, writeNpz } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "unrolled-npz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import numpy"]).status === 0,
);

const arrays = new Map<string, NpzArray>([
  ["layer/gates/Γu", { shape: [2, 3], data: Float64Array.of(0, -1.5, 2 ** -1074, 1e308, Number.NaN, 3) }],
  ["layer/states/c̃", { shape: [2, 1, 2], data: Float32Array.of(0.1, 2, -0, 4) }],
  ["counts", { shape: [3], data: Int32Array.of(-1, 0, 2 ** 31 - 1) }],
  ["one", { shape: [], data: Float64Array.of(7) }],
  ["nothing", { shape: [0, 4], data: new Float64Array(0) }],
]);

describe.skipIf(!python)("NumPy (install it with apt-get install python3-numpy)", () => {
  it("opens the file and finds every array, its type, its shape and its numbers", () => {
    const file = join(folder, "arrays.npz");
    writeFileSync(file, writeNpz(arrays));
    const program = `
import json, sys, zipfile, numpy
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
with numpy.load(sys.argv[1]) as found:
    print(json.dumps({name: [a.dtype.str, list(a.shape), a.astype("f8").tobytes().hex()] for name, a in found.items()}))
`;
    const { stdout, stderr } = spawnSync(python!, ["-c", program, file], {
      encoding: "utf8",
      env: { ...process.env, PYTHONIOENCODING: "utf-8" },
    });
    expect(stderr).toBe("");
    const types: Readonly<Record<string, string>> = {
      Float64Array: "<f8",
      Float32Array: "<f4",
      Int32Array: "<i4",
    };
    const wanted = [...arrays].map(([name, { shape, data }]) => [
      name,
      [types[data.constructor.name], shape, Buffer.from(Float64Array.from(data).buffer).toString("hex")],
    ]);
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(wanted));
  });
});

it("a .npy file is magic, version, header to a multiple of 64, numbers", () => {
  const bytes = writeNpy({ shape: [2], data: Float32Array.of(1, -2) });
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 128));
  expect(bytes.length).toBe(128 + 8);
  expect(text.slice(1, 6)).toBe("NUMPY");
  expect([bytes[0], bytes[6], bytes[7], bytes[8], bytes[9]]).toEqual([0x93, 1, 0, 118, 0]);
  expect(text.slice(10)).toBe(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`);
  expect([...bytes.subarray(128)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

it("equal arrays give equal bytes", () => {
  expect(writeNpz(arrays)).toEqual(writeNpz(arrays));
});

it("a shape that does not hold the numbers is refused, and so are too many arrays", () => {
  const three = { shape: [2, 2], data: new Float64Array(3) };
  expect(() => writeNpy(three)).toThrow("an array of shape (2, 2) holds 4 numbers, not 3");
  const one: NpzArray = { shape: [], data: new Int32Array(1) };
  const many = new Map(Array.from({ length: 65_535 }, (_, i) => [String(i), one]));
  expect(() => writeNpz(many)).toThrow(/65535 arrays .* do not fit a .npz file/);
});
