/**
 * Sentences with a tag for each token, from the column formats of the CoNLL shared tasks: one token per line, with columns
 * separated by tabs or blanks and a blank line after each sentence; and CoNLL-U (Universal Dependencies), which has
 * ten numbered columns, comments, and lines that are not tokens. tagged-layout.ts finds out what stands where. The meaning of tags is up to the reader.
 */
import { DataError } from "../errors.js";
import { lines, requireSource, type Source } from "../source.js";
import { type Layout, layoutOf, type TaggedFormat } from "./tagged-layout.js";

/** A sentence with its tags, one for each token. */
export interface TaggedSentence {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
  readonly file: string;
  /** Line of its first token, from 1. */
  readonly line: number;
  /** Lines of all its tokens, where they do not follow one another. */
  readonly lines?: readonly number[];
}

/** How to read tagged sentences. */
export interface TaggedOptions {
  /** Default: by the file's contents, otherwise by its name. */
  readonly format?: TaggedFormat | undefined;
  /**
   * Column of the token, from 1, or from the end if negative. Default: the first one that does not number the tokens; for
   * CoNLL-U the form (2).
   */
  readonly tokenColumn?: number | undefined;
  /**
   * Column of the tag, from 1, or from the end if negative. Default: the last column (−1); for CoNLL-U the universal
   * part of speech (4).
   */
  readonly tagColumn?: number | undefined;
  /** True to read only tokens: tags, if there are any, are left empty. Default false. */
  readonly tokensOnly?: boolean | undefined;
  /** Tags that are known, by which a token "#" at the head of a sentence is told from a comment. Default: those of the file. */
  readonly tags?: readonly string[] | undefined;
}

/** A column other than the token's and the tag's that does not only hold numbers. */
export interface OtherColumn {
  /** From 1. */
  readonly column: number;
  /** How many different values it holds. */
  readonly values: number;
}

/** What was read, and what was skipped. */
export interface TaggedSentences {
  readonly sentences: readonly TaggedSentence[];
  readonly format: TaggedFormat;
  /** Lines of CoNLL-U that hold no token of their own (1-2, 3.1), and -DOCSTART- lines. */
  readonly skipped: number;
  /** The other columns, which could be meant as tags too. */
  readonly others: readonly OtherColumn[];
  /** What was taken for what, as a sentence that a person should see. */
  readonly notices: readonly string[];
}

/**
 * Reads tagged sentences.
 *
 * ```ts
 * import { readTagged, textSource } from "unrolled/data";
 * const { sentences } = await readTagged(textSource("a.conll", "London\tB-location\nis\tO\n\nyes\tO\n"));
 * sentences.length; // 2
 * ```
 *
 * @throws DataError naming the line that has too few columns, or a different number from the lines before
 */
export async function readTagged(source: Source, options: TaggedOptions = {}): Promise<TaggedSentences> {
  requireSource(source);
  const all: Numbered[] = [];
  for await (const each of lines(source)) all.push(plain(each));
  const layout = layoutIn(source, all, options);
  const open = opened(source, layout, options);
  const sentences = [...all.flatMap((line) => open.take(line)), ...open.end()];
  const others = open.others();
  return {
    sentences,
    format: layout.format,
    skipped: open.skipped(),
    others,
    notices: [`${source.name}: ${layout.told}`],
  };
}

/** The sentences one after the other, each as soon as the blank line after it has been read. @throws as {@link readTagged} */
export async function* streamTagged(
  source: Source,
  options: TaggedOptions = {},
): AsyncGenerator<TaggedSentence> {
  requireSource(source);
  // The first sentence shows what stands where.
  let head: Numbered[] | undefined = [];
  let open: Opened | undefined;
  for await (const each of lines(source)) {
    const line = plain(each);
    if (open !== undefined) {
      yield* open.take(line);
      continue;
    }
    head!.push(line);
    if (line.text.trim() !== "" || head!.every(({ text }) => text.trim() === "" || text.startsWith("#")))
      continue;
    open = opened(source, layoutIn(source, head!, options), options);
    for (const held of head!) yield* open.take(held);
    head = undefined;
  }
  open ??= opened(source, layoutIn(source, head ?? [], options), options);
  for (const held of head ?? []) yield* open.take(held);
  yield* open.end();
}

interface Numbered {
  readonly number: number;
  readonly text: string;
}

const plain = ({ number, text }: Numbered): Numbered => ({ number, text: text.replace(/\r$/, "") });

