/**
 * How tags that mark spans are written: B-PER is usual; other files write PER-B, B_PER, b-per, or L and U for the last token and
 * the only one. Inside, a tag is as it is usual; what was written in the training data is what is answered.
 */
import { isObject } from "../../options/items.js";

/** How tags are written, where that is not as in B-PER. */
export interface TagNotation {
  /** What stands between letter and type. */
  readonly separator: string;
  /** Whether the letter comes last, as in PER-B. */
  readonly isSuffix: boolean;
  /** What is written for B, I, E, S and O, in this order: "BILUO". */
  readonly letters: string;
}

/** A tag: O, or a letter with a type; "" if it is bare. */
export interface Tag {
  readonly prefix: string;
  readonly type: string;
}

/** Before the first tag, after the last one, and outside of spans. */
export const OUTSIDE: Tag = { prefix: "O", type: "" };

const USUAL = "BIESO";
const usual: TagNotation = { separator: "-", isSuffix: false, letters: USUAL };

/** The letters of notations; the usual ones first. */
const alphabets: readonly string[] = [USUAL, "BILUO", "BMESO", "BMEWO"];

const separators = ["-", "_", ":", ".", "/", "|", "+", "#"];

/** What a tag means; undefined if it is none of the notation. */
export function readTag(tag: string, { separator, isSuffix, letters }: TagNotation = usual): Tag | undefined {
  if (tag === letters[4]) return OUTSIDE;
  const at = isSuffix ? tag.lastIndexOf(separator) : tag.indexOf(separator);
  const [letter, type] =
    at < 0
      ? [tag, ""]
      : isSuffix
        ? [tag.slice(at + separator.length), tag.slice(0, at)]
        : [tag.slice(0, at), tag.slice(at + separator.length)];
  const which = letter.length === 1 ? letters.slice(0, 4).indexOf(letter) : -1;
  return which < 0 ? undefined : { prefix: USUAL[which]!, type };
}

/** A tag as a notation writes it. */
export function writeTag(
  { prefix, type }: Tag,
  { separator, isSuffix, letters }: TagNotation = usual,
): string {
  const letter = letters[USUAL.indexOf(prefix)]!;
  if (prefix === "O" || type === "") return letter;
  return isSuffix ? `${type}${separator}${letter}` : `${letter}${separator}${type}`;
}

/** A tag as it is usual: B-PER. One that is none stays as it is. */
export function usualTag(tag: string, notation: TagNotation | undefined): string {
  if (notation === undefined) return tag;
  const read = readTag(tag, notation);
  return read === undefined ? tag : writeTag(read);
}

/** The share of tags that may be none of a notation: slips, which are named. */
const MOST_ODD = 0.02;

/**
 * The notation of tags.
 *
 * @param counts how often each occurs
 * @returns undefined if they mark no spans
 */
export function notationOf(counts: ReadonlyMap<string, number>): TagNotation | undefined {
  const cases = [(letters: string) => letters, (letters: string) => letters.toLowerCase()];
  const all = cases.flatMap((written) =>
    alphabets.flatMap((letters) =>
      [false, true].flatMap((isSuffix) =>
        separators.map((separator): TagNotation => ({ separator, isSuffix, letters: written(letters) })),
      ),
    ),
  );
  const scored = all.map((notation) => {
    let [marks, odd] = [0, 0];
    for (const [tag, count] of counts) {
      const read = readTag(tag, notation);
      if (read === undefined) odd += count;
      else if (read.prefix !== "O") marks += count;
    }
    return { notation, marks, odd };
  });
  const [best] = scored
    .filter(({ marks, odd }) => marks > 0 && odd <= MOST_ODD * marks)
    .sort((a, b) => a.odd - b.odd);
  return best?.notation;
}

/** Whether it is the one that need not be told. */
export const isUsual = (notation: TagNotation): boolean =>
  notation.separator === "-" && !notation.isSuffix && notation.letters === USUAL;

/** A notation from a model file; undefined if it is none. */
export function notationFromJson(json: unknown): TagNotation | undefined {
  if (!isObject(json)) return undefined;
  const { separator, isSuffix, letters } = json;
  const isOne =
    typeof separator === "string" &&
    separator !== "" &&
    typeof isSuffix === "boolean" &&
    typeof letters === "string";
  return isOne && letters.length === 5 ? { separator, isSuffix, letters } : undefined;
}
