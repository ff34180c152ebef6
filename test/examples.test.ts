/**
 * The examples of this repository run as they stand, on the built package, and print what they promise.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesSource, readMidi } from "unrolled/data";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (example: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [`examples/${example}/main.mjs`, ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });

it("names: entities that training does not hold are found", () => {
  const f1 = Number(/entity F1 ([\d.]+)/.exec(run("names"))?.[1]);
  expect(f1).toBeGreaterThanOrEqual(0.95);
});

it("digits: pictures are told apart, one vector each, and better than by the nearest neighbour", {
  timeout: 120_000,
}, () => {
  const text = run("digits");
  const accuracy = Number(/accuracy ([\d.]+) %/.exec(text)?.[1]);
  expect(accuracy).toBeGreaterThanOrEqual(92);
  expect(accuracy).toBeGreaterThan(Number(/nearest neighbour ([\d.]+) %/.exec(text)?.[1]));
  expect(text).toContain("this is a 3");
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

it("dinosaurs: names of the label, from a first letter, of which few are copied", {
  timeout: 240_000,
}, () => {
  const text = run("dinosaurs");
  const [, network, grams] = /nats per character ([\d.]+), 6-grams ([\d.]+)/.exec(text) ?? [];
  expect(Number(network)).toBeLessThan(Number(grams));
  expect(text).toMatch(/^saurus m: (m[a-z]+saurus, ){5}m[a-z]+saurus$/m);
  expect(Number(/(\d+) % of 100 names/.exec(text)?.[1])).toBeLessThanOrEqual(20);
});

it("music: songs in C from one note, with the chords and the rhythm of the data, as a MIDI file", {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "unrolled-music-"));
  try {
    const file = join(folder, "tune.mid");
    const text = run("music", file);
    const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
    expect(number(/^([\d.]+) nats per step/)).toBeLessThan(1);
    // The songs have four notes in every step, all of them in C; 88 % go on from the step before. Fifty pieces of eight
    // chords vary by a few hundredths, and other kernels draw others.
    expect(number(/notes at once: ([\d.]+)/)).toBeGreaterThan(3.9);
    expect(Math.abs(number(/notes held: ([\d.]+)/) - 0.88)).toBeLessThanOrEqual(0.06);
    expect(number(/notes in C: ([\d.]+)/)).toBeGreaterThan(0.99);
    expect(number(/distance of pitch classes ([\d.]+)/)).toBeLessThan(0.08);
    expect(text).toMatch(/█/);
    const piece = await readMidi(bytesSource(file, readFileSync(file)));
    expect(piece.notes.length).toBeGreaterThan(20);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
