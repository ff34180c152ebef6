/** Writing: whole or not at all, what killed processes left is removed, and nothing that is no file is replaced. */
import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { hasEnded, ownMark } from "./processes.js";
import {
  appendToFile,
  flushFile,
  partName,
  removeLeftParts,
  writeFileAtomically,
  writeNewFile,
} from "./writing.js";

const root = mkdtempSync(join(tmpdir(), "unrolled-writing-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "each-"));
});
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The number of a process that has ended, and whose parent knows it. */
const endedPid = (): number => spawnSync(process.execPath, ["--version"]).pid;
const isLinux = process.platform === "linux";

describe("a file", () => {
  it("may have the longest name that there is", async () => {
    const file = join(folder, "m".repeat(255));
    await writeFileAtomically(file, bytes("whole"));
    expect(readFileSync(file, "utf8")).toBe("whole");
  });
  it.skipIf(!isLinux)("that is a device is kept (on Linux: /dev/null)", async () => {
    await expect(writeFileAtomically("/dev/null", bytes("x"))).rejects.toThrow(
      "/dev/null: is a device or a pipe, and was kept. Give the name of a file.",
    );
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(readdirSync("/dev").filter((name) => name.startsWith(".unrolled"))).toEqual([]);
  });
  it("that must be new is made by one of many that try", async () => {
    const file = join(folder, "new");
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, i) => writeNewFile(file, bytes(String(i)))),
    );
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(readFileSync(file, "utf8")).toBe(String(made.indexOf(true)));
    expect(readdirSync(folder)).toEqual(["new"]);
  });
  it.skipIf(!isLinux)("that takes no more says so when it is added to (on Linux: /dev/full)", async () => {
    await expect(appendToFile("/dev/full", "line\n")).rejects.toThrow(
      "/dev/full: cannot be written: the disk is full. Make room, or use another place.",
    );
  });
  it("is flushed if it is there", async () => {
    await appendToFile(join(folder, "log"), "a\n");
    await appendToFile(join(folder, "log"), "b\n");
    await flushFile(join(folder, "log"));
    await flushFile(join(folder, "none"));
    expect(readFileSync(join(folder, "log"), "utf8")).toBe("a\nb\n");
    expect(readdirSync(folder)).toEqual(["log"]);
  });
});

describe("what a killed process left", () => {
  const partOf = (mark: { pid: number; started?: string }): string =>
    partName().replace(/^\.unrolled-\d+-\d*/, `.unrolled-${mark.pid}-${mark.started ?? ""}`);
  it("is removed, and what a running one is writing is not", async () => {
    const own = partName();
    const left = partOf({ pid: endedPid() });
    const elsewhere = own.replace(/-[0-9a-f]{8}-/, "-00000000-");
    for (const name of [own, left, elsewhere, ".unrolled-notes.tmp"]) writeFileSync(join(folder, name), "");
    expect(await removeLeftParts(folder)).toBe(1);
    expect(readdirSync(folder).sort()).toEqual([own, elsewhere, ".unrolled-notes.tmp"].sort());
  });
  it.skipIf(!isLinux)(
    "is told from what another process of the same number writes (on Linux, which tells when it started)",
    async () => {
      writeFileSync(join(folder, partOf({ pid: process.pid, started: "1" })), "");
      expect(await removeLeftParts(folder)).toBe(1);
    },
  );
  it("shows by its mark, unless it is of another machine", () => {
    expect(hasEnded(ownMark())).toBe(false);
    expect(hasEnded({ ...ownMark(), pid: endedPid() })).toBe(true);
    expect(hasEnded({ ...ownMark(), machine: "00000000" })).toBe(undefined);
    expect(hasEnded({ ...ownMark(), started: "" })).toBe(false);
  });
});
