/** Files of torch.save that are odd, damaged or malicious: what is read of them, and that all else is a clear error. */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileFormatError } from "../errors.js";
import { tensorFrom, toFloat64, writeSafetensors } from "../index.js";
import { zipOf } from "../zip.cases.js";
import { readStateDict } from "./index.js";
import { dictOf, pickleOf, piece, torchArchive } from "./pickle.cases.js";

const { text, int, global, tuple, items, tensor, storage, ordered, none, reduce, emptyTuple } = piece;
const golden = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`../../../test/golden/pytorch/${name}`, import.meta.url)).then(
    (bytes) => new Uint8Array(bytes),
  );

/** 0, 1, 2, … as float32. */
const count = (n: number): Uint8Array =>
  tensorFrom(
    "",
    [n],
    Float32Array.from({ length: n }, (_, i) => i),
  ).data;

describe("tensors lie in their storages", () => {
  const six = storage("0", "FloatStorage", 6);
  it.each<[string, number[], readonly number[], number[]]>([
    ["one after the other", tensor(six, 0, [2, 3], [3, 1]), [2, 3], [0, 1, 2, 3, 4, 5]],
    ["from an offset on", tensor(six, 2, [2, 2], [2, 1]), [2, 2], [2, 3, 4, 5]],
    ["transposed", tensor(six, 0, [3, 2], [1, 3]), [3, 2], [0, 3, 1, 4, 2, 5]],
    ["with gaps", tensor(six, 1, [2, 2], [3, 1]), [2, 2], [1, 2, 4, 5]],
    ["as a scalar", tensor(six, 4, [], []), [], [4]],
    ["without elements", tensor(six, 0, [0, 3], [3, 1]), [0, 3], []],
    [
      "as parameters",
      [
        ...global("torch._utils", "_rebuild_parameter"),
        ...tuple(tensor(six, 0, [1], [1]), [0x88], ordered()),
        ...reduce,
      ],
      [1],
      [0],
    ],
  ])("%s", async (_, made, shape, values) => {
    const found = await readStateDict(torchArchive(dictOf(text("w"), made), { 0: count(6) }));
    expect(found.get("w")).toMatchObject({ name: "w", dtype: "F32", shape });
    expect(Array.from(toFloat64(found.get("w") as never))).toEqual(values);
  });

  it.each<[string, number, string, number[], number]>([
    ["DoubleStorage", 8, "F64", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], -1.5],
    ["HalfStorage", 2, "F16", [0, 0xbe], -1.5],
    ["BFloat16Storage", 2, "BF16", [0xc0, 0xbf], -1.5],
    ["LongStorage", 8, "I64", [0xfe, 255, 255, 255, 255, 255, 255, 255], -2],
    ["IntStorage", 4, "I32", [0xfe, 255, 255, 255], -2],
    ["ShortStorage", 2, "I16", [0xfe, 255], -2],
    ["CharStorage", 1, "I8", [0xfe], -2],
    ["ByteStorage", 1, "U8", [0xfe], 254],
    ["BoolStorage", 1, "BOOL", [1], 1],
  ])("%s", async (type, _, dtype, bytes, value) => {
    const made = tensor(storage("0", type, 1), 0, [1], [1]);
    const found = (
      await readStateDict(torchArchive(dictOf(text("w"), made), { 0: Uint8Array.from(bytes) }))
    ).get("w");
    expect(found?.dtype).toBe(dtype);
    expect(Array.from(toFloat64(found as never))).toEqual([value]);
  });

  it("and two of one storage are views of the same bytes", async () => {
    const parts = [text("a"), tensor(six, 0, [6], [1]), text("b"), tensor(six, 0, [2, 3], [3, 1])];
    const found = await readStateDict(torchArchive(dictOf(...parts), { 0: count(6) }));
    expect(found.get("a")?.data.buffer).toBe(found.get("b")?.data.buffer);
    expect([...found.keys()]).toEqual(["a", "b"]);
  });
});

