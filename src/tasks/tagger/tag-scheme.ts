/**
 * Schemes of tags that mark spans: what may follow what. Training data shows its scheme by keeping to it; the tagger then
 * never predicts what the scheme does not allow. train/metrics/spans.ts reads spans from tags.
 */
import { checkArguments, type ValueKind } from "../../options/index.js";
import type { SpanScheme } from "../../train/metrics/index.js";

interface Tag {
  readonly prefix: string;
  readonly type: string;
}

/** Before the first tag, after the last one, and outside of spans. */
const OUTSIDE: Tag = { prefix: "O", type: "" };

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

function parse(tag: string): Tag | undefined {
  if (tag === "O") return OUTSIDE;
  const [, prefix, type = ""] = /^([BIES])(?:-(.*))?$/su.exec(tag) ?? [];
  return prefix === undefined ? undefined : { prefix, type };
}

/**
 * The strictest scheme that sequences of tags keep to; undefined if they keep to none, or mark no spans (parts of
 * speech).
 */
export function schemeOf(sequences: readonly (readonly string[])[]): SpanScheme | undefined {
  const of: ValueKind = { kind: "list", of: { kind: "text" }, least: 0 };
  checkArguments("schemeOf", { sequences }, { sequences: { kind: "list", of, least: 0 } });
  const parsed = sequences.map((tags) => [OUTSIDE, ...tags.map(parse), OUTSIDE]);
  if (!sequences.some((tags) => tags.some((tag) => tag !== "O"))) return undefined;
  return schemes.find(({ prefixes, follows }) =>
    parsed.every((tags) =>
      tags.every((tag, t) => {
        if (tag === undefined || !inside(tag, prefixes)) return false;
        return t === 0 || follows(tags[t - 1]!, tag);
      }),
    ),
  )?.name;
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
  const parsed = tags.map((tag) => parse(tag) ?? OUTSIDE);
  return (from, to) => follows(parsed[from] ?? OUTSIDE, parsed[to] ?? OUTSIDE);
}
