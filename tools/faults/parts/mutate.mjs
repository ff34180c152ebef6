// @ts-check
/**
 * Mutations of valid files: of bytes, whatever they are, and of JSON, where single values become others. Damage at random
 * finds what a reader trusts; values that are odd at one place find what it takes for granted.
 */

/** @typedef {import("./random.mjs").Random} Random */

/** Numbers that sizes, offsets and counts are mistaken with. */
const oddNumbers = [
  0,
  1,
  2,
  7,
  127,
  128,
  255,
  256,
  32767,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** @param {Uint8Array} bytes @param {number} at @param {number} removed @param {Uint8Array} put */
function spliced(bytes, at, removed, put) {
  const after = bytes.subarray(Math.min(at + removed, bytes.length));
  const out = new Uint8Array(at + put.length + after.length);
  out.set(bytes.subarray(0, at));
  out.set(put, at);
  out.set(after, at + put.length);
  return out;
}

/** @type {readonly ((bytes: Uint8Array, at: number, random: Random) => Uint8Array)[]} */
const changes = [
  // A byte, a bit, a number of four or eight bytes.
  (bytes, at, random) => spliced(bytes, at, 1, Uint8Array.of(random.below(256))),
  (bytes, at, random) => spliced(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8)))),
  (bytes, at, random) =>
    spliced(bytes, at, 4, new Uint8Array(Uint32Array.of(random.pick(oddNumbers)).buffer)),
  (bytes, at, random) =>
    spliced(
      bytes,
      at,
      8,
      new Uint8Array(BigUint64Array.of(BigInt(random.pick(oddNumbers)) << BigInt(random.below(33))).buffer),
    ),
  // Something is missing, there twice, or from elsewhere in the file.
  (bytes, at, random) => spliced(bytes, at, 1 + random.below(16), new Uint8Array(0)),
  (bytes, at, random) => spliced(bytes, at, 0, bytes.subarray(at, at + 1 + random.below(64))),
  (bytes, at, random) => {
    const from = random.below(bytes.length + 1);
    const length = 1 + random.below(32);
    return spliced(bytes, at, length, bytes.subarray(from, from + length));
  },
  // What texts are made of.
  (bytes, at, random) =>
    spliced(
      bytes,
      at,
      random.below(3),
      new TextEncoder().encode(
        random.pick(['"', "{", "[", "]", "}", ",", "\n", "\t", ":", "-", "1e999", "null", "é", "\0", "\\"]),
      ),
    ),
];

/**
 * One to four changes; now and then the file is cut off.
 * @param {Uint8Array} file @param {Random} random @param {number} [early] how many of its first bytes most changes are in
 */
export function mutatedBytes(file, random, early = file.length) {
  let bytes = file;
  for (let left = 1 + random.below(4); left > 0; left--) {
    const within = random.chance(0.8) ? Math.min(early, bytes.length) : bytes.length;
    bytes = random.pick(changes)(bytes, random.below(within + 1), random);
  }
  return random.chance(0.05) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

/** @type {readonly ((random: Random) => unknown)[]} Values that stand where others should. */
const oddValues = [
  () => null,
  () => true,
  () => "",
  () => "x",
  () => "../x",
  () => "__proto__",
  () => -1,
  () => 0,
  () => 0.5,
  () => 1e308,
  () => 2 ** 53,
  (random) => random.pick(oddNumbers),
  () => [],
  () => ({}),
  () => [[]],
  () => ({ constructor: {}, toString: 1 }),
  (random) => nested(random.pick([20, 90, 200])),
  (random) => new Array(random.pick([1, 3, 1000])).fill(0),
];

/** @param {number} depth */
function nested(depth) {
  /** @type {unknown} */
  let value = 0;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

/**
 * The same JSON with one to three values replaced, removed, doubled or moved.
 * @param {unknown} json @param {Random} random
 */
export function mutatedJson(json, random) {
  const copy = structuredClone(json);
  for (let left = 1 + random.below(3); left > 0; left--) mutateOne(copy, random);
  return copy;
}

/** @param {unknown} root @param {Random} random */
function mutateOne(root, random) {
  /** @type {any} */
  let at = root;
  // Down into the value, to a place at some depth.
  for (let depth = 0; depth < 12; depth++) {
    const keys = typeof at === "object" && at !== null ? Object.keys(at) : [];
    if (keys.length === 0) return;
    const key = random.pick(keys);
    const inner = at[key];
    const goOn =
      typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random.chance(0.8);
    if (goOn) {
      at = inner;
      continue;
    }
    const kind = random.below(8);
    if (kind === 0) delete at[key];
    else if (kind === 1 && Array.isArray(at)) at.push(structuredClone(inner));
    else if (kind === 2) at[random.pick(keys)] = structuredClone(inner);
    else if (kind === 3 && typeof inner === "number") at[key] = inner + random.pick([-1, 1, 0.5]);
    else at[key] = random.pick(oddValues)(random);
    return;
  }
}