describe("a state dict is found", () => {
  const one = tensor(storage("0", "FloatStorage", 1), 0, [1], [1]);
  const dict = [...piece.emptyDict, ...items(text("w"), one)];
  it.each<[string, Uint8Array]>([
    ["in an OrderedDict with attributes", pickleOf(ordered(), items(text("w"), one), dict, [0x62])],
    ["beside numbers and texts", dictOf(text("epoch"), int(3), text("net"), dict, text("note"), none)],
    ["under its usual name beside another", dictOf(text("ema"), dict, text("state_dict"), dict)],
  ])("%s", async (_, pickle) => {
    expect([...(await readStateDict(torchArchive(pickle, { 0: count(1) }))).keys()]).toEqual(["w"]);
  });
  it.each<[string, Uint8Array, string]>([
    [
      "not among two of unknown names",
      dictOf(text("a"), dict, text("b"), dict),
      "holds no state dict; it has a, b",
    ],
    ["not in a list", pickleOf([0x5d]), "holds no state dict."],
    ["not in an empty dictionary", pickleOf(piece.emptyDict), "holds no state dict."],
    ["not where a key is a number", dictOf(int(1), one), "holds no state dict; it has 1"],
    ["not in one tensor", pickleOf(one), "holds no state dict"],
  ])("%s", async (_, pickle, says) => {
    await refused(torchArchive(pickle, { 0: count(1) }), says);
  });
});

async function refused(bytes: Uint8Array, says: string, name = "m.pt"): Promise<void> {
  const error = await readStateDict(bytes, name).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileFormatError);
  expect((error as Error).message).toContain(says);
  expect((error as Error).message).toContain(name);
}

describe("formats are told apart", () => {
  it("a safetensors file whose header begins as a pickle does, at 640 bytes", async () => {
    const tensors = [tensorFrom("w", [2], Float32Array.of(1, 2))];
    const bare = writeSafetensors(tensors, { note: "" }).length - 16;
    const bytes = writeSafetensors(tensors, { note: "x".repeat(640 - bare) });
    expect([...bytes.subarray(0, 9)]).toEqual([0x80, 2, 0, 0, 0, 0, 0, 0, 0x7b]);
    for (const name of ["m.safetensors", "m.pt"])
      expect([...(await readStateDict(bytes, name)).keys()]).toEqual(["w"]);
  });
  it("a stream of before PyTorch 1.6 in a later protocol", async () => {
    const bytes = await golden("gru-legacy.pt");
    const whole = await readStateDict(bytes);
    bytes[1] = 4;
    expect([...(await readStateDict(bytes)).keys()]).toEqual([...whole.keys()]);
  });
});

describe("nothing is executed", () => {
  const evil = (module: string, name: string) =>
    pickleOf(global(module, name), tuple(text("touch opened")), reduce);
  it.each([
    ["os", "system"],
    ["posix", "system"],
    ["builtins", "eval"],
    ["builtins", "getattr"],
    ["torch", "load"],
    ["torch.storage", "_load_from_bytes"],
    ["torch.nn.modules.rnn", "LSTM"],
    ["__main__", "Net"],
    ["numpy.core.multiarray", "scalar"],
  ])("%s.%s", async (module, name) => {
    await refused(torchArchive(evil(module, name)), `names ${module}.${name}, which is not allowed`);
    await refused(torchArchive(evil(module, name)), "torch.save(model.state_dict(), FILE)");
  });
  it("nor what hides in a dictionary, an attribute, or a storage's type", async () => {
    await refused(torchArchive(dictOf(text("w"), global("os", "system"))), "names os.system");
    await refused(
      torchArchive(pickleOf(ordered(), global("os", "system"), emptyTuple, reduce, [0x62])),
      "names os.system",
    );
    await refused(
      torchArchive(dictOf(text("w"), storage("0", "ComplexFloatStorage", 1))),
      "torch.ComplexFloatStorage",
    );
    await refused(
      torchArchive(pickleOf(global("torch", "FloatStorage"), tuple(int(9)), reduce)),
      "calls torch.FloatStorage",
    );
    await refused(
      torchArchive(pickleOf(global("collections", "OrderedDict"), tuple(text("ab")), reduce)),
      "not a list of pairs",
    );
  });
  it("a module that PyTorch pickled whole, with the way out", async () => {
    await refused(
      await golden("gru-module.pt"),
      "names torch.nn.modules.rnn.GRU, which is not allowed. Nothing in a file is executed",
    );
  });
});

