/**
 * Labelled texts out of tables: which column is what, what is skipped, and what a person is told when does not
 * say. Also texts to predict on, and the classes of examples.
 */
import { describe, expect, test } from "vitest";
import { DataError } from "../errors.js";
import { textSource } from "../source.js";
import { type ReadTextExamplesOptions, readTextExamples, requireClasses } from "./examples.js";
import { readTexts } from "./texts.js";

const readOne = (name: string, text: string, options?: ReadTextExamplesOptions) =>
  readTextExamples([textSource(name, text)], options);

async function pairs(
  name: string,
  text: string,
  options?: ReadTextExamplesOptions,
): Promise<[string, string][]> {
  return (await readOne(name, text, options)).examples.map(({ label, text }) => [label, text]);
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
}

/** Thirty rows of two columns: a label out of a and b, and a text of its own. */
const thirty = Array.from({ length: 30 }, (_, i) => `${"ab"[i % 2]}\ttext ${i}\n`).join("");

describe("the columns", () => {
  const expected = [
    ["1", "good"],
    ["0", "bad"],
  ];

  test.each<[string, string, string, ReadTextExamplesOptions?]>([
    ["a header of usual names", "t.tsv", "label\ttext\n1\tgood\n0\tbad\n"],
    ["usual names in any case and order", "t.csv", "id, Review ,Sentiment\n7,good,1\n8,bad,0\n"],
    ["one usual name and one other", "t.csv", "review_body,label\ngood,1\nbad,0\n"],
    ["a byte order mark before the header", "t.csv", "\ufefflabel,text\n1,good\n0,bad\n"],
    ["the keys of objects", "t.jsonl", '{"text":"good","label":1}\n{"label":0,"text":"bad"}\n'],
    ["two keys with unusual names", "t.jsonl", '{"q":"good","a":1}\n{"q":"bad","a":0}\n', { label: "a" }],
    [
      "names that were given",
      "t.csv",
      "text,body,stars\nx,good,1\ny,bad,0\n",
      { text: "body", label: "STARS" },
    ],
    ["one name that was given, of two columns", "t.csv", "body,stars\ngood,1\nbad,0\n", { label: "stars" }],
    [
      "a name that was given beside a usual one",
      "t.csv",
      "id,text,stars\n1,good,1\n2,bad,0\n",
      { label: "stars" },
    ],
    ["numbers, without a header", "t.csv", "x,good,1\ny,bad,0\n", { text: 2, label: "3" }],
    ["one number, of two columns", "t.tsv", "1\tgood\n0\tbad\n", { text: 2 }],
    ["numbers under a header", "t.tsv", "label\ttext\n1\tgood\n0\tbad\n", { text: 2, label: 1 }],
    ["a column whose name is a number", "t.csv", "1,2,text\n9,1,good\n9,0,bad\n", { label: "2" }],
    ["a format that was given", "t.data", "label,text\n1,good\n0,bad\n", { format: "csv" }],
  ])("are told by %s", async (_, name, text, options) => {
    expect(await pairs(name, text, options)).toEqual(expected);
  });

  test("of two, the label's is the one with few different values", async () => {
    const { examples, columns, notices } = await readOne("t.tsv", thirty);
    expect(examples).toHaveLength(30);
    expect(examples[1]).toEqual({ label: "b", text: "text 1", file: "t.tsv", line: 2 });
    expect(columns).toEqual({ text: 2, label: 1 });
    expect(notices).toEqual(["t.tsv: text: column 2; label: column 1; header: no"]);
  });

  test("of two, the values of all the files count", async () => {
    const { examples } = await readTextExamples([
      textSource("a.tsv", thirty),
      textSource("b.tsv", "x\tone row\n"),
    ]);
    expect(examples.at(-1)).toEqual({ label: "x", text: "one row", file: "b.tsv", line: 1 });
  });

  test("are reported so that they can be given for the next file", async () => {
    const { columns } = await readOne("t.csv", "id,Review,Sentiment\n7,good,1\n8,bad,0\n");
    expect(columns).toEqual({ text: "Review", label: "Sentiment" });
    expect(await pairs("u.csv", "Sentiment,Review\n1,x\n", columns)).toEqual([["1", "x"]]);
    const numbers = (await readOne("t.tsv", thirty)).columns;
    expect(await pairs("u.tsv", "a\tx\n", numbers)).toEqual([["a", "x"]]);
  });

  test("a usual name that occurs again further down is a value, not a header", async () => {
    const text = "y\tyes it is\nn\tno\ny\tsure\n";
    expect(await pairs("t.tsv", text)).toHaveLength(3);
  });
});

