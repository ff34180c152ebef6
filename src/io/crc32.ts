/**
 * The checksum of zip archives: CRC-32 of IEEE 802.3, its polynomial written lowest bit first, 0xedb88320.
 */

/** What each byte does to the checksum; made when the first is asked for. */
let table: Uint32Array | undefined;

const tableOfBytes = (): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value;
  });

/** The checksum of some bytes, an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  table ??= tableOfBytes();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
