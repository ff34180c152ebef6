/**
 * The short form of the kills of `npm run faults`: one case of each kind, of different tasks.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { run } from "../tools/faults/kills.mjs";

const work = mkdtempSync(join(tmpdir(), "unrolled-faults-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

// Signals as the cases send them are of systems like Unix.
it.skipIf(process.platform === "win32")(
  "trainings that are killed, stopped, unheard or without room lose nothing (not on Windows)",
  async () => {
    const lines: string[] = [];
    const isRight = await run({
      seed: 1,
      minutes: 4,
      work,
      share: 0.01,
      print: (line: string) => void lines.push(line),
    });
    expect(lines.filter((line) => line.startsWith("FAULT"))).toEqual([]);
    expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual([
      "kills",
      "at random moments",
      "at stages of saving",
      "closed pipes",
      "full disks",
      "read-only folders",
      "two processes",
      "aborts, ten each",
    ]);
    expect(isRight).toBe(true);
  },
  300_000,
);
