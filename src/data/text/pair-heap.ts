/**
 * A binary heap of pairs by their counts: the pair that byte-pair encoding merges next is on top. Pairs whose count has changed
 * are inserted again; the caller checks whether the count of a pair it takes is still current.
 */

/** Two neighbours, and how often they occur. */
export interface PairCount {
  readonly left: number;
  readonly right: number;
  count: number;
}

/** Of two pairs, the one that is merged first: the more frequent, or, if equal, the one with the lower numbers. */
const before = (a: PairCount, b: PairCount): boolean =>
  a.count !== b.count ? a.count > b.count : a.left !== b.left ? a.left < b.left : a.right < b.right;

/** The heap. */
export class PairHeap {
  private readonly pairs: PairCount[] = [];

  /** Inserts a pair. */
  push(pair: PairCount): void {
    const { pairs } = this;
    let at = pairs.push(pair) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(pair, pairs[parent]!)) break;
      pairs[at] = pairs[parent]!;
      at = parent;
    }
    pairs[at] = pair;
  }

  /** Removes and returns the first pair; undefined if there is none. */
  pop(): PairCount | undefined {
    const { pairs } = this;
    const top = pairs[0];
    const last = pairs.pop();
    if (last === undefined || pairs.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= pairs.length) break;
      if (child + 1 < pairs.length && before(pairs[child + 1]!, pairs[child]!)) child++;
      if (!before(pairs[child]!, last)) break;
      pairs[at] = pairs[child]!;
      at = child;
    }
    pairs[at] = last;
    return top;
  }
}
