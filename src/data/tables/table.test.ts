/**
 * The readers of .tsv, .csv and .jsonl: what a row is, one test per way a file can be wrong, the comparison of .csv in
 * pieces with csv-parse on the whole text, and mutations of valid files, of which nothing but a DataError may come.
 */
import { type Options, parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../errors.js";
import type { Source } from "../source.js";
import { textSource } from "../source.js";
import { csvRows } from "./csv.js";
import { type TableFormatName, tableFormatOf, tableFormats } from "./table.js";

async function rowsOf(source: Source): Promise<[number, string[]][]> {
  const rows: [number, string[]][] = [];
  for await (const { line, fields } of csvRows(source)) rows.push([line, [...fields]]);
  return rows;
}

const read = (format: TableFormatName, text: string) =>
  tableFormats[format].read(textSource(`t.${format}`, text));

describe("the format of a file", () => {
  test.each([
    ["a.tsv", "tsv"],
    ["dir.csv/a.TSV.GZ", "tsv"],
    ["a.tab", "tsv"],
    ["a.csv.gz", "csv"],
    ["a.jsonl", "jsonl"],
    ["a.ndjson", "jsonl"],
    ["a.txt", undefined],
    ["tsv", undefined],
    ["a.csv.bz2", undefined],
  ])("%s is %s", (name, format) => {
    expect(tableFormatOf(name)).toBe(format);
  });
});

describe("csv rows", () => {
  test.each<[string, string, [number, string[]][]]>([
    [
      "plain fields",
      "a,b\nc,\n",
      [
        [1, ["a", "b"]],
        [2, ["c", ""]],
      ],
    ],
    ["no line end at the end", "a,b", [[1, ["a", "b"]]]],
    ["an empty last field at the end", "a,", [[1, ["a", ""]]]],
    ["an empty quoted field at the end", 'a,""', [[1, ["a", ""]]]],
    [
      "CRLF, also in quotes",
      'a,"x\r\ny"\r\nb,c\r\n',
      [
        [1, ["a", "x\ny"]],
        [3, ["b", "c"]],
      ],
    ],
    ["commas and doubled quotes", '"a,""b""",c\n', [[1, ['a,"b"', "c"]]]],
    [
      "lines counted through quoted fields",
      'a\n"b\n\nc"\nd\n',
      [
        [1, ["a"]],
        [2, ["b\n\nc"]],
        [5, ["d"]],
      ],
    ],
    [
      "blank lines as one empty field",
      "a\n\nb\n",
      [
        [1, ["a"]],
        [2, [""]],
        [3, ["b"]],
      ],
    ],
    ["spaces kept", " a , b \n", [[1, [" a ", " b "]]]],
  ])("%s", async (_, text, rows) => {
    expect(await rowsOf(textSource("t.csv", text))).toEqual(rows);
  });

  test("are those of csv-parse, for valid and for broken input", async () => {
    // Ragged rows are judged later, in table.ts.
    const options: Options = { record_delimiter: "\n", relax_column_count: true };
    const text = fc.string({
      unit: fc.constantFrom("a", "é", '"', '"', ",", "\n", '""', '"a"'),
      maxLength: 16,
    });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 4 }), async (content, size) => {
        let expected: string[][] | undefined;
        try {
          expected = parse(content, options);
        } catch {
          expected = undefined;
        }
        const bytes = new TextEncoder().encode(content);
        const inPieces: Source = {
          name: "t.csv",
          async *stream() {
            for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
          },
        };
        if (expected === undefined) await expect(rowsOf(inPieces)).rejects.toBeInstanceOf(DataError);
        else expect((await rowsOf(inPieces)).map(([, fields]) => fields)).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  test("come back as they were quoted", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", "😀", '"', ",", "\n", " ", "\t"), maxLength: 6 });
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const quote = (value: string) => `"${value.replaceAll('"', '""')}"`;
        const text = rows.map((row) => `${row.map(quote).join(",")}\n`).join("");
        expect((await rowsOf(textSource("t.csv", text))).map(([, fields]) => fields)).toEqual(rows);
      }),
    );
  });
});

