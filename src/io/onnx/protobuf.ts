/**
 * Protocol buffers: messages as tables of fields, to bytes and back. What onnx.proto needs of the wire format: varints,
 * 32 and 64 bits, bytes with their length, and packed lists. Fields that a table does not name are skipped.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** How a field is written: a whole number of 64 bits, a float, a double, UTF-8, bytes, or another message by name. */
export type FieldType = "int" | "float" | "double" | "text" | "bytes" | { readonly message: string };

/** A field of a message. */
export interface Field {
  readonly number: number;
  readonly type: FieldType;
  /** True for a list. */
  readonly list: boolean;
}

/** Messages by name, each a table of fields. */
export type Schema = Readonly<Record<string, Readonly<Record<string, Field>>>>;

/** A message: values by field name; fields that are not there have none, lists are empty. */
export type Message = Readonly<Record<string, unknown>>;

/** Bytes that are not the message they should be. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

const [VARINT, BITS64, DELIMITED, BITS32] = [0, 1, 2, 5] as const;

/** Bytes in pieces, so that tensors are copied once, into the whole. */
interface Pieces {
  readonly parts: Uint8Array[];
  size: number;
}

const put = (to: Pieces, part: Uint8Array): void => {
  to.parts.push(part);
  to.size += part.length;
};

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  // A negative number is written as the 64 bits of its two's complement.
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

const fixed = (bytes: 4 | 8, value: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(bytes));
  if (bytes === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return new Uint8Array(view.buffer);
};

/** A message as bytes. @throws ProtobufError if it has a field that its table does not name */
export function encodeMessage(schema: Schema, name: string, value: Message): Uint8Array {
  const { parts, size } = piecesOf(schema, name, value);
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function piecesOf(schema: Schema, name: string, message: Message): Pieces {
  const to: Pieces = { parts: [], size: 0 };
  const fields = schema[name] ?? {};
  for (const [key, value] of Object.entries(message)) {
    const field = fields[key];
    if (!field) throw new ProtobufError(`the message ${name} has no field ${key}`);
    if (value === undefined) continue;
    for (const item of field.list ? (value as readonly unknown[]) : [value]) write(schema, field, item, to);
  }
  return to;
}

function write(schema: Schema, { number, type }: Field, value: unknown, to: Pieces): void {
  const tag = (wire: number): void => put(to, varint(number * 8 + wire));
  const delimited = ({ parts, size }: Pieces): void => {
    tag(DELIMITED);
    put(to, varint(size));
    for (const part of parts) put(to, part);
  };
  const bytes = (part: Uint8Array): void => delimited({ parts: [part], size: part.length });
  if (typeof type === "object") return delimited(piecesOf(schema, type.message, value as Message));
  if (type === "bytes") return bytes(value as Uint8Array);
  if (type === "text") return bytes(new TextEncoder().encode(value as string));
  tag(type === "int" ? VARINT : type === "float" ? BITS32 : BITS64);
  put(to, type === "int" ? varint(value as number) : fixed(type === "float" ? 4 : 8, value as number));
}

/** Messages inside each other: a model, its graph, a node, an attribute, a graph … */
const DEEPEST = 64;

/** What a message takes in memory, also an empty one of two bytes, and what a number in a list does. */
const [OF_A_MESSAGE, OF_A_NUMBER] = [512, 8];

/** How messages are read. */
interface Decoding {
  readonly schema: Schema;
  /** Takes the bytes of what is made. */
  readonly take: (bytes: number) => void;
}

/**
 * Bytes as a message.
 *
 * @param take is told how much memory what is read will take; it may throw
 * @throws ProtobufError naming the byte at which they stop being one
 */
export function decodeMessage(
  schema: Schema,
  name: string,
  bytes: Uint8Array,
  take: (bytes: number) => void = () => {},
): Message {
  return read({ schema, take }, name, new Reader(bytes), 1);
}

function read(how: Decoding, name: string, from: Reader, depth: number): Message {
  how.take(OF_A_MESSAGE);
  if (depth > DEEPEST) throw from.error(`stands in ${DEEPEST} others`);
  const fields = Object.entries(how.schema[name] ?? {});
  const out: Record<string, unknown> = {};
  for (const [key, field] of fields) if (field.list) out[key] = [];
  while (from.more()) {
    const tag = from.whole();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    const [key, field] = fields.find(([, { number: n }]) => n === number) ?? [];
    if (key === undefined || !field) {
      from.skip(wire);
      continue;
    }
    const values = readField(how, field, wire, from, depth);
    if (field.list) for (const value of values) (out[key] as unknown[]).push(value);
    else if (values.length > 0) out[key] = values[values.length - 1];
  }
  return out;
}

const wires = { int: VARINT, float: BITS32, double: BITS64 } as const;

function readField(how: Decoding, { type }: Field, wire: number, from: Reader, depth: number): unknown[] {
  if (typeof type === "object" || type === "text" || type === "bytes") {
    from.expect(wire, DELIMITED);
    const part = from.delimited();
    if (typeof type === "object") return [read(how, type.message, part, depth + 1)];
    how.take(64 + 2 * part.bytes.length);
    return [type === "bytes" ? part.bytes : part.text()];
  }
  const one = (reader: Reader): number =>
    type === "int" ? reader.whole() : type === "float" ? reader.float(4) : reader.float(8);
  if (wire !== DELIMITED) {
    from.expect(wire, wires[type]);
    return [one(from)];
  }
  const packed = from.delimited();
  how.take(OF_A_NUMBER * packed.bytes.length);
  const values: number[] = [];
  while (packed.more()) values.push(one(packed));
  return values;
}

/** Keeps track of the position in the bytes. */
class Reader {
  readonly bytes: Uint8Array;
  private readonly start: number;
  private at = 0;

  constructor(bytes: Uint8Array, start = 0) {
    this.bytes = bytes;
    this.start = start;
  }

  more(): boolean {
    return this.at < this.bytes.length;
  }

  whole(): number {
    // Most numbers are small.
    const first = this.bytes[this.at];
    if (first !== undefined && first < 128) {
      this.at++;
      return first;
    }
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw this.error("ends inside a number");
      this.at++;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw this.error("holds a number of more than 64 bits");
  }

  float(size: 4 | 8): number {
    const { buffer, byteOffset } = this.take(size);
    const view = new DataView(buffer, byteOffset, size);
    return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  }

  delimited(): Reader {
    const size = this.whole();
    const start = this.start + this.at;
    return new Reader(this.take(size), start);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  skip(wire: number): void {
    if (wire === VARINT) this.whole();
    else if (wire === DELIMITED) this.delimited();
    else if (wire === BITS32 || wire === BITS64) this.take(wire === BITS32 ? 4 : 8);
    else throw this.error(`has a field of the unknown form ${wire}`);
  }

  expect(found: number, wanted: number): void {
    if (found !== wanted) throw this.error(`has a field of the form ${found} where ${wanted} is right`);
  }

  private take(size: number): Uint8Array {
    if (!(size >= 0 && this.at + size <= this.bytes.length))
      throw this.error(`ends before the ${size} bytes that it announces`);
    const part = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    return part;
  }

  error(what: string): ProtobufError {
    return new ProtobufError(`byte ${this.start + this.at}: the message ${what}`);
  }
}
