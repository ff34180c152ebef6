/** Zip archives: stored, deflated, zip64; and every way an archive can be wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zipped } from "../../tools/faults/parts/containers.mjs";
import { FileFormatError } from "./errors.js";
import { fileBudget } from "./limits.js";
import { type ZipFile, type ZipOptions, zipOf } from "./zip.cases.js";
import { isZip, openZip } from "./zip.js";

const text = new TextEncoder().encode("a text that repeats, a text that repeats, a text that repeats");
const numbers = Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256);
const files: ZipFile[] = [
  { name: "m/data.pkl", bytes: text, deflate: true },
  { name: "m/", bytes: new Uint8Array() },
  { name: "m/data/0", bytes: numbers },
  { name: "m/empty", bytes: new Uint8Array() },
];

describe("an archive is read", () => {
  it.each<[string, ZipOptions]>([
    ["as it is", {}],
    ["with the records of zip64", { zip64: true }],
    ["with a comment at its end", { comment: "PK and more" }],
  ])("%s", async (_, options) => {
    const zip = openZip(zipOf(files, options));
    expect(zip.names).toEqual(["m/data.pkl", "m/data/0", "m/empty"]);
    expect(await zip.read("m/data.pkl")).toEqual(text);
    expect(await zip.read("m/data/0")).toEqual(numbers);
    expect(await zip.read("m/empty")).toEqual(new Uint8Array());
  });
  it("without copying what is stored", async () => {
    const bytes = zipOf(files);
    expect((await openZip(bytes).read("m/data/0")).buffer).toBe(bytes.buffer);
  });
  it("by its first bytes", () => {
    expect([zipOf(files), text, new Uint8Array(2)].map(isZip)).toEqual([true, false, false]);
  });
});

describe("refused is", () => {
  const one = (fields: ZipFile["fields"], deflate = false): Uint8Array =>
    zipOf([{ name: "x", bytes: text, deflate, ...(fields ? { fields } : {}) }]);
  it.each<[string, Uint8Array, string]>([
    ["an empty file", new Uint8Array(), "m.zip, end: has no directory"],
    ["what is no archive", numbers, "m.zip, end: has no directory"],
    ["one that is cut off", zipOf(files).slice(0, -30), "end: has no directory"],
    ["a directory beyond the file", zipOf(files).slice(200), "directory"],
    ["an entry that is there twice", zipOf([files[0]!, files[0]!]), "is there twice"],
  ])("%s", (_, bytes, says) => {
    expect(() => openZip(bytes, "m.zip")).toThrow(says);
    expect(() => openZip(bytes, "m.zip")).toThrow(FileFormatError);
  });
  it.each<[string, Uint8Array, string]>([
    ["a missing entry", zipOf(files), "m.zip, entry x: is missing"],
    ["an encrypted one", one({ flags: 1 }), "is encrypted"],
    ["one packed otherwise", one({ method: 12 }), "is packed by method 12"],
    ["a wrong checksum", one({ checksum: 1 }), "has another checksum"],
    ["one beyond the file", one({ packed: 1e6 }), "lies beyond the file"],
    ["a header that is none", one({ at: 5 }), "has no header"],
    ["a size that is another", one({ size: 3 }), `has ${text.length} bytes, not 3`],
    ["more than was announced", one({ size: 3 }, true), "is larger than the 3 bytes"],
    ["less than was announced", one({ size: 300 }, true), `has ${text.length} bytes, not 300`],
    ["what cannot be unpacked", one({ method: 8 }), "cannot be unpacked"],
    ["a size that no packed bytes have", one({ size: 4e9 }, true), "which cannot unpack to 4000000000"],
  ])("%s", async (_, bytes, says) => {
    await expect(openZip(bytes, "m.zip").read("x")).rejects.toThrow(says);
    await expect(openZip(bytes, "m.zip").read("x")).rejects.toThrow(FileFormatError);
  });
});

it("an archive with some bytes changed gives the same contents or a FileFormatError", async () => {
  const whole = zipOf(files, { zip64: true });
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(whole.length), async (changed, length) => {
      const bytes = whole.slice();
      for (const [at, value] of changed) bytes[at] = value;
      for (const damaged of [bytes, whole.slice(0, length)]) {
        try {
          const zip = openZip(damaged);
          for (const name of zip.names) await zip.read(name);
        } catch (error) {
          expect(error).toBeInstanceOf(FileFormatError);
        }
      }
    }),
  );
});

it("all that is unpacked of an archive counts, before it is", async () => {
  const packed = zipOf([
    { name: "a", bytes: new Uint8Array(60_000), deflate: true },
    { name: "b", bytes: new Uint8Array(60_000), deflate: true },
  ]);
  const zip = openZip(packed, "m.zip", fileBudget("m.zip", { mostBytes: 100_000 }));
  expect((await zip.read("a")).length).toBe(60_000);
  await expect(zip.read("b")).rejects.toThrow(
    "m.zip, entry b: unpacks to 60,000 bytes, and reading a file may take",
  );
});

it("entries that lie over each other are refused", () => {
  const one = { name: "n", bytes: new Uint8Array(1000) };
  const over = [one, ...Array.from({ length: 3 }, (_, i) => ({ ...one, name: `n${i}`, at: 0 }))];
  expect(() => openZip(zipped(over), "m.zip")).toThrow("lists entries that lie over each other");
});
