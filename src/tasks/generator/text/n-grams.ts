/**
 * What a generator has to beat: an n-gram model over the same tokens, counted on the same training text. Interpolated
 * Kneser-Ney smoothing with one discount per order (Ney, Essen and Kneser 1994; Chen and Goodman 1999):
 *
 *     p_k(w | h) = max(c(h w) − D_k, 0) / c(h ·) + D_k · followers(h) / c(h ·) · p_{k−1}(w | h without its first token)
 *
 * where c counts occurrences at the highest order, and at lower ones the different tokens before h w; p_0 is 1 / V.
 */

/** An n-gram model. */
export interface NGrams {
  /** n: a token is predicted from the n − 1 before it. */
  readonly order: number;
  /** −Σ ln p over all tokens of the sequences except the first of each, and the number of those tokens. */
  readonly score: (sequences: Iterable<ArrayLike<number>>) => {
    readonly loss: number;
    readonly steps: number;
  };
  /** Probability of a token after others, of which the last n − 1 matter. */
  readonly probability: (token: number, before: ArrayLike<number>) => number;
}

/**
 * Counts n-grams. A sequence's first token is read but not predicted; nothing is learned across sequences.
 *
 * @param options.order n, from 1
 * @param options.vocabulary number of tokens V
 */
export function countNGrams(
  sequences: Iterable<ArrayLike<number>>,
  { order, vocabulary }: { readonly order: number; readonly vocabulary: number },
): NGrams {
  const trie = new Trie();
  for (const ids of sequences) {
    /** The node of the last k tokens at k. */
    const path = new Int32Array(order);
    for (let i = 0; i < ids.length; i++) {
      const token = ids[i]!;
      // The longest first: if it is new, the next shorter one has a new token before it. If nothing comes before, an
      // n-gram counts each time.
      let isNew = true;
      for (let k = Math.min(order - 1, i); k >= 0; k--) {
        const [parent, before] = [path[k]!, trie.size];
        const node = trie.make(parent, token);
        // The first token is read but not predicted.
        if (isNew && i > 0) trie.count(parent, node);
        isNew = trie.size > before;
        if (k + 1 < order) path[k + 1] = node;
      }
    }
  }
  const discounts = trie.discounts(order);
  /** p of a token after the context in `nodes`: at k the node of the last k tokens, or −1 if they were never seen. */
  const chance = (token: number, nodes: Int32Array): number => {
    let p = 1 / vocabulary;
    for (let k = 0; k < order; k++) {
      const node = nodes[k]!;
      if (node < 0) break;
      const sum = trie.sums[node]!;
      if (sum === 0) continue;
      const child = trie.find(node, token);
      const value = child < 0 ? 0 : trie.values[child]!;
      const discount = discounts[k + 1]!;
      const followers = trie.followers[node]!;
      p = (Math.max(value - discount, 0) + discount * followers * p) / sum;
    }
    return p;
  };
  const follow = (nodes: Int32Array, token: number): void => {
    for (let k = order - 1; k >= 1; k--) {
      const node = nodes[k - 1]!;
      nodes[k] = node < 0 ? -1 : trie.find(node, token);
    }
  };
  const beginning = (): Int32Array => new Int32Array(order).fill(-1).fill(0, 0, 1);
  return {
    order,
    score(list) {
      let [loss, steps] = [0, 0];
      for (const ids of list) {
        const nodes = beginning();
        for (let i = 0; i < ids.length; i++) {
          const token = ids[i]!;
          if (i > 0) {
            loss -= Math.log(chance(token, nodes));
            steps++;
          }
          follow(nodes, token);
        }
      }
      return { loss, steps };
    },
    probability(token, before) {
      const nodes = beginning();
      for (let i = 0; i < before.length; i++) follow(nodes, before[i]!);
      return chance(token, nodes);
    },
  };
}

/** N-grams as paths from node 0, the empty one: a table of (node, token) -> node in flat arrays. */
class Trie {
  size = 1;
  /** For each node: its count c, the sum of its children's counts, and the number of its children. */
  values = new Int32Array(1024);
  sums = new Int32Array(1024);
  followers = new Int32Array(1024);
  private depths = new Uint8Array(1024);
  private parents = new Int32Array(1024);
  private tokens = new Int32Array(1024);
  /** Open addressing: node + 1, or 0 for an empty place. */
  private table = new Int32Array(4096);

  find(parent: number, token: number): number {
    return this.table[this.place(parent, token)]! - 1;
  }

  make(parent: number, token: number): number {
    const place = this.place(parent, token);
    const there = this.table[place]! - 1;
    if (there >= 0) return there;
    const node = this.size++;
    if (node >= this.values.length) this.grow();
    this.parents[node] = parent;
    this.tokens[node] = token;
    this.depths[node] = this.depths[parent]! + 1;
    this.table[place] = node + 1;
    if (2 * this.size > this.table.length) this.rehash();
    return node;
  }

  /** One more of a child. */
  count(parent: number, node: number): void {
    if (this.values[node] === 0) this.followers[parent] = this.followers[parent]! + 1;
    this.values[node] = this.values[node]! + 1;
    this.sums[parent] = this.sums[parent]! + 1;
  }

  /** D of each order: n₁ / (n₁ + 2 n₂), where n_i n-grams have the count i; ½ if none are that rare. */
  discounts(order: number): number[] {
    const [ones, twos] = [new Float64Array(order + 1), new Float64Array(order + 1)];
    for (let node = 1; node < this.size; node++) {
      const depth = this.depths[node]!;
      if (this.values[node] === 1) ones[depth] = ones[depth]! + 1;
      if (this.values[node] === 2) twos[depth] = twos[depth]! + 1;
    }
    return Array.from(ones, (n, k) => (n > 0 ? n / (n + 2 * twos[k]!) : 0.5));
  }

  private place(parent: number, token: number): number {
    const mask = this.table.length - 1;
    let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(token + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let place = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const node = this.table[place]! - 1;
      if (node < 0 || (this.parents[node] === parent && this.tokens[node] === token)) return place;
      place = (place + 1) & mask;
    }
  }

  private grow(): void {
    const wider = (values: Int32Array): Int32Array<ArrayBuffer> => {
      const out = new Int32Array(2 * values.length);
      out.set(values);
      return out;
    };
    const depths = new Uint8Array(2 * this.depths.length);
    depths.set(this.depths);
    this.depths = depths;
    [this.values, this.sums, this.followers] = [wider(this.values), wider(this.sums), wider(this.followers)];
    [this.parents, this.tokens] = [wider(this.parents), wider(this.tokens)];
  }

  private rehash(): void {
    this.table = new Int32Array(2 * this.table.length);
    for (let node = 1; node < this.size; node++)
      this.table[this.place(this.parents[node]!, this.tokens[node]!)] = node + 1;
  }
}
