// @ts-check
/** Hostile files of torch.save: pickles that make more and more, archives that unpack to anything, views without end. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflatedBomb } from "../parts/bombs.mjs";
import { joined, unzipped, zipped } from "../parts/containers.mjs";

/** @typedef {import("../hostile.mjs").Hostile} Hostile */

const golden = fileURLToPath(new URL("../../../test/golden/pytorch/gru.pt", import.meta.url));
const ascii = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** A pickle of protocol 2. @param {...(string | Uint8Array)} parts */
const pickle = (...parts) =>
  joined([
    Uint8Array.of(0x80, 2),
    ...parts.map((part) => (typeof part === "string" ? Uint8Array.from(part, (c) => c.charCodeAt(0)) : part)),
    ascii("."),
  ]);
const u32 = (/** @type {number} */ n) => new Uint8Array(Uint32Array.of(n).buffer);
const text = (/** @type {string} */ of) => joined([ascii("X"), u32(ascii(of).length), ascii(of)]);

/** @param {string} name @param {() => Uint8Array} make @returns {Hostile} */
const imported = (name, make) => ({
  format: "pytorch .pt",
  name,
  files: () => ({ "m.pt": make() }),
  args: ["import", "m.pt", "--from", "pytorch", "--out", "out.safetensors"],
});
const asArchive = (/** @type {Uint8Array} */ pkl) => zipped([{ name: "m/data.pkl", bytes: pkl }]);

/** The archive of a GRU with an entry that is packed. @param {string} unit @param {number} bytes @param {string} entry @param {number} [said] */
function packedArchive(unit, bytes, entry, said) {
  const { packed, size } = deflatedBomb(unit, bytes);
  const entries = unzipped(new Uint8Array(readFileSync(golden))).filter(({ name }) => !name.endsWith(entry));
  const prefix = entries[0]?.name.split("/")[0];
  return zipped([
    ...entries,
    { name: `${prefix}/${entry}`, bytes: new Uint8Array(0), packed, size: said ?? size },
  ]);
}

/** A tensor that is a view of a storage. @param {readonly number[]} shape @param {readonly number[]} strides @param {number} count */
function tensor(shape, strides, count) {
  const number = (/** @type {number} */ n) => joined([ascii("J"), u32(n)]);
  const list = (/** @type {readonly number[]} */ of) => joined([ascii("("), ...of.map(number), ascii("t")]);
  const storage = joined([
    ascii("("),
    text("storage"),
    ascii("ctorch\nFloatStorage\n"),
    text("0"),
    text("cpu"),
    number(count),
    ascii("tQ"),
  ]);
  return joined([
    ascii("ctorch._utils\n_rebuild_tensor_v2\n("),
    storage,
    number(0),
    list(shape),
    list(strides),
    Uint8Array.of(0x89),
    ascii("}tR"),
  ]);
}

/** Many tensors that are one storage. @param {number} count @param {readonly number[]} shape @param {readonly number[]} strides */
function views(count, shape, strides) {
  const numbers = 2 ** 20;
  const items = Array.from({ length: count }, (_, i) =>
    joined([text(`l${i}.weight`), tensor(shape, strides, numbers)]),
  );
  const pkl = pickle("}(", ...items, "u");
  return zipped([
    { name: "m/data.pkl", bytes: pkl, deflate: true },
    { name: "m/data/0", bytes: new Uint8Array(4 * numbers) },
  ]);
}

/** Hostile files of torch.save. @type {readonly Hostile[]} */
export const pytorch = [
  ...[1e6, 1e8, 4e9].flatMap((bytes) => [
    ...["]", ")", "}", "N", "(", "]q\0h\0a", "\x8c\x01a", "J\0\0\0\0"].map((unit) =>
      imported(`a pickle of ${bytes} times ${JSON.stringify(unit)}, deflated`, () =>
        packedArchive(unit, bytes, "data.pkl"),
      ),
    ),
    imported(`a storage of ${bytes} zeros, deflated`, () => packedArchive("\0", bytes, "data/0")),
    imported(`an order of bytes of ${bytes}`, () => packedArchive("little", bytes, "byteorder")),
  ]),
  ...[0, 1, 2 ** 31, 2 ** 32 - 2].map((said) =>
    imported(`an entry that says ${said} bytes`, () => packedArchive("\0", 1e8, "data/0", said)),
  ),
  imported("60,000 entries over each other", () =>
    zipped([
      { name: "m/data.pkl", bytes: new Uint8Array(1e6) },
      ...Array.from({ length: 60_000 }, (_, i) => ({
        name: `m/data/${i}`,
        bytes: new Uint8Array(1e3),
        at: 0,
      })),
    ]),
  ),
  ...[1000, 100_000, 1_000_000].flatMap((depth) => [
    imported(`lists ${depth} deep`, () => asArchive(pickle("]".repeat(depth), "a".repeat(depth - 1)))),
    imported(`tuples ${depth} deep as a key`, () => asArchive(pickle("}", ")", "\x85".repeat(depth), "Ns"))),
    imported(`marks ${depth} deep`, () => asArchive(pickle("(".repeat(depth), "t".repeat(depth)))),
  ]),
  imported("a list that is remembered and made a dictionary a thousand times", () => {
    const pairs = `(${"NN\x86".repeat(200_000)}l`;
    return asArchive(
      pickle(pairs, "q\0", "0", "ccollections\nOrderedDict\nq\x01", "0", "h\x01h\0\x85R".repeat(1000)),
    );
  }),
  ...["os\nsystem", "builtins\neval", "__builtin__\nexec", "torch\nload", "subprocess\nPopen"].map((name) =>
    imported(`calls ${name.replace("\n", ".")}`, () =>
      asArchive(pickle(`c${name}\n`, text("touch ran"), "\x85R")),
    ),
  ),
  imported("20,000 views of one storage", () => views(20_000, [1024, 1024], [1024, 1])),
  imported("2,000 transposed views", () => views(2000, [1024, 1024], [1, 1024])),
  imported("strides of 0", () => views(4, [2 ** 15, 2 ** 15], [0, 0])),
  imported("a shape beyond all numbers", () => views(2, [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], [1, 1, 1])),
  imported("5,000 modules", () => views(5000, [4, 4], [4, 1])),
  imported("a layer of the number 4,294,967,294", () =>
    zipped([
      {
        name: "m/data.pkl",
        bytes: pickle(
          "}(",
          text("rnn.weight_hh_l4294967294"),
          tensor([4, 1], [1, 1], 4),
          text("rnn.weight_hh_l0"),
          tensor([4, 1], [1, 1], 4),
          "u",
        ),
      },
      { name: "m/data/0", bytes: new Uint8Array(16) },
    ]),
  ),
];
