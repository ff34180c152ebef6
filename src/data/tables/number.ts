/**
 * Numbers as tables write them, and the ways to write that one is missing: the same for series, vectors and tables over
 * time. A table has one sign before its decimals, "." or ","; the first number that shows it settles it for all of them.
 */
import { type Keyed, keyed } from "../../options/error.js";

/** The ways to write that a value is missing, in upper or lower case; an empty field is one too. */
const missing: readonly string[] = ["?", "NA", "N/A", "NaN", "null", "none"];

const missingWords = new Set(["", ...missing.map((word) => word.toLowerCase())]);

/** What to do about a value that is not a number, without a final full stop. */
export const numberRemedy = `Give a number, or nothing if it is missing (${missing.join(", ")} also mean that)`;

/** True if this is a way to write that a value is missing. */
export const isMissing = (text: string): boolean => missingWords.has(text.trim().toLowerCase());

/** A number, or NaN if the text says that it is missing. Undefined for anything else, including a number that is too large. */
export function valueOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isFinite(value) ? value : undefined;
  }
  return isMissing(trimmed) ? Number.NaN : undefined;
}

/** The sign before decimals. */
export type DecimalSign = "." | ",";

/** The signs, for options. */
export const decimalSigns = [".", ","] as const satisfies readonly DecimalSign[];

/** Reads the numbers of a table. */
export interface NumberReader {
  /** A number, or NaN if it is missing; undefined for anything else. */
  read(text: string): number | undefined;
  /** The sign before decimals: as told or as found; undefined while no number has shown it. */
  decimal(): DecimalSign | undefined;
}

const withComma = /^[+-]?(?:\d+,\d*|,\d+)(?:e[+-]?\d+)?$/i;
/** 1,234 is a thousand and some, or little more than one: only the table's owner knows. */
const ambiguous = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** Digits in groups of three, by the sign that does not stand before the decimals. */
const grouped: Readonly<Record<DecimalSign, RegExp>> = {
  ".": /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$/,
  ",": /^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?$/,
};

/**
 * Begins to read numbers.
 *
 * @param told the sign before decimals. Where it is told, the other sign may part thousands; where it is found, nothing may
 */
export function numberReader(told?: DecimalSign): NumberReader {
  let sign = told;
  const read = (text: string): number | undefined => {
    const trimmed = text.trim();
    if (told !== undefined && grouped[told].test(trimmed)) {
      const digits = trimmed.replaceAll(told === "." ? "," : ".", "");
      return valueOf(digits.replace(",", "."));
    }
    if (withComma.test(trimmed)) {
      if (sign === "." || (sign === undefined && ambiguous.test(trimmed))) return undefined;
      sign = ",";
      return valueOf(trimmed.replace(",", "."));
    }
    if (trimmed.includes(".")) {
      const value = valueOf(trimmed);
      if (value === undefined || sign === ",") return undefined;
      sign = ".";
      return value;
    }
    return valueOf(trimmed);
  };
  return { read, decimal: () => sign };
}

/** Whether a person would call it a number, even if it cannot be read as one: 1,124.43, 12 %, € 5. */
export const looksNumeric = (text: string): boolean =>
  withComma.test(text.trim()) || !Number.isNaN(valueOf(text) ?? Number.NaN) || oddity(text) !== undefined;

/** What people write into numbers: why it is none, and what to do. */
const oddities = (): readonly {
  readonly shape: RegExp;
  readonly is: string;
  readonly remedy: string | Keyed;
}[] => [
  {
    shape: /^[+-]?\s*[\d.,]*\d\s*%$/,
    is: "a percentage",
    remedy: "Write it without the sign, in the same way in all rows.",
  },
  {
    shape: /^[+-]?\s*(?:\p{Sc}|[A-Z]{3})\s*[+-]?[\d.,' ]*\d$|^[+-]?[\d.,' ]*\d\s*(?:\p{Sc}|[A-Z]{3})$/u,
    is: "an amount of money with its currency",
    remedy: "Write the number alone.",
  },
  {
    shape: /^[+-]?\d{1,3}(?:([,.'’\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:[.,]\d*)?$/u,
    is: "a number with a separator of thousands",
    remedy: keyed(
      "Write 1234.5 for it, or say with {decimal} which sign stands before the decimals; the other one may then part thousands.",
    ),
  },
  {
    shape: withComma,
    is: "a number with a comma before its decimals, where others have a point",
    remedy: keyed(
      "Write all of them in one way, or say with {decimal} which sign stands before the decimals.",
    ),
  },
  {
    shape: /^[+-]?\d*\.\d+$/,
    is: "a number with a point before its decimals, where others have a comma",
    remedy: keyed(
      "Write all of them in one way, or say with {decimal} which sign stands before the decimals.",
    ),
  },
];

const oddity = (text: string) => oddities().find(({ shape }) => shape.test(text.trim()));

/**
 * Why a text is no number, in the form `"x" is "12 %", a percentage`, and what to do about it.
 *
 * @param usual what to do where nothing is known of it, without a final full stop; default: {@link numberRemedy}
 */
export function numberProblem(
  column: string,
  text: string,
  usual: string | Keyed = `${numberRemedy}.`,
): { readonly problem: string; readonly remedy: string | Keyed } {
  const found = oddity(text);
  const problem = `"${column}" is "${text.trim()}"`;
  return found === undefined
    ? { problem, remedy: usual }
    : { problem: `${problem}, ${found.is}`, remedy: found.remedy };
}
