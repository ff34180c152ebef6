/**
 * How texts are cut into tokens like those of tagged sentences, which someone else has cut: RE-13025 and a.b@c.com stay whole
 * if the sentences have such tokens. What the sentences show is learnt: which signs stand inside tokens, at their start and
 * at their end, and tokens that no rule gives. Everything else is as tokenise.ts has it.
 */
import { requireText } from "../../options/items.js";
import { contractionEnd, unspacedPattern, wordPattern, wordTokens } from "./tokenise.js";

/** How texts are cut. All of it is learnt from tokens; signs stand one after the other in a text. */
export interface TokenCut {
  /** Signs that join what stands on both sides: "-@". */
  readonly inside: string;
  /** Signs that belong to the word after them: "#". */
  readonly before: string;
  /** Signs that belong to the word before them, where it ends: "%". */
  readonly after: string;
  /** Signs after which a word goes on as another token, as in l'homme: "'". */
  readonly apart: string;
  /** Whether English contractions are tokens of their own: do n't. */
  readonly contractions: boolean;
  /** Tokens that the rules would cut: "Mr.", "...". */
  readonly tokens: readonly string[];
}

/** How many tokens are kept that no rule gives: the commonest. */
const MOST_TOKENS = 1000;

const letter = "[\\p{L}\\p{M}\\p{N}]";
const joiners = "'\u2019\u200c\u200d";

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
const anyOf = (signs: string): string =>
  signs === "" ? "[^\\s\\S]" : `[${escaped(signs).replace("-", "\\-")}]`;

/** The tokens of a text as the source of a regular expression for the flags "gu"; contractions are split off afterwards. */
export function cutPattern({ inside, before, after, apart, tokens }: TokenCut): string {
  const word = `(?:(?!${unspacedPattern})${letter})`;
  const unit = `(?:\\p{N}+(?:[.,:]\\p{N}+)+(?!${letter})|${word}+)`;
  const joining = [...new Set(joiners + inside)].filter((sign) => !apart.includes(sign)).join("");
  const ending = `(?:${anyOf(apart)}(?=${letter})|${anyOf(after)}+(?!${letter}))?`;
  const whole = tokens.map((token) => {
    const [starts, ends] = [new RegExp(`^${letter}`, "u"), new RegExp(`${letter}$`, "u")].map((edge) =>
      edge.test(token),
    );
    return `${starts ? `(?<!${letter})` : ""}${escaped(token)}${ends ? `(?!${letter})` : ""}`;
  });
  return [...whole, `${anyOf(before)}*${unit}(?:${anyOf(joining)}+${unit})*${ending}`, wordPattern()].join(
    "|",
  );
}

/** A function from a text to its tokens. */
export function tokenCutter(cut: TokenCut): (text: string) => string[] {
  const pattern = new RegExp(cutPattern(cut), "gu");
  const ending = new RegExp(contractionEnd, "iu");
  const whole = new Set(cut.tokens);
  const parted = (token: string): string[] => {
    const end = cut.contractions && !whole.has(token) ? ending.exec(token)?.[0] : undefined;
    return end === undefined ? [token] : [...parted(token.slice(0, -end.length)), end];
  };
  return (text) => {
    requireText("predict", text);
    return (text.normalize("NFC").match(pattern) ?? []).flatMap(parted);
  };
}

/** Tokens that an English contraction is split into, behind the word. */
const contraction = () => /^(?:n't|'(?:s|re|ve|ll|d|m))$/iu;

/**
 * Learns how sentences were cut.
 *
 * @returns undefined if `wordTokens` gives the same tokens
 */
