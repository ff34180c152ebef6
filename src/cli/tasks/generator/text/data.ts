/**
 * The texts that a generator is trained and judged on: one long text, or lines and rows that are separate sequences; read,
 * split or held back before training starts.
 */
import {
  DataError,
  readText,
  readTextExamples,
  readTexts,
  splitByPosition,
  tableFormatOf,
} from "../../../../data/index.js";
import { fileSource } from "../../../../data/node.js";
import { type GeneratorData, type GeneratorLine, generator } from "../../../../tasks/index.js";
import { counted } from "../../../terminal/talk.js";
import { given } from "../../../training/options.js";
import type { TaskData } from "../../../training/train.js";
import { formOf } from "../../columns.js";
import { heldBack } from "../../parts.js";
import type { DataRequest } from "../../row.js";
import type { ChosenGenerator } from "../options.js";

/** Texts to train with, to choose the best epoch by, and to test on. */
export interface TextData extends TaskData {
  readonly train: GeneratorData;
  readonly valid: GeneratorData;
  readonly test?: GeneratorData;
  /** Where the validation data comes from, if it has no files of its own. */
  readonly validFrom?: string;
}

/** Which texts to read, and how. */
export interface TextRequest
  extends Pick<DataRequest, "sources" | "format" | "text" | "label" | "header" | "delimiter"> {
  readonly lines?: boolean | undefined;
  /** Whether rows have labels, in the column `label` or in one that is detected. Default: if `label` is given. */
  readonly labelled?: boolean | undefined;
}

/** Reads texts of one kind. @param notices get what a person should see @throws DataError naming file and line of what cannot be used, or the files if they are empty */
export async function readGeneratorData(
  request: TextRequest,
  notices: string[] = [],
): Promise<GeneratorData> {
  const data = await textsOf(request, notices);
  if (data.length > 0) return data;
  const file = request.sources.map(({ name }) => name).join(", ");
  throw new DataError({ file, problem: "is empty", remedy: "Give a file with a text." });
}

async function textsOf(request: TextRequest, notices: string[]): Promise<GeneratorData> {
  const { sources, lines = false, labelled = request.label !== undefined, text, label } = request;
  const { header, delimiter } = request;
  const columns = { format: request.format, text, label, header, delimiter };
  const format = columns.format ?? tableFormatOf(sources[0]?.name ?? "") ?? "txt";
  if (format === "txt" && !lines) {
    const texts: string[] = [];
    for (const source of sources) texts.push(await readText(source));
    return texts.join("");
  }
  if (format === "txt" && labelled)
    throw new DataError({
      file: sources.map(({ name }) => name).join(", "),
      problem: "is plain text, which has no labels",
      remedy:
        "Give a table with a column of labels (.tsv, .csv, .jsonl; --format if the extension does not say which).",
    });
  const options = { ...given(columns), format };
  const read = labelled ? await readTextExamples(sources, options) : await readTexts(sources, options);
  notices.push(...read.notices);
  const rows: readonly GeneratorLine[] = "texts" in read ? read.texts : read.examples;
  // An empty line separates paragraphs of a text; it is not a text itself.
  return rows.filter(({ text }) => text !== "");
}

/** @throws DataError naming file and line of what cannot be used */
export async function readTextData(
  chosen: ChosenGenerator & { readonly train: readonly string[] },
): Promise<TextData> {
  const { seed = 1, split, format, text, label, lines } = chosen;
  const notices: string[] = [];
  const { header, delimiter } = formOf(chosen);
  const from = (files: readonly string[]): Promise<GeneratorData> =>
    readGeneratorData(
      { sources: files.map(fileSource), format, text, label, lines, header, delimiter },
      notices,
    );
  const all = await from(chosen.train);
  const valid = chosen.valid ? { valid: await from(chosen.valid) } : {};
  const test = chosen.test ? { test: await from(chosen.test) } : {};
  const parts = split === undefined ? {} : byPosition(all, split);
  const whole = { train: all, ...valid, ...test, ...parts };
  if (whole.valid !== undefined) {
    const validFrom = split === undefined ? {} : { validFrom: `--split ${split}` };
    return told({ ...whole, valid: whole.valid, ...validFrom }, notices);
  }
  return told({ ...whole, ...generator.holdOut({ train: whole.train }, seed), validFrom: heldBack }, notices);
}

type Parts = Pick<TextData, "train" | "valid" | "test">;

function told(data: Omit<TextData, "remarks">, notices: readonly string[]): TextData {
  const { train, valid, test, validFrom } = data;
  const from = validFrom === undefined ? "" : ` (${validFrom})`;
  const sizes = [
    `${sizeText(train)} to train with`,
    `${sizeText(valid)} to validate on${from}`,
    ...(test === undefined ? [] : [`${sizeText(test)} to test on`]),
  ];
  return { ...data, remarks: [...notices, sizes.join(", ")] };
}

/** "1,003,854 characters", "1,500 lines". */
export const sizeText = (data: GeneratorData): string =>
  typeof data === "string" ? counted(placesOf(data).count, "character") : counted(data.length, "line");

/** The code points of a text: how many there are, and where each begins. In most texts each is one UTF-16 unit. */
function placesOf(text: string): { readonly count: number; readonly place: (n: number) => number } {
  if (!/[\ud800-\udbff]/.test(text)) return { count: text.length, place: (n) => n };
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) starts.push(at);
  return { count: starts.length, place: (n) => starts[n] ?? text.length };
}

/** Consecutive parts of a text or of lines. A text is cut between characters, never inside one. */
function byPosition(data: GeneratorData, split: string): Parts {
  const { count, place } = typeof data === "string" ? placesOf(data) : { count: data.length, place: Number };
  const [train, valid, test] = splitByPosition(count, split).map(({ start, end }) =>
    data.slice(place(start), place(end)),
  ) as [GeneratorData, GeneratorData, GeneratorData?];
  return { train, valid, ...(test === undefined ? {} : { test }) };
}
