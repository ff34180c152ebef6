/**
 * Steps made again: the same on this machine, from the start and from a checkpoint; and whatever makes a step another one
 * is named: a record that was changed, another tier, other data. The report of a step that failed says why it did.
 */
import { readFile, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder, type Folder, moodLines, runCli } from "../harness.cases.js";
import { tasks } from "../tasks/table.js";

const cellModule = new URL("../../../dist/cell/index.js", import.meta.url).href;
let folder: Folder;
let run: string;
const small = ["--units", "4", "--embedding", "4", "--batch", "4", "--epochs", "2", "--tier", "simd"];

beforeAll(async () => {
  folder = await createFolder();
  await folder.write("train.tsv", moodLines(60));
  run = folder.path("mood.run");
  const args = ["train", "classifier", "--train", folder.path("train.tsv"), ...small];
  const out = ["--out", folder.path("mood.safetensors")];
  // Stopped after the first of two epochs, and gone on with: there is a checkpoint in the middle.
  const stopped = await runCli([...args, ...out], { interruptAt: "epoch 1/2" });
  expect(stopped.status).toBe(130);
  expect(await runCli([...args, ...out, "--resume"])).toMatchObject({ status: 0, leaked: 0 });
});
afterAll(() => folder.remove());

const replay = (step: number, ...more: string[]): ReturnType<typeof runCli> =>
  runCli(["replay", run, "--step", String(step), "--quiet", "--data", folder.path("train.tsv"), ...more]);
/** The steps of the run's checkpoints. */
const checkpoints = async (): Promise<number[]> =>
  (await folder.list()).flatMap((name) => /step-(\d+)\.safetensors$/.exec(name)?.[1] ?? []).map(Number);

/** With a file changed for as long as something is done. */
async function withChanged(
  file: string,
  change: (text: string) => string,
  use: () => Promise<void>,
): Promise<void> {
  const before = await readFile(file, "utf8");
  await writeFile(file, change(before));
  try {
    await use();
  } finally {
    await writeFile(file, before);
  }
}

/** Another loss for a step. */
const altered = (step: number) => (text: string) =>
  text.replace(new RegExp(`^${step}\\t[^\\t]+`, "m"), `${step}\t0.5`);

describe("a step is the same, bit for bit", () => {
  it("from the start of the run, and says so with both numbers", async () => {
    const { status, stdout, stderr, leaked } = await replay(3);
    expect([status, stderr, leaked]).toEqual([0, "", 0]);
    const [first, second, third, loss, norm, last] = stdout.trimEnd().split("\n");
    expect(first).toMatch(/^run +\S+mood\.run: classifier, unrolled \d\S+, wasm simd$/);
    expect(second).toMatch(/^replay +4 steps from the start of the run, unrolled \d\S+, wasm simd$/);
    expect(third).toMatch(/^step 3 +recorded +recomputed$/);
    expect(loss).toMatch(/^loss +(0\.\d+) +\1 +same$/);
    expect(norm).toMatch(/^norm +(\d+\.\d+) +\1 +same$/);
    expect(last).toMatch(/^result +the same, bit for bit$/);
  });
  it("from a checkpoint, with any number of threads, and so are the weights where the run has them", async () => {
    const [middle, end] = (await checkpoints()) as [number, number];
    expect(end).toBe(28);
    const { status, stdout } = await replay(end, "--json", "--threads", "2");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ step: end, same: true, from: middle, weights: true, why: [] });
    const before = JSON.parse((await replay(middle, "--json")).stdout);
    expect(before).toMatchObject({ same: true, from: 0, weights: true });
  });
  it("of every task that is trained", () => {
    const trained = Object.entries(tasks).filter(([, { addTrain }]) => addTrain);
    expect(trained.length).toBeGreaterThan(3);
    for (const [name, { retrain }] of trained) expect(retrain, name).toBeTypeOf("function");
  });
});

describe("what makes it another one is named", () => {
  it("a record that was changed after the run", async () => {
    await withChanged(`${run}/steps.tsv`, altered(5), async () => {
      const { status, stdout, stderr } = await replay(5);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^loss +0\.5 +0\.\d+ +different$/m);
      expect(stdout).toMatch(/^result +not the same$/m);
      expect(stderr).toBe(
        "error: step 5 is not the same: its weights are the same, so the entry of step 5 in steps.tsv was changed after the run\n",
      );
    });
    // Where the run has the weights themselves.
    await withChanged(`${run}/steps.tsv`, altered(28), async () =>
      expect((await replay(28)).stderr).toContain("the entry of step 28 in steps.tsv was changed"),
    );
  });
  it("another tier", async () => {
    // As if the run had been on another tier, whose rounding gave other bits: not every engine has two tiers.
    const other = (text: string): string => text.replace('"tier": "wasm simd"', '"tier": "wasm relaxed"');
    await withChanged(`${run}/run.json`, other, () =>
      withChanged(`${run}/steps.tsv`, altered(6), async () => {
        const { status, stdout, stderr } = await replay(6, "--tier", "simd");
        expect([status, stdout.includes("not the same")]).toEqual([1, true]);
        expect(stderr).toContain(
          "step 6 is not the same: the run was on wasm relaxed, which rounds differently from wasm simd",
        );
      }),
    );
  });
  it("data that has changed, before anything is computed", async () => {
    const file = folder.path("train.tsv");
    await withChanged(
      file,
      (text) => `${text}good\tone more\n`,
      async () => {
        const { status, stdout, stderr } = await replay(3);
        expect([status, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(
          /^error: step 3 cannot be repeated: \S+train\.tsv has changed: its SHA-256 was [0-9a-f]{64} and is [0-9a-f]{64}\n$/,
        );
      },
    );
  });
  it("another version of the package", async () => {
    const other = (text: string): string => text.replace(/"unrolled": "[^"]+"/, '"unrolled": "0.0.1"');
    await withChanged(`${run}/run.json`, other, async () => {
      expect((await replay(3)).status).toBe(0);
      await withChanged(`${run}/steps.tsv`, altered(3), async () =>
        expect((await replay(3)).stderr).toContain("the run was made by version 0.0.1, and this is "),
      );
    });
  });
});

describe("what cannot be replayed is refused", () => {
  it("a step that the run does not have", async () => {
    expect(await replay(99)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("mood.run has no step 99; it recorded steps 1 to 28"),
    });
  });
  it("what is no run, and a record of which a line is none", async () => {
    expect((await runCli(["replay", folder.path("no.run"), "--step", "1"])).stderr).toContain(
      "no.run/run.json",
    );
    await withChanged(
      `${run}/steps.tsv`,
      (text) => text.replace(/^4\t.*$/m, "4\tmuch"),
      async () => expect((await replay(3)).stderr).toMatch(/steps\.tsv:5: is no step\. A line is a step/),
    );
  });
});

