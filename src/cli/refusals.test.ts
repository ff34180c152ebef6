/** Every way in which a command is refused: its exit status, a sentence that says where and what, and no file left. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeSafetensors } from "../io/index.js";
import { createFolder, type Folder, moodLines, runCli } from "./harness.cases.js";

let folder: Folder;
let before: string[];
beforeEach(async () => {
  folder = await createFolder();
  await folder.write("good.tsv", moodLines(20));
});
afterEach(() => folder.remove());

/** Runs a command, and sees to it that it gave nothing but one error and left nothing behind. */
async function refusal(args: readonly string[]): Promise<{ status: number; message: string }> {
  before = await folder.list();
  const { status, stdout, stderr, leaked } = await runCli(args);
  expect({ stdout, leaked }).toEqual({ stdout: "", leaked: 0 });
  expect(await folder.list()).toEqual(before);
  expect(stderr).not.toMatch(/^\s+at /m);
  const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
  expect(errors).toHaveLength(1);
  return { status, message: errors[0]!.slice("error: ".length) };
}

const train = (data: readonly string[], ...more: string[]): string[] => {
  return ["train", "classifier", ...data, "--out", folder.path("out.safetensors"), "--epochs", "1", ...more];
};

describe("data that cannot be used ends with status 1, before training", () => {
  test1("an empty file", { "x.tsv": "" }, "x.tsv: is empty.");
  test1("a header and nothing else", { "x.tsv": "label\ttext\n" }, "x.tsv: has only a header");
  test1(
    "one class only",
    { "x.tsv": "a\tone\na\ttwo\n" },
    'x.tsv: all 2 examples have the label "a"',
    "--label",
    "1",
  );
  test1("no label at all", { "x.tsv": "\tone\n\ttwo\n" }, "none of the 2 rows has a label", "--label", "1");
  test1("ragged columns", { "x.csv": "a,one\nb,two,three\n" }, "x.csv:2: found 3 columns, expected 2");
  test1("a quote inside a field", { "x.csv": 'a,one "two"\n' }, "x.csv:1: a quotation mark inside");
  test1("bytes that are no UTF-8", { "x.tsv": Uint8Array.of(0x61, 9, 0xff, 10) }, "x.tsv:1: ");
  test1(
    "a file called .gz that is none",
    { "x.tsv.gz": "a\tb\n" },
    "x.tsv.gz: is called .gz but is not gzip",
  );
  test1(
    "an extension that tells no format",
    { "x.data": "a\tb\n" },
    "x.data: its name does not show the format",
  );
  test1(
    "a column that is not there",
    { "x.tsv": "a\tb\nc\td\n" },
    'has no column named "stars"',
    "--label",
    "stars",
  );

  function test1(what: string, files: Record<string, string | Uint8Array>, says: string, ...more: string[]) {
    it(what, async () => {
      const [[name, contents] = ["", ""]] = Object.entries(files);
      const file = await folder.write(name, contents);
      const { status, message } = await refusal(train(["--train", file], ...more));
      expect(status).toBe(1);
      expect(message).toContain(says);
    });
  }

  it("a file that is not there", async () => {
    const { status, message } = await refusal(train(["--train", folder.path("none.tsv")]));
    expect(status).toBe(1);
    expect(message).toContain("none.tsv: cannot be read: there is no such file or folder");
  });
  it.each(["--test", "--valid"])(
    "a label in %s that training does not have, by file and line",
    async (option) => {
      const other = await folder.write("other.tsv", `${moodLines(2)}ugly\tthis film is dull\n`);
      const { status, message } = await refusal(train(["--train", folder.path("good.tsv"), option, other]));
      expect(status).toBe(1);
      expect(message).toContain(
        'other.tsv:3: has the label "ugly", which does not occur in the training data',
      );
      expect(message).toContain("The labels are bad, good");
    },
  );
  it("a split that asks for more rows than there are", async () => {
    const args = train(["--train", folder.path("good.tsv")], "--split", "15,10");
    expect(await refusal(args)).toMatchObject({
      status: 1,
      message: expect.stringContaining("25 rows of 20"),
    });
  });
});

