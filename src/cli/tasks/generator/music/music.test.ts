/**
 * Music on the command line: piano-rolls from JSON and from MIDI files, performances from a folder of MIDI files; MIDI files
 * and pictures out; and what is refused.
 */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesSource, readMidi, rollPiece, writeMidi } from "../../../../data/index.js";
import { createFolder, type Folder, runCli } from "../../../harness.cases.js";

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const chords = [
  [60, 64, 67],
  [65, 69, 72],
  [67, 71, 74],
];
const tune = (start: number, bars: number): number[][] =>
  Array.from({ length: bars }, (_, i) => chords[(start + i) % 3]!);
const rolls = JSON.stringify({
  train: Array.from({ length: 12 }, (_, i) => tune(i, 8 + (i % 3))),
  valid: [tune(1, 9)],
  test: [tune(0, 8), tune(2, 30)],
});
const brief = ["--epochs", "3", "--units", "8"];

/** A file of drums alone. */
const drums = () =>
  writeMidi({
    ...rollPiece([[40]]),
    notes: [{ pitch: 40, start: 0, end: 100, velocity: 90, channel: 9, track: 0 }],
  });

describe("piano-rolls", () => {
  it("a JSON file is all that training needs; the model writes MIDI files and pictures", async () => {
    const data = await folder.write("tunes.json", rolls);
    const out = folder.path("tunes.safetensors");
    const trained = await runCli(["train", "generator", "--train", data, "--out", out, ...brief]);
    expect(trained.stderr).toContain(
      "12 pieces to train with, 1 to validate on (a part of --train), 2 to test on",
    );
    expect(trained.stderr).toMatch(/epoch 3\/3 {2}loss [\d.]+ {2}validation [\d.]+ nats per step/);
    expect(trained.status).toBe(0);
    expect(trained.stdout).toMatch(
      /^generator +gru, 8 units, of piano-rolls, independent notes, 1 to a quarter note$/m,
    );
    expect(trained.stdout).toMatch(
      /^test +[\d.]+ nats per step \(95 % interval .*\) on 36 steps of 2 pieces$/m,
    );
    expect(trained.stdout).toMatch(/^baselines +each note's own frequency: [\d.]+ nats per step/m);
    expect(trained.stdout).toMatch(/^data +1 of 2 pieces of the test data also occur in training/m);
    expect(trained.stdout).toContain("50 pieces were written");

    const file = folder.path("new.mid");
    const picture = folder.path("new.svg");
    const prime = ["--prime", "C4 E4 G4 | F4", "--length", "6"];
    const made = await runCli(["generate", out, ...prime, "--out", file, "--picture", picture]);
    expect(made).toMatchObject({ status: 0, stdout: "", leaked: 0 });
    const piece = await readMidi(bytesSource("new.mid", await readFile(file)));
    expect(piece.notes[0]).toMatchObject({ pitch: 60, start: 0 });
    expect(await readFile(picture, "utf8")).toMatch(/^<svg .*piano-roll of 8 steps/s);

    const printed = await runCli(["generate", out, ...prime, "--json", "--count", "2", "--most", "1"]);
    const lines = printed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ prime: before, length }) => [before, length])).toEqual([
      [[[60, 64, 67], [65]], 6],
      [[[60, 64, 67], [65]], 6],
    ]);
    expect(lines[0].steps).not.toEqual(lines[1].steps);
    expect(lines[0].steps.every((step: number[]) => step.length <= 1)).toBe(true);
    const again = await runCli(["generate", out, "--length", "5", "--prime", file]);
    expect(again.stdout).toMatch(/^C4 E4 G4 \| F4 \| /);

    const several = ["--count", "4", "--out", folder.path("many.mid")];
    const [first, second] = ["many-1.mid", "many-2.mid"].map(folder.path);
    const cut = await runCli(["generate", out, ...prime, ...several], { interruptAt: `wrote ${second}` });
    expect(cut).toMatchObject({ status: 130, stdout: "", leaked: 0 });
    expect(cut.stderr).toContain(
      `error: stopped by Ctrl-C; 2 of 4 pieces were written: ${first}, ${second}\n`,
    );
    expect((await folder.list()).filter((name) => name.startsWith("many"))).toEqual([
      "many-1.mid",
      "many-2.mid",
    ]);

    const slow = ["--tempo", "60", "--repeat", "--force", "--out", file];
    await runCli(["generate", out, "--prime", "C4 | C4", "--length", "1", "--seed", "2", ...slow]);
    const struck = await readMidi(bytesSource("new.mid", await readFile(file)));
    expect(struck.tempos).toEqual([{ tick: 0, microsecondsPerBeat: 1e6 }]);
    expect(struck.notes.filter(({ start }) => start < 960).map(({ end }) => end)).toEqual([480, 960]);

    const judged = await runCli(["evaluate", out, "--data", data, "--json"]);
    const report = JSON.parse(judged.stdout);
    expect(report.count).toBe(36);
    expect(judged.stderr).toContain("used the part test of the file");
    const shown = await runCli(["inspect", out]);
    expect(shown.stdout).toMatch(/^unit +piano-rolls$/m);
  });

  it("MIDI files in a folder: a tenth is held back, broken ones are passed over and said so", async () => {
    for (let i = 0; i < 5; i++)
      await folder.write(`in/${i}.mid`, await writeMidi(rollPiece(tune(i, 10), { beatsPerMinute: 90 })));
    await folder.write("in/broken.mid", "MThd");
    await folder.write("in/drums.mid", await drums());
    const out = folder.path("m.safetensors");
    const args = ["train", "generator", "--train", folder.path("in"), "--out", out, "--json", ...brief];
    const trained = await runCli(args);
    expect(trained.status).toBe(0);
    expect(trained.stderr).toMatch(/skipped .*broken\.mid: ends in its header: it is truncated/);
    expect(trained.stderr).toContain("left out 1 note of drums");
    expect(trained.stderr).toContain("4 pieces to train with, 1 to validate on (held back from training)");
    expect(JSON.parse(trained.stdout)).toMatchObject({
      task: "generator",
      unit: "note",
      metrics: { valid: {} },
    });
    const shown = await runCli(["inspect", out]);
    expect(shown.stdout).toMatch(/stepsPerBeat +4 to a quarter note/);
    // 90 for the pieces; the drums last 100 of 480 ticks at 100.
    expect(shown.stdout).toMatch(/beatsPerMinute +92 quarter notes per minute/);
  });
});

