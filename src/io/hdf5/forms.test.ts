/**
 * One tree of groups, texts and numbers in the forms that h5py writes for old readers and for new ones (test/golden/hdf5):
 * all are read the same. Damaged ones are read or refused, and never keep the reader busy.
 */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { mutatedBytes } from "../../../tools/faults/parts/mutate.mjs";
import { randomOf } from "../../../tools/faults/parts/random.mjs";
import { FileFormatError } from "../errors.js";
import { type Hdf5Group, openHdf5 } from "../keras/hdf5.js";
import { fileBudget } from "../limits.js";

const bytesOf = async (name: string): Promise<Uint8Array> =>
  new Uint8Array(await readFile(new URL(`../../../test/golden/hdf5/${name}.h5`, import.meta.url)));
const open = (bytes: Uint8Array): Hdf5Group => openHdf5(bytes, "f.h5", fileBudget("f.h5", {}, bytes.length));

/** As make.py fills data sets. */
const numbers = (...shape: number[]): number[] =>
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i % 97) - 48);

const forms = ["old", "v108", "new"];

describe.each(forms)("%s", (form) => {
  test("names and texts, however many", async () => {
    const root = open(await bytesOf(form));
    const many = root.group("many")!;
    expect(many.keys).toHaveLength(300);
    expect(many.group("a layer with a longer name 299")?.keys).toEqual([]);
    expect((await many.tensor("250"))?.values).toEqual(Float64Array.from(numbers(3)));
    expect(root.text("one")).toBe("a text");
    for (const i of [0, 7, 119]) expect(many.text(`attribute ${i}`)).toBe(`value ${i}`);
    expect(many.text("attribute 120")).toBeUndefined();
    expect(many.texts("fixed")).toEqual([0, 1, 2, 3, 4].map((i) => `name ${i}`));
    const long = Array.from({ length: 300 }, (_, i) => `a rather long name of a weight ${i}`);
    expect(many.texts("long")).toEqual(long);
  });
  test.each([
    ["whole", [5, 7]],
    ["one", [5, 7]],
    ["one packed", [5, 7]],
    ["some", [11, 7]],
    ["some packed", [11, 7]],
    ["paged", [1300, 2]],
    ["growing", [9, 8]],
    ["early", [11, 7]],
    ["double", [6]],
    ["half", [6]],
  ])("numbers: %s", async (name, shape) => {
    const found = await open(await bytesOf(form)).tensor(`pieces/${name}`);
    expect(found?.shape).toEqual(shape);
    expect([...(found?.values ?? [])]).toEqual(numbers(...shape));
  });
  test("numbers that were never written", async () =>
    expect((await open(await bytesOf(form)).tensor("pieces/never"))?.values).toEqual(
      new Float64Array(8).fill(7),
    ));
});

/** Reads all that there is. */
async function readAll(group: Hdf5Group): Promise<void> {
  group.texts("long");
  for (const key of group.keys.slice(0, 30)) {
    const inner = group.group(key);
    if (inner) await readAll(inner);
    else await group.tensor(key);
  }
}

test.each(forms)("a damaged file is read or refused: %s", async (form) => {
  const file = await bytesOf(form);
  let refused = 0;
  for (let n = 0; n < 150; n++) {
    const bytes = mutatedBytes(file, randomOf(7, form, n));
    const from = performance.now();
    try {
      await readAll(open(bytes));
    } catch (error) {
      if (!(error instanceof FileFormatError)) throw new Error(`mutation ${n}: ${error}`, { cause: error });
      refused++;
    }
    expect(performance.now() - from).toBeLessThan(5000);
  }
  expect(refused).toBeGreaterThan(10);
});