describe("tables", () => {
  test("by position leave blank lines out, unless there is one column", async () => {
    const two = await read("tsv", "\na\tb\n\nc\td\n");
    expect(two).toMatchObject({ file: "t.tsv", keys: undefined, width: 2 });
    expect(two.rows).toEqual([
      { line: 2, fields: ["a", "b"] },
      { line: 4, fields: ["c", "d"] },
    ]);
    expect((await read("csv", "a\n\nb\n")).rows.map(({ fields }) => fields[0])).toEqual(["a", "", "b"]);
  });

  test("quotation marks in a .tsv are characters", async () => {
    expect((await read("tsv", '1\t"hm\n0\ta "b" c\n')).rows.map(({ fields }) => fields[1])).toEqual([
      '"hm',
      'a "b" c',
    ]);
  });

  test("by key have the columns of all rows", async () => {
    const table = await read("jsonl", '{"text":"a","label":1}\n\n{"label":true,"more":[{}],"text":null}\n');
    expect(table).toMatchObject({ keys: ["text", "label", "more"], width: 3 });
    expect(table.rows.map(({ line, fields }) => [line, fields[0], fields[1], fields[2]])).toEqual([
      [1, "a", "1", undefined],
      [3, "", "true", null],
    ]);
  });

  test("a list of texts, numbers, true and false is one of texts; with anything else in it it is null", async () => {
    const { rows } = await read("jsonl", '{"a":["x",1,true]}\n{"a":[]}\n{"a":["x",null]}\n');
    expect(rows.map(({ fields }) => fields[0])).toEqual([["x", "1", "true"], [], null]);
  });

  test("a key called __proto__ is a column like any other", async () => {
    expect((await read("jsonl", '{"__proto__":"x"}')).keys).toEqual(["__proto__"]);
  });
});

describe("refused with file and line", () => {
  test.each<[string, TableFormatName, string, string]>([
    ["an empty .tsv", "tsv", "", "t.tsv: is empty"],
    ["an empty .csv", "csv", "", "t.csv: is empty"],
    ["an empty .jsonl", "jsonl", "", "t.jsonl: is empty"],
    ["nothing but blank lines", "tsv", "\n\n", "t.tsv: is empty"],
    ["nothing but blank lines in a .jsonl", "jsonl", "\n \n", "t.jsonl: is empty"],
    ["nothing but empty objects", "jsonl", "{}\n{}\n", "t.jsonl: is empty"],
    ["a missing column", "tsv", "a\tb\nc\n", "t.tsv:2: found 1 column, expected 2 as in line 1"],
    ["a column too many", "tsv", "\na\tb\nc\td\te\n", "t.tsv:3: found 3 columns, expected 2 as in line 2"],
    ["a ragged .csv", "csv", 'a,"b\n"\nc,d,e\n', "t.csv:3: found 3 columns, expected 2 as in line 1"],
    [
      "a quote that is never closed",
      "csv",
      'a,b\n"c,d\n\n',
      "t.csv:2: a quotation mark that is never closed",
    ],
    ["a quote inside a field", "csv", 'a,b\nc,d "e"\n', "t.csv:2: a quotation mark inside an unquoted field"],
    [
      "text after a quote",
      "csv",
      'a\n"b" ,c\n',
      "t.csv:2: text between a closing quotation mark and the next comma",
    ],
    ["a line that is not JSON", "jsonl", '{"a":1}\n{"a":\n', "t.jsonl:2: is not JSON ("],
    ["a list", "jsonl", '[1]\n{"a":1}', "t.jsonl:1: holds a list instead of an object"],
    ["null", "jsonl", "null", "t.jsonl:1: holds null instead"],
    ["a text", "jsonl", '"a"', "t.jsonl:1: holds a string instead"],
  ])("%s", async (_, format, text, message) => {
    const error: unknown = await read(format, text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toContain(message);
    expect((error as DataError).remedy).toMatch(/^[A-Z].*\.$/);
  });
});

describe("mutations of valid files give a table or a DataError", () => {
  test.each<[TableFormatName, string]>([
    ["tsv", 'label\ttext\n1\tgood\n0\tbad "x"\r\n1\t\n'],
    ["csv", 'label,text\n1,"a ""b"", c"\n0,"two\nlines"\r\n1,é\n'],
    ["jsonl", '{"label":1,"text":"a \\u00e9"}\n{"label":"x","text":null,"more":{"a":[1,2]}}\n'],
  ])("%s", async (format, text) => {
    const valid = [...new TextEncoder().encode(text)];
    const byte = fc.oneof(
      fc.constantFrom(...'",\t\n\r{}[]:\\u0'.split("").map((c) => c.charCodeAt(0))),
      fc.nat(255),
    );
    const change = fc.record({
      at: fc.nat(valid.length),
      remove: fc.nat(3),
      insert: fc.array(byte, { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        let bytes = valid;
        for (const { at, remove, insert } of changes) {
          bytes = [...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)];
        }
        const mutated: Source = {
          name: `t.${format}`,
          async *stream() {
            yield Uint8Array.from(bytes);
          },
        };
        await tableFormats[format].read(mutated).then(
          (table) => {
            expect(table.rows.length).toBeGreaterThan(0);
            for (const { fields } of table.rows) expect(fields.length).toBeLessThanOrEqual(table.width);
          },
          (error: unknown) => expect(error).toBeInstanceOf(DataError),
        );
      }),
      { numRuns: 3000 },
    );
  });
});
