/**
 * Texts with their translations: two files in which line i of one translates line i of the other, or one table of two columns
 * separated by tabs. Tokenising the texts is up to the reader.
 */
import { isObject } from "../../options/items.js";
import { DataError } from "../errors.js";
import { requireItems } from "../items.js";
import { lines, requireSource, type Source } from "../source.js";

/** A text and its translation, and where they come from. */
export interface ParallelPair {
  readonly source: string;
  readonly target: string;
  /** The source's file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What was read, and what was skipped. */
export interface ParallelPairs {
  readonly pairs: readonly ParallelPair[];
  /** Lines without a text on one side or on both. */
  readonly skipped: number;
}

/**
 * Reads texts and their translations.
 *
 * ```ts
 * import { readParallel, textSource } from "unrolled/data";
 * const { pairs } = await readParallel([textSource("dates.tsv", "May 3, 2021\t2021-05-03\n")]);
 * pairs[0]?.target; // "2021-05-03"
 * ```
 *
 * @param sources the file of sources and that of targets, or one file with both, separated by tabs
 * @throws DataError if the files differ in their number of lines, a line does not have exactly one tab, or there is
 * nothing to read
 */
export async function readParallel(sources: readonly Source[]): Promise<ParallelPairs> {
  requireItems(sources, { what: "sources", one: "a source, as textSource() makes one", takes: isObject });
  for (const source of sources) requireSource(source);
  const [first, second, more] = sources;
  if (first === undefined || more !== undefined) {
    throw new DataError({
      file: sources.map(({ name }) => name).join(", ") || "data",
      problem: `is ${sources.length === 0 ? "no file" : `${sources.length} files`}`,
      remedy: "Give the file of the sources and that of the targets, or one table with both.",
    });
  }
  const pairs: ParallelPair[] = [];
  let skipped = 0;
  for await (const pair of second === undefined ? columns(first) : sideBySide(first, second)) {
    if (pair.source.trim() === "" || pair.target.trim() === "") skipped++;
    else pairs.push(pair);
  }
  if (pairs.length > 0) return { pairs, skipped };
  throw new DataError({
    file: first.name,
    problem: "holds no texts with translations",
    remedy: "Each line should hold a text, with its translation after a tab or in the other file.",
  });
}

const plain = (text: string): string => text.replace(/\r$/, "").trim();

async function* columns(source: Source): AsyncGenerator<ParallelPair> {
  for await (const { number: line, text } of lines(source)) {
    if (text.trim() === "") continue;
    const fields = text.split("\t");
    if (fields.length !== 2) {
      throw new DataError({
        file: source.name,
        line,
        problem: fields.length === 1 ? "has no tab" : `has ${fields.length} columns`,
        remedy: "Each line should hold a text, one tab, and its translation.",
      });
    }
    const [from, to] = fields as [string, string];
    yield { source: plain(from), target: plain(to), file: source.name, line };
  }
}

async function* sideBySide(first: Source, second: Source): AsyncGenerator<ParallelPair> {
  const others = lines(second)[Symbol.asyncIterator]();
  let line = 0;
  for await (const { text } of lines(first)) {
    line++;
    const other = await others.next();
    if (other.done) throw unequal(first, second, line);
    yield { source: plain(text), target: plain(other.value.text), file: first.name, line };
  }
  if (!(await others.next()).done) throw unequal(second, first, line + 1);
}

function unequal(longer: Source, shorter: Source, line: number): DataError {
  return new DataError({
    file: longer.name,
    line,
    problem: `has no counterpart: ${shorter.name} ends after ${line - 1} lines`,
    remedy: "Line i of one file must translate line i of the other.",
  });
}
