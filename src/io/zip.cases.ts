/** Zip archives for tests: written byte by byte, so that every field can be another than it should. */
import { deflateRawSync } from "node:zlib";
import { crc32 } from "./crc32.js";

/** A file to pack. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Default: stored. */
  readonly deflate?: boolean;
  /** Fields that replace those that are right. */
  readonly fields?: Partial<Record<"flags" | "method" | "checksum" | "packed" | "size" | "at", number>>;
}

/** How the archive is written. */
export interface ZipOptions {
  /** Sizes and places in the records of zip64. Default false. */
  readonly zip64?: boolean;
  /** Text after the end. Default none. */
  readonly comment?: string;
}

const u16 = (value: number): number[] => [value & 255, (value >>> 8) & 255];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const u64 = (value: number): number[] => [...u32(value >>> 0), ...u32(Math.floor(value / 2 ** 32))];
const ascii = (text: string): number[] => Array.from(new TextEncoder().encode(text));

/** An archive of files. */
export function zipOf(
  files: readonly ZipFile[],
  { zip64 = false, comment = "" }: ZipOptions = {},
): Uint8Array {
  const out: number[] = [];
  const directory: number[] = [];
  for (const { name, bytes, deflate = false, fields = {} } of files) {
    const packed = deflate ? new Uint8Array(deflateRawSync(bytes)) : bytes;
    const entry = {
      flags: 0,
      method: deflate ? 8 : 0,
      checksum: crc32(bytes),
      packed: packed.length,
      size: bytes.length,
      at: out.length,
      ...fields,
    };
    const { flags, method, checksum, size, at } = entry;
    const start = [...u16(45), ...u16(flags), ...u16(method), ...u32(0), ...u32(checksum)];
    out.push(...u32(0x04034b50), ...start, ...u32(entry.packed), ...u32(size));
    // An extra field of three bytes, as PyTorch pads with: where data starts, the local header alone tells.
    out.push(...u16(name.length), ...u16(3), ...ascii(name), 1, 2, 3, ...packed);
    const wide = [size, entry.packed, at];
    const extra = zip64 ? [...u16(7), ...u16(1), 0, ...u16(1), ...u16(24), ...wide.flatMap(u64)] : [];
    const [narrowSize, narrowPacked, narrowAt] = zip64 ? [0xffffffff, 0xffffffff, 0xffffffff] : wide;
    directory.push(
      ...u32(0x02014b50),
      ...u16(45),
      ...start,
      ...u32(narrowPacked ?? 0),
      ...u32(narrowSize ?? 0),
    );
    directory.push(...u16(name.length), ...u16(extra.length), ...u16(0), ...u16(0), ...u16(0), ...u32(0));
    directory.push(...u32(narrowAt ?? 0), ...ascii(name), ...extra);
  }
  const start = out.length;
  out.push(...directory);
  const count = files.length;
  if (zip64) {
    const record = out.length;
    out.push(...u32(0x06064b50), ...u64(44), ...u16(45), ...u16(45), ...u32(0), ...u32(0));
    out.push(...u64(count), ...u64(count), ...u64(directory.length), ...u64(start));
    out.push(...u32(0x07064b50), ...u32(0), ...u64(record), ...u32(1));
  }
  const place = zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [count, directory.length, start];
  const [entries = 0, length = 0, at = 0] = place;
  out.push(...u32(0x06054b50), ...u32(0), ...u16(entries), ...u16(entries), ...u32(length), ...u32(at));
  out.push(...u16(comment.length), ...ascii(comment));
  return Uint8Array.from(out);
}
