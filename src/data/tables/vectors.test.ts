/**
 * Vectors from tables and JSON lines: what each format holds, what tells it from texts, and every way in which it can
 * be wrong.
 */
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

const table = "width,height,species\n1,2.5,a\n-3,1e1,b\n";

describe("a table of numbers", () => {
  it("holds vectors, with the label where a header says so", async () => {
    expect(await read("a.csv", table)).toMatchObject({
      kind: "vector",
      several: false,
      skipped: {},
      notices: ['a.csv: label: column 3, "species"; header: yes'],
      features: ["width", "height"],
      examples: [
        { vector: [1, 2.5], label: "a", file: "a.csv", line: 2 },
        { vector: [-3, 10], label: "b", file: "a.csv", line: 3 },
      ],
    });
    const first = await read("a.tsv", "class\tx\ty\nup\t1\t2\ndown\t3\t4\n");
    expect(first.examples).toMatchObject([
      { vector: [1, 2], label: "up" },
      { vector: [3, 4], label: "down" },
    ]);
  });
  it("has its label last where there is no header, and comments before it", async () => {
    const { examples, features } = await read("a.csv", "# eight by eight\n\n1,2,7\n3,4,8\n");
    expect(features).toBeUndefined();
    expect(examples).toMatchObject([
      { vector: [1, 2], label: "7", line: 3 },
      { vector: [3, 4], label: "8", line: 4 },
    ]);
  });
  it("gives the columns that are asked for, by name or number", async () => {
    const { examples, features } = await read("a.csv", table, { label: "species", features: ["height"] });
    expect(features).toEqual(["height"]);
    expect(examples).toMatchObject([{ vector: [2.5] }, { vector: [10] }]);
    expect((await read("a.csv", "a,1,2\nb,3,4\n", { label: 1 })).examples).toMatchObject([
      { vector: [1, 2], label: "a" },
      { vector: [3, 4], label: "b" },
    ]);
  });
  it("counts what is missing, and rows without a label", async () => {
    const { examples, notices, skipped } = await read("a.csv", "x,y,label\n1,,a\n?,nan,b\n1,1,\n");
    expect(examples).toMatchObject([{ vector: [1, Number.NaN] }, { vector: [Number.NaN, Number.NaN] }]);
    expect(notices).toEqual([
      'a.csv: label: column 3, "label"; header: yes',
      "3 missing values count as the mean of the feature in training.",
    ]);
    expect(skipped).toEqual({ "no label": 1 });
  });
  it("may have several labels in a field", async () => {
    const { examples, several } = await read("a.csv", "x,y,label\n1,2,a|b\n3,4,\n", { separator: "|" });
    expect(several).toBe(true);
    expect(examples).toMatchObject([{ labels: ["a", "b"] }, { labels: [] }]);
  });
  it("is none where there are texts", async () => {
    expect((await read("a.csv", "good,I like it\nbad,so so\ngood,fine\n", { label: 1 })).kind).toBe("text");
    expect((await read("a.csv", "text,stars,label\n12,3,a\n13,4,b\n")).kind).toBe("text");
    expect((await read("a.tsv", "5\t1\n6\t2\n6\t1\n", { label: 2 })).kind).toBe("text");
    expect((await read("a.csv", table, { text: "width", label: "species" })).kind).toBe("text");
  });
});

describe("JSON lines", () => {
  it("hold vectors by the key", async () => {
    const lines = '{"vector": [1, null], "label": "a"}\n{"vector": [2, 3], "label": 4}\n';
    expect(await read("a.jsonl", lines)).toMatchObject({
      kind: "vector",
      examples: [
        { vector: [1, Number.NaN], label: "a", line: 1 },
        { vector: [2, 3], label: "4", line: 2 },
      ],
    });
  });
});

describe("to predict on", () => {
  const inputs = async (name: string, text: string, options = {}): Promise<unknown> =>
    (await readInputs([textSource(name, text)], { width: 2, ...options })).inputs;
  it("a table need not have labels, and has its columns by name", async () => {
    expect(await inputs("a.csv", "1,2\n3,4\n")).toMatchObject([{ vector: [1, 2] }, { vector: [3, 4] }]);
    expect(await inputs("a.csv", "1,2,a\n3,4,b\n")).toMatchObject([{ vector: [1, 2] }, { vector: [3, 4] }]);
    const named = { features: ["width", "height"] };
    expect(await inputs("a.csv", "note,height,width\nx,1,2\n", named)).toMatchObject([{ vector: [2, 1] }]);
    const called = { features: ["x", "y"] };
    expect(await inputs("a.csv", "x,y\n1,2\n", called)).toMatchObject([{ vector: [1, 2] }]);
  });
});

