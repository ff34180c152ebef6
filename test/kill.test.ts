/**
 * A real training process is killed at thirty random moments and goes on after each. Never is more lost than what came
 * after the last checkpoint, every file that is left loads, and the end is, to the bit, that of a run nobody disturbed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readModel } from "unrolled/io";
import { readCheckpoint } from "unrolled/train";
import { afterAll, expect, it } from "vitest";

const program = fileURLToPath(new URL("./kill/train.mjs", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "unrolled-kill-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** What a process said before it ended or was killed. */
interface Ending {
  readonly saved: readonly string[];
  readonly done: string | undefined;
}

/** Runs the program, and kills it so many milliseconds after its first checkpoint, if it has not ended by then. */
function train(
  folder: string,
  { threads, killAfter }: { threads: number; killAfter?: number },
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, folder, String(threads)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const saved: string[] = [];
    let [done, errors] = [undefined as string | undefined, ""];
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("done ")) done = line;
      else if (saved.push(line.slice("saved ".length)) === 1 && killAfter !== undefined)
        setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0 || signal === "SIGKILL") resolve({ saved, done });
      else reject(new Error(`the program ended with ${code}: ${errors}`));
    });
  });
}

const stepOf = (name: string): number => Number(/\d+/.exec(name)?.[0]);

it("a training process that is killed thirty times loses nothing that was saved", async () => {
  const [whole, folder] = [join(temporary, "whole"), join(temporary, "killed")];
  const undisturbed = await train(whole, { threads: 1 });
  expect(undisturbed.done).toMatch(/^done 720 /);
  let kills = 0;
  let ending: Ending = { saved: [], done: undefined };
  // A linear congruential generator: moments that differ, and are the same in every run of the test.
  let random = 12345;
  while (ending.done === undefined || kills < 30) {
    // Finished before it was killed often enough: begin again, into the same thirty.
    if (ending.done !== undefined) {
      expect(ending.done).toBe(undisturbed.done);
      rmSync(folder, { recursive: true });
    }
    random = (random * 1103515245 + 12345) % 2 ** 31;
    const killAfter = kills < 30 ? random % 40 : undefined;
    ending = await train(folder, {
      threads: 1 + (kills % 2),
      ...(killAfter === undefined ? {} : { killAfter }),
    });
    if (ending.done === undefined) kills++;
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith(".tmp")) : [];
    const newest = files.sort().at(-1)!;
    for (const name of files) {
      const bytes = readFileSync(join(folder, name));
      expect(readModel(bytes, name).parameters.size).toBeGreaterThan(0);
      expect(readCheckpoint(bytes, name).trainer.step).toBe(stepOf(name));
    }
    expect(stepOf(newest)).toBeGreaterThanOrEqual(Math.max(...ending.saved.map(stepOf)));
  }
  expect(kills).toBe(30);
  expect(ending.done).toBe(undisturbed.done);
}, 120_000);