describe("rows", () => {
  test("without a label are skipped and counted, empty texts are kept", async () => {
    const read = await readOne("t.csv", "label,text\n1,good\n,lost\n  ,lost\n0,\n 2 , padded \n");
    expect(read.skipped).toEqual({ "no label": 2 });
    expect(read.notices).toEqual([
      't.csv: text: column 2, "text"; label: column 1, "label"; header: yes',
      "1 text is empty; it was kept.",
    ]);
    expect(read.examples.map(({ label, text, line }) => [label, text, line])).toEqual([
      ["1", "good", 2],
      ["0", "", 5],
      ["2", " padded ", 6],
    ]);
  });

  test("without the label's key are skipped", async () => {
    const { skipped } = await readOne(
      "t.jsonl",
      '{"text":"a","label":"x"}\n{"text":"b"}\n{"text":"c","label":null}\n',
    );
    expect(skipped).toEqual({ "no label": 2 });
  });

  test("that look like an unknown header are pointed out", async () => {
    const { notices } = await readOne("t.tsv", `stars\treview body\n${thirty}`);
    expect(notices).toEqual([
      "t.tsv: text: column 2; label: column 1; header: no",
      't.tsv:1 was read as an example with the label "stars", which no other row has. If it is a header, say which ' +
        "columns are the text and the label (the label is column 1).",
    ]);
  });
});

describe("refused", () => {
  test.each<[string, string, string, ReadTextExamplesOptions | undefined, string]>([
    ["an empty file", "t.tsv", "", undefined, "t.tsv: is empty"],
    ["only a header", "t.tsv", "label\ttext\n", undefined, 't.tsv: has only a header (1 "label", 2 "text")'],
    ["a name without a format", "t.pos", "a", undefined, "t.pos: its name does not show the format"],
    [
      "an unknown format",
      "t.tsv",
      "a",
      { format: "xls" },
      'there is no format "xls". Formats of tables are tsv, csv',
    ],
    [
      "one column",
      "t.tsv",
      "a\nb\n",
      undefined,
      't.tsv: has 1 column (1 "a"), but examples need a text and a label',
    ],
    [
      "three columns and no header",
      "t.csv",
      "a,b,c\nd,e,f\n",
      undefined,
      't.csv: does not say which of its 3 columns holds the text and which the label: 1 "a", 2 "b", 3 "c". ' +
        "Say so with text and label: a name or a number from 1.",
    ],
    [
      "a label but no text among three columns",
      "t.csv",
      "id,label,body\n1,a,b\n",
      undefined,
      'which of its 3 columns holds the text: 1 "id", 2 "label", 3 "body". Say so with text:',
    ],
    ["a text but no label", "t.csv", "id,text,stars\n1,a,b\n", undefined, "holds the label: "],
    [
      "two columns that look alike",
      "t.tsv",
      "a\tb\nc\td\n",
      undefined,
      "does not say which of its 2 columns",
    ],
    [
      "two columns of many values",
      "t.tsv",
      Array.from({ length: 21 }, (_, i) => `${i}\t${i % 20} x${i}\n`).join(""),
      undefined,
      "does not say",
    ],
    [
      "a name that is not there",
      "t.csv",
      "a,b\nc,d\n",
      { label: "stars" },
      'has no column named "stars" for the label',
    ],
    [
      "a name without a header",
      "t.tsv",
      thirty,
      { label: "stars" },
      'The columns are 1 "a", 2 "text 0"; choose one with label.',
    ],
    ["a number too high", "t.csv", "a,b\nc,d\n", { label: 3 }, "has 2 columns, so no column 3 for the label"],
    ["the number 0", "t.csv", "a,b\nc,d\n", { label: 0 }, "has no column named 0 for the label"],
    ["one column for both", "t.csv", "a,b\nc,d\n", { label: 1, text: 1 }, "text and label are both column 1"],
    ["a name that occurs twice", "t.csv", "a,a\nc,d\n", { label: "a" }, 'has 2 columns named "a"'],
    [
      "no row with a label",
      "t.csv",
      "label,text\n,a\n,b\n",
      undefined,
      "none of the 2 rows has a label in column",
    ],
    [
      "a text that is a list",
      "t.jsonl",
      '{"text":["a"],"label":1}',
      undefined,
      't.jsonl:1: "text" is a list or an',
    ],
    [
      "a missing text",
      "t.jsonl",
      '{"text":"a","label":1}\n{"label":1}',
      undefined,
      't.jsonl:2: "text" is missing',
    ],
    [
      "a label that is an object",
      "t.jsonl",
      '{"text":"a","label":{}}',
      undefined,
      '"label" is a list or an object',
    ],
  ])("%s", async (_, name, text, options, message) => {
    expect(await messageOf(readOne(name, text, options))).toContain(message);
  });

  test("a long field is shortened in the list of columns", async () => {
    const message = await messageOf(readOne("t.csv", `${"x".repeat(99)},b,c\n`));
    expect(message).toContain(`1 "${"x".repeat(29)}…", 2 "b"`);
  });
});

