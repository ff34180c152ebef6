/**
 * Files of HDF5: the numbers and texts that jsfive reads of Keras' files, fill values and packed pieces, and files that lead in
 * circles or ask for more than there is.
 */
import { File } from "jsfive";
import { describe, expect, it, test } from "vitest";
import { zlibBomb } from "../../../tools/faults/parts/bombs.mjs";
import { type DataSet, hdf5Of } from "../../../tools/faults/parts/hdf5.mjs";
import { mutatedBytes } from "../../../tools/faults/parts/mutate.mjs";
import { randomOf } from "../../../tools/faults/parts/random.mjs";
import { FileFormatError } from "../errors.js";
import { golden } from "../keras/fixtures.cases.js";
import { type Hdf5Group, openHdf5 } from "../keras/hdf5.js";
import { fileBudget } from "../limits.js";
import { openZip } from "../zip.js";

/** What is used of jsfive. */
interface Other {
  readonly keys: readonly string[] | (() => unknown);
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly value: readonly number[];
  get(name: string): Other;
}

const open = (bytes: Uint8Array): Hdf5Group => openHdf5(bytes, "f.h5", fileBudget("f.h5", {}, bytes.length));

async function sameAs(other: Other, group: Hdf5Group): Promise<number> {
  let compared = 0;
  // jsfive keeps names as keys of an object, which puts numbers in their own order.
  expect([...group.keys].sort()).toEqual([...(other.keys as readonly string[])].sort());
  for (const [name, value] of Object.entries(other.attrs)) {
    if (typeof value === "string") expect(group.text(name)).toBe(value.replace(/\0+$/, ""));
    if (Array.isArray(value) && value.every((each) => typeof each === "string"))
      expect(group.texts(name)).toEqual(value.map((each: string) => each.replace(/\0+$/, "")));
  }
  for (const key of group.keys) {
    const child = other.get(key);
    const inner = group.group(key);
    if (inner) compared += await sameAs(child, inner);
    else {
      const tensor = await group.tensor(key);
      expect(tensor?.shape).toEqual(child.shape);
      expect([...(tensor?.values ?? [])]).toEqual([...child.value]);
      compared++;
    }
  }
  return compared;
}

test.each(["legacy.h5", "keras2.h5", "tagger.keras", "sentiment.keras", "forecast.keras"])(
  "what jsfive reads of %s, group by group",
  async (name) => {
    const file = new Uint8Array(await golden(`keras/${name}`));
    const bytes = name.endsWith(".h5") ? file : await openZip(file).read("model.weights.h5");
    expect(await sameAs(new File(new Uint8Array(bytes).buffer, name) as Other, open(bytes))).toBeGreaterThan(
      5,
    );
  },
);

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const numbers = async (set: DataSet): Promise<number[]> => [
  ...((await open(hdf5Of(set)).tensor("w"))?.values ?? []),
];

describe("numbers", () => {
  it("in one piece", async () =>
    expect(await numbers({ shape: [2, 2], numbers: floats(1, 2, 3, 4) })).toEqual([1, 2, 3, 4]));
  it("in packed pieces of which the last ones are cut off by the shape", async () => {
    const piece = (row: number, column: number, ...values: number[]) => ({
      offset: [row, column],
      bytes: floats(...values),
    });
    const pieces = [
      piece(0, 0, 1, 2, 4, 5),
      piece(0, 2, 3, 0, 6, 0),
      piece(2, 0, 7, 8, 0, 0),
      piece(2, 2, 9, 0, 0, 0),
    ];
    expect(await numbers({ shape: [3, 3], piece: [2, 2], pieces, filter: 1 })).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });
  it("that were never written, as the fill value", async () => {
    expect(await numbers({ shape: [3] })).toEqual([0, 0, 0]);
    expect(
      await numbers({ shape: [4], fill: 7, piece: [2], pieces: [{ offset: [2], bytes: floats(1, 2) }] }),
    ).toEqual([7, 7, 1, 2]);
  });
  it("out of shuffled bytes", async () => {
    const bytes = floats(1, -2);
    const shuffled = Uint8Array.from({ length: 8 }, (_, i) => bytes[(i % 2) * 4 + Math.floor(i / 2)]!);
    expect(
      await numbers({ shape: [2], piece: [2], pieces: [{ offset: [0], bytes: shuffled }], filter: 2 }),
    ).toEqual([1, -2]);
  });
});