describe("what is wrong is refused with file and line", () => {
  it.each([
    ["x,y,label\n1,2,a\n1,b,a\n", {}, /a\.csv:3: "y" is "b"/],
    ["x,y,label\n1,2,a\n1,2\n", {}, /a\.csv:3: found 2 columns, expected 3/],
    ["x,y,label\n1,2,a\n1,9e999,a\n", {}, /a\.csv:3: "y" is "9e999"/],
    [table, { label: "kind" }, /has no column "kind" for the label/],
    [table, { features: ["depth"] }, /a\.csv:1: has no column "depth" for a feature/],
    [
      table,
      { features: ["width", "species"], label: "species" },
      /a\.csv:1: column 3 is both the label and a feature/,
    ],
    ["x,y,label\n1,2,\n", {}, /none of the 1 vectors has a label/],
  ])("%j with %j", async (text, options, problem) => {
    expect(await refusal("a.csv", text, options)).toMatch(problem);
  });
  it.each([
    ['{"vector": [1], "label": "a"}\n{"label": "a"}\n', /a\.jsonl:2: has no "vector"/],
    ['{"vector": 1, "label": "a"}\n', /a\.jsonl:1: "vector" is not a list/],
    ['{"vector": ["1"], "label": "a"}\n', /a\.jsonl:1: "vector" holds "1", which is not a number/],
    [
      '{"vector": [1], "label": "a"}\n{"vector": [1, 2], "label": "a"}\n',
      /a\.jsonl:2: "vector" has 2 numbers/,
    ],
  ])("%s", async (text, problem) => {
    expect(await refusal("a.jsonl", text)).toMatch(problem);
  });
  it("whatever is done to a file", async () => {
    const damage = fc.record({ at: fc.nat(table.length), drop: fc.nat(4), put: fc.string({ maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, drop, put }) => {
        const text = table.slice(0, at) + put + table.slice(at + drop);
        await read("a.csv", text).catch((error: unknown) => expect(error).toBeInstanceOf(DataError));
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("which column is what", () => {
  const rows = (count: number, row: (i: number) => readonly unknown[], sign = ","): string =>
    Array.from({ length: count }, (_, i) => `${row(i).join(sign)}\n`).join("");
  const x = (i: number): string => ((i * 7.31) % 5).toFixed(2);
  it.each([
    ["the last, whole numbers", rows(60, (i) => [x(i), x(2 * i), i % 3]), "label: column 3; header: no"],
    ["the first", rows(60, (i) => [i % 3, x(i), x(2 * i)]), "label: column 1; header: no"],
    ["the only words", `a,b,c\n${rows(60, (i) => [x(i), `k${i % 3}`, x(i)])}`, undefined],
    [
      "words in front",
      `a,b,c\n${rows(60, (i) => [`k${i % 3}`, x(i), x(3 * i)])}`,
      'label: column 1, "a"; header: yes',
    ],
    [
      "under a header of numbers",
      `400,410,420,kind\n${rows(60, (i) => [x(i), x(i), x(i), `k${i % 3}`])}`,
      'label: column 4, "kind"; header: yes',
    ],
    [
      "under numbers of columns",
      `0,1,2\n${rows(60, (i) => [x(i), x(3 * i), i % 2])}`,
      'label: column 3, "2"; header: yes',
    ],
    [
      "beside a column that counts rows",
      `,a,b,s\n${rows(60, (i) => [i, x(i), x(3 * i), i % 2])}`,
      'label: column 4, "s"; header: yes; index: column 1, "", left out',
    ],
  ])("%s", async (_, text, told) => {
    if (told === undefined) expect(await refusal("a.csv", text)).toContain("a.csv: does not say which");
    else expect((await read("a.csv", text)).notices).toEqual([`a.csv: ${told}`]);
  });
  it("is asked for where it is unclear", async () => {
    expect(
      await refusal(
        "a.csv",
        rows(60, (i) => [i % 2, x(i), i % 5]),
      ),
    ).toContain("it could be column 1 or column 3");
    expect(
      await refusal(
        "a.csv",
        rows(60, (i) => [x(i), x(3 * i), (i / 7).toFixed(3)]),
      ),
    ).toContain("almost as many classes as rows");
    const odd = `a,b,c\n${rows(60, (i) => [x(i), x(3 * i), `k${i}`])}`;
    expect(await refusal("a.csv", odd)).toContain("has 60 different values in 60 examples");
    expect((await read("a.csv", odd, { label: "c" })).examples).toHaveLength(60);
  });
  it.each([
    ["semicolons and commas", rows(20, (i) => [x(i).replace(".", ","), 3, `k${i % 2}`], ";"), {}],
    ["tabs", rows(20, (i) => [x(i), 3, `k${i % 2}`], "\t"), {}],
    ["bars", rows(20, (i) => [x(i), 3, `k${i % 2}`], "|"), {}],
    ["a line that names the sign", `sep=;\n${rows(20, (i) => [x(i), 3, `k${i % 2}`], ";")}`, {}],
    ["a sign that is told", rows(20, (i) => [x(i), 3, `k${i % 2}`], "~"), { delimiter: "~" }],
  ])("fields and numbers: %s", async (_, text, options) => {
    const { examples, kind } = await read("a.csv", text, options);
    expect(kind).toBe("vector");
    expect(examples[1]).toMatchObject({ vector: [2.31, 3], label: "k1" });
  });
  it("is found again for prediction, with the label or without it", async () => {
    const text = rows(60, (i) => [i % 3, x(i), x(2 * i)]);
    const { features } = await read("a.csv", text);
    expect(features).toEqual(["2", "3"]);
    const ask = async (given: string) =>
      (await readInputs([textSource("b.csv", given)], { features: features!, width: 2 })).inputs;
    expect(await ask("1,2.5,3\n")).toMatchObject([{ vector: [2.5, 3] }]);
    expect(await ask("2.5,3\n")).toMatchObject([{ vector: [2.5, 3] }]);
  });
});
