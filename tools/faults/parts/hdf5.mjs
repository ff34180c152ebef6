// @ts-check
/**
 * A writer of HDF5 files as small as they can be: one group with one data set, in one piece or in packed pieces, and perhaps an
 * attribute of texts. What it says of shapes, pieces and counts need not be true.
 */
import { deflateSync } from "node:zlib";
import { joined } from "./containers.mjs";

/** @param {...(readonly [size: 1 | 2 | 4 | 8, ...values: (number | bigint)[]])} fields */
export function fieldsOf(...fields) {
  const bytes = fields.flatMap(([size, ...values]) =>
    values.flatMap((value) =>
      Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n)),
    ),
  );
  return Uint8Array.from(bytes);
}

const ascii = (/** @type {string} */ text) => new TextEncoder().encode(text);
const nowhere = 0xffffffffffffffffn;
const padTo8 = (/** @type {Uint8Array} */ bytes) =>
  joined([bytes, new Uint8Array((8 - (bytes.length % 8)) % 8)]);

/** A header of version 1. @param {readonly (readonly [type: number, contents: Uint8Array])[]} messages */
const header = (messages) => {
  const parts = messages.map(([type, contents]) => {
    const body = padTo8(contents);
    return joined([fieldsOf([2, type, body.length], [1, 0, 0, 0, 0]), body]);
  });
  const all = joined(parts);
  return joined([fieldsOf([1, 1, 0], [2, messages.length], [4, 1, all.length, 0]), all]);
};

/**
 * @typedef {object} DataSet
 * @property {readonly (number | bigint)[]} shape as it is said
 * @property {readonly number[]} [piece] the shape of packed pieces; absent: the numbers in one piece
 * @property {readonly { offset: readonly number[], bytes: Uint8Array, said?: number }[]} [pieces]
 * @property {Uint8Array} [numbers] float32, in one piece
 * @property {number} [filter] 1: gzip, 2: shuffle
 * @property {number} [fill] the fill value
 * @property {{ name: string, size: number, count: number | bigint, bytes: Uint8Array }} [texts] an attribute of the root, of texts of one length
 */

/** The bytes of a file whose data set "w" is as told. @param {DataSet} set */
export function hdf5Of({ shape, piece, pieces = [], numbers, filter, fill, texts }) {
  // Places: superblock 96, root header at 96, then heap, tree, symbols, the data set's header, and what it points at.
  const symbolTable = (/** @type {number} */ tree, /** @type {number} */ heap) => fieldsOf([8, tree, heap]);
  const root = 96;
  const rootHeader = (/** @type {number} */ at, /** @type {number} */ under) =>
    header([
      [0x11, symbolTable(at, under)],
      ...(texts ? [/** @type {[number, Uint8Array]} */ ([0x0c, attribute(texts)])] : []),
    ]);
  const rootSize = rootHeader(0, 0).length;
  const heap = root + rootSize;
  const names = joined([new Uint8Array(8), padTo8(ascii("w\0"))]);
  const heapHead = (/** @type {number} */ at) =>
    joined([ascii("HEAP"), new Uint8Array(4), fieldsOf([8, names.length, nowhere, at])]);
  const heapData = heap + 32;
  const tree = heapData + names.length;
  const treeSize = 24 + 3 * 8;
  const symbols = tree + treeSize;
  const symbolsSize = 8 + 40;
  const set = symbols + symbolsSize;
  const space = joined([
    fieldsOf([1, 1, shape.length, 0, 0], [4, 0]),
    fieldsOf(...shape.map((n) => /** @type {const} */ ([8, n]))),
  ]);
  const type = joined([
    Uint8Array.of(0x11, 0x20, 0x1f, 0),
    fieldsOf([4, 4], [2, 0, 32], [1, 23, 8, 0, 23], [4, 127]),
  ]);
  const layout = (/** @type {number} */ at) =>
    piece
      ? joined([
          fieldsOf([1, 3, 2, piece.length + 1], [8, at]),
          fieldsOf(...[...piece, 4].map((n) => /** @type {const} */ ([4, n]))),
        ])
      : fieldsOf([1, 3, 1], [8, numbers ? at : nowhere, numbers?.length ?? 0]);
  /** @param {number} at @returns {[number, Uint8Array][]} */
  const messages = (at) => [
    [0x01, space],
    [0x03, type],
    ...(fill === undefined
      ? []
      : [
          /** @type {[number, Uint8Array]} */ ([
            0x05,
            joined([fieldsOf([1, 2, 2, 0, 1], [4, 4]), new Uint8Array(Float32Array.of(fill).buffer)]),
          ]),
        ]),
    [0x08, layout(at)],
    ...(filter
      ? [
          /** @type {[number, Uint8Array]} */ ([
            0x0b,
            joined([fieldsOf([1, 1, 1], [2, 0], [4, 0], [2, filter, 0, 1, 0])]),
          ]),
        ]
      : []),
  ];
  const after = set + header(messages(0)).length;
  const key = (/** @type {readonly number[]} */ offset, /** @type {number} */ size) =>
    joined([fieldsOf([4, size, 0]), fieldsOf(...[...offset, 0].map((n) => /** @type {const} */ ([8, n])))]);
  const packed = pieces.map(({ bytes }) => (filter === 1 ? new Uint8Array(deflateSync(bytes)) : bytes));
  const keySize = 8 + 8 * (shape.length + 1);
  let at = after + 24 + pieces.length * (keySize + 8) + keySize;
  const lines = pieces.map(({ offset, said }, i) => {
    const line = joined([key(offset, said ?? packed[i]?.length ?? 0), fieldsOf([8, at])]);
    at += packed[i]?.length ?? 0;
    return line;
  });
  const pieceTree = joined([
    ascii("TREE"),
    fieldsOf([1, 1, 0], [2, pieces.length], [8, nowhere, nowhere]),
    ...lines,
    key(
      shape.map(() => 0),
      0,
    ),
  ]);
  const body = piece ? joined([pieceTree, ...packed]) : (numbers ?? new Uint8Array(0));
  return joined([
    Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0),
    fieldsOf([2, 4, 16], [4, 0], [8, 0, nowhere, after + body.length, nowhere]),
    fieldsOf([8, 0, root], [4, 0, 0], [8, 0, 0]),
    rootHeader(tree, heap),
    heapHead(heapData),
    names,
    joined([ascii("TREE"), fieldsOf([1, 0, 0], [2, 1], [8, nowhere, nowhere, 0, symbols, 8])]),
    joined([ascii("SNOD"), fieldsOf([1, 1, 0], [2, 1], [8, 8, set], [4, 0, 0], [8, 0, 0])]),
    header(messages(after)),
    body,
  ]);
}

/** @param {NonNullable<DataSet["texts"]>} texts */
function attribute({ name, size, count, bytes }) {
  const label = padTo8(ascii(`${name}\0`));
  const type = fieldsOf([1, 0x13, 0, 0, 0], [4, size]);
  const space = fieldsOf([1, 1, 1, 0, 0], [4, 0], [8, count]);
  return joined([
    fieldsOf([1, 1, 0], [2, name.length + 1, type.length, space.length]),
    label,
    type,
    space,
    bytes,
  ]);
}
