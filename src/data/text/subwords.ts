/**
 * Subwords by byte-pair encoding (Sennrich, Haddow and Birch 2016), trained here. Text is cut into words with the space before
 * them ("▁the"), words into code points, and pairs of neighbours are merged, the most frequent first. Merges never split a
 * grapheme: what people see as one character is put together first. The graphemes of the
 * training text are found with Intl.Segmenter; using a vocabulary needs no such tables, so it is the same everywhere.
 */
import { FileFormatError } from "../../io/errors.js";
import { compareCodePoints } from "../../io/order.js";
import { type PairCount, PairHeap } from "./pair-heap.js";
import { unknownToken } from "./vocabulary.js";

/** What stands for a space: U+2581. */
const SPACE = "▁";

/** A trained set of subwords: plain data, which model files hold. */
export interface Subwords {
  /** Number -> subword; 0 is "<unk>". "▁" in it stands for a space. */
  readonly tokens: readonly string[];
  /** Pairs of numbers, in the order in which they are merged. */
  readonly merges: readonly (readonly [left: number, right: number])[];
}

/** Options of {@link buildSubwords}. */
export interface BuildSubwordsOptions {
  /** The largest number of subwords, including the unknown one and single characters. Default 8,000. */
  readonly size?: number;
  /** How often a character, or a pair to be merged, has to occur. Default 2. */
  readonly minimumCount?: number;
}

/**
 * Trains subwords on texts. The result does not depend on the order of the texts.
 *
 * ```ts
 * import { buildSubwords, decodeSubwords, encodeSubwords } from "unrolled/data";
 * const subwords = buildSubwords(["low lower lowest", "new newer newest"], { size: 30 });
 * decodeSubwords(subwords, encodeSubwords(subwords, "newest low")); // "newest low"
 * ```
 *
 * @throws RangeError if an option is not a whole number from 1
 */
export function buildSubwords(
  texts: Iterable<string>,
  { size = 8000, minimumCount = 2 }: BuildSubwordsOptions = {},
): Subwords {
  for (const [name, value] of Object.entries({ size, minimumCount })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new RangeError(`${name} is ${value}; give a whole number from 1`);
  }
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const trainer = new Trainer(counts, { size, minimumCount });
  trainer.joinGraphemes();
  trainer.joinPairs();
  return trainer.result();
}

/** Words with the space before them. Every white-space character counts as a space. */
function wordsOf(text: string): string[] {
  return `${SPACE}${text.replace(/\s/gu, SPACE)}`.match(/▁[^▁]*/gu) ?? [];
}

interface Word {
  readonly count: number;
  /** The numbers of its subwords so far. */
  parts: number[];
}

/** The state of training. */
class Trainer {
  private readonly tokens: string[] = [unknownToken];
  private readonly numbers = new Map<string, number>();
  private readonly merges: [number, number][] = [];
  private readonly words: Word[];
  private readonly size: number;
  private readonly minimumCount: number;
  /** The words' graphemes of several code points, with their counts. */
  private readonly graphemes = new Map<string, number>();

  constructor(counts: ReadonlyMap<string, number>, { size, minimumCount }: Required<BuildSubwordsOptions>) {
    [this.size, this.minimumCount] = [size, minimumCount];
    const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
    const characters = new Map<string, number>();
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || compareCodePoints(a, b));
    for (const [word, count] of sorted) {
      for (const c of word) characters.set(c, (characters.get(c) ?? 0) + count);
      for (const { segment } of segmenter.segment(word))
        if ([...segment].length > 1) this.graphemes.set(segment, (this.graphemes.get(segment) ?? 0) + count);
    }
    for (const [character] of this.frequent(characters)) this.add(character);
    this.words = sorted.map(([word, count]) => ({
      count,
      parts: Array.from(word, (c) => this.numbers.get(c) ?? 0),
    }));
  }

  /** Puts graphemes of several code points together, from the left, even if they are not frequent pairs. */
  joinGraphemes(): void {
    const ranks = new Map<string, number>();
    const made: number[] = [];
    for (const [grapheme] of this.frequent(this.graphemes)) {
      const characters = Array.from(grapheme, (c) => this.numbers.get(c) ?? 0);
      if (characters.includes(0)) continue;
      // Applying the merges so far, as to any text, shows what is left to merge.
      for (
        let parts = applyMerges(characters, ranks, made);
        parts.length > 1 && this.tokens.length < this.size;
      ) {
        const [left, right] = parts as [number, number];
        ranks.set(`${left} ${right}`, made.length);
        made.push(this.merge(left, right));
        parts = applyMerges(characters, ranks, made);
      }
    }
    for (const word of this.words) word.parts = applyMerges(word.parts, ranks, made);
  }

  /** Merges the most frequent pair, again and again. */
  joinPairs(): void {
    const counts = new Map<string, PairCount>();
    const where = new Map<string, Set<Word>>();
    const heap = new PairHeap();
    const touched = new Set<PairCount>();
    const change = (word: Word, sign: 1 | -1): void => {
      for (let i = 0; i + 1 < word.parts.length; i++) {
        const [left, right] = [word.parts[i]!, word.parts[i + 1]!];
        if (left === 0 || right === 0) continue;
        const key = `${left} ${right}`;
        const pair = counts.get(key) ?? { left, right, count: 0 };
        counts.set(key, pair);
        pair.count += sign * word.count;
        touched.add(pair);
        const words = where.get(key) ?? new Set();
        where.set(key, sign > 0 ? words.add(word) : words);
      }
    };
    const settle = (): void => {
      for (const { left, right, count } of touched)
        if (count >= this.minimumCount) heap.push({ left, right, count });
      touched.clear();
    };
    for (const word of this.words) change(word, 1);
    settle();
    while (this.tokens.length < this.size) {
      const best = heap.pop();
      if (best === undefined) return;
      const key = `${best.left} ${best.right}`;
      // Its count has changed since it was inserted: the pair is in the heap again with the new one.
      if (counts.get(key)?.count !== best.count) continue;
      const merged = this.merge(best.left, best.right);
      for (const word of where.get(key) ?? []) {
        change(word, -1);
        word.parts = joined(word.parts, best.left, best.right, merged);
        change(word, 1);
      }
      settle();
    }
  }

  result(): Subwords {
    return Object.freeze({ tokens: this.tokens, merges: this.merges });
  }

  /** The ones that occur often enough and still fit, the most frequent first. */
  private frequent(counts: ReadonlyMap<string, number>): [string, number][] {
    return [...counts]
      .filter(([, count]) => count >= this.minimumCount)
      .sort(([a, n], [b, m]) => m - n || compareCodePoints(a, b))
      .slice(0, Math.max(this.size - this.tokens.length, 0));
  }

  private add(token: string): number {
    this.numbers.set(token, this.tokens.length);
    return this.tokens.push(token) - 1;
  }

  private merge(left: number, right: number): number {
    this.merges.push([left, right]);
    const text = this.tokens[left]! + this.tokens[right]!;
    // "ab" + "c" and "a" + "bc" are one subword.
    return this.numbers.get(text) ?? this.add(text);
  }
}