const layoutIn = (source: Source, all: readonly Numbered[], options: TaggedOptions): Layout =>
  layoutOf(
    source.name,
    byName(source.name),
    all.map(({ text }) => text),
    options,
  );

/** Sentences being read. */
interface Opened {
  /** @returns the sentence that ends with the line, if one does */
  take(line: Numbered): TaggedSentence[];
  /** @returns the sentence that ends with the file, if one does @throws DataError if there was none at all */
  end(): TaggedSentence[];
  skipped(): number;
  others(): OtherColumn[];
}

function opened({ name: file }: Source, layout: Layout, options: TaggedOptions): Opened {
  let open: { tokens: string[]; tags: string[]; line: number; lines: number[] } | undefined;
  let { width } = layout;
  let [any, skipped] = [false, 0];
  const values: Set<string>[] = [];
  const finished = (): TaggedSentence[] => {
    if (open === undefined) return [];
    const { lines: of, ...rest } = open;
    open = undefined;
    const isRun = of.every((number, t) => number === rest.line + t);
    return [{ ...rest, file, ...(isRun ? {} : { lines: of }) }];
  };
  return {
    take({ number: line, text }) {
      // Some files end sentences with a line that holds only a tab.
      if (text.trim() === "") return finished();
      const columns = layout.columnsOf(text, open === undefined);
      if (typeof columns === "string") {
        if (columns === "skip") skipped++;
        return [];
      }
      width ??= columns.length;
      const { token, tag } = picked(columns, { file, line, width, layout, options });
      any = true;
      open ??= { tokens: [], tags: [], line, lines: [] };
      open.tokens.push(token);
      open.tags.push(tag);
      open.lines.push(line);
      if (!options.tokensOnly)
        columns.forEach((value, i) => {
          values[i] ??= new Set();
          if (values[i].size < MOST_VALUES) values[i].add(value);
        });
      return [];
    },
    end() {
      const last = finished();
      if (any) return last;
      throw new DataError({
        file,
        problem: "holds no sentences",
        remedy: "It should have a token and its tag on each line: London<TAB>B-location.",
      });
    },
    skipped: () => skipped,
    others: () => {
      const place = (column: number): number => (column > 0 ? column : values.length + column + 1);
      const taken = [place(layout.token), place(layout.tag)];
      return values.flatMap((set, i) =>
        taken.includes(i + 1) || [...set].every((value) => /^\d+$/.test(value))
          ? []
          : [{ column: i + 1, values: set.size }],
      );
    },
  };
}

/** How many different values of a column are counted. */
const MOST_VALUES = 1000;

/** True if the file's name shows that it holds a token on each line. */
export const isTaggedName = (name: string): boolean => byName(name) !== undefined;

function byName(name: string): TaggedFormat | undefined {
  const bare = name.replace(/\.gz$/i, "");
  if (/\.conllu$/i.test(bare)) return "conllu";
  if (/\.conllup$/i.test(bare)) return "conllup";
  return /\.(conll|bio|annotated)$/i.test(bare) ? "conll" : undefined;
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly width: number;
  readonly layout: Layout;
  readonly options: TaggedOptions;
}

/** The token and the tag of a line. @throws DataError if it does not have the right columns */
function picked(
  columns: readonly string[],
  { file, line, width, layout, options }: Place,
): { token: string; tag: string } {
  const fail = (problem: string, remedy: string): DataError => new DataError({ file, line, problem, remedy });
  const { format, example } = layout;
  const isNumbered = format !== "conll";
  const { tokensOnly = false } = options;
  if ((columns.length === 1 && !tokensOnly) || (isNumbered && columns.length !== width))
    throw fail(`has ${counted(columns.length)}`, `A line of ${format} reads ${example}.`);
  if (columns.length !== width)
    throw fail(
      `has ${counted(columns.length)}, but the first token has ${width}`,
      "All lines need the same number.",
    );
  const at = (column: number): string => {
    const value = columns.at(column > 0 ? column - 1 : column);
    if (value !== undefined && column !== 0 && Number.isInteger(column)) return value;
    throw fail(
      `has no column ${column}`,
      `Columns count from 1 to ${columns.length}, or from −1 at the end.`,
    );
  };
  const token = at(layout.token);
  if (tokensOnly && token !== "") return { token, tag: "" };
  const tag = at(layout.tag);
  if (tag === "" || token === "") throw fail("has an empty column", `A line of ${format} reads ${example}.`);
  return { token, tag };
}

const counted = (columns: number): string => (columns === 1 ? "one column" : `${columns} columns`);
