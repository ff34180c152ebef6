/** Runs on a disk: what is left of a run that was cut off, what cannot be written, and what is then still there. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gru } from "../cell/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { initialParameters, linear, network, recurrent } from "../nn/index.js";
import { newestCheckpoint, type Progress, sgd, fit as train } from "./index.js";
import { checkpointFolder, fileFacts, openRunFolder, recordedSteps } from "./node.js";

const root = mkdtempSync(join(tmpdir(), "unrolled-run-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const progress = (step: number, more: Partial<Progress> = {}): Progress => ({
  step,
  epoch: 1,
  epochs: 2,
  steps: 10,
  loss: 0.5,
  stepLoss: 0.4,
  norm: 1,
  rate: 0.1,
  skipped: 0,
  seconds: 10 * step,
  tokensPerSecond: 1,
  secondsLeft: 1,
  ...more,
});
const lines = (folder: string): unknown[] =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("the folder of a run", () => {
  it("says what is done with what, and how it goes; nothing is there before there is something to say", async () => {
    const path = join(root, "a/run");
    const folder = openRunFolder(path);
    expect(existsSync(join(root, "a"))).toBe(false);
    await folder.describe({ task: "test", seed: 3 });
    folder.record(progress(1));
    folder.record(progress(2, { seconds: 10.5 }));
    folder.record(progress(3, { seconds: 10.6, valid: 0.7 }));
    folder.record(progress(4, { norm: Number.NaN, loss: Number.POSITIVE_INFINITY }));
    await folder.flush();
    const run = JSON.parse(readFileSync(join(path, "run.json"), "utf8"));
    expect(run).toMatchObject({ task: "test", seed: 3, machine: { node: process.version } });
    expect(lines(path)).toEqual([
      { step: 1, epoch: 1, loss: 0.5, norm: 1, rate: 0.1, seconds: 10, skipped: 0 },
      { step: 3, epoch: 1, loss: 0.5, norm: 1, rate: 0.1, seconds: 10.6, skipped: 0, valid: 0.7 },
      { step: 4, epoch: 1, loss: null, norm: null, rate: 0.1, seconds: 40, skipped: 0 },
    ]);
  });
  it("has every step to the bit, whatever its numbers are, and makes those again that are made again", async () => {
    const path = join(root, "steps");
    const numbers = [1 / 3, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324, -0.1];
    const folder = openRunFolder(path);
    for (const [i, stepLoss] of numbers.entries())
      folder.record(progress(i + 1, { stepLoss, norm: 2 * stepLoss, seconds: i / 100 }));
    folder.record(progress(5, { valid: 0.5, stepLoss: 7 }));
    await folder.flush();
    const read = await recordedSteps(path);
    expect([...read]).toEqual(numbers.map((loss, i) => [i + 1, { loss, norm: 2 * loss }]));
    const again = openRunFolder(path, { after: 2 });
    again.record(progress(3, { stepLoss: 3 }));
    await again.flush();
    expect([...(await recordedSteps(path)).keys()]).toEqual([1, 2, 3]);
    expect((await recordedSteps(path)).get(3)).toEqual({ loss: 3, norm: 1 });
    await expect(recordedSteps(root)).rejects.toThrow(/steps\.tsv: cannot be read/);
  });
  it("forgets the steps that are made again, and a line that was cut off", async () => {
    const path = join(root, "b");
    mkdirSync(path);
    const old = [1, 2, 3].map((step) => `{"step":${step}}\n`).join("");
    writeFileSync(join(path, "metrics.jsonl"), `${old}{"step":4,"lo`);
    const folder = openRunFolder(path, { after: 2 });
    expect(readFileSync(join(path, "metrics.jsonl"), "utf8")).toContain('"step":3');
    folder.record(progress(3));
    await folder.flush();
    expect(lines(path)).toMatchObject([{ step: 1 }, { step: 2 }, { step: 3, epoch: 1 }]);
  });
  it("names data by its hash", async () => {
    const file = join(root, "abc.txt");
    writeFileSync(file, "abc");
    // The hash of "abc" is the example of FIPS 180-2.
    const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(await fileFacts(file)).toEqual({ file, bytes: 3, sha256 });
    await expect(fileFacts(join(root, "none"))).rejects.toThrow(/none: cannot be read/);
  });
});

const net = network({
  input: { width: 8 },
  layers: [recurrent({ cell: gru, units: 32 }), linear({ units: 1 })],
  loss: "squaredError",
});
/** A short training whose checkpoints, of some 20 KB each, go to a folder. */
const trainInto = async (folder: string): Promise<unknown> =>
  train(net, {
    parameters: initialParameters(net, 1),
    executor: await createWasmExecutor(),
    optimizer: sgd(),
    seed: 1,
    steps: 6,
    train: [{ input: new Array(16).fill(0.5), target: [1, 0] }],
    checkpoints: { store: checkpointFolder(folder), everySteps: 1, keep: 100 },
  });

describe("checkpoints that cannot be written", () => {
  it("in a place that takes no folder, end training with a clear error", async () => {
    writeFileSync(join(root, "file"), "");
    await expect(trainInto(join(root, "file/run"))).rejects.toThrow(
      /file\/run: the folder cannot be made: .*Choose another place/,
    );
  });
  it.skipIf(process.platform !== "linux")(
    "on a file system that is read-only (on Linux: /proc)",
    async () => {
      await expect(trainInto("/proc/unrolled")).rejects.toThrow(
        /\/proc\/unrolled: the folder cannot be made/,
      );
    },
  );
  const mount = join(root, "small");
  mkdirSync(mount);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=96k", "tmpfs", mount]).status === 0;
  afterAll(() => mounted && spawnSync("umount", [mount]));
  it.skipIf(!mounted)(
    "on a disk that gets full, keep those that are there (needs leave to mount: run as root)",
    async () => {
      const folder = join(mount, "run");
      await expect(trainInto(folder)).rejects.toThrow(
        /step-\d+\.safetensors: cannot be written: the disk is full\. Make room/,
      );
      const names = readdirSync(folder);
      expect(names.length).toBeGreaterThan(0);
      expect(names.every((name) => name.endsWith(".safetensors"))).toBe(true);
      const newest = await newestCheckpoint(checkpointFolder(folder));
      expect(newest?.name).toBe(names.sort().at(-1));
      await expect(
        train(net, {
          parameters: initialParameters(net, 1),
          executor: await createWasmExecutor(),
          optimizer: sgd(),
          seed: 1,
          steps: 6,
          train: [{ input: new Array(16).fill(0.5), target: [1, 0] }],
          resume: newest!.bytes,
        }),
      ).resolves.toMatchObject({ training: { steps: 6 } });
      expect(spawnSync("mount", ["-o", "remount,ro", mount]).status).toBe(0);
      await expect(trainInto(folder)).rejects.toThrow(
        /cannot be written: the file system is read-only\. Use another place/,
      );
      expect(readdirSync(folder).sort()).toEqual(names);
    },
  );
});
