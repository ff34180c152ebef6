/** The folder of a command's run: what is a person's stays, one process has it, and a damaged checkpoint is no end. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { lockRunFolder } from "../../train/node.js";
import {
  createFolder,
  type Folder,
  moodLines,
  type Outcome,
  type RunOptions,
  runCli,
} from "../harness.cases.js";

let folder: Folder;
let count = 0;
let run: string;
let out: string;
beforeAll(async () => {
  folder = await createFolder();
  await folder.write("train.tsv", moodLines(40));
});
afterAll(() => folder.remove());
beforeEach(() => {
  run = folder.path(`${++count}.run`);
  out = folder.path(`${count}.safetensors`);
});

const small = ["--units", "4", "--embedding", "4", "--batch", "4", "--epochs", "3"];
const train = (more: readonly string[] = [], options?: RunOptions): Promise<Outcome> =>
  runCli(
    ["train", "classifier", "--train", folder.path("train.tsv"), ...small, "--out", out, ...more],
    options,
  );
const put = (name: string, contents = "mine"): void => {
  mkdirSync(run, { recursive: true });
  writeFileSync(`${run}/${name}`, contents);
};
const stopped = (): Promise<Outcome> => train([], { interruptAt: "epoch 1/3" });

describe("a person's files", () => {
  it("that have names of a run's are kept, with --force under other names", async () => {
    for (const name of ["run.json", "best.safetensors", "metrics.jsonl", "notes.txt"]) put(name);
    const refused = await train();
    expect(refused).toMatchObject({ status: 1, leaked: 0 });
    expect(refused.stderr).toBe(
      `error: ${run}: holds best.safetensors, metrics.jsonl, run.json, which are not of a run, and was kept as it is. Choose another folder with --run, or give --force: they stay there under other names.\n`,
    );
    expect(await train(["--resume"])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/was kept as it is\. Choose another folder with --run\.\n$/),
    });
    expect(readdirSync(run)).toHaveLength(4);
    const forced = await train(["--force"]);
    expect(forced.status).toBe(0);
    expect(forced.stderr).toContain("will be kept there under another name, ending in .kept");
    for (const name of ["run.json.kept", "best.safetensors.kept", "metrics.jsonl.kept", "notes.txt"])
      expect(readFileSync(`${run}/${name}`, "utf8")).toBe("mine");
  });
  it("are not touched by a command that is refused later", async () => {
    put("run.json");
    const { status } = await train(["--force", "--test", folder.path("none.tsv")]);
    expect(status).toBe(1);
    expect(readdirSync(run)).toEqual(["run.json"]);
  });
});

describe("the model", () => {
  it("is refused at once where the run keeps the name, or is the run's folder", async () => {
    mkdirSync(run);
    for (const name of ["best.safetensors", "run.json", "step-000000001.safetensors", "run.lock"]) {
      const { status, stderr } = await train(["--out", `${run}/${name}`, "--run", run, "--force"]);
      expect([status, stderr]).toEqual([
        1,
        `error: ${run}/${name}: is a name that the run in this folder keeps for itself. Choose another name with --out.\n`,
      ]);
    }
    expect(readdirSync(run)).toEqual([]);
    const same = await train(["--out", `${run}/../x`, "--run", folder.path("x")]);
    expect(same.stderr).toContain("is to be the folder of the run");
  });
  it("may lie in the run's folder, which need not be there", async () => {
    const { status } = await train(["--out", `${run}/mood.safetensors`, "--run", run]);
    expect(status).toBe(0);
    expect(readdirSync(run)).toContain("mood.safetensors");
    // Also other commands leave the run's files alone.
    const small = ["compress", `${run}/mood.safetensors`, "--out", `${run}/run.json`, "--force"];
    expect((await runCli(small)).stderr).toContain("is a name that the run in this folder keeps for itself");
  });
  it("never replaces what is read, by whatever name or link, with --force too", async () => {
    const data = await folder.write("own.tsv", moodLines(40));
    const link = folder.path("link.tsv");
    if (!existsSync(link)) symlinkSync(data, link);
    for (const option of ["--train", "--valid", "--test"])
      for (const name of [data, link]) {
        const { status, stderr } = await train([option, data, "--out", name, "--force"]);
        expect([status, stderr]).toEqual([
          1,
          `error: ${name}: is read by this command, which cannot also write it. Choose another name with --out.\n`,
        ]);
      }
    expect(readFileSync(data, "utf8")).toBe(moodLines(40));
  });
  it("that training starts from is not removed with an old run", async () => {
    await stopped();
    const best = `${run}/best.safetensors`;
    const { status, stderr } = await runCli([
      ...["train", "classifier", "--train", folder.path("train.tsv"), "--from", best],
      ...["--force", "--run", run, "--out", out],
    ]);
    expect([status, stderr]).toEqual([
      1,
      `error: ${best}: is read by this command, and its run would replace it. Choose another folder with --run.\n`,
    ]);
  });
  it.skipIf(process.platform !== "linux")("is no device (on Linux: /dev/null)", async () => {
    const { status, stderr } = await train(["--out", "/dev/null", "--force", "--run", run]);
    expect([status, stderr]).toEqual([
      1,
      "error: /dev/null: is a device or a pipe, and was kept. Give the name of a file.\n",
    ]);
    expect(existsSync("/dev/null")).toBe(true);
  });
});

describe("one process", () => {
  it("has a run's folder: training, going on and replaying", async () => {
    await stopped();
    const lock = await lockRunFolder(run);
    for (const tried of [
      await train(["--force"]),
      await train(["--resume"]),
      await runCli(["replay", run, "--step", "2", "--data", folder.path("train.tsv")]),
    ]) {
      expect(tried).toMatchObject({ status: 1, stdout: "", leaked: 0 });
      expect(tried.stderr).toMatch(
        /^error: .*\.run: is in use by process \d+ on \S+ since .*choose another folder with --run\.\n$/,
      );
    }
    await lock.release();
    expect(await runCli(["replay", run, "--step", "2", "--data", folder.path("train.tsv")])).toMatchObject({
      status: 0,
    });
    expect(readdirSync(run)).not.toContain("run.lock");
  });
  it("of two that begin together goes on, and no step is recorded twice", async () => {
    const both = await Promise.all([train(["--force"]), train(["--force"])]);
    expect(both.map(({ status }) => status).sort()).toEqual([0, 1]);
    const steps = readFileSync(`${run}/steps.tsv`, "utf8").trimEnd().split("\n");
    expect(new Set(steps).size).toBe(steps.length);
    expect(readdirSync(run)).not.toContain("run.lock");
  });
  it("takes over from one that was killed, and says so", async () => {
    await stopped();
    const { pid } = spawnSync(process.execPath, ["--version"]);
    const lock = await lockRunFolder(run);
    const text = readFileSync(`${run}/run.lock`, "utf8");
    await lock.release();
    put("run.lock", text.replace(/"pid":\d+/, `"pid":${pid}`));
    const { status, stderr } = await train(["--resume"]);
    expect(status).toBe(0);
    expect(stderr).toContain(`${run}: was left locked by process ${pid} on `);
  });
});

describe("a signal", () => {
  it.each([
    ["SIGTERM", 143, "stopped by SIGTERM"],
    ["SIGHUP", 129, "stopped by the closing of its terminal (SIGHUP)"],
  ] as const)("%s saves the run like Ctrl-C, with status %i", async (interruptBy, status, says) => {
    const ended = await train([], { interruptAt: "epoch 1/3", interruptBy });
    expect(ended).toMatchObject({ status, stdout: "", leaked: 0 });
    expect(ended.stderr).toContain(
      `error: ${says}; the run is saved in ${run}; the same command with --resume continues it\n`,
    );
    expect(JSON.parse(readFileSync(`${run}/run.json`, "utf8"))).toMatchObject({ state: "stopped" });
    expect((await train(["--resume"])).status).toBe(0);
  });
  it("before the first step leaves an old run as it was, and nothing where none was", async () => {
    const options = { interruptAt: "MiB of memory for training" };
    expect(await train([], options)).toMatchObject({
      status: 130,
      stderr: expect.stringContaining("stopped by Ctrl-C; nothing was written"),
    });
    expect(existsSync(run)).toBe(false);
    await stopped();
    const before = readdirSync(run).map((name) => [name, readFileSync(`${run}/${name}`, "latin1")]);
    expect((await train(["--force"], options)).status).toBe(130);
    expect(readdirSync(run).map((name) => [name, readFileSync(`${run}/${name}`, "latin1")])).toEqual(before);
  });
});

describe("a damaged checkpoint", () => {
  const steps = (): string[] => readdirSync(run).filter((name) => name.startsWith("step-"));
  it("is named with the newest that is whole, which is taken when asked for, to the bit", async () => {
    await train();
    const model = readFileSync(out);
    rmSync(run, { recursive: true });
    rmSync(out);
    // Often enough that there are two.
    await train(["--checkpoint-every", "0.001"], { interruptAt: "epoch 2/3" });
    const [earlier, newest] = steps();
    const file = `${run}/${newest}`;
    writeFileSync(file, readFileSync(file).subarray(0, 1000));
    const at = String(Number(/\d+/.exec(earlier!)?.[0]));
    const refused = await train(["--resume"]);
    expect(refused).toMatchObject({ status: 1, leaked: 0 });
    expect(refused.stderr).toMatch(
      new RegExp(
        `\nerror: .*${newest}: header length: .*\\. That of step ${at} is whole: --resume-at ${at} goes on from there\\.\n$`,
      ),
    );
    const none = await train(["--resume", "--resume-at", "1"]);
    expect(none.stderr).toContain(
      `${run}: has no checkpoint of step 1. There are checkpoints of the steps ${at}, `,
    );
    expect(await train(["--resume-at", at])).toMatchObject({ status: 2 });
    const resumed = await train(["--resume", "--resume-at", at]);
    expect(resumed.status).toBe(0);
    expect(resumed.stderr).toContain(`resuming after step ${at} of ${run}`);
    expect(readFileSync(out).equals(model)).toBe(true);
    expect(readdirSync(run)).toContain(`${newest}.kept`);
  });
  it("without an earlier one says so", async () => {
    await stopped();
    for (const name of steps()) writeFileSync(`${run}/${name}`, "");
    expect((await train(["--resume"])).stderr).toContain(
      "No earlier checkpoint is whole: begin anew with --force.",
    );
  });
});
