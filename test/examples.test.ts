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

it("dates: written as ISO 8601, with the picture of the attention", { timeout: 240_000 }, () => {
  const text = run("dates");
  expect(Number(/exact match ([\d.]+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(0.98);
  expect(text).toContain("→ 2034-09-07");
  expect(text).toMatch(/█/);
});

it("dinosaurs: names of the label, from a first letter, of which few are copied", {
  timeout: 240_000,
}, () => {
  const text = run("dinosaurs");
  const [, network, grams] = /nats per character ([\d.]+), 6-grams ([\d.]+)/.exec(text) ?? [];
  expect(Number(network)).toBeLessThan(Number(grams));
  expect(text).toMatch(/^saurus m: (m[a-z]+saurus, ){5}m[a-z]+saurus$/m);
  expect(Number(/(\d+) % of 100 names/.exec(text)?.[1])).toBeLessThanOrEqual(20);
});