describe("an output that cannot be written is noticed before the data is read", () => {
  const out = (file: string): string[] => [
    "train",
    "classifier",
    "--train",
    folder.path("none.tsv"),
    "--out",
    file,
  ];
  it("a file that exists is kept", async () => {
    const { status, message } = await refusal(out(folder.path("good.tsv")));
    expect([status, message]).toEqual([1, expect.stringContaining("good.tsv: already exists, and was kept")]);
    expect(message).toContain("--force");
  });
  it("a run to go on with that is not there, and a file where its folder should be", async () => {
    const args = out(folder.path("new.safetensors"));
    const { status, message } = await refusal([...args, "--resume"]);
    expect([status, message]).toEqual([
      1,
      expect.stringContaining("new.run: has no checkpoint to resume from"),
    ]);
    const file = await refusal([...args, "--run", folder.path("good.tsv")]);
    expect(file.message).toContain("good.tsv: is a file, and the run needs a folder");
  });
  it("a folder, also with --force", async () => {
    await folder.write("sub/x", "");
    const { status, message } = await refusal([...out(folder.path("sub")), "--force"]);
    expect([status, message]).toEqual([1, expect.stringContaining("sub: is a folder")]);
  });
  it("a folder that does not exist", async () => {
    const { status, message } = await refusal(out(folder.path("none/m.safetensors")));
    expect([status, message]).toEqual([
      1,
      expect.stringMatching(/m\.safetensors: there is no folder .*none/),
    ]);
  });
  it("a file where a folder should be", async () => {
    const { status, message } = await refusal(out(folder.path("good.tsv/m.safetensors")));
    expect([status, message]).toEqual([1, expect.stringContaining("there is no folder")]);
  });
  it.skipIf(process.platform !== "linux")("a folder that takes no files (on Linux: /proc)", async () => {
    const { status, message } = await refusal(out("/proc/m.safetensors"));
    expect([status, message]).toEqual([1, expect.stringContaining("/proc/m.safetensors: cannot be written")]);
  });
  it.skipIf(process.getuid?.() === 0)(
    "a folder without permission (root may write anywhere: run as another user)",
    async () => {
      await folder.write("locked/x", "");
      await chmod(folder.path("locked"), 0o500);
      const { status, message } = await refusal(out(folder.path("locked/m.safetensors")));
      await chmod(folder.path("locked"), 0o700);
      expect([status, message]).toEqual([1, expect.stringContaining("it is not permitted")]);
    },
  );
});

