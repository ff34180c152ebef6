/**
 * NumPy's .npz: a zip file of .npy files, each one array. Written without compression, so that numpy.load and anything
 * else that knows the formats opens it; reading is NumPy's. Sources: numpy.lib.format, version 1.0 of .npy; PKWARE's
 * APPNOTE.TXT, 4.3 for the records of a zip file.
 */
import { checkArguments } from "../options/check.js";
import { OptionError } from "../options/error.js";
import type { ValueKind } from "../options/value.js";
import { crc32 } from "./crc32.js";

/** An array of any number of dimensions, its numbers row-major. */
export interface NpzArray {
  /** [] for one number. */
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array;
}

const descr = (data: NpzArray["data"]): string =>
  data instanceof Int32Array ? "<i4" : data instanceof Float32Array ? "<f4" : "<f8";

/**
 * The bytes of a .npy file.
 *
 * @throws RangeError if the shape does not hold as many numbers as there are
 */
export function writeNpy(array: NpzArray): Uint8Array {
  const { shape, data } = Object(array) as NpzArray;
  const whole: ValueKind = { kind: "whole", least: 0 };
  const kinds: Record<string, ValueKind> = {
    shape: { kind: "list", of: whole, least: 0 },
    data: { kind: "numbers" },
  };
  checkArguments("writeNpy", { shape, data }, kinds);
  if (!ArrayBuffer.isView(data))
    throw new OptionError("{data} of writeNpy must be a Float64Array, a Float32Array or an Int32Array");
  const count = shape.reduce((a, b) => a * b, 1);
  if (count !== data.length)
    throw new RangeError(
      `an array of shape (${shape.join(", ")}) holds ${count} numbers, not ${data.length}`,
    );
  const sizes = shape.map((n) => `${n},`).join(" ");
  const dictionary = `{'descr': '${descr(data)}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Magic, version and length take 10 bytes; the numbers begin at a multiple of 64.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const size = data.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(10 + length + size * data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...ascii("NUMPY"), 1, 0]);
  view.setUint16(8, length, true);
  bytes.set(ascii(`${dictionary.padEnd(length - 1)}\n`), 10);
  const set = { "<f8": "setFloat64", "<f4": "setFloat32", "<i4": "setInt32" } as const;
  const put = set[descr(data) as keyof typeof set];
  data.forEach((value, i) => {
    view[put](10 + length + size * i, value, true);
  });
  return bytes;
}

/**
 * The bytes of a .npz file.
 *
 * @param arrays by name; "recurrent1/gates/Γu" becomes the file "recurrent1/gates/Γu.npy"
 * @throws RangeError if the arrays are too many or too large for a zip file of the plain kind: 65,534 and 4 GiB
 */
export function writeNpz(arrays: ReadonlyMap<string, NpzArray>): Uint8Array {
  if (!(arrays instanceof Map))
    throw new OptionError("writeNpz takes a Map of arrays, { shape, data }, by name");
  const entries: Entry[] = [];
  let offset = 0;
  for (const [name, array] of arrays) {
    const contents = writeNpy(array);
    const file = new TextEncoder().encode(`${name}.npy`);
    entries.push({ file, contents, crc: crc32(contents), offset });
    offset += 30 + file.length + contents.length;
  }
  const directory = entries.reduce((sum, { file }) => sum + 46 + file.length, 0);
  if (entries.length > 0xfffe || offset + directory + 22 > 0xffffffff)
    throw new RangeError(`${entries.length} arrays of ${offset} bytes do not fit a .npz file; write fewer`);
  const bytes = new Uint8Array(offset + directory + 22);
  let at = 0;
  const put = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.length;
  };
  for (const entry of entries) {
    put(record([0x04034b50, 4], ...shared(entry)));
    put(entry.file);
    put(entry.contents);
  }
  for (const entry of entries) {
    // Version made by; then comment, disk and attributes, of which there are none; where the entry begins.
    const rest: Field[] = [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [entry.offset, 4],
    ];
    put(record([0x02014b50, 4], [20, 2], ...shared(entry), ...rest));
    put(entry.file);
  }
  const { length } = entries;
  put(record([0x06054b50, 4], [0, 2], [0, 2], [length, 2], [length, 2], [directory, 4], [offset, 4], [0, 2]));
  return bytes;
}

interface Entry {
  readonly file: Uint8Array;
  readonly contents: Uint8Array;
  readonly crc: number;
  readonly offset: number;
}

/** A number and how many bytes it takes. */
type Field = readonly [value: number, bytes: 2 | 4];

/** What an entry and its line in the directory have in common. */
function shared({ file, contents, crc }: Entry): Field[] {
  // Version needed; bit 11: the name is UTF-8; stored; midnight of 1 January 1980, so that equal arrays give equal bytes.
  const how: Field[] = [
    [20, 2],
    [0x0800, 2],
    [0, 2],
    [0, 2],
    [0x21, 2],
  ];
  return [...how, [crc, 4], [contents.length, 4], [contents.length, 4], [file.length, 2], [0, 2]];
}

/** Numbers one after the other, the lowest byte first. */
function record(...fields: readonly Field[]): Uint8Array {
  const bytes = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, i) => (value >>> (8 * i)) & 0xff),
  );
  return Uint8Array.from(bytes);
}

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
