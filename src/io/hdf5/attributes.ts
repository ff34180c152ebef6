/**
 * Attributes that are texts: of a fixed length, or of any length in the file's global heap. Source: the HDF5 File Format
 * Specification, version 3.0, III.E and IV.A.2.m.
 */
import type { Budget } from "../limits.js";
import { type Hdf5Bytes, Hdf5Damage, NOWHERE, padded } from "./bytes.js";
import { type Hdf5Message, messageTypes } from "./header.js";
import { heapAt as fractalHeapAt } from "./heap.js";
import { treeRecords } from "./tree.js";
import { type Hdf5Type, shapeAt, typeAt } from "./types.js";

/** Where attributes are read from. */
export interface AttributeSource {
  readonly file: Hdf5Bytes;
  readonly budget: Budget;
  /** Where the object is, for messages. */
  readonly where: string;
}

/** An attribute as its header describes it. */
interface Attribute {
  readonly type: Hdf5Type;
  readonly shape: readonly number[];
  /** Where its values are. */
  readonly at: number;
}

/**
 * An attribute that is a text, or a list of texts; undefined if there is none, or it is something else.
 *
 * @throws Hdf5Damage, or the budget's error
 */
export function textAttribute(
  source: AttributeSource,
  messages: readonly Hdf5Message[],
  name: string,
): string | readonly string[] | undefined {
  const { file } = source;
  let found: Attribute | undefined;
  for (const { type, at } of messages) {
    if (type === messageTypes.attribute) found = attributeAt(file, at, name) ?? found;
    if (type === messageTypes.attributeInfo) found = denseAttribute(file, at, name) ?? found;
  }
  // Of nothing it does not matter what it would be.
  if (found?.shape.includes(0)) return [];
  if (found?.type.kind !== "text" && found?.type.kind !== "long text") return undefined;
  const values = textsOf(source, found, name);
  return found.shape.length === 0 ? values[0] : values;
}

/** Of many attributes each stands in a heap, and a tree lists them by their names. */
function denseAttribute(file: Hdf5Bytes, start: number, name: string): Attribute | undefined {
  const at = start + 2 + (file.u8(start + 1) & 1 ? 2 : 0);
  const heap = file.u64(at);
  if (heap === NOWHERE) return undefined;
  const find = fractalHeapAt(file, heap);
  for (const record of treeRecords(file, file.u64(at + 8), 8)) {
    const found = attributeAt(file, find(record.at).at, name);
    if (found) return found;
  }
  return undefined;
}

/** The attribute of a message, if it has this name. */
function attributeAt(file: Hdf5Bytes, start: number, wanted: string): Attribute | undefined {
  const version = file.u8(start);
  if (version < 1 || version > 3) throw new Hdf5Damage(`an attribute has version ${version}`);
  const [name, type, shape] = [2, 4, 6].map((k) => file.u16(start + k)) as [number, number, number];
  const pad = version === 1 ? padded : (size: number): number => size;
  const at = start + (version === 3 ? 9 : 8);
  if (file.text(at, name).replace(/\0+$/, "") !== wanted) return undefined;
  const typeStart = at + pad(name);
  const shapeStart = typeStart + pad(type);
  return {
    type: typeAt(file, typeStart),
    shape: shapeAt(file, shapeStart),
    at: shapeStart + pad(shape),
  };
}

function textsOf(source: AttributeSource, { type, shape, at }: Attribute, name: string): string[] {
  const { file, budget, where } = source;
  const count = shape.reduce((a, b) => a * b, 1);
  const size = type.kind === "text" ? type.size : 16;
  // Each takes its place in the file, so that there cannot be more than it has room for.
  file.data(at, count * size);
  const heaps = new Map<number, ReadonlyMap<number, Place>>();
  return Array.from({ length: count }, (_, i) => {
    const place = at + i * size;
    const { start, length } =
      type.kind === "text" ? { start: place, length: size } : longText(file, place, heaps);
    budget.take(2 * length + 32, where, `has texts in ${name}`);
    return new TextDecoder().decode(file.data(start, length));
  });
}

interface Place {
  readonly start: number;
  readonly length: number;
}

/** A text of any length: its length, the address of a heap, its number there. */
function longText(file: Hdf5Bytes, at: number, heaps: Map<number, ReadonlyMap<number, Place>>): Place {
  const address = file.u64(at + 4);
  const heap = heaps.get(address) ?? heapAt(file, address);
  heaps.set(address, heap);
  const place = heap.get(file.u32(at + 12));
  if (place) return { start: place.start, length: Math.min(place.length, file.u32(at)) };
  throw new Hdf5Damage("a text is not where it should be");
}

/** The objects of a global heap by their numbers. */
function heapAt(file: Hdf5Bytes, address: number): ReadonlyMap<number, Place> {
  file.expect(address, "GCOL");
  const end = address + file.u64(address + 8);
  const objects = new Map<number, Place>();
  for (let at = address + 16; at + 16 <= end; ) {
    const number = file.u16(at);
    // 0 is the room that is left.
    if (number === 0) break;
    const length = file.u64(at + 8);
    objects.set(number, { start: at + 16, length });
    at += 16 + padded(length);
  }
  return objects;
}