describe("performances", () => {
  it("learn from MIDI files and write them", async () => {
    for (let i = 0; i < 4; i++) await folder.write(`in/${i}.mid`, await writeMidi(rollPiece(tune(i, 40))));
    const out = folder.path("p.safetensors");
    const args = ["train", "generator", "--train", folder.path("in"), "--unit", "event", "--out", out];
    const trained = await runCli([...args, ...brief, "--batch", "2", "--bptt", "16"]);
    expect(trained.status).toBe(0);
    expect(trained.stdout).toMatch(/^generator +gru, 8 units, of performances$/m);
    expect(trained.stdout).toMatch(/^baseline +each token's own frequency: [\d.]+ nats per token$/m);
    const file = folder.path("p.mid");
    const made = await runCli(["generate", out, "--length", "60", "--prime", "C4 E4", "--out", file]);
    expect(made).toMatchObject({ status: 0, leaked: 0 });
    const piece = await readMidi(bytesSource("p.mid", await readFile(file)));
    expect(piece.notes.slice(0, 2).map(({ pitch }) => pitch)).toEqual([60, 64]);
    const printed = await runCli(["generate", out, "--length", "3"]);
    expect(printed.stdout.split(", ").length).toBeLessThanOrEqual(3);
    const judged = await runCli(["evaluate", out, "--data", folder.path("in")]);
    expect(judged.stdout).toMatch(
      /^[\d.]+ nats per token, perplexity [\d.]+, on [\d,]+ tokens of 4 pieces$/m,
    );
  });
});

describe("refusals", () => {
  it.each([
    [
      ["--unit", "note", "--bptt", "7"],
      "--bptt is for --unit char, word, bpe or event, not for note; leave it out",
    ],
    [["--lines"], "--lines is for --unit char, word or bpe, not for note"],
    [["--no-tied"], "--no-tied is for --unit char, word or bpe, not for note"],
    [["--unit", "event", "--segment", "7"], "--segment is for --unit note, not for event"],
    [["--unit", "char", "--steps-per-beat", "2"], "--steps-per-beat is for --unit note, not for char"],
  ])("training: %o", async (options, message) => {
    const outcome = await runCli(["train", "generator", "--train", "tunes.json", ...options]);
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain(message);
  });

  it("training: data without music, or with one piece", async () => {
    const train = (...paths: string[]) =>
      runCli(["train", "generator", "--out", folder.path("x.safetensors"), "--train", ...paths]);
    await folder.write("in/drums.mid", await drums());
    await folder.write("one/a.mid", await writeMidi(rollPiece(tune(0, 8))));
    expect((await train(folder.path("in"))).stderr).toContain("in: holds no music. Give MIDI files");
    expect((await train(folder.path("one"))).stderr).toContain(
      "one: holds only one piece, and one must be held back",
    );
    const broken = await folder.write("b.mid", "MThd");
    expect((await train(broken)).stderr).toContain("b.mid: ends in its header: it is truncated");
    const odd = await folder.write("odd.json", '{"train": [[[60], [7]]]}');
    expect((await train(odd)).stderr).toContain("odd.json: train[0][1] holds 7");
    expect(await folder.list()).not.toContain("x.safetensors");
  });

  it("writing: options, primes and names of files that make no sense; files that exist are kept", async () => {
    const data = await folder.write("tunes.json", rolls);
    const out = folder.path("t.safetensors");
    await runCli(["train", "generator", "--train", data, "--out", out, "--epochs", "1", "--units", "2"]);
    const there = await folder.write("there.mid", "mine");
    const cases: [string[], number, string][] = [
      [["--top-k", "3"], 2, "--top-k is for joint outputs, not for independent outputs; leave it out"],
      [["--stop", "x"], 2, "--stop does nothing for a generator of piano-rolls"],
      [["--prime", "C4 H4"], 2, '--prime: note "H4": is not the name of a note'],
      [["--prime", "C0"], 1, "a step holds the note 12"],
      [["--out", "tune.wav"], 2, "--out tune.wav is not the name of a MIDI file"],
      [["--picture", "tune.png"], 2, "--picture tune.png is not the name of a picture"],
      [["--out", there], 1, "already exists, and was kept"],
      [["--prime", there], 1, "is not a MIDI file"],
    ];
    for (const [options, status, message] of cases) {
      const outcome = await runCli(["generate", out, ...options]);
      expect({ options, status: outcome.status }).toEqual({ options, status });
      expect(outcome.stderr).toContain(message);
      expect(outcome.leaked).toBe(0);
    }
    expect(await readFile(there, "utf8")).toBe("mine");
  });
});
