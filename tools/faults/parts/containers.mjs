// @ts-check
/**
 * Files inside files: zip archives and safetensors, taken apart and put together again with true lengths and checksums, so that
 * what is inside is looked at and not refused for its wrapping.
 */
import { crc32, deflateRawSync } from "node:zlib";

/** @typedef {{ name: string, bytes: Uint8Array, deflate?: boolean, size?: number, packed?: Uint8Array, at?: number }} Entry */

/** @param {Uint8Array} bytes */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The stored entries of an archive. @param {Uint8Array} bytes @returns {Entry[]} */
export function unzipped(bytes) {
  const view = viewOf(bytes);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  /** @type {Entry[]} */
  const entries = [];
  for (let i = 0; i < count; i++) {
    const [size, nameLength, extra, comment, local] = [
      view.getUint32(at + 24, true),
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
      view.getUint32(at + 42, true),
    ];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (view.getUint16(at + 10, true) === 0) entries.push({ name, bytes: bytes.slice(start, start + size) });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}

/**
 * An archive. An entry may say another `size` than it has, be packed already, or lie where another one does (`at`).
 * @param {readonly Entry[]} entries
 */
export function zipped(entries) {
  /** @type {Uint8Array[]} */
  const parts = [];
  /** @type {Uint8Array[]} */
  const directory = [];
  let at = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const packed = entry.packed ?? (entry.deflate ? deflateRawSync(entry.bytes) : entry.bytes);
    const method = entry.deflate || entry.packed ? 8 : 0;
    const size = entry.size ?? entry.bytes.length;
    const local = new Uint8Array(30);
    const view = viewOf(local);
    view.setUint32(0, 0x04034b50, true);
    view.setUint16(8, method, true);
    view.setUint32(14, crc32(entry.bytes), true);
    view.setUint32(18, packed.length, true);
    view.setUint32(22, size, true);
    view.setUint16(26, name.length, true);
    const line = new Uint8Array(46);
    const there = viewOf(line);
    there.setUint32(0, 0x02014b50, true);
    there.setUint16(10, method, true);
    there.setUint32(16, crc32(entry.bytes), true);
    there.setUint32(20, packed.length, true);
    there.setUint32(24, size, true);
    there.setUint16(28, name.length, true);
    there.setUint32(42, entry.at ?? at, true);
    directory.push(line, name);
    if (entry.at !== undefined) continue;
    parts.push(local, name, packed);
    at += 30 + name.length + packed.length;
  }
  const lines = joined(directory);
  const end = new Uint8Array(22);
  const view = viewOf(end);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, entries.length, true);
  view.setUint16(10, entries.length, true);
  view.setUint32(12, lines.length, true);
  view.setUint32(16, at, true);
  return joined([...parts, lines, end]);
}

/** @param {readonly Uint8Array[]} parts */
export const joined = (parts) => new Uint8Array(Buffer.concat(parts));

/** The header of a safetensors file, as JSON, and its data. @param {Uint8Array} bytes */
export function takenApart(bytes) {
  const end = 8 + Number(viewOf(bytes).getBigUint64(0, true));
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, end))), data: bytes.subarray(end) };
}

/** A safetensors file of a header, as JSON or text, and data. @param {unknown} header @param {Uint8Array} data */
export function putTogether(header, data) {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const length = new Uint8Array(8);
  viewOf(length).setBigUint64(0, BigInt(text.length), true);
  return joined([length, text, data]);
}
