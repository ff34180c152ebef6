// @ts-check
/** Small files that unpack to any amount: deflated blocks that are repeated, without ever making the whole. */
import { constants, deflateRawSync } from "node:zlib";
import { joined } from "./containers.mjs";

/**
 * Deflated bytes of a unit that is repeated to about so many bytes; the stream is whole.
 * @param {string} unit @param {number} bytes
 */
export function deflatedBomb(unit, bytes) {
  const block = 2 ** 22;
  const text = unit.repeat(Math.ceil(Math.min(block, bytes) / unit.length));
  // A full flush ends at a byte and refers to nothing before it, so that the same bytes can follow each other.
  const packed = deflateRawSync(text, { finishFlush: constants.Z_FULL_FLUSH });
  const times = Math.max(1, Math.round(bytes / text.length));
  const last = deflateRawSync("");
  return { packed: joined([...new Array(times).fill(packed), last]), size: text.length * times };
}

/** A gzip file of a unit that is repeated; its checksum is wrong, for nobody is to come so far. @param {string} unit @param {number} bytes */
export function gzipBomb(unit, bytes) {
  return joined([
    Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3),
    deflatedBomb(unit, bytes).packed,
    new Uint8Array(8),
  ]);
}

/** A zlib stream of zeros. @param {number} bytes */
export function zlibBomb(bytes) {
  return joined([Uint8Array.of(0x78, 0x9c), deflatedBomb("\0", bytes).packed, new Uint8Array(4)]);
}