/** Replaces every occurrence of a pair, from the left, by one number. */
function joined(parts: readonly number[], left: number, right: number, merged: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] === left && parts[i + 1] === right) {
      out.push(merged);
      i++;
    } else out.push(parts[i]!);
  }
  return out;
}

const rankOf = (merges: Subwords["merges"]): ReadonlyMap<string, number> =>
  new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));

/** Applies merges to a word, lowest rank first. */
function applyMerges(
  start: readonly number[],
  ranks: ReadonlyMap<string, number>,
  made: readonly number[],
): number[] {
  let parts = [...start];
  for (;;) {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < parts.length; i++)
      best = Math.min(best, ranks.get(`${parts[i]} ${parts[i + 1]}`) ?? Number.POSITIVE_INFINITY);
    if (best === Number.POSITIVE_INFINITY) return parts;
    const at = parts.findIndex((part, i) => ranks.get(`${part} ${parts[i + 1]}`) === best);
    parts = joined(parts, parts[at]!, parts[at + 1]!, made[best]!);
  }
}

/** A function that encodes with one set of subwords and remembers the words it has seen. */
export function subwordEncoder(given: Subwords): (text: string) => Int32Array {
  const { tokens, merges } = Object(given) as Subwords;
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const ranks = rankOf(merges);
  const made = merges.map(([left, right]) => numbers.get(`${tokens[left]}${tokens[right]}`)!);
  const known = new Map<string, readonly number[]>();
  const encodeWord = (word: string): readonly number[] => {
    const there = known.get(word);
    if (there) return there;
    const parts = applyMerges(
      Array.from(word, (c) => (c === unknownToken ? 0 : (numbers.get(c) ?? 0))),
      ranks,
      made,
    );
    known.set(word, parts);
    return parts;
  };
  return (text) => Int32Array.from(wordsOf(text).flatMap(encodeWord));
}

/** The numbers of a text's subwords; 0 for an unknown character. For many texts use {@link subwordEncoder}. */
export function encodeSubwords(subwords: Subwords, text: string): Int32Array {
  return subwordEncoder(subwords)(text);
}

/** The text of subwords. @throws RangeError if a number is not one of them */
export function decodeSubwords({ tokens }: Subwords, numbers: ArrayLike<number>): string {
  const pieces = Array.from(numbers, (number) => {
    const token = tokens[number];
    if (token === undefined)
      throw new RangeError(`there is no subword ${number}; there are ${tokens.length}`);
    return token;
  });
  return pieces.join("").replaceAll(SPACE, " ").replace(/^ /, "");
}

/**
 * Subwords from their JSON form.
 *
 * @param file the name to report
 * @throws FileFormatError if it is not valid: lists of other things, a merge of missing tokens, a token that no merge makes
 */
export function subwordsFromJson(json: unknown, file = "subwords"): Subwords {
  const fail = (problem: string): FileFormatError =>
    new FileFormatError({ file, where: "subwords", problem, remedy: "Save the model again." });
  const { tokens, merges } = (json ?? {}) as { tokens?: unknown; merges?: unknown };
  if (
    !Array.isArray(tokens) ||
    !tokens.every((token) => typeof token === "string") ||
    tokens[0] !== unknownToken
  )
    throw fail(`has no list of texts that starts with "${unknownToken}"`);
  if (new Set(tokens).size < tokens.length) throw fail("has a duplicate subword");
  if (!Array.isArray(merges)) throw fail("has no list of merges");
  const known = new Set(tokens);
  const wrong = merges.findIndex((merge) => {
    const [left, right] = Array.isArray(merge) && merge.length === 2 ? merge : [];
    const text = `${tokens[left]}${tokens[right]}`;
    return !(Number.isInteger(left) && Number.isInteger(right) && left > 0 && right > 0 && known.has(text));
  });
  if (wrong >= 0) throw fail(`has a merge ${wrong} that does not make any of its subwords`);
  return Object.freeze({ tokens, merges });
}
