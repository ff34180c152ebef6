/**
 * Schemes of tags that mark spans: what may follow what. Training data shows its scheme by keeping to it, but for slips; the
 * tagger then never predicts what the scheme does not allow. train/metrics/spans.ts reads spans from tags.
 */
import { checkArguments, type ValueKind } from "../../options/index.js";
import { decodeSpans, encodeSpans, type SpanScheme } from "../../train/metrics/index.js";
import {
  isUsual,
  notationOf,
  OUTSIDE,
  readTag,
  type Tag,
  type TagNotation,
  writeTag,
} from "./tag-notation.js";

const inside = (tag: Tag, prefixes: string): boolean => prefixes.includes(tag.prefix);

/** The schemes, the stricter ones first: its prefixes, and whether one tag may follow another. */
const schemes: readonly {
  readonly name: SpanScheme;
  readonly prefixes: string;
  readonly follows: (before: Tag, tag: Tag) => boolean;
}[] = [
  {
    name: "IOB2",
    prefixes: "BIO",
    follows: (before, tag) => tag.prefix !== "I" || (inside(before, "BI") && before.type === tag.type),
  },
  {
    name: "IOBES",
    prefixes: "BIESO",
    follows: (before, tag) => {
      const open = inside(before, "BI");
      return open === inside(tag, "IE") && (!open || before.type === tag.type);
    },
  },
  {
    name: "IOB1",
    prefixes: "BIO",
    follows: (before, tag) => tag.prefix !== "B" || (inside(before, "BI") && before.type === tag.type),
  },
];

/** How many of a hundred tags that mark spans may break a scheme: more of them, and it is another one or none. */
const MOST_SLIPS = 2;

/** A tag that does not keep to the scheme. */
export interface TagSlip {
  /** Of the sequence, and of the tag in it. */
  readonly sequence: number;
  readonly at: number;
  readonly tag: string;
  /** What it is taken for; undefined: it stays, as a tag outside of spans. */
  readonly taken: string | undefined;
}

/** How tags mark spans. */
export interface TagReading {
  /** Undefined: they mark none. */
  readonly scheme: SpanScheme | undefined;
  /** Undefined: as in B-PER. */
  readonly notation: TagNotation | undefined;
  readonly slips: readonly TagSlip[];
}

const none: TagReading = { scheme: undefined, notation: undefined, slips: [] };

/**
 * How tags mark spans: by the strictest scheme that they keep to, but for slips, which are few; they mark none if there is no
 * such scheme, as parts of speech do not.
 *
 * @param told the scheme; "none": they mark no spans. Default: found
 */
export function readingOf(sequences: readonly (readonly string[])[], told?: SpanScheme | "none"): TagReading {
  if (told === "none") return none;
  const counts = new Map<string, number>();
  for (const tags of sequences) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const found = notationOf(counts) ?? (told === undefined ? undefined : notationOf(new Map([["B-x", 1]])));
  if (found === undefined) return none;
  const parsed = sequences.map((tags) => tags.map((tag) => readTag(tag, found)));
  const marks = parsed.reduce((sum, tags) => sum + tags.filter((tag) => tag && tag.prefix !== "O").length, 0);
  const tried = schemes
    .filter(({ name }) => told === undefined || name === told)
    .map((row) => ({
      row,
      broken: parsed.flatMap((tags, s) => breaks(row, tags).map((at) => [s, at] as const)),
    }));
  const [best] = tried.sort((a, b) => a.broken.length - b.broken.length);
  if (best === undefined || (told === undefined && best.broken.length * 100 > MOST_SLIPS * marks))
    return none;
  const { name } = best.row;
  const notation = isUsual(found) ? undefined : found;
  const slips = [...new Set(best.broken.map(([sequence]) => sequence))].flatMap((sequence) => {
    const tags = sequences[sequence]!;
    const right = keptTo(tags, name, notation);
    return tags.flatMap((tag, at): TagSlip[] => {
      if (right[at] !== tag) return [{ sequence, at, tag, taken: right[at] }];
      return readTag(tag, notation) === undefined ? [{ sequence, at, tag, taken: undefined }] : [];
    });
  });
  return { scheme: name, notation, slips };
}

type Scheme = (typeof schemes)[number];

/** Where tags do not keep to a scheme: at those that may not follow, and at the last one that may not end. */
function breaks({ prefixes, follows }: Scheme, tags: readonly (Tag | undefined)[]): number[] {
  const isOdd = (tag: Tag | undefined): boolean => tag === undefined || !inside(tag, prefixes);
  const found = tags.flatMap((tag, t) => (isOdd(tag) || !follows(tags[t - 1] ?? OUTSIDE, tag!) ? [t] : []));
  const last = tags.length - 1;
  const isOpen = last >= 0 && !isOdd(tags[last]) && !follows(tags[last]!, OUTSIDE);
  return isOpen && found.at(-1) !== last ? [...found, last] : found;
}

/** Tags that keep to a scheme: the same spans, written as they should be. What is no tag of a span stays as it is. */
export function keptTo(
  tags: readonly string[],
  scheme: SpanScheme,
  notation: TagNotation | undefined,
): readonly string[] {
  const read = tags.map((tag) => readTag(tag, notation));
  const spans = decodeSpans(read.map((tag) => (tag === undefined ? "O" : writeTag(tag))));
  const right = encodeSpans(spans, tags.length, scheme).map((tag) => readTag(tag) ?? OUTSIDE);
  return tags.map((tag, t) => {
    if (read[t] === undefined) return tag;
    const { prefix, type } = right[t]!;
    // Bare tags have no type; spans call it "_".
    return writeTag({ prefix, type: read[t]!.type === "" ? "" : type }, notation);
  });
}

/**
 * The strictest scheme that sequences of tags keep to, but for slips; undefined if they keep to none, or mark no spans (parts
 * of speech).
 */
export function schemeOf(sequences: readonly (readonly string[])[]): SpanScheme | undefined {
  const of: ValueKind = { kind: "list", of: { kind: "text" }, least: 0 };
  checkArguments("schemeOf", { sequences }, { sequences: { kind: "list", of, least: 0 } });
  return readingOf(sequences).scheme;
}

/** Which tags may begin a sequence, end it, and follow one another. */
export interface LegalTags {
  readonly start: readonly boolean[];
  readonly end: readonly boolean[];
  /** Row-major, to × from, as the transitions of the conditional random field. */
  readonly transitions: readonly boolean[];
}

/** What a scheme allows among these tags; without a scheme, everything. */
export function legalTags(tags: readonly string[], scheme: SpanScheme | undefined): LegalTags {
  checkArguments("legalTags", { tags }, { tags: { kind: "list", of: { kind: "text" }, least: 0 } });
  const may = transitionRule(tags, scheme);
  return {
    start: tags.map((_, to) => may(-1, to)),
    end: tags.map((_, from) => may(from, -1)),
    transitions: tags.flatMap((_, to) => tags.map((_, from) => may(from, to))),
  };
}

/** Whether a tag may follow another, by their numbers; −1 is what stands before the first and after the last. */
export function transitionRule(
  tags: readonly string[],
  scheme: SpanScheme | undefined,
): (from: number, to: number) => boolean {
  const row = schemes.find(({ name }) => name === scheme);
  const follows = row?.follows ?? (() => true);
  const parsed = tags.map((tag) => readTag(tag) ?? OUTSIDE);
  return (from, to) => follows(parsed[from] ?? OUTSIDE, parsed[to] ?? OUTSIDE);
}
