/**
 * Reading and writing of real files: the errors a person sees, and that a failed write leaves nothing behind.
 */

import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gzipBomb } from "../../tools/faults/parts/bombs.mjs";
import { DataError } from "./errors.js";
import { fileSource, filesBelow, readFileBytes, readNamed, withLimits, writeFileAtomically } from "./node.js";
import { lines, readBytes, readText } from "./source.js";
import { readTextExamples } from "./tables/examples.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "unrolled-data-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("reading", () => {
  test("gives a file's text, packed or not", async () => {
    const text = "label\ttext\n".concat("1\tgood\n0\tbad\n".repeat(20_000));
    await writeFile(join(folder, "a.tsv"), text);
    await writeFile(join(folder, "b.tsv.gz"), gzipSync(text));
    expect(await readText(fileSource(join(folder, "a.tsv")))).toBe(text);
    expect(await readText(fileSource(join(folder, "b.tsv.gz")))).toBe(text);
    const sources = [fileSource(join(folder, "a.tsv")), fileSource(join(folder, "b.tsv.gz"))];
    expect((await readTextExamples(sources)).examples).toHaveLength(80_000);
    expect(await readFileBytes(join(folder, "a.tsv"))).toEqual(
      new Uint8Array(await readFile(join(folder, "a.tsv"))),
    );
  });

  test("gives a file's bytes, unpacked where they are gzip", async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) & 255);
    await writeFile(join(folder, "a.mid"), bytes);
    await writeFile(join(folder, "b.mid.gz"), gzipSync(bytes));
    expect(await readBytes(fileSource(join(folder, "a.mid")))).toEqual(bytes);
    expect(await readBytes(fileSource(join(folder, "b.mid.gz")))).toEqual(bytes);
  });

  test("a folder stands for all files below it but hidden ones, any other path for itself", async () => {
    await mkdir(join(folder, "in/deep"), { recursive: true });
    for (const name of ["in/b.mid", "in/a.mid", "in/.hidden", "in/deep/c.mid"])
      await writeFile(join(folder, name), "");
    const found = await filesBelow(join(folder, "in"));
    expect(found).toEqual(["a.mid", "b.mid", "deep/c.mid"].map((name) => join(folder, "in", name)));
    expect(await filesBelow(join(folder, "in/a.mid"))).toEqual([join(folder, "in/a.mid")]);
    expect(await filesBelow(join(folder, "none"))).toEqual([join(folder, "none")]);
  });

  test.each([
    ["a file that is not there", "none.tsv", "none.tsv: cannot be read: there is no such file or folder."],
    ["a folder", ".", "cannot be read: it is a folder. Give the name of a file."],
    ["a file used as a folder", "file/x", "cannot be read: a part of its path is a file, not a folder."],
  ])("refuses %s", async (_, name, message) => {
    await writeFile(join(folder, "file"), "");
    for (const read of [
      () => readText(fileSource(join(folder, name))),
      () => readFileBytes(join(folder, name)),
    ]) {
      const error: unknown = await read().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DataError);
      expect((error as DataError).message).toContain(message);
    }
  });
});

