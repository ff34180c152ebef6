/**
 * How much of a generated text occurs in the training data: the longest common run of tokens, and the share of n-grams.
 * Exact, in one pass over the training data, which is read by the suffix automaton of the generated text (Blumer et
 * al. 1985): at each token it knows the longest generated run that ends there.
 */

/** What was found. */
export interface Copying {
  /** Tokens of the longest run that also occurs in the training data; the first of equally long ones. */
  readonly longest: readonly number[];
  /** Share of the generated n-grams that occur in the training data; 0 if nothing is long enough. */
  readonly seen: number;
  /** Number of generated n-grams. */
  readonly count: number;
}

/**
 * Searches the training data for what was generated. Runs do not cross the borders of sequences.
 *
 * @param options.n length of the n-grams, from 1
 */
export function copying(
  train: Iterable<ArrayLike<number>>,
  written: readonly ArrayLike<number>[],
  { n }: { readonly n: number },
): Copying {
  const text = joined(written);
  const automaton = new SuffixAutomaton(text);
  let longest = { length: 0, end: 0 };
  for (const ids of train) {
    let [state, length] = [0, 0];
    for (let i = 0; i < ids.length; i++) {
      [state, length] = automaton.follow(state, length, ids[i]!);
      if (length > longest.length) longest = { length, end: automaton.end(state) };
      if (length >= n) automaton.mark(state, n);
    }
  }
  let [seen, count, state, length] = [0, 0, 0, 0];
  for (const token of text) {
    if (token < 0) [state, length] = [0, 0];
    else [state, length] = automaton.follow(state, length, token);
    if (length < n) continue;
    count++;
    if (automaton.marked(state, n)) seen++;
  }
  return {
    longest: text.slice(longest.end - longest.length, longest.end),
    seen: count > 0 ? seen / count : 0,
    count,
  };
}

/** All sequences in one, each followed by a border that matches nothing. */
function joined(sequences: readonly ArrayLike<number>[]): number[] {
  return sequences.flatMap((ids, i) => [...Array.from(ids), -1 - i]);
}

/** All substrings of a text: a state stands for those that end at the same places. */
class SuffixAutomaton {
  /** For each state: the length of its longest substring, the state of the longest shorter suffix, and where it first ends. */
  private readonly lengths: number[] = [0];
  private readonly links: number[] = [-1];
  private readonly ends: number[] = [0];
  private readonly next: Map<number, number>[] = [new Map()];
  private readonly marks = new Set<number>();

  constructor(text: readonly number[]) {
    let last = 0;
    for (const [i, token] of text.entries()) last = this.add(last, token, i + 1);
  }

  /** The longest match after one more token. */
  follow(state: number, length: number, token: number): [state: number, length: number] {
    let [at, long] = [state, length];
    for (;;) {
      const to = this.next[at]?.get(token);
      if (to !== undefined) return [to, long + 1];
      if (at === 0) return [0, 0];
      at = this.links[at]!;
      long = this.lengths[at]!;
    }
  }

  /** Where a state's substrings first end in the text. */
  end(state: number): number {
    return this.ends[state]!;
  }

  /** Marks the suffix of n tokens of a match. */
  mark(state: number, n: number): void {
    this.marks.add(this.ending(state, n));
  }

  marked(state: number, n: number): boolean {
    return this.marks.has(this.ending(state, n));
  }

  /** The state of a match's suffix of n tokens. */
  private ending(state: number, n: number): number {
    let at = state;
    while ((this.lengths[this.links[at]!] ?? -1) >= n) at = this.links[at]!;
    return at;
  }

  private state(length: number, link: number, end: number, next: Map<number, number>): number {
    this.links.push(link);
    this.ends.push(end);
    this.next.push(next);
    return this.lengths.push(length) - 1;
  }

  private add(last: number, token: number, end: number): number {
    const { lengths, links, next } = this;
    const added = this.state(lengths[last]! + 1, 0, end, new Map());
    let at = last;
    while (at >= 0 && !next[at]?.has(token)) {
      next[at]?.set(token, added);
      at = links[at]!;
    }
    if (at < 0) return added;
    const to = next[at]!.get(token)!;
    if (lengths[to] === lengths[at]! + 1) {
      links[added] = to;
      return added;
    }
    // From now on the shorter substrings of `to` end at more places: they get a state of their own.
    const copy = this.state(lengths[at]! + 1, links[to]!, this.ends[to]!, new Map(next[to]));
    while (at >= 0 && next[at]?.get(token) === to) {
      next[at]?.set(token, copy);
      at = links[at]!;
    }
    links[to] = copy;
    links[added] = copy;
    return added;
  }
}
