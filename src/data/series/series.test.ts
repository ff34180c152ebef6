/** Series from files: what each format holds, every way in which a file can be wrong, and files that are damaged at random. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, type Examples, readExamples, readInputs, textSource } from "../index.js";

const read = (name: string, text: string, options = {}): Promise<Examples> =>
  readExamples([textSource(name, text)], options);

/** The message of what a reader throws; anything but a DataError is a bug. */
const refusal = async (name: string, text: string, options = {}): Promise<string> => {
  const error = await read(name, text, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).message;
};

const header = `# made for a test
@problemName Moves
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength false
@classLabel true up down
@data
`;
const moves = `${header}1,2,3:4,5,6:up\n0.5:-1e-1:down\n`;

describe(".ts", () => {
  it("holds series of any length, channels parted by colons, the label last", async () => {
    expect(await read("a.ts", moves)).toMatchObject({
      kind: "series",
      several: false,
      skipped: {},
      notices: [],
      examples: [
        {
          series: [
            [1, 4],
            [2, 5],
            [3, 6],
          ],
          label: "up",
          file: "a.ts",
          line: 10,
        },
        { series: [[0.5, -0.1]], label: "down", file: "a.ts", line: 11 },
      ],
    });
  });
  it("holds series of one channel", async () => {
    const text = "@univariate true\n@classLabel true a b\n@data\n1,2:a\n3:b\n";
    expect((await read("a.ts", text)).examples).toMatchObject([{ series: [[1], [2]] }, { series: [[3]] }]);
  });
  it("has what is missing filled on a straight line between neighbours, at the ends with the nearest", async () => {
    const { examples, notices } = await read("a.ts", `${header}?,1,?,?,4,NaN:1,1,1,1,1,1:up\n1:2:down\n`);
    expect(examples[0]).toMatchObject({
      series: [
        [1, 1],
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 1],
        [4, 1],
      ],
    });
    expect(notices).toEqual(["4 missing values were interpolated between neighbours."]);
  });
  it("keeps series without steps, and says so", async () => {
    const { examples, notices } = await read("a.ts", `${header}::up\n1:2:down\n`);
    expect(examples[0]).toMatchObject({ series: [], label: "up" });
    expect(notices).toEqual(["1 series has no steps; kept."]);
  });
  it("refuses series that have no steps at all", async () => {
    expect(await refusal("a.ts", `${header}::up\n::down\n`)).toContain(
      "a.ts: all 2 series have no steps. Series without steps",
    );
    expect(await refusal("a.jsonl", '{"series": [], "label": "a"}\n')).toContain(
      "its only series has no steps",
    );
  });
  it("skips and counts series whose label is empty", async () => {
    expect(await read("a.ts", `${moves}1:2:\n`)).toMatchObject({
      skipped: { "no label": 1 },
      examples: { length: 2 },
    });
  });
  it("is read for prediction with labels passed over, or without any", async () => {
    const bare = moves.replace("@classLabel true up down", "@classLabel false").replace(/:(up|down)$/gm, "");
    for (const text of [moves, bare]) {
      const { kind, inputs } = await readInputs([textSource("a.ts", text)]);
      expect([kind, inputs[1]]).toEqual(["series", { series: [[0.5, -0.1]], file: "a.ts", line: 11 }]);
    }
  });
  it.each([
    [
      "time stamps",
      moves.replace("@timeStamps false", "@timeStamps true"),
      "a.ts:3: says that the values have time stamps",
    ],
    [
      "a time stamp in a value",
      `${header}(0,1),(1,2):3,4:up\n`,
      'a.ts:10: step 1 of channel 1 is "(0". Values with time stamps',
    ],
    [
      "targets that are numbers",
      moves.replace("@classLabel true up down", "@targetLabel true"),
      "a.ts:8: has numbers as targets",
    ],
    ["no names of labels", moves.replace("true up down", "true"), "a.ts:8: does not name class labels"],
    [
      "no number of channels",
      moves.replace("@dimensions 2", "@dimensions two"),
      'a.ts:6: gives "two" channels',
    ],
    [
      "another number of channels",
      `${moves}1:2:3:up\n`,
      "a.ts:12: has 3 channels, but the header announces 2",
    ],
    [
      "channels of several lengths",
      `${moves}1,2:1:up\n`,
      "a.ts:12: channel 2 has 1 values, but channel 1 has 2",
    ],
    [
      "a value that is no number",
      `${moves}1,x:1,2:up\n`,
      'a.ts:12: step 2 of channel 1 is "x". Give a number, or ?',
    ],
    ["a value that is too large", `${moves}1e999:1:up\n`, 'a.ts:12: step 1 of channel 1 is "1e999"'],
    ["nothing between commas", `${moves}1,,2:1,2,3:up\n`, 'a.ts:12: step 2 of channel 1 is ""'],
    ["a label that the header does not name", `${moves}1:2:left\n`, 'a.ts:12: has the label "left"'],
    [
      "another length where all are equal",
      moves.replace("@equalLength false", "@equalLength true"),
      "a.ts:11: has 1 steps",
    ],
    ["values before @data", moves.replace("@data\n", ""), "a.ts:9: comes before @data"],
    ["no @data", "@univariate true\n", "a.ts: has no @data line"],
    ["no series", header, "a.ts: has no series after @data"],
    [
      "a channel without a value",
      `${moves}?,?:1,2:up\n`,
      "a.ts:12: channel 1 of the series has no values at all",
    ],
    [
      "no labels to learn",
      moves.replace("@classLabel true up down", "@classLabel false").replace(/:(up|down)$/gm, ""),
      "none of the 2 series has a label",
    ],
  ])("with %s is refused, naming file and line", async (_, text, says) => {
    expect(await refusal("a.ts", text)).toContain(says);
  });
  it("damaged at random is read or refused, and never anything else", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(moves.length - 1),
        fc.nat(4),
        fc.stringMatching(/^[-@:,.?#e\d\n a-z]{0,6}$/),
        async (at, removed, added) => {
          const text = moves.slice(0, at) + added + moves.slice(at + removed);
          const result = await read("a.ts", text).catch((error: unknown) => error);
          if (result instanceof DataError) return;
          const { examples, kind } = result as Examples;
          expect(kind).toBe("series");
          for (const example of examples) {
            const steps = "series" in example ? example.series : [];
            for (const step of steps) {
              expect(step.length).toBe(
                ("series" in examples[0]! ? examples[0].series : steps)[0]?.length ?? step.length,
              );
              expect(Array.from(step).every(Number.isFinite)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe("JSON lines", () => {
  const lines = '{"series": [[1, 2], [3, 4]], "label": "x"}\n{"series": [[5, null], [6, 7]], "label": 2}\n';
  it("hold a series on each line, where the first object has one", async () => {
    expect(await read("a.jsonl", lines)).toMatchObject({
      kind: "series",
      examples: [
        {
          series: [
            [1, 2],
            [3, 4],
          ],
          label: "x",
          line: 1,
        },
        {
          series: [
            [5, 7],
            [6, 7],
          ],
          label: "2",
          line: 2,
        },
      ],
    });
  });
  it("hold series of one channel as lists of numbers, and lists of labels", async () => {
    const text = '{"series": [1, 2], "labels": ["a", " b", "a"]}\n{"series": [], "labels": []}\n';
    expect(await read("a.jsonl", text)).toMatchObject({
      several: true,
      examples: [
        { series: [[1], [2]], labels: ["a", "b"] },
        { series: [], labels: [] },
      ],
    });
  });
  it("hold texts with lists of labels, an empty one too", async () => {
    const text = '{"text": "a b", "labels": ["x", "y"]}\n{"text": "c", "labels": []}\n';
    expect(await read("a.jsonl", text)).toMatchObject({
      kind: "text",
      several: true,
      examples: [
        { text: "a b", labels: ["x", "y"], line: 1 },
        { text: "c", labels: [], line: 2 },
      ],
    });
  });
  it.each([
    ["no series on a later line", `${lines}{"text": "x", "label": "y"}\n`, 'a.jsonl:3: has no "series"'],
    ["a series that is no list", '{"series": "1,2", "label": "x"}\n', '"series" is not a list'],
    [
      "steps of several widths",
      '{"series": [[1, 2], [3]], "label": "x"}\n',
      "a.jsonl:1: step 2 has 1 numbers",
    ],
    ["a step of nothing", '{"series": [[], []], "label": "x"}\n', "step 1 has 0 numbers"],
    [
      "a step that holds no number",
      '{"series": [["1"]], "label": "x"}\n',
      'step 1 holds "1", which is not a number',
    ],
    [
      "another number of channels",
      `${lines}{"series": [[1]], "label": "x"}\n`,
      "a.jsonl:3: has 1 channel, but the first series has 2",
    ],
    ["a label that is an object", '{"series": [[1]], "label": {}}\n', '"label" is an object'],
    [
      "labels that are none",
      '{"series": [[1]], "labels": [{}]}\n',
      '"labels" holds something that is not a label',
    ],
    [
      "one label and lists of them",
      '{"series": [[1]], "labels": ["a"]}\n{"series": [[1]], "label": "a"}\n',
      "a.jsonl:2: has one label, but the first example has a list",
    ],
    [
      "the same with texts",
      '{"text": "a", "label": "a"}\n{"text": "a", "label": ["a"]}\n',
      "a.jsonl:2: has a list of labels",
    ],
  ])("with %s are refused", async (_, text, says) => {
    expect(await refusal("a.jsonl", text)).toContain(says);
  });
});

describe("a table with a step on each row", () => {
  const table = "series,x,y,label\n1,1,2,up\n2,0.5,,down\n1,3,4,up\n2,0,7,down\n";
  it("is one by the name of its first column, and its series need not stand together", async () => {
    expect(await read("a.csv", table)).toMatchObject({
      kind: "series",
      notices: [
        'a.csv: series: column 1, "series"; label: column 4, "label"',
        "The channels are x, y.",
        "1 missing value was interpolated between neighbours.",
      ],
      examples: [
        {
          series: [
            [1, 2],
            [3, 4],
          ],
          label: "up",
          line: 2,
        },
        {
          series: [
            [0.5, 7],
            [0, 7],
          ],
          label: "down",
          line: 3,
        },
      ],
    });
  });
  it("is none where a column of texts stands beside one called series", async () => {
    const { kind } = await read("a.csv", "series,text,label\nDallas,good,up\nDallas,bad,down\n");
    expect(kind).toBe("text");
  });
  it("has its columns chosen by name or number, and labels parted", async () => {
    const text = "id\ttime\tx\ttags\na\t0\t1\tp|q\na\t1\t2\tp|q\nb\t0\t3\t\n";
    const options = { series: "id", label: 4, channels: ["x"], separator: "|" };
    expect(await read("a.tsv", text, options)).toMatchObject({
      several: true,
      notices: [
        'a.tsv: series: column 1, "id"; time: column 2, "time", by which rows are sorted; label: column 4, "tags"',
      ],
      examples: [
        { series: [[1], [2]], labels: ["p", "q"] },
        { series: [[3]], labels: [] },
      ],
    });
  });
  it.each([
    ["a value that is no number", `${table}3,a,1,up\n`, 'a.csv:6: "x" is "a"'],
    ["a row that is too short", `${table}3,1\n`, "a.csv:6: found 2 columns, expected 4 as in the header"],
    ["a row that names no series", `${table},1,2,up\n`, "a.csv:6: names no series"],
    [
      "two labels for a series",
      `${table}1,1,2,down\n`,
      'a.csv:6: series "1" has the label "down" here but "up" in line 2',
    ],
    ["only a header", "series,x,label\n", "a.csv: has only a header"],
    ["no channels", "series,label\n1,a\n", "a.csv:1: has no column left for the channels"],
  ])("with %s is refused", async (_, text, says) => {
    expect(await refusal("a.csv", text)).toContain(says);
  });
  it("with a column that is not there is refused", async () => {
    expect(await refusal("a.csv", table, { channels: ["z"] })).toContain('has no column "z" for a channel');
    expect(await refusal("a.csv", "id,x,label\n1,2,a\n", { series: "case" })).toContain(
      'no column "case" for the series',
    );
  });
});

describe("files together", () => {
  it("are of one kind, with the same channels", async () => {
    const text = textSource("b.tsv", "a\tgood\nb\tbad\n");
    await expect(readExamples([textSource("a.ts", moves), text])).rejects.toThrow(
      "b.tsv: holds texts, and a.ts series",
    );
    const one = textSource("c.jsonl", '{"series": [1], "label": "up"}\n');
    await expect(readExamples([textSource("a.ts", moves), one])).rejects.toThrow("c.jsonl:1: has 1 channel");
  });
  it("with texts are read as before, and labels are parted only where that is asked for", async () => {
    const text = "label\ttext\nnews|sport\tone\nnews\ttwo\n\tthree\n";
    expect(await read("a.tsv", text)).toMatchObject({ several: false, skipped: { "no label": 1 } });
    expect(await read("a.tsv", text, { separator: "|" })).toMatchObject({
      several: true,
      skipped: {},
      columns: { text: "text", label: "label" },
      examples: [{ labels: ["news", "sport"] }, { labels: ["news"] }, { labels: [] }],
    });
  });
});