describe("writing", () => {
  test("makes a file, and replaces one, and leaves no other behind", async () => {
    const path = join(folder, "m.safetensors");
    await writeFileAtomically(path, bytesOf("first"));
    await writeFileAtomically(path, bytesOf("second"));
    expect(await readFile(path, "utf8")).toBe("second");
    expect(await readdir(folder)).toEqual(["m.safetensors"]);
  });

  test("keeps an existing file's permissions", async () => {
    const path = join(folder, "m");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    await writeFileAtomically(path, bytesOf("new"));
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  test("writes through a symbolic link", async () => {
    await writeFile(join(folder, "real"), "old");
    await symlink(join(folder, "real"), join(folder, "link"));
    await writeFileAtomically(join(folder, "link"), bytesOf("new"));
    expect(await readFile(join(folder, "real"), "utf8")).toBe("new");
  });

  test("refuses a folder that is not there", async () => {
    await expect(writeFileAtomically(join(folder, "none", "m"), bytesOf("x"))).rejects.toThrow(
      "cannot be written: there is no such file or folder",
    );
  });

  test("that fails removes its temporary file and keeps the target", async () => {
    // Renaming a file onto a folder fails after the temporary file was written.
    await mkdir(join(folder, "m"));
    await expect(writeFileAtomically(join(folder, "m"), bytesOf("x"))).rejects.toBeInstanceOf(DataError);
    expect(await readdir(folder)).toEqual(["m"]);
  });
});

describe("a file that another one names", () => {
  const refusal = async (name: string): Promise<string> => {
    const error = await readNamed(join(folder, "models/model.json"), name).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    return (error as Error).message;
  };
  beforeEach(async () => {
    await mkdir(join(folder, "models/parts"), { recursive: true });
    await writeFile(join(folder, "secret"), "secret");
    await writeFile(join(folder, "models/parts/a.bin"), "a");
  });

  test("is read below its folder, also by a link that stays there", async () => {
    await symlink("parts", join(folder, "models/linked"));
    for (const name of ["parts/a.bin", "./parts/a.bin", "linked/a.bin"])
      expect(await readNamed(join(folder, "models/model.json"), name)).toEqual(bytesOf("a"));
  });
  test.each(["/etc/passwd", "../secret", "parts/../../secret", "..", "http://host/a", "a\0"])(
    "is not %j",
    async (name) => {
      expect(await refusal(name)).toMatch(/model\.json: names ".*", which (is|leads)/);
    },
  );
  test("is nothing outside, wherever links lead", async () => {
    await symlink("../secret", join(folder, "models/one"));
    await symlink("..", join(folder, "models/up"));
    await symlink("one", join(folder, "models/two"));
    for (const name of ["one", "two", "up/secret"])
      expect(await refusal(name)).toContain("which lies outside");
  });
  // Opening a pipe without a writer would wait for ever.
  test.skipIf(process.platform === "win32")("is no device, no pipe and no folder", async () => {
    await symlink("/dev/zero", join(folder, "models/zero"));
    execFileSync("mkfifo", [join(folder, "models/pipe")]);
    expect(await refusal("zero")).toContain("is no file but a device or a pipe");
    expect(await refusal("pipe")).toContain("is no file but a device or a pipe");
    expect(await refusal("parts")).toContain("is no file");
  });
  test("is not larger than the limits say", async () => {
    await writeFile(join(folder, "models/large"), new Uint8Array(2000));
    await withLimits({ mostBytes: 1000 }, async () =>
      expect(await refusal("large")).toContain("has 2 KiB, more than 1000 bytes. mostBytes raises the limit"),
    );
  });
});

describe("what would never end", () => {
  test("devices are refused, and /dev/null is empty", async () => {
    await expect(readText(fileSource("/dev/zero"))).rejects.toThrow("/dev/zero: is a device");
    await expect(readFileBytes("/dev/zero")).rejects.toThrow("/dev/zero: is a device");
    expect(await readText(fileSource("/dev/null"))).toBe("");
  });
  test.each(["\0", "a\n", "a,"])("a packed file of %j and nothing else ends at the limit", async (unit) => {
    const path = join(folder, "t.csv.gz");
    await writeFile(path, gzipBomb(unit, 4e9));
    const before = process.memoryUsage().rss;
    const count = async (): Promise<number> => {
      let found = 0;
      for await (const _ of lines(fileSource(path))) found++;
      return found;
    };
    await withLimits({ mostBytes: 2 ** 24 }, async () =>
      expect(await count().catch((e: Error) => e.message)).toMatch(
        /unpacks to more and more.*mostBytes raises the limit/,
      ),
    );
    // Sixteen MiB of text and what is made of it; unpacked whole, it would be four thousand.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
  });
});
