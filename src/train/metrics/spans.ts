/**
 * Spans out of tag sequences and back: BIO (IOB2), IOB1 and BIOES (IOBES). Sequences that a model tags are often not
 * well formed, and programs disagree on what these mean; a reading is a row that says it. Counting stands in
 * entities.ts. The differences are listed in docs/metrics.md.
 */
import { isObject, isTexts } from "../../options/items.js";

/** A stretch of tokens with a type, such as a person's name. */
export interface Span {
  /** "PER"; "_" where the tags are bare, without a type. */
  readonly type: string;
  /** The first token, from 0. */
  readonly start: number;
  /** The token after the last one. */
  readonly end: number;
}

/**
 * How tags are read. The places where it matters stand as rules of three characters: the tag before (`?` any), the
 * tag itself, and whether their types are the same (`=`), different (`≠`) or either (`*`).
 */
interface Reading {
  /** Tags that may occur beside O. */
  readonly tags: string;
  /** A token outside a span begins one. */
  readonly starts: readonly string[];
  /** A token continues the span of the token before. */
  readonly inside: readonly string[];
  /** A span counts if the first token after it follows so; after the last token comes O. */
  readonly ends: readonly string[];
}

const ANY_START = ["?B*", "?I*", "?E*", "?S*"];
const ANY_END = ["?B*", "?I*", "?E*", "?S*", "?O*"];

/**
 * The readings by name. "conlleval" and "seqeval" accept whatever comes; the others are seqeval's strict mode, which
 * drops what the scheme does not allow.
 */
const readings = {
  // conlleval.pl knows B, I and O, and E as the last token of a chunk in IOE: after E-X a B-X continues the chunk, and
  // S has no rule of its own, so that it joins its neighbours of the same type.
  conlleval: {
    tags: "BIES",
    starts: ANY_START,
    inside: ["BI=", "BE=", "BS=", "II=", "IE=", "IS=", "EB=", "ES=", "SB=", "SI=", "SE=", "SS="],
    ends: ANY_END,
  },
  seqeval: { tags: "BIES", starts: ANY_START, inside: ["BI=", "BE=", "II=", "IE="], ends: ANY_END },
  // B only where a span of the same type ends just before; elsewhere it begins nothing.
  IOB1: {
    tags: "BI",
    starts: ["OI*", "II≠", "BI*", "IB=", "BB="],
    inside: ["BI=", "II="],
    ends: ["IO*", "II≠", "IB*", "BO*", "BI≠", "BB="],
  },
  IOB2: { tags: "BI", starts: ["?B*"], inside: ["BI=", "II="], ends: ANY_END },
  IOBES: {
    tags: "BIES",
    starts: ["?B*", "?S*"],
    inside: ["BI=", "BE=", "II=", "IE="],
    ends: ["E?*", "S?*"],
  },
} as const satisfies Record<string, Reading>;

/**
 * How tag sequences are read.
 *
 * - "seqeval" (the default everywhere): every token that is not O is in a span, and what cannot continue the span
 *   before begins a new one. For B, I and O the same as conlleval.
 * - "conlleval": as the Perl script of the CoNLL shared tasks.
 * - "IOB1", "IOB2" (also called BIO), "IOBES" (also called BIOES): as seqeval in strict mode with that scheme.
 */
export type SpanReading = keyof typeof readings;

/** The ways of writing spans as tags. IOB2 is also called BIO, and IOBES BIOES. */
export type SpanScheme = "IOB1" | "IOB2" | "IOBES";

interface Tag {
  readonly prefix: string;
  readonly type: string;
}

const OUTSIDE: Tag = { prefix: "O", type: "_" };

/**
 * The spans of a sequence of tags, in order. Tags are "O", or a prefix with or without a type: "B-PER", "I". The type
 * is all that follows the first hyphen.
 *
 * ```ts
 * decodeSpans(["B-PER", "I-PER", "O", "I-LOC"]); // [{ type: "PER", start: 0, end: 2 }, { type: "LOC", start: 3, end: 4 }]
 * decodeSpans(["B-PER", "I-PER", "O", "I-LOC"], "IOB2"); // [{ type: "PER", start: 0, end: 2 }]
 * ```
 *
 * @param reading default "seqeval"
 * @throws RangeError when a tag is none, or does not belong to the scheme that is read
 */
