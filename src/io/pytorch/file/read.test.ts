/** Files of torch.save that are odd, damaged or malicious: what is read of them, and that all else is a clear error. */
import { existsSync, mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { FileFormatError } from "../../errors.js";
import { tensorFrom, toFloat64, writeSafetensors } from "../../index.js";
import { zipOf } from "../../zip.cases.js";
import { readPyTorch, readStateDict } from "../index.js";
import { dictOf, pickleOf, piece, torchArchive } from "./pickle.cases.js";

const { text, int, global, tuple, items, tensor, storage, ordered, none, reduce, emptyTuple } = piece;
const golden = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`../../../../test/golden/pytorch/${name}`, import.meta.url)).then(
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
      "holds several networks: a, b. part chooses one: a.",
    ],
    ["not in a list", pickleOf([0x5d]), "holds no state dict; it is a list."],
    ["not in an empty dictionary", pickleOf(piece.emptyDict), "holds no state dict."],
    ["not where a key is a number", dictOf(int(1), one), "holds no state dict; it has 1"],
    ["not in one tensor", pickleOf(one), "holds no state dict; it is one tensor, without a name"],
    ["not in a list of tensors", pickleOf([0x28], one, [0x6c]), "it is a list of 1 tensors without names"],
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
  const one = tensor(storage("0", "FloatStorage", 1), 0, [1], [1]);
  const dict = [...piece.emptyDict, ...items(text("w"), one)];
  const marks = mkdtempSync(join(tmpdir(), "unrolled-"));
  afterAll(() => rm(marks, { recursive: true }));
  const opened = join(marks, "opened");
  const calls = [
    ["os", "system", `touch ${opened}`],
    ["posix", "system", `touch ${opened}`],
    ["subprocess", "Popen", `touch ${opened}`],
    ["builtins", "eval", `open("${opened}", "w")`],
    ["__builtin__", "exec", `open("${opened}", "w")`],
    ["builtins", "getattr", "system"],
    ["importlib", "import_module", "os"],
    ["torch", "load", opened],
    ["torch.storage", "_load_from_bytes", opened],
    ["torch.hub", "load", opened],
    ["globalThis", "eval", `require("fs").writeFileSync("${opened}", "")`],
    ["process", "exit", "1"],
    ["constructor", "constructor", "return process"],
    ["__proto__", "toString", "x"],
  ] as const;
  const called = (module: string, name: string, arg: string): number[] => [
    ...global(module, name),
    ...tuple(text(arg)),
    ...reduce,
  ];
  it.each(calls)("%s.%s is a record, beside a state dict that is read", async (module, name, arg) => {
    const evil = called(module, name, arg);
    const full = `${module === "__builtin__" ? "builtins" : module}.${name}`;
    const archive = torchArchive(dictOf(text("state_dict"), dict, text("x"), evil), { 0: count(1) });
    const { tensors, said } = await readPyTorch(archive);
    expect([...tensors.keys()]).toEqual(["w"]);
    if (!/^(torch|builtins)/.test(full)) expect(said.join()).toContain(`Of ${full} nothing was executed`);
    expect(existsSync(opened)).toBe(false);
    // Alone it is nothing to import, wherever it hides.
    await refused(torchArchive(pickleOf(evil)), `holds no state dict; it is a ${full}`);
    await refused(torchArchive(dictOf(text("w"), evil)), "holds no state dict");
    await refused(torchArchive(pickleOf(ordered(), evil, [0x62])), "holds no state dict");
    expect(existsSync(opened)).toBe(false);
  });
  it("nor what stands for a storage, a tensor or pairs", async () => {
    await refused(
      torchArchive(dictOf(text("w"), tensor(called("os", "system", "x"), 0, [1], [1]))),
      "makes a tensor of something that is no storage",
    );
    await refused(
      torchArchive(pickleOf(global("collections", "OrderedDict"), tuple(text("ab")), reduce)),
      "makes a dictionary of something that is not a list of pairs",
    );
    await refused(
      torchArchive(
        pickleOf(global("torch._tensor", "_rebuild_from_type_v2"), tuple(none, none, none), reduce),
      ),
      "makes a tensor by something that makes none",
    );
  });
  it("numbers of types that are not read are nothing, and what is beside them is read", async () => {
    const odd = tensor(storage("1", "ComplexFloatStorage", 1), 0, [1], [1]);
    const archive = torchArchive(dictOf(text("other"), odd, text("net"), dict), { 0: count(1) });
    expect([...(await readStateDict(archive)).keys()]).toEqual(["w"]);
  });
});

describe("a module that was saved whole", () => {
  it("gives the tensors of its state dict, and what it was made with", async () => {
    const { tensors, classes } = await readPyTorch(await golden("gru-module.pt"));
    const dict = await readStateDict(await golden("gru.pt"));
    expect([...tensors.keys()]).toEqual([...dict.keys()]);
    const of = classes.get("");
    expect([of?.name, of?.made.get("mode"), of?.made.get("batch_first")]).toEqual([
      "torch.nn.modules.rnn.GRU",
      "GRU",
      true,
    ]);
  });
});

describe("files that are no models are called what they are", () => {
  const ascii = (value: string): Uint8Array => new TextEncoder().encode(value);
  it.each<[string, Uint8Array, string]>([
    [
      "a pointer of Git LFS",
      ascii("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"),
      "is a pointer of Git LFS, which stands for the file. Fetch the file itself: git lfs pull.",
    ],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), "is packed by gzip"],
    ["a tar archive", ascii(`${"m.pt".padEnd(257, "\0")}ustar\0`), "is a tar archive. Unpack it first"],
    ["a page", ascii("<!DOCTYPE html><html></html>"), "is a page of the web"],
    ["HDF5", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10), "is an HDF5 file"],
  ])("%s", async (_, bytes, says) => {
    await refused(bytes, says);
    await refused(bytes, says, "m.safetensors");
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
