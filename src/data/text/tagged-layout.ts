/**
 * What stands where in a file of tagged sentences, judged by its lines: its format, which column holds the tokens, which lines
 * at the head of a sentence are comments.
 */
import { DataError } from "../errors.js";

/** A format's name: columns; CoNLL-U; CoNLL-U Plus, whose first line names its columns. */
export type TaggedFormat = "conll" | "conllu" | "conllup";

/** The formats by name. */
export const taggedFormats = ["conll", "conllu", "conllup"] as const satisfies readonly TaggedFormat[];

/** What the caller says of a file. */
export interface LayoutChoice {
  readonly format?: TaggedFormat | undefined;
  readonly tokenColumn?: number | undefined;
  readonly tagColumn?: number | undefined;
  readonly tokensOnly?: boolean | undefined;
  /** Tags that are known, by which a token "#" is told from a comment. */
  readonly tags?: readonly string[] | undefined;
}

/** What stands where. */
export interface Layout {
  readonly format: TaggedFormat;
  /** Columns of the token and of the tag, from 1, or from the end if negative. */
  readonly token: number;
  readonly tag: number;
  /** How many columns each line has; undefined if none was seen. */
  readonly width: number | undefined;
  /** The columns of a line that is not blank, or that it holds no token. */
  readonly columnsOf: (text: string, isHead: boolean) => readonly string[] | "comment" | "skip";
  readonly example: string;
  /** What was taken for what. */
  readonly told: string;
}

/** The number of columns in CoNLL-U, none of which may be missing. */
const CONLLU_COLUMNS = 10;

// Tokens never contain blanks, and an editor may double tabs: any run of either separates columns.
const cut = (text: string): readonly string[] => text.trim().split(/[\t ]+/);

/** A line that would be a comment if "#" were no token. */
const isHash = (text: string): boolean => /^#([\t ]|$)/.test(text.trimEnd());

const namesOf = (lines: readonly string[]): readonly string[] | undefined =>
  /^#\s*global\.columns\s*=\s*(.+)$/
    .exec(lines.find((text) => text.trim() !== "") ?? "")?.[1]
    ?.trim()
    .split(/\s+/);

/** The format of lines, or undefined if they say nothing: there are only comments yet. */
function formatOf(lines: readonly string[]): TaggedFormat | undefined {
  if (namesOf(lines) !== undefined) return "conllup";
  const tokens = lines.filter((text) => text.trim() !== "" && !text.startsWith("#"));
  if (tokens.length === 0)
    return lines.some((text) => text.trim() !== "" && !isHash(text)) ? "conll" : undefined;
  const first = tokens.slice(0, 20).map((text) => text.split("\t"));
  const isNumbered = first.every((columns) => /^\d+([-.]\d+)?$/.test(columns[0]!));
  return isNumbered && first.every(({ length }) => length === CONLLU_COLUMNS) ? "conllu" : "conll";
}

/**
 * Finds out what stands where.
 *
 * @param file for messages
 * @param named the format that the file's name shows
 * @param lines the first ones or all of them, blank ones too
 * @throws DataError if the columns of CoNLL-U Plus do not fit
 */
export function layoutOf(
  file: string,
  named: TaggedFormat | undefined,
  lines: readonly string[],
  choice: LayoutChoice,
): Layout {
  const found = formatOf(lines);
  // What the contents show goes before the name: CoNLL-U is often called .conll.
  const format =
    choice.format ?? (found === "conllup" || found === "conllu" ? found : (named ?? found ?? "conll"));
  return format === "conll" ? columnLayout(lines, choice) : numberedLayout(file, format, lines, choice);
}