/** The refusal of a file, which must not take its time: it looks at sizes before it makes anything. */
async function refusal(read: () => Promise<unknown>): Promise<string> {
  const from = performance.now();
  const error = await read().catch((e: unknown) => e);
  // What asked for gigabytes or never ended took minutes; a second is far from both, also on a busy machine.
  expect(performance.now() - from).toBeLessThan(1000);
  expect(error).toBeInstanceOf(FileFormatError);
  return (error as Error).message;
}

describe("refuses at once", () => {
  test.each<[string, DataSet, string]>([
    [
      "numbers that were never written, 2^40 of them",
      { shape: [2 ** 40] },
      "has the shape (1099511627776), and reading a file may take",
    ],
    ["a shape beyond all numbers", { shape: [2n ** 60n] }, "is too large"],
    [
      "packed zeros of which there are too many",
      { shape: [2 ** 30], piece: [2 ** 30], pieces: [{ offset: [0], bytes: zlibBomb(1e9) }], filter: 1 },
      "has the shape (1073741824)",
    ],
    [
      "pieces that are larger than the data set",
      { shape: [1], piece: [2 ** 32 - 1], pieces: [{ offset: [0], bytes: floats(1) }], filter: 1 },
      "has pieces of 4,294,967,295 numbers",
    ],
    [
      "the same piece again and again",
      {
        shape: [2],
        piece: [2],
        pieces: new Array(1000).fill({ offset: [0], bytes: floats(1, 2) }),
        filter: 1,
      },
      "a piece lies at (0)",
    ],
  ])("%s", async (_, set, problem) => {
    expect(await refusal(() => open(hdf5Of(set)).tensor("w"))).toContain(problem);
  });
  test.each<[number, number | bigint]>([
    [0, 2 ** 32 - 1],
    [1, 2n ** 40n],
    [2 ** 31, 1],
  ])("texts of %d bytes, %d of them", async (size, count) => {
    const texts = { name: "t", size, count, bytes: new Uint8Array(8) };
    const group = open(hdf5Of({ shape: [1], numbers: floats(1), texts }));
    // A text of no length is no text.
    if (size === 0) expect(group.texts("t")).toBe(undefined);
    else expect(await refusal(async () => group.texts("t"))).toContain("lie beyond the file");
  });
});

test("texts of one length, as many as there are", () => {
  const bytes = new TextEncoder().encode("one\0two\0");
  const group = open(
    hdf5Of({ shape: [1], numbers: floats(1), texts: { name: "t", size: 4, count: 2, bytes } }),
  );
  expect(group.texts("t")).toEqual(["one", "two"]);
  expect([group.text("t"), group.texts("u")]).toEqual([undefined, undefined]);
});

test("two thousand damaged files, each read or refused in a moment", async () => {
  const file = new Uint8Array(await golden("keras/keras2.h5"));
  let slowest = 0;
  for (let n = 0; n < 2000; n++) {
    const bytes = mutatedBytes(file, randomOf(1, "hdf5", n));
    const from = performance.now();
    await walk(bytes).catch((error: unknown) => {
      if (!(error instanceof FileFormatError)) throw new Error(`file ${n}`, { cause: error });
    });
    slowest = Math.max(slowest, performance.now() - from);
  }
  // jsfive took up to 256 s for such a file; a whole one takes a few milliseconds.
  expect(slowest).toBeLessThan(2000);
});

async function walk(bytes: Uint8Array): Promise<void> {
  const all = async (group: Hdf5Group, depth: number): Promise<void> => {
    group.text("model_config");
    group.texts("weight_names");
    for (const key of group.keys) {
      const inner = group.group(key);
      if (inner && depth < 8) await all(inner, depth + 1);
      else await group.tensor(key);
    }
  };
  await all(open(bytes), 0);
}