export function learnCut(sentences: readonly (readonly string[])[]): TokenCut | undefined {
  const kinds = countsOf(sentences.flat());
  const isCut = ([token]: readonly [string, number]): boolean => {
    const found = wordTokens(token, { lowercase: false });
    return !/\s/.test(token) && (found.length !== 1 || found[0] !== token.normalize("NFC"));
  };
  const { inside, before, after, alone } = signsOf(sentences, kinds);
  const apart = ["'", "\u2019"].filter((sign) => of(after, sign) > of(inside, sign));
  if (apart.length === 0 && ![...kinds].some(isCut)) return undefined;
  const isJoint = new RegExp(`${letter}${contractionEnd}`, "iu");
  const [parts, joint] = [contraction(), isJoint].map((shape) =>
    [...kinds].reduce((sum, [token, count]) => (shape.test(token) ? sum + count : sum), 0),
  );
  const kept = (counts: Counts, against: Counts): string =>
    [...counts]
      .flatMap(([sign, count]) => (count >= of(against, sign) && !apart.includes(sign) ? [sign] : []))
      .sort()
      .join("");
  const rules: TokenCut = {
    inside: kept(inside, alone.between),
    before: kept(before, alone.before),
    after: kept(after, alone.after),
    apart: apart.join(""),
    contractions: parts! >= joint!,
    tokens: [],
  };
  const cut = tokenCutter(rules);
  const odd = [...kinds].filter(([token]) => {
    const found = /\s/.test(token) ? [token] : cut(token);
    return found.length !== 1 || found[0] !== token.normalize("NFC");
  });
  const isPart = contraction();
  const tokens = odd
    .filter(([token]) => token !== "" && !/\s/.test(token) && !isPart.test(token))
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, MOST_TOKENS)
    .map(([token]) => token.normalize("NFC"));
  // The longest one first: "..." before "..".
  return { ...rules, tokens: tokens.sort((a, b) => b.length - a.length || (a < b ? -1 : 1)) };
}

type Counts = ReadonlyMap<string, number>;

const of = (counts: Counts, key: string): number => counts.get(key) ?? 0;

function countsOf(items: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, of(counts, item) + 1);
  return counts;
}

/** How often signs stand in tokens, by their place there; and how often alone, by what stands beside them. */
function signsOf(sentences: readonly (readonly string[])[], kinds: Counts) {
  const [inside, before, after] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const add = (counts: Map<string, number>, signs: Iterable<string>, count: number): void => {
    for (const sign of new Set(signs)) counts.set(sign, of(counts, sign) + count);
  };
  const inner = new RegExp(`(?<=${letter})(?:(?!${letter})\\S)+(?=${letter})`, "gu");
  const [start, end] = [
    new RegExp(`^((?:(?!${letter})\\S)+)${letter}`, "u"),
    new RegExp(`${letter}((?:(?!${letter})\\S)+)$`, "u"),
  ];
  const isPart = contraction();
  for (const [token, count] of kinds) {
    if (isPart.test(token)) continue;
    // Points, commas and colons between digits belong to numbers anyway.
    add(inside, (token.replace(/(?<=\p{N})[.,:](?=\p{N})/gu, "").match(inner) ?? []).join(""), count);
    add(before, start.exec(token)?.[1] ?? "", count);
    add(after, end.exec(token)?.[1] ?? "", count);
  }
  const alone = {
    between: new Map<string, number>(),
    before: new Map<string, number>(),
    after: new Map<string, number>(),
  };
  const [starts, ends] = [new RegExp(`^${letter}`, "u"), new RegExp(`${letter}$`, "u")];
  for (const tokens of sentences)
    for (const [t, token] of tokens.entries()) {
      if (token.length > 2 || starts.test(token)) continue;
      const [left, right] = [ends.test(tokens[t - 1] ?? ""), starts.test(tokens[t + 1] ?? "")];
      if (left && right) add(alone.between, token, 1);
      if (right) add(alone.before, token, 1);
      if (left) add(alone.after, token, 1);
    }
  return { inside, before, after, alone };
}

/** A cut from a model file; undefined if it is none. */
export function cutFromJson(json: unknown): TokenCut | undefined {
  const given = Object(json) as Readonly<Record<string, unknown>>;
  const isText = (value: unknown): boolean => typeof value === "string";
  const { tokens, contractions } = given;
  const isOne =
    ["inside", "before", "after", "apart"].every((key) => isText(given[key])) &&
    typeof contractions === "boolean" &&
    Array.isArray(tokens) &&
    tokens.length <= MOST_TOKENS &&
    tokens.every((token) => isText(token) && token !== "");
  return isOne ? (json as TokenCut) : undefined;
}
