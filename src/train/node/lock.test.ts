/** One owner of a run's folder: of many that want it one has it, and what ended processes left is taken over. */
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ownMark, type ProcessMark } from "../../data/node/processes.js";
import { partName } from "../../data/node/writing.js";
import { lockName, lockRunFolder, requireUnlocked } from "./lock.js";

const root = mkdtempSync(join(tmpdir(), "unrolled-lock-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(root, "each-")), "a.run");
});
const leave = (mark: Partial<ProcessMark>, seconds = 0): void => {
  mkdirSync(path, { recursive: true });
  const facts = { host: "elsewhere", since: "2026-01-02T03:04:05.678Z", token: "t" };
  const file = join(path, lockName);
  writeFileSync(file, JSON.stringify({ ...ownMark(), ...facts, ...mark }));
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
};
const ended = (): number => spawnSync(process.execPath, ["--version"]).pid;

describe("a lock", () => {
  it("has one owner of ten that want it, says who that is, and can be had again", async () => {
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => lockRunFolder(path)));
    const had = tried.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(had).toHaveLength(1);
    expect(had[0]?.remark).toBe(undefined);
    for (const each of tried)
      if (each.status === "rejected")
        expect(String(each.reason)).toMatch(
          new RegExp(
            `a\\.run: is in use by process ${process.pid} on \\S+ since 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\. Wait until it has ended, or choose another folder with run\\.`,
          ),
        );
    await expect(requireUnlocked(path)).rejects.toThrow("is in use by process");
    await had[0]?.release();
    await requireUnlocked(path);
    await (await lockRunFolder(path)).release();
  });
  it("takes the folder that it made along, unless there is something in it", async () => {
    const lock = await lockRunFolder(join(path, "b"));
    expect(readdirSync(join(path, "b"))).toEqual([lockName]);
    await lock.release();
    expect(existsSync(path)).toBe(false);
    const other = await lockRunFolder(path);
    writeFileSync(join(path, "x"), "");
    await other.release();
    expect(readdirSync(path)).toEqual(["x"]);
  });
  it("of a process that has ended is taken over by one of ten, which says so", async () => {
    const pid = ended();
    leave({ pid });
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => lockRunFolder(path)));
    const had = tried.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(had).toHaveLength(1);
    expect(had[0]?.remark).toBe(
      `${path}: was left locked by process ${pid} on elsewhere since 2026-01-02 03:04 UTC, which has ended, and is taken over`,
    );
    expect(readdirSync(path)).toEqual([lockName]);
    await had[0]?.release();
  });
  it("of a process that runs is respected, and of one with the number of an ended one is not", async () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
    try {
      leave({ pid: child.pid!, started: "" });
      await expect(lockRunFolder(path)).rejects.toThrow(`is in use by process ${child.pid} on elsewhere`);
      if (process.platform !== "linux") return;
      leave({ pid: child.pid!, started: "1" });
      await (await lockRunFolder(path)).release();
    } finally {
      child.kill("SIGKILL");
    }
  });
  it("of another machine counts as long as it is touched", async () => {
    leave({ machine: "00000000" }, 300);
    await expect(lockRunFolder(path)).rejects.toThrow("is in use by process");
    leave({ machine: "00000000" }, 900);
    await (await lockRunFolder(path)).release();
  });
  it("that says nothing counts while it may just be written", async () => {
    leave({});
    writeFileSync(join(path, lockName), "");
    await expect(lockRunFolder(path)).rejects.toThrow("is in use by an unknown process");
    leave({ pid: "\u001b[31m" as never }, 60);
    const lock = await lockRunFolder(path);
    expect(lock.remark).toContain("was left locked by an unknown process");
    await lock.release();
  });
  it.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)(
    "is given back without a word where the disk has become read-only (needs leave to mount: run as root on Linux)",
    async () => {
      mkdirSync(path);
      if (spawnSync("mount", ["-t", "tmpfs", "tmpfs", path]).status !== 0) return;
      try {
        const lock = await lockRunFolder(path);
        spawnSync("mount", ["-o", "remount,ro", path]);
        await lock.release();
        await expect(lockRunFolder(path)).rejects.toThrow(
          /a\.run: (is in use by process|cannot be written: the file system is read-only)/,
        );
      } finally {
        spawnSync("umount", [path]);
      }
    },
  );
  it("removes what killed processes left half-written, and does not give back what is another's by now", async () => {
    mkdirSync(path);
    writeFileSync(join(path, partName().replace(/\d+/, String(ended()))), "");
    const lock = await lockRunFolder(path);
    expect(readdirSync(path)).toEqual([lockName]);
    leave({ pid: 1 });
    await lock.release();
    expect(readFileSync(join(path, lockName), "utf8")).toContain('"pid":1,');
  });
});