describe("texts to predict on", () => {
  const textsOf = async (name: string, text: string, options?: { format?: string; text?: string | number }) =>
    (await readTexts([textSource(name, text)], options)).texts.map((each) => each.text);

  test.each<[string, string, string, string[], { format?: string; text?: string | number }?]>([
    ["the lines of a text file", "t.txt", "good\n\nbad, really\n", ["good", "", "bad, really"]],
    ["the lines of a file of any name", "reviews", "good\tx\n", ["good\tx"]],
    ["the lines of a table, if told so", "t.csv", "a,b\nc\n", ["a,b", "c"], { format: "txt" }],
    ["the only column", "t.csv", '"good, or not"\nbad\n', ["good, or not", "bad"]],
    ["the only column under a header", "t.csv", "text\ngood\nbad\n", ["good", "bad"]],
    ["a column under a header", "t.csv", "id,text\n1,good\n2,bad\n", ["good", "bad"]],
    ["a column by number", "t.tsv", "1\tx\tgood\n2\ty\tbad\n", ["good", "bad"], { text: 3 }],
    ["a key", "t.jsonl", '{"text":"good"}\n{"text":"bad"}\n', ["good", "bad"]],
    ["the file of examples it was trained on", "t.tsv", "a\tx y\nb\tz\na\tw\n", ["x y", "z", "w"]],
  ])("are %s", async (_, name, text, expected, options) => {
    expect(await textsOf(name, text, options)).toEqual(expected);
  });

  test("come with their place, and a notice for empty ones", async () => {
    const { texts, notices } = await readTexts([
      textSource("a.txt", "\n \n"),
      textSource("b.csv", "text\nx\n"),
    ]);
    expect(texts).toEqual([
      { text: "", file: "a.txt", line: 1 },
      { text: " ", file: "a.txt", line: 2 },
      { text: "x", file: "b.csv", line: 2 },
    ]);
    expect(notices).toEqual([
      'b.csv: text: column 1, "text"; header: yes',
      "2 texts are empty; they were kept.",
    ]);
  });

  test("are refused from an empty file and from columns that nothing tells apart", async () => {
    expect(await messageOf(textsOf("t.txt", ""))).toContain("t.txt: is empty");
    expect(await messageOf(textsOf("t.csv", "a,b,c\n"))).toContain("holds the text: 1");
    expect(await messageOf(textsOf("t.csv", "a\n", { format: "x" }))).toContain('there is no format "x"');
  });
});

describe("classes", () => {
  const withLabels = (...labels: string[]) => labels.map((label) => ({ label, text: "" }));

  test("are the labels in order, numbers by size", () => {
    expect(requireClasses(withLabels("b", "a", "B", "b"), "t")).toEqual(["B", "a", "b"]);
    expect(requireClasses(withLabels("10", "9", "-1"), "t")).toEqual(["-1", "9", "10"]);
    expect(requireClasses(withLabels("10", "9", "x"), "t")).toEqual(["10", "9", "x"]);
  });

  test("must be two", () => {
    expect(() => requireClasses(withLabels("1", "1"), "t.tsv")).toThrow(
      't.tsv: all 2 examples have the label "1".',
    );
    expect(() => requireClasses(withLabels("1", "1"), "t.tsv")).toThrow(DataError);
  });
});
