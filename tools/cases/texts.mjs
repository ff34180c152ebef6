/** Tagged sentences, translations, texts in one column, and music. A row: what is done, and what is right, as a check. */
import { firstWrong } from "./run.mjs";

const small = ["--epochs", "1", "--units", "8", "--json"];

const tags = (file, does, expected, args = []) => ({
  name: file.replace(/\.\w+$/, ""),
  files: [file],
  does,
  async check({ file: path, out, run }) {
    const base = ["train", "tagger", "--train", path(file), ...small, "--out", out("m.safetensors")];
    const done = await run([...base, "--characters", "0", ...args]);
    const wrong = firstWrong(done, expected);
    if (wrong !== undefined || expected.metric === undefined) return wrong;
    const { metrics } = JSON.parse(done.stdout);
    return metrics.valid[expected.metric] === undefined ? `is not judged by ${expected.metric}` : undefined;
  },
});

/** The rows. */
export const texts = [
  tags("ok-plain.conll", "a plain file", { says: ["tags: IOB2"], metric: "f1" }),
  tags("t1-comment-four-columns.conll", "comments at the head of sentences are left out", {
    says: ["comments: 120 lines, left out", "tags: IOB2"],
    metric: "f1",
  }),
  tags("t2-index-first.conll", "the tokens are in column 2", {
    says: ["token: column 2", "tags: IOB2"],
    metric: "f1",
  }),
  tags("t3-ten-columns.conll", "CoNLL-U by its contents", {
    says: ["format: CoNLL-U; token: column 2; tag: column 4", "they mark no spans"],
    metric: "accuracy",
  }),
  tags("t4-slip.conll", "a slip keeps the scheme, and is named by its line", {
    says: ["tags: IOB2, 1 line does not keep to it: 590 (I-PER is taken as B-PER)"],
    metric: "f1",
  }),
  tags("t5-bilou.conll", "BILOU marks spans", { says: ["tags: IOBES, written as in L-PER"], metric: "f1" }),
  tags("t6-germeval.tsv", "a last column with one tag is refused, and the other is named", {
    status: 1,
    says: ['has the tag "O" for every token', "--tag-column", "column 3 with 6"],
  }),
  {
    ...tags(
      "t6-germeval.tsv",
      "the other column, chosen",
      { says: ["token: column 2; tag: column 3; comments: 120 lines, left out", "tags: IOB2"], metric: "f1" },
      ["--tag-column", "3"],
    ),
    name: "t6-germeval, column 3",
  },
  {
    name: "m1",
    files: ["m1-pairs.tsv", "m1-blank.en"],
    does: "a blank line is translated as an empty line",
    async check({ file, out, run }) {
      const model = out("m.safetensors");
      const train = [
        "train",
        "translator",
        "--train",
        file("m1-pairs.tsv"),
        ...small,
        "--embedding",
        "8",
        "--out",
        model,
      ];
      const trained = firstWrong(await run(train), {});
      if (trained !== undefined) return trained;
      const { readFile } = await import("node:fs/promises");
      const given = (await readFile(file("m1-blank.en"), "utf8")).replace(/\n$/, "").split("\n");
      const { stdout } = await run(["predict", model, file("m1-blank.en")]);
      const found = stdout.replace(/\n$/, "").split("\n");
      if (found.length !== given.length) return `${found.length} lines for ${given.length}`;
      const odd = given.findIndex((text, i) => text.trim() === "" && found[i].split("\t")[0] !== "");
      return odd < 0 ? undefined : `line ${odd + 1} is blank, and translated as ${found[odd]}`;
    },
  },
  {
    name: "m2-onecol",
    files: ["m2-onecol.csv"],
    does: "a word over texts is a header",
    async check({ file, out, run }) {
      const args = ["--train", file("m2-onecol.csv"), ...small, "--out", out("m.safetensors")];
      return firstWrong(await run(["train", "generator", ...args]), {
        says: ['text: column 1, "tweet"; header: yes'],
      });
    },
  },
  {
    name: "mi1",
    files: ["mi1-on-before-off.mid", "s00.mid"],
    does: "a note-off at the tick of the next note ends the older one",
    async check({ file, out, run }) {
      const { readMidi } = await import("../../dist/data/index.js");
      const { fileSource } = await import("../../dist/data/node.js");
      const { notes } = await readMidi(fileSource(file("mi1-on-before-off.mid")));
      const short = notes.filter(({ start, end }) => end - start < 96).length;
      if (short > 0) return `${short} of ${notes.length} notes are too short`;
      const args = ["--train", file("mi1-folder"), ...small, "--out", out("m.safetensors")];
      return firstWrong(await run(["train", "generator", ...args]), { not: ["skipped"] });
    },
  },
];
