/**
 * The program as a process: signals that stop it, readers that go away, and standard output that takes no more. The long form
 * of what can happen to a training is tools/faults/kills.mjs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "unrolled-signals-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeAll(() => {
  const line = (i: number): string => `${i % 2 ? "good" : "bad"}\t${i % 2 ? "fine" : "dull"} day ${i % 7}\n`;
  writeFileSync(join(root, "train.tsv"), Array.from({ length: 60 }, (_, i) => line(i)).join(""));
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  args: readonly string[],
  {
    heard,
    stdout = "pipe",
  }: { heard?: (said: string, child: ChildProcess) => void; stdout?: number | "pipe" } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: root,
      stdio: ["ignore", stdout, "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.on("data", (chunk) => {
        said[name] += chunk;
        heard?.(said[name], child);
      });
    child.on("error", reject);
    child.on("exit", (status) => setTimeout(() => resolve({ status, ...said }), 20));
  });
}

const train = (name: string, epochs: number, ...more: string[]): string[] => [
  ...["train", "classifier", "--train", "train.tsv", "--out", `${name}.safetensors`],
  ...["--units", "4", "--embedding", "4", "--batch", "2", "--epochs", String(epochs), ...more],
];

describe("a training", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("that gets %s saves, says how to go on, and ends with status %i", async (signal, status) => {
    let isSent = false;
    const ended = await run(train(signal, 100_000), {
      heard: (said, child) => {
        if (!isSent && said.includes("epoch 2/")) isSent = child.kill(signal);
      },
    });
    expect(ended).toMatchObject({ status, stdout: "" });
    expect(ended.stderr).toMatch(
      /the run is saved in \S+\.run; the same command with --resume continues it\n$/,
    );
    const folder = join(root, `${signal}.run`);
    expect(JSON.parse(readFileSync(join(folder, "run.json"), "utf8"))).toMatchObject({ state: "stopped" });
    const names = readdirSync(folder);
    const newest = names.filter((name) => name.startsWith("step-")).at(-1);
    const last = readFileSync(join(folder, "steps.tsv"), "utf8").trimEnd().split("\n").at(-1);
    // Nothing is lost: the checkpoint is of the last step that was made.
    expect(Number(/\d+/.exec(newest!)?.[0])).toBe(Number(last?.split("\t")[0]));
    expect(names.filter((name) => /\.tmp$|\.lock$/.test(name))).toEqual([]);
  });
  it("that gets the same signal twice within a moment saves all the same", async () => {
    let isSent = false;
    const ended = await run(train("twice", 100_000), {
      heard: (said, child) => {
        if (isSent || !said.includes("epoch 2/")) return;
        isSent = child.kill("SIGINT");
        setTimeout(() => child.kill("SIGINT"), 10);
      },
    });
    expect(ended).toMatchObject({ status: 130, stdout: "" });
    expect(ended.stderr).toMatch(/the run is saved in \S+\.run/);
    expect(JSON.parse(readFileSync(join(root, "twice.run/run.json"), "utf8"))).toMatchObject({
      state: "stopped",
    });
  });
  it.each(["stderr", "stdout"] as const)("goes on to its model when %s is closed", async (name) => {
    const ended = await run(train(`no-${name}`, 12), {
      heard: (said, child) => {
        if (said.includes("epoch 2/")) child[name]?.destroy();
      },
    });
    expect(ended.status).toBe(0);
    expect(existsSync(join(root, `no-${name}.safetensors`))).toBe(true);
    expect(JSON.parse(readFileSync(join(root, `no-${name}.run/run.json`), "utf8"))).toMatchObject({
      state: "done",
    });
  });
});

describe("standard output", () => {
  it.skipIf(!existsSync("/dev/full"))(
    "that is full is a sentence and status 1 (on Linux: /dev/full)",
    async () => {
      const stdout = openSync("/dev/full", "w");
      for (const args of [["cells"], ["cells", "gru"], ["--help"], ["--version"]])
        expect(await run(args, { stdout })).toEqual({
          status: 1,
          stdout: "",
          stderr:
            "error: standard output: cannot be written: the disk is full. Make room, or use another place.\n",
        });
      // The model is there all the same.
      expect(await run(train("unsaid", 1, "--quiet"), { stdout })).toMatchObject({ status: 1 });
      expect(existsSync(join(root, "unsaid.safetensors"))).toBe(true);
    },
  );
  it("that is closed ends a command quietly, with status 0", async () => {
    const closed = await run(["cells", "gru", "--plan"], { heard: (_, child) => child.stdout?.destroy() });
    expect(closed).toMatchObject({ status: 0, stderr: "" });
  });
});