describe("the folder of a run from elsewhere decides nothing", () => {
  const configured = (options: object) => (text: string) => {
    const facts = JSON.parse(text) as { configuration: object };
    return JSON.stringify({ ...facts, configuration: { ...facts.configuration, ...options } });
  };
  const refused = async (change: (text: string) => string, ...more: string[]): Promise<string> => {
    let said = "";
    await withChanged(`${run}/run.json`, change, async () => {
      const { status, stdout, stderr } = await replay(3, ...more);
      expect([status === 1 || status === 2, stdout]).toEqual([true, ""]);
      said = stderr;
    });
    return said;
  };
  it("which program runs: a cell's file is loaded only if the command names it", async () => {
    const trace = folder.path("ran");
    const program = `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(trace)}, "");\n`;
    for (const cell of [
      await folder.write("mood.run/evil.mjs", program),
      await folder.write("evil.mjs", program),
      `./${relative(".", folder.path("evil.mjs"))}`,
    ]) {
      const said = await refused(configured({ cell }));
      expect(said).toContain(
        `has the cell ${cell}, a program that would be run; if you trust it, name it: --cell`,
      );
    }
    expect(await folder.list()).not.toContain("ran");
    // It is the command's name that counts, whatever the folder has.
    const other = await folder.write(
      "gru.mjs",
      `export { gru as default } from ${JSON.stringify(cellModule)};`,
    );
    await withChanged(`${run}/run.json`, configured({ cell: folder.path("evil.mjs") }), async () => {
      expect((await replay(3, "--cell", other)).status).toBe(0);
    });
    expect(await folder.list()).not.toContain("ran");
    expect(await refused((text) => text, "--cell", other)).toContain(
      "is read from no file; leave --cell out",
    );
  });
  it.each(["/etc/passwd", "../../../../etc/passwd", "/dev/zero"])(
    "which files are read: not %s",
    async (file) => {
      for (const options of [{ train: [file] }, { valid: [file] }, { from: file }])
        expect(await refused(configured(options))).toMatch(
          /run\.json: names ".*", which (lies outside|is no file but)/,
        );
      const named = (text: string) =>
        JSON.stringify({ ...JSON.parse(text), data: { train: [{ file, sha256: "0" }] } });
      expect(await refused(named)).toMatch(/run\.json: names ".*", which (lies outside|is no file but)/);
    },
  );
  it.each<[string, object, string]>([
    ["a task that is a number", { task: 3 }, "task is 3; it must be a text"],
    ["no options", { configuration: null }, "configuration is null; it must be an object"],
    ["data that is a list", { data: [] }, "data is []; it must be an object"],
    ["a file of data that is null", { data: { train: [null] } }, "data.train[0] is null"],
    ["a step to resume after that is a text", { resumedAfter: "3" }, 'resumedAfter is "3"'],
  ])("what a field is: %s", async (_, change, says) => {
    expect(await refused((text) => JSON.stringify({ ...JSON.parse(text), ...change }))).toContain(says);
  });
  it("what an option is", async () => {
    expect(await refused(configured({ units: ["x"] }))).toMatch(
      /run\.json: has options that cannot be: --units is/,
    );
    expect(await refused(configured({ odd: 1 }))).toContain("run.json: has options that cannot be: ");
    expect(await refused(() => "[".repeat(5000))).toContain("run.json: is nested more than 100 levels deep");
  });
});

describe("a step that was not finite", () => {
  it("ends training with the file and the line, and says it again when it is replayed", async () => {
    const out = folder.path("wild.safetensors");
    const args = ["train", "classifier", "--train", folder.path("train.tsv"), ...small, "--out", out];
    const { status, stderr } = await runCli([
      ...args,
      "--optimizer",
      "sgd",
      "--learning-rate",
      "1e25",
      "--quiet",
    ]);
    expect(status).toBe(1);
    const step = Number(/^error: step (\d+) is not finite/.exec(stderr)?.[1]);
    expect(stderr).toMatch(
      /likely cause: the learning rate is too high\n {2}seen: at a rate of 1e\+?25 .*\n {2}first at: .* example \d+ \(\S+train\.tsv:\d+\)\n {2}try: a lower learning rate/,
    );
    const read = ["--data", folder.path("train.tsv")];
    const again = await runCli([
      "replay",
      folder.path("wild.run"),
      "--step",
      String(step),
      "--quiet",
      ...read,
    ]);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain(stderr.slice("error: ".length));
  });
});
