/**
 * Sentences with a tag for each token, from the column formats of the CoNLL shared tasks: one token per line, with columns
 * separated by tabs or blanks and a blank line after each sentence; and CoNLL-U (Universal Dependencies), which has
 * ten numbered columns, comments, and lines that are not tokens. The meaning of tags is up to the reader.
 */
import { DataError } from "../errors.js";
import { lines, requireSource, type Source } from "../source.js";

/**
 * A format's name. `.conllu` is CoNLL-U; `.conll`, `.bio` and `.annotated` are columns; for other names the contents
 * decide.
 */
export type TaggedFormat = "conll" | "conllu";

/** A sentence with its tags, one for each token. */
export interface TaggedSentence {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
  readonly file: string;
  /** Line of its first token, from 1. */
  readonly line: number;
}

/** How to read tagged sentences. */
export interface TaggedOptions {
  /** Default: by the file's name, otherwise by its first lines. */
  readonly format?: TaggedFormat | undefined;
  /**
   * Column of the tag, from 1, or from the end if negative. Default: the last column (−1); for CoNLL-U the universal
   * part of speech (4).
   */
  readonly tagColumn?: number | undefined;
  /** True to read only tokens: tags, if there are any, are left empty. Default false. */
  readonly tokensOnly?: boolean | undefined;
}

/** The formats by name. */
export const taggedFormats = ["conll", "conllu"] as const satisfies readonly TaggedFormat[];

/** What was read, and what was skipped. */
export interface TaggedSentences {
  readonly sentences: readonly TaggedSentence[];
  readonly format: TaggedFormat;
  /** Lines of CoNLL-U that hold no token of their own (1-2, 3.1), and -DOCSTART- lines. */
  readonly skipped: number;
}

/** What a line that is not blank means in a format: its columns, or that it should be skipped. */
interface FormatRow {
  readonly columns: (text: string) => readonly string[] | "comment" | "skip";
  /** Column of the token, from 1. */
  readonly token: number;
  readonly tag: number;
  readonly example: string;
}

const formats: Readonly<Record<TaggedFormat, FormatRow>> = {
  conll: {
    // Tokens never contain blanks, and an editor may double tabs: any run of either separates columns.
    columns: (text) => {
      const columns = text.trim().split(/[\t ]+/);
      return columns[0] === "-DOCSTART-" ? "skip" : columns;
    },
    token: 1,
    tag: -1,
    example: "London<TAB>B-location",
  },
  conllu: {
    // Tokens of CoNLL-U may contain blanks, so only tabs count.
    columns: (text) => {
      if (text.startsWith("#")) return "comment";
      const columns = text.split("\t");
      return /^\d+[-.]\d+$/.test(columns[0]!) ? "skip" : columns;
    },
    token: 2,
    tag: 4,
    example: "1<TAB>London<TAB>London<TAB>PROPN<TAB>…, ten columns",
  },
};

/** The number of columns in CoNLL-U, none of which may be missing. */
const CONLLU_COLUMNS = 10;

/** What has been seen of a file. */
interface Seen {
  format: TaggedFormat | undefined;
  skipped: number;
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
  const seen: Seen = { format: undefined, skipped: 0 };
  const sentences: TaggedSentence[] = [];
  for await (const sentence of sentencesOf(source, options, seen)) sentences.push(sentence);
  return { sentences, format: seen.format ?? "conll", skipped: seen.skipped };
}

/** The sentences one after the other, each as soon as the blank line after it has been read. @throws as {@link readTagged} */
export const streamTagged = (source: Source, options: TaggedOptions = {}): AsyncIterable<TaggedSentence> =>
  sentencesOf(source, options, { format: undefined, skipped: 0 });

async function* sentencesOf(
  source: Source,
  options: TaggedOptions,
  seen: Seen,
): AsyncGenerator<TaggedSentence> {
  seen.format = options.format ?? byName(source.name);
  let open: { tokens: string[]; tags: string[]; line: number } | undefined;
  let [width, any] = [0, false];
  for await (const { number: line, text: ended } of lines(source)) {
    const text = ended.replace(/\r$/, "");
    // Some files end sentences with a line that holds only a tab.
    if (text.trim() === "") {
      if (open) yield { ...open, file: source.name };
      open = undefined;
      continue;
    }
    seen.format ??= byContents(text);
    const { format } = seen;
    if (format === undefined) continue;
    const row = formats[format];
    const columns = row.columns(text);
    if (typeof columns === "string") {
      if (columns === "skip") seen.skipped++;
      continue;
    }
    width ||= columns.length;
    const { token, tag } = picked(columns, row, { file: source.name, line, width, format, options });
    any = true;
    open ??= { tokens: [], tags: [], line };
    open.tokens.push(token);
    open.tags.push(tag);
  }
  if (open) yield { ...open, file: source.name };
  if (!any) {
    throw new DataError({
      file: source.name,
      problem: "holds no sentences",
      remedy: `It should have a token and its tag on each line: ${formats.conll.example}.`,
    });
  }
}

/** True if the file's name shows that it holds a token on each line. */
export const isTaggedName = (name: string): boolean => byName(name) !== undefined;

function byName(name: string): TaggedFormat | undefined {
  const plain = name.replace(/\.gz$/i, "");
  if (/\.conllu$/i.test(plain)) return "conllu";
  return /\.(conll|bio|annotated)$/i.test(plain) ? "conll" : undefined;
}

/** The format of a first line; a comment is possible in both, so the next line is looked at. */
function byContents(text: string): TaggedFormat | undefined {
  const columns = text.split("\t");
  if (columns.length === CONLLU_COLUMNS && /^\d+([-.]\d+)?$/.test(columns[0]!)) return "conllu";
  return text.startsWith("# ") ? undefined : "conll";
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly width: number;
  readonly format: TaggedFormat;
  readonly options: TaggedOptions;
}

/** The token and the tag of a line. @throws DataError if it does not have the right columns */
function picked(
  columns: readonly string[],
  row: FormatRow,
  { file, line, width, format, options }: Place,
): { token: string; tag: string } {
  const fail = (problem: string, remedy: string): DataError => new DataError({ file, line, problem, remedy });
  const wanted = format === "conllu" ? CONLLU_COLUMNS : width;
  const { tokensOnly = false } = options;
  if ((columns.length === 1 && !tokensOnly) || (format === "conllu" && columns.length !== wanted))
    throw fail(`has ${counted(columns.length)}`, `A line of ${format} reads ${row.example}.`);
  if (columns.length !== wanted)
    throw fail(
      `has ${counted(columns.length)}, but the first token has ${width}`,
      "All lines need the same number.",
    );
  const token = columns[row.token - 1]!;
  if (tokensOnly && token !== "") return { token, tag: "" };
  const column = options.tagColumn ?? row.tag;
  const tag = columns.at(column > 0 ? column - 1 : column);
  if (tag === undefined || column === 0 || !Number.isInteger(column))
    throw fail(
      `has no column ${column}`,
      `Columns count from 1 to ${columns.length}, or from −1 at the end.`,
    );
  if (tag === "" || token === "")
    throw fail("has an empty column", `A line of ${format} reads ${row.example}.`);
  return { token, tag };
}

const counted = (columns: number): string => (columns === 1 ? "one column" : `${columns} columns`);