describe("a command that is wrong in itself ends with status 2", () => {
  it.each<[string, string[], string]>([
    ["an unknown command", ["learn"], "unknown command 'learn'"],
    ["a command that is nearly one", ["predic"], "unknown command 'predic'"],
    ["a task that does not exist", ["train", "painter"], "unknown command 'painter'"],
    ["an unknown option", ["cells", "--colour"], "unknown option '--colour'"],
    ["no threads", ["train", "classifier", "--threads", "0"], "Give a whole number from 1 to 64"],
    [
      "weight decay, which adam does not have",
      ["train", "classifier", "--train", "x", "--weight-decay", "0.1"],
      "--weight-decay is for --optimizer adamW, rmsProp or sgd",
    ],
    [
      "a larger vocabulary of nothing",
      ["train", "classifier", "--train", "x", "--extend-vocabulary"],
      "give it with --from",
    ],
    ["an average of all", ["train", "classifier", "--average", "1"], "Give a number above 0 and below 1"],
    ["no model", ["evaluate", "--data", "x"], "missing required argument 'model'"],
    ["a model too many", ["inspect", "a", "b"], "too many arguments"],
    ["no data", ["evaluate", "m"], "required option '--data <file...>' not specified"],
    ["nothing to train with", ["train", "classifier"], "nothing to train with; give --train FILE"],
    ["an unknown cell", ["cells", "gnu"], 'there is no cell "gnu"; there are rnn, rnnRelu, gru,'],
    ["--latex without a cell", ["cells", "--latex"], "--latex prints one cell"],
    ["--latex with --plan", ["cells", "gru", "--latex", "--plan"], "give one of them"],
    ["--json with --plan", ["cells", "gru", "--json", "--plan"], "contradict each other"],
    ["sizes without --plan", ["cells", "gru", "--units", "3"], "sizes of --plan"],
    ["--json with --plan of a model", ["inspect", "m", "--json", "--plan"], "contradict each other"],
    ["a text and a file", ["predict", "m", "f.txt", "--text", "a"], "f.txt is for a file of texts"],
    [
      "a text and a format",
      ["predict", "m", "--text", "a", "--format", "csv"],
      "--format is for a file of texts",
    ],
    [
      "a column without a table",
      ["predict", "m", "f.txt", "--text-column", "a"],
      "--text-column is for a table",
    ],
  ])("%s", async (_, args, says) => {
    const { status, message } = await refusal(args);
    expect([status, message]).toEqual([2, expect.stringContaining(says)]);
  });

  it.each<[string, string[], string]>([
    ["an unknown cell", ["--cell", "gnu"], 'there is no cell "gnu"'],
    ["an unknown format", ["--format", "xml"], "Allowed choices are tsv, csv, jsonl, ts."],
    ["an unknown optimiser", ["--optimizer", "newton"], "Allowed choices are adam, adamW, rmsProp, sgd."],
    ["an unknown pooling", ["--pooling", "sum"], "Allowed choices are last, mean, max, meanMax, attention."],
    [
      "units and layers that differ",
      ["--units", "64,64", "--layers", "3"],
      "are 2 layers, and --layers says 3",
    ],
    ["epochs and minutes", ["--minutes", "1"], "--epochs and --minutes contradict each other"],
    [
      "a split and a file for validation",
      ["--split", "0.9,0.1", "--valid", "v"],
      "--split and --valid contradict each other",
    ],
    [
      "a third part and a file to test on",
      ["--split", "8,1,1", "--test", "t"],
      "leave --test or the third part out",
    ],
    ["a split that is none", ["--split", "0.9"], "Give two or three numbers of rows"],
    ["a split of more than all", ["--split", "0.9,0.5"], "the fractions sum to 1.4"],
    [
      "units that are no number",
      ["--units", "64,x"],
      "Give a list of whole numbers from 1, at most 100 of them.",
    ],
    ["no units", ["--units", "0"], "Give a list of whole numbers from 1, at most 100 of them."],
    ["half a layer", ["--layers", "1.5"], "Give a whole number from 1."],
    ["everything dropped", ["--dropout", "1"], "Give a number from 0 to below 1"],
    ["a negative rate", ["--learning-rate", "-1"], "Give a number above 0."],
    ["an empty number", ["--clip", ""], "Give a number above 0."],
    ["a seed beyond 32 bits", ["--seed", "4294967296"], "Give a whole number from 0 to 4294967295."],
    ["an option without its value", ["--batch"], "argument missing"],
  ])("train classifier: %s", async (_, options, says) => {
    const { status, message } = await refusal(train(["--train", folder.path("good.tsv")], ...options));
    expect([status, message]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe("a configuration", () => {
  it.each<[string, number, string, string]>([
    ["with an unknown name", 2, '{"unit": 3}', 'there is no option "unit"; there are train, valid,'],
    [
      "with a name in another spelling",
      2,
      '{"learningRate": 1}',
      'there is no option "learningRate"; write "learning-rate"',
    ],
    [
      "that names a switch by its refusal",
      2,
      '{"no-bidirectional": true}',
      'there is no option "no-bidirectional"; write "bidirectional": false',
    ],
    ["that names a configuration", 2, '{"config": "x"}', 'there is no option "config"'],
    [
      "with a value that makes no sense",
      2,
      '{"units": [0]}',
      '"units" is [0]. Give a list of whole numbers from 1, at most 100 of them.',
    ],
    [
      "with a choice that is none",
      2,
      '{"pooling": "sum"}',
      '"pooling" is "sum". Allowed choices are last, mean, max, meanMax, attention.',
    ],
    ["with a number for a switch", 2, '{"force": 1}', '"force" is 1. Give true or false.'],
    ["with an object", 2, '{"units": {"a": 1}}', "Give a text or a number."],
    [
      "that contradicts the command line",
      2,
      '{"minutes": 3}',
      "--epochs and --minutes contradict each other",
    ],
    [
      "that names a program",
      2,
      '{"cell": "./mine.mjs"}',
      '"cell" is ./mine.mjs, a program that would be run; only the command line names one: --cell ./mine.mjs',
    ],
    [
      "that names a file elsewhere to read",
      2,
      '{"valid": ["/etc/passwd"]}',
      '"valid" is /etc/passwd, which lies outside',
    ],
    [
      "that names a device",
      2,
      '{"valid": "/dev/zero"}',
      '"valid" is /dev/zero, which is no file but a device or a pipe',
    ],
    [
      "that names a file elsewhere to write",
      2,
      '{"run": "/elsewhere/odd.run", "force": true}',
      '"run" is /elsewhere/odd.run, which lies outside',
    ],
    ["that is nested", 1, "[".repeat(9999), "config.json: is nested more than 100 levels deep"],
    ["that is not JSON", 1, "{", "config.json: is not JSON ("],
    ["that is no object", 1, "[1]", "config.json: is not a JSON object"],
  ])("%s", async (_, status, text, says) => {
    const config = await folder.write("config.json", text);
    const result = await refusal(train(["--train", folder.path("good.tsv")], "--config", config));
    expect([result.status, result.message]).toEqual([status, expect.stringContaining(says)]);
  });
  it("that is not there", async () => {
    const result = await refusal(train([], "--config", folder.path("none.json")));
    expect([result.status, result.message]).toEqual([
      1,
      expect.stringContaining("none.json: cannot be read"),
    ]);
  });
});

describe("a model file that cannot be used ends with status 1", () => {
  let trained: Folder;
  let model: Uint8Array;
  beforeAll(async () => {
    trained = await createFolder();
    const data = await trained.write("good.tsv", moodLines(20));
    const small = ["--units", "2", "--embedding", "2", "--epochs", "1"];
    const out = trained.path("m.safetensors");
    expect((await runCli(["train", "classifier", "--train", data, ...small, "--out", out])).status).toBe(0);
    model = await readFile(out);
  });
  afterAll(() => trained.remove());

  const commands: [string, (file: string) => string[]][] = [
    ["evaluate", (file) => ["evaluate", file, "--data", folder.path("good.tsv")]],
    ["predict", (file) => ["predict", file, "--text", "a"]],
    ["inspect", (file) => ["inspect", file]],
  ];
  describe.each(commands)("%s", (_, command) => {
    it.each<[string, (whole: Uint8Array) => Uint8Array, RegExp]>([
      ["cut off at the end", (whole) => whole.subarray(0, -5), /bad\.safetensors, /],
      ["cut off in the header", (whole) => whole.subarray(0, 100), /bad\.safetensors, header/],
      ["empty", () => new Uint8Array(), /bad\.safetensors, /],
      ["without our metadata", () => writeSafetensors([], {}), /metadata: has no key "unrolled"/],
      [
        "of another task",
        (whole) => replaced(whole, "classifier", "classifies"),
        /is of the task "classifies"/,
      ],
    ])("%s", async (_, change, says) => {
      await writeFile(folder.path("bad.safetensors"), change(model));
      const { status, message } = await refusal(command(folder.path("bad.safetensors")));
      expect(status).toBe(1);
      expect(message).toMatch(says);
    });
    it("not there", async () => {
      const { status, message } = await refusal(command(folder.path("none.safetensors")));
      expect([status, message]).toEqual([1, expect.stringContaining("none.safetensors: cannot be read")]);
    });
  });

  it("evaluate names the label that a model does not know", async () => {
    const data = await folder.write("other.tsv", `${moodLines(2)}ugly\tthis film is dull\n`);
    const args = ["evaluate", trained.path("m.safetensors"), "--data", data, "--label", "1"];
    const { status, message } = await refusal(args);
    expect([status, message]).toEqual([1, expect.stringContaining('other.tsv:3: has the label "ugly"')]);
  });
  it("predict says that there is nothing to read", async () => {
    const { status, message } = await refusal(["predict", trained.path("m.safetensors")]);
    expect([status, message]).toEqual([1, expect.stringContaining("standard input: is empty")]);
  });
});

/** The bytes with a text in them replaced by another of the same length. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return new Uint8Array(Buffer.from(Buffer.from(bytes).toString("latin1").replace(from, to), "latin1"));
}
