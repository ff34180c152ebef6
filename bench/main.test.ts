/**
 * The bench runs: a quick run of everything of ours, started as a user starts it. Nothing here looks at how fast
 * anything was.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import type { markdown } from "./report.mjs";
import { groups } from "./tasks.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** `npm run bench` without the build before it: other tests may be reading dist/. */
const bench = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ["bench/main.mjs", ...args], { cwd: root });

const stored = (): string => readFileSync(new URL("RESULTS.md", import.meta.url), "utf8");

/** The figure that each program prints. */
const figures = {
  "program kernels.mjs": /2x8 +median [\d.]+, best [\d.]+[\s\S]*softplus median [\d.]+, best [\d.]+/,
  "program recompute.mjs":
    /\| everything \| .*\n\| every 10th state \| [\d,]+ MiB \| [\d.]+ \| [\d.]+ \| [\d.]+ \|/,
  "program adding.mjs": /test MSE [\d.]+ after \d+ steps/,
  "program step.mjs": /median [\d.]+ ms .* [\d.]+ GFLOP\/s executed/,
  "program stream.mjs": /gru 8→16: [\d.]+ µs per step .* [\d.]+ bytes per step\n.*: [\d.]+ µs per stream/,
};

it("measures every row of ours, and writes no results", { timeout: 300_000 }, async () => {
  expect(packageJson.scripts.bench).toMatch(/ node bench\/main\.mjs$/);
  const before = stored();
  const { stdout } = await bench("--quick", "--with", "unrolled,limit", "--json");
  const { results, programs }: Parameters<typeof markdown>[0] = JSON.parse(stdout);

  for (const { task, name, ms, facts, refused } of results) {
    const row = `${task}, ${name}`;
    expect(refused, row).toBeUndefined();
    expect(ms?.median, row).toBeGreaterThan(0);
    if (!task.startsWith("train") || name.startsWith("limit")) continue;
    const [first, last] = facts?.["loss"] ?? [];
    expect(last, `${row}: the loss falls`).toBeLessThan(first);
  }
  expect(new Set(results.map(({ group }) => group))).toEqual(new Set(Object.keys(groups)));
  const rows = new Set(results.map(({ name, threads }) => `${name}, ${threads}`));
  for (const row of ["unrolled simd, 1", "unrolled simd, 2", "limit simd, 1"]) expect(rows).toContain(row);

  expect(programs.map(({ task }) => task)).toEqual(Object.keys(figures));
  for (const { task, printed, refused } of programs) {
    expect(refused, task).toBeUndefined();
    expect(printed, task).toMatch(figures[task as keyof typeof figures]);
    expect(printed, task).not.toMatch(/NaN|undefined|Infinity/);
  }
  expect(stored()).toBe(before);
});

it.each([
  [["--quick", "--write"], "--quick measures no speed, so there is nothing to --write"],
  [["--only", "trian"], 'there is nothing called "trian" here; see --list'],
  [["--with", "numpy"], 'there is nothing called "numpy" here; see --list'],
  [["--minutes", "soon"], "--minutes is soon; it must be a number above 0"],
])("refuses %s", async (args, message) => {
  await expect(bench(...args)).rejects.toMatchObject({ code: 2, stderr: `${message}\n` });
});
