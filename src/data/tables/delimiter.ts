/**
 * What ends the fields of a .csv: a comma by its name, but tables with decimal commas have semicolons, and some have tabs or
 * bars. The first rows show it; a table that starts with the line "sep=;" says so itself.
 */
import { keyed } from "../../options/error.js";
import { DataError } from "../errors.js";

/** The characters that have names, for options. */
export const delimiterNames: Readonly<Record<string, string>> = {
  comma: ",",
  semicolon: ";",
  tab: "\t",
  bar: "|",
  space: " ",
};

/** "comma", "semicolon"; a character without a name in quotation marks. */
export const delimiterName = (delimiter: string): string =>
  Object.entries(delimiterNames).find(([, character]) => character === delimiter)?.[0] ??
  JSON.stringify(delimiter);

/** How many rows are looked at where the first one leaves it open, and how many characters at most. */
const [ROWS, CHARACTERS] = [10, 1 << 16];

/** A text of which it is known what ends its fields. */
export interface Delimited {
  readonly delimiter: string;
  /** The whole text, but for a first line that only names the delimiter. */
  readonly pieces: AsyncIterable<string>;
  /** Lines that were left out at the start: 0 or 1. */
  readonly skipped: number;
}

/**
 * Finds out what ends the fields of a text.
 *
 * @param told a character or its name
 * @throws DataError if it is told something else
 */
export async function delimited(
  file: string,
  pieces: AsyncIterable<string>,
  told: string | undefined,
): Promise<Delimited> {
  if (told !== undefined) return { delimiter: characterOf(file, told), pieces, skipped: 0 };
  const rest = pieces[Symbol.asyncIterator]();
  let head = "";
  let ended = false;
  let delimiter: string | undefined;
  while (delimiter === undefined) {
    const next = await rest.next();
    if (next.done) ended = true;
    else head += next.value;
    delimiter = found(head, ended || head.length >= CHARACTERS);
  }
  const named = /^sep=(.)\n/.exec(head);
  return {
    delimiter: named?.[1] ?? delimiter,
    skipped: named ? 1 : 0,
    pieces: {
      async *[Symbol.asyncIterator]() {
        try {
          const first = head.slice(named?.[0].length ?? 0);
          if (first !== "") yield first;
          for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
        } finally {
          await rest.return?.();
        }
      },
    },
  };
}

/** What ends the fields of the first lines of a text, as far as these show it. @param told see {@link delimited} */
export const delimiterIn = (text: string, told: string | undefined): string =>
  told === undefined ? (/^sep=(.)\n/.exec(text)?.[1] ?? found(text, true)!) : (delimiterNames[told] ?? told);

/** The fields of a line that is a whole row. */
export function fieldsOf(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = "";
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) {
      fields.push(field.trim());
      field = "";
    } else field += character;
  }
  return [...fields, field.trim()];
}

/** The character that an option names. @throws DataError if it names none */
function characterOf(file: string, told: string): string {
  const character = Object.hasOwn(delimiterNames, told) ? delimiterNames[told]! : told;
  if (character.length === 1 && !'"\n\r'.includes(character)) return character;
  throw new DataError({
    file,
    problem: `cannot be cut into fields at ${JSON.stringify(told)}`,
    remedy: keyed(`{delimiter} is one character, or one of ${Object.keys(delimiterNames).join(", ")}.`),
  });
}

/** @param all whether no more text is to come, or enough of it was seen @returns undefined: more is needed */
function found(head: string, all: boolean): string | undefined {
  const rows = rowsOf(head.slice(0, CHARACTERS), all && head.length <= CHARACTERS);
  const [first] = rows;
  if (first === undefined) return all ? "," : undefined;
  if (others.every((other) => first.counts[other] === 0)) return ",";
  if (rows.length < ROWS && !all) return undefined;
  const [other] = others.filter((each) => isRegular(rows, each));
  if (other === undefined) return ",";
  // Both a comma and another one in all rows, always as often: commas between digits belong to numbers.
  return isRegular(rows, ",") && !rows.every(({ bare }) => !/(?<!\d),|,(?!\d)/.test(bare)) ? "," : other;
}

type Candidate = "," | ";" | "\t" | "|";
const others = [";", "\t", "|"] as const satisfies readonly Candidate[];

const isRegular = (rows: readonly LookedRow[], each: Candidate): boolean =>
  rows[0]!.counts[each] > 0 && rows.every(({ counts }) => counts[each] === rows[0]!.counts[each]);

/** A row without what stands in quotation marks, and how often each candidate occurs in it. */
interface LookedRow {
  readonly bare: string;
  readonly counts: Readonly<Record<Candidate, number>>;
}

/** The first whole rows that are neither blank nor comments. */
function rowsOf(head: string, all: boolean): LookedRow[] {
  const rows: LookedRow[] = [];
  const bare = head.replace(/"[^"]*("|$)/g, (quoted) =>
    quoted.endsWith('"') && quoted.length > 1 ? "x" : "\0",
  );
  const lines = bare.split("\n");
  // The last line has not ended, and an open quotation mark may go on over lines.
  if (!all) lines.pop();
  for (const line of lines) {
    if (line.includes("\0") && !all) break;
    if (line.trim() === "" || line.startsWith("#")) continue;
    const count = (each: Candidate): number => line.split(each).length - 1;
    rows.push({
      bare: line,
      counts: { ",": count(","), ";": count(";"), "\t": count("\t"), "|": count("|") },
    });
    if (rows.length === ROWS) break;
  }
  return rows;
}