function numberedLayout(
  file: string,
  format: "conllu" | "conllup",
  lines: readonly string[],
  { tokenColumn, tagColumn }: LayoutChoice,
): Layout {
  const names = format === "conllup" ? namesOf(lines) : undefined;
  if (format === "conllup" && names === undefined)
    throw new DataError({
      file,
      line: 1,
      problem: "does not name its columns",
      remedy: "CoNLL-U Plus begins with a line such as # global.columns = ID FORM UPOS.",
    });
  const form = names === undefined ? 2 : names.indexOf("FORM") + 1;
  if (form === 0 && tokenColumn === undefined)
    throw new DataError({
      file,
      line: 1,
      problem: `names no column FORM: ${names?.join(" ")}`,
      remedy: "The column of the tokens is called FORM.",
    });
  const upos = names === undefined ? 4 : names.indexOf("UPOS") + 1;
  const token = tokenColumn ?? form;
  const tag = tagColumn ?? (upos > 0 ? upos : -1);
  const hasIds = names === undefined || names[0] === "ID";
  return {
    format,
    token,
    tag,
    width: names?.length ?? CONLLU_COLUMNS,
    // Tokens of CoNLL-U may contain blanks, so only tabs count.
    columnsOf: (text) => {
      if (text.startsWith("#")) return "comment";
      const columns = text.split("\t");
      return hasIds && /^\d+[-.]\d+$/.test(columns[0]!) ? "skip" : columns;
    },
    example:
      names === undefined
        ? "1<TAB>London<TAB>London<TAB>PROPN<TAB>…, ten columns"
        : `${names.join("<TAB>")}, as its first line says`,
    told: `format: CoNLL-U${names === undefined ? "" : " Plus"}; token: column ${token}; tag: column ${tag}`,
  };
}

function columnLayout(lines: readonly string[], choice: LayoutChoice): Layout {
  const bare = lines.filter((text) => text.trim() !== "" && !isHash(text) && !text.startsWith("-DOCSTART-"));
  const width = bare[0] === undefined ? undefined : cut(bare[0]).length;
  const tag = choice.tagColumn ?? -1;
  const tagOf = (columns: readonly string[]): string | undefined => columns.at(tag > 0 ? tag - 1 : tag);
  const tags = new Set<string | undefined>([...(choice.tags ?? []), ...bare.map((text) => tagOf(cut(text)))]);
  const isComment = (text: string): boolean => {
    if (!isHash(text)) return false;
    const columns = cut(text);
    return width !== undefined && (columns.length !== width || (width > 1 && !tags.has(tagOf(columns))));
  };
  const token = choice.tokenColumn ?? (isNumbered(lines, choice) ? 2 : 1);
  const comments = heads(lines).filter(isComment).length;
  const told = [
    `token: column ${token}`,
    ...(choice.tokensOnly ? [] : [`tag: column ${tag === -1 ? `${width ?? "?"}, the last` : tag}`]),
    ...(comments === 0 ? [] : [`comments: ${comments === 1 ? "1 line" : `${comments} lines`}, left out`]),
  ];
  return {
    format: "conll",
    token,
    tag,
    width,
    columnsOf: (text, isHead) => {
      if (isHead && isComment(text)) return "comment";
      const columns = cut(text);
      return columns[0] === "-DOCSTART-" ? "skip" : columns;
    },
    example: "London<TAB>B-location",
    told: told.join("; "),
  };
}

/** Lines at the heads of sentences: the first one of each, and those that follow lines with a hash. */
function heads(lines: readonly string[]): string[] {
  let isHead = true;
  return lines.filter((text) => {
    const is = isHead && text.trim() !== "";
    isHead = text.trim() === "" || (isHead && isHash(text));
    return is;
  });
}

/** Whether the first column only numbers the tokens of each sentence, from 0 or 1. */
function isNumbered(lines: readonly string[], { tokensOnly = false }: LayoutChoice): boolean {
  let [next, any, isHead] = [Number.NaN, 0, true];
  for (const text of lines) {
    if (text.trim() === "") isHead = true;
    else if (!(isHead && isHash(text)) && !text.startsWith("-DOCSTART-")) {
      const columns = cut(text);
      const number = /^\d+$/.test(columns[0]!) ? Number(columns[0]) : Number.NaN;
      if (columns.length < (tokensOnly ? 2 : 3) || !(isHead ? number <= 1 : number === next)) return false;
      next = number + 1;
      isHead = false;
      any++;
    }
  }
  return any > 1;
}
