// The examples of this repository run as they stand, on the built package, and print what they promise.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (example: string): string =>
  execFileSync(process.execPath, [`examples/${example}/main.mjs`], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

it("names: entities that training does not hold are found", () => {
  const f1 = Number(/entity F1 ([\d.]+)/.exec(run("names"))?.[1]);
  expect(f1).toBeGreaterThanOrEqual(0.95);
});

it("airline: better than last year's months, with quantiles that hold what they say", () => {
  const text = run("airline");
  const mase = (name: string): number => Number(new RegExp(`^${name} +MASE ([\\d.]+)`, "m").exec(text)?.[1]);
  expect(mase("forecaster")).toBeLessThanOrEqual(0.7);
  expect(mase("forecaster")).toBeLessThan(0.5 * mase("last season"));
  expect(Number(/correlation of ([\d.]+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(0.95);
  expect(text).toMatch(/^1960-12 {2}432 {2}\d{3} /m);
});

it("dates: written as ISO 8601, with the picture of the attention", { timeout: 240_000 }, () => {
  const text = run("dates");
  expect(Number(/exact match ([\d.]+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(0.98);
  expect(text).toContain("→ 2034-09-07");
  expect(text).toMatch(/█/);
});