describe("refused is", () => {
  const six = storage("0", "FloatStorage", 6);
  const archive = (made: number[], storages = { 0: count(6) } as Record<string, Uint8Array>) =>
    torchArchive(dictOf(text("w"), made), storages);
  it.each<[string, Uint8Array, string]>([
    ["a missing storage", archive(tensor(six, 0, [6], [1]), {}), "entry m/data/0: is missing"],
    [
      "a storage that is shorter",
      archive(tensor(six, 0, [6], [1]), { 0: count(5) }),
      "tensor w: lies in a storage of 20 bytes",
    ],
    [
      "a tensor beyond its storage",
      archive(tensor(six, 1, [6], [1])),
      "of shape (6) does not lie within its storage",
    ],
    [
      "strides beyond it",
      archive(tensor(six, 0, [2, 2], [5, 1])),
      "does not lie within its storage of 6 elements",
    ],
    [
      "a tensor larger than its storage",
      archive(tensor(six, 0, [1e9], [0])),
      "does not lie within its storage",
    ],
    [
      "a shape without strides",
      archive(tensor(six, 0, [2, 3], [3])),
      "no storage, offset, shape and strides",
    ],
    ["a negative offset", archive(tensor(six, -1, [2], [1])), "no storage, offset, shape and strides"],
    ["a tensor of no storage", archive(tensor(int(3), 0, [2], [1])), "no storage, offset, shape and strides"],
    ["a storage of a negative size", archive(storage("0", "FloatStorage", -1)), "no storage of a known type"],
    ["another persistent id", archive([...text("x"), 0x51]), "no storage of a known type"],
    [
      "an archive of something else",
      zipOf([{ name: "m/other.pkl", bytes: dictOf() }]),
      "archive: has no data.pkl",
    ],
    [
      "a program of TorchScript",
      torchArchive(dictOf(), {}, [{ name: "m/constants.pkl", bytes: count(1) }]),
      "is a TorchScript program",
    ],
    [
      "another byte order",
      torchArchive(dictOf(), {}, [{ name: "m/byteorder", bytes: new TextEncoder().encode("big") }]),
      "is not little-endian",
    ],
    ["a pickle of something else", pickleOf(text("a")), "is a pickle, but none of torch.save"],
    ["what is neither", count(9), "is neither a zip archive nor a pickle"],
  ])("%s", async (_, bytes, says) => refused(bytes, says));
  it("a model of ours, as a state dict", async () => {
    const bytes = writeSafetensors([], { unrolled: "{}" });
    await refused(bytes, "is a model of unrolled already", "m.safetensors");
  });
  it("a whole number of 60,000 bytes, and keys that are lists in lists, at once", async () => {
    const long = [0x8b, 0x60, 0xea, 0, 0, ...new Array<number>(60_000).fill(1)];
    await refused(torchArchive(dictOf(text("w"), long)), "holds a whole number of 60000 bytes");
    // Each tuple holds the one before twice: as a text, 2^60 commas.
    const deep = [...emptyTuple, ...new Array<number[]>(60).fill([0x32, 0x86]).flat()];
    await refused(
      torchArchive(dictOf(deep, none)),
      "holds no state dict; it has something that is not a text",
    );
    const legacy = await golden("gru-legacy.pt");
    const header = legacy.slice(0, legacy.indexOf(0x2e, legacy.indexOf(0x2e) + 1) + 1);
    const value = [pickleOf(piece.emptyDict), pickleOf(piece.emptyDict), pickleOf([0x5d], deep, [0x61])];
    const bytes = Uint8Array.from([...header, ...value.flatMap((part) => [...part])]);
    await refused(bytes, "has no list of storages");
  });
  it("a stream of before PyTorch 1.6 that is cut off", async () => {
    const whole = await golden("gru-legacy.pt");
    await refused(whole.slice(0, -4), "is cut off in storage");
  });
});

describe("a file with some bytes changed, or cut off, is read or is a FileFormatError", () => {
  it.each(["gru.pt", "gru-legacy.pt", "gru-checkpoint.pt", "lstm-half.pt"])("%s", async (name) => {
    const whole = await golden(name);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(whole.length), async (changed, length) => {
        const bytes = whole.slice();
        for (const [at, value] of changed) bytes[at] = value;
        for (const damaged of [bytes, whole.slice(0, length)]) {
          const outcome = await readStateDict(damaged, name).catch((error: unknown) => error);
          expect(outcome instanceof Map || outcome instanceof FileFormatError).toBe(true);
        }
      }),
    );
  });
  it("also where no checksum guards the pickle", async () => {
    const made = dictOf(
      text("a"),
      tensor(storage("0", "FloatStorage", 6), 0, [2, 3], [3, 1]),
      text("b"),
      none,
    );
    const changes = fc.array(fc.tuple(fc.nat(made.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, async (changed) => {
        const pickle = made.slice();
        for (const [at, value] of changed) pickle[at] = value;
        const outcome = await readStateDict(torchArchive(pickle, { 0: count(6) })).catch(
          (error: unknown) => error,
        );
        expect(outcome instanceof Map || outcome instanceof FileFormatError).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
