/**
 * A short name for what lists of numbers hold: a data set, so that a run that goes on can tell whether it goes on with the
 * same data; a model, so that a state can tell whose it is. Not a defence against anybody who wants two to have one name.
 */

/** Lists of numbers, one after another, of one example: its input, its target. */
export type Numbers = readonly ArrayLike<number>[];

/**
 * 16 hexadecimal digits for lists of numbers: two FNV-1a hashes (Fowler, Noll and Vo 1991) over lengths and over the
 * bits of the numbers as float64, the same on every engine.
 */
export function fingerprint(examples: Iterable<Numbers>): string {
  const bits = new Uint32Array(2);
  const number = new Float64Array(bits.buffer);
  let [a, b] = [0x811c9dc5, 0x050c5d1f];
  const add = (value: number): void => {
    number[0] = value;
    for (const word of bits) {
      a = Math.imul(a ^ word, 0x01000193);
      b = Math.imul(b ^ ((word >>> 16) | (word << 16)), 0x01000193);
    }
  };
  for (const lists of examples) {
    for (const list of lists) {
      add(list.length);
      for (let i = 0; i < list.length; i++) add(list[i]!);
    }
  }
  return [a, b].map((hash) => (hash >>> 0).toString(16).padStart(8, "0")).join("");
}