export function decodeSpans(tags: readonly string[], reading: SpanReading = "seqeval"): Span[] {
  if (!isTexts(tags)) throw new RangeError("the tags of a sentence must be a list of texts");
  const rules: Reading = readings[reading];
  const parsed = tags.map((tag, i) => parse(tag, i, reading));
  const at = (i: number): Tag => parsed[i] ?? OUTSIDE;
  const spans: Span[] = [];
  for (let start = 0; start < tags.length; ) {
    if (!follows(rules.starts, at(start - 1), at(start))) {
      start++;
      continue;
    }
    let end = start + 1;
    while (follows(rules.inside, at(end - 1), at(end))) end++;
    if (follows(rules.ends, at(end - 1), at(end))) spans.push({ type: at(start).type, start, end });
    start = end;
  }
  return spans;
}

/**
 * Spans as tags: the inverse of {@link decodeSpans} with the same scheme.
 *
 * ```ts
 * encodeSpans([{ type: "PER", start: 0, end: 2 }], 3); // ["B-PER", "I-PER", "O"]
 * ```
 *
 * @param length number of tokens
 * @param scheme default "IOB2"
 * @throws RangeError when a span is empty, lies outside the tokens, or overlaps another
 */
export function encodeSpans(spans: readonly Span[], length: number, scheme: SpanScheme = "IOB2"): string[] {
  if (!Array.isArray(spans) || !(spans as readonly unknown[]).every(isObject))
    throw new RangeError("spans must be a list of { type, start, end }");
  if (!(Number.isInteger(length) && length >= 0 && length <= MOST_TOKENS))
    throw new RangeError(`length is ${length}; give a whole number from 0 to ${MOST_TOKENS}`);
  const tags = new Array<string>(length).fill("O");
  const inOrder = [...spans].sort((a, b) => a.start - b.start);
  for (const [i, { type, start, end }] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (!(start >= (before?.end ?? 0) && start < end && end <= length)) {
      throw new RangeError(
        `the span ${type} from ${start} to ${end} is empty, overlaps another or leaves the ${length} tokens`,
      );
    }
    const touches = before?.end === start && before.type === type;
    for (let t = start; t < end; t++) {
      tags[t] = named(prefixes[scheme]({ first: t === start, last: t === end - 1, touches }), type);
    }
  }
  return tags;
}

/** Tokens of a sentence that can be given tags; no sentence has as many. */
const MOST_TOKENS = 2 ** 24;

/** The prefix of a token, by its place in the span and whether a span of the same type ends just before. */
const prefixes: Readonly<
  Record<SpanScheme, (at: { first: boolean; last: boolean; touches: boolean }) => string>
> = {
  IOB1: ({ first, touches }) => (first && touches ? "B" : "I"),
  IOB2: ({ first }) => (first ? "B" : "I"),
  IOBES: ({ first, last }) => (first ? (last ? "S" : "B") : last ? "E" : "I"),
};

const named = (prefix: string, type: string): string => (type === "_" ? prefix : `${prefix}-${type}`);

function parse(tag: string, i: number, reading: SpanReading): Tag {
  if (tag === "O") return OUTSIDE;
  const [, prefix, type = ""] = /^([A-Z])(?:-(.*))?$/su.exec(tag) ?? [];
  if (prefix === undefined || !readings[reading].tags.includes(prefix)) {
    const allowed = [...readings[reading].tags].join(", ");
    throw new RangeError(
      `tag ${i} is "${tag}"; the reading ${reading} takes O, and ${allowed} with a type: "I-PER"`,
    );
  }
  // Without a type no rule of conlleval begins or ends a chunk at S, so what it would count depends on what follows.
  if (reading === "conlleval" && prefix === "S" && type === "") {
    throw new RangeError(
      `tag ${i} is a bare "S", for which conlleval has no rule; give a type, or read it as seqeval`,
    );
  }
  return { prefix, type: type === "" ? "_" : type };
}

function follows(rules: readonly string[], before: Tag, tag: Tag): boolean {
  return rules.some(
    (rule) =>
      (rule[0] === "?" || rule[0] === before.prefix) &&
      (rule[1] === "?" || rule[1] === tag.prefix) &&
      (rule[2] === "*" || (rule[2] === "=") === (before.type === tag.type)),
  );
}
