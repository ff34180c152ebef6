/**
 * HDF5 files as far as Keras writes them: groups, attributes that are texts, and tensors of numbers. What the structures of a
 * file are is known to ../hdf5; here they get paths, and whatever is wrong with them becomes a FileFormatError.
 */

import { FileFormatError } from "../errors.js";
import { textAttribute } from "../hdf5/attributes.js";
import { type Hdf5Bytes, Hdf5Damage, hdf5Bytes } from "../hdf5/bytes.js";
import { numbersOf } from "../hdf5/data.js";
import { type Hdf5Message, messagesAt, messageTypes, rootAddress } from "../hdf5/header.js";
import { type Hdf5Links, linksOf } from "../hdf5/links.js";
import { shapeAt, typeAt, typeText } from "../hdf5/types.js";
import type { Budget } from "../limits.js";
import type { SourceTensor } from "./source.js";

/** A group of an HDF5 file; the file itself is one. */
export interface Hdf5Group {
  /** Where it is, for messages: "model_weights/lstm"; "root" of the file itself. */
  readonly path: string;
  /** The names in it, in the file's order. */
  readonly keys: readonly string[];
  /** A group by its path from here; undefined if there is none. */
  group(path: string): Hdf5Group | undefined;
  /** The numbers at a path from here; undefined if there is nothing. @throws FileFormatError if they are not numbers */
  tensor(path: string): Promise<SourceTensor | undefined>;
  /** An attribute that is one text, or a list of texts as long as the file says; undefined if there is none. */
  text(attribute: string): string | undefined;
  texts(attribute: string): readonly string[] | undefined;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** True if the bytes begin as an HDF5 file does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** A file that is open: what was looked at once is kept. */
interface Open {
  readonly name: string;
  readonly bytes: Hdf5Bytes;
  readonly budget: Budget;
  readonly objects: Map<number, Node>;
}

/** A group or a data set. */
interface Node {
  readonly messages: readonly Hdf5Message[];
  /** Absent: it is a data set. */
  readonly links?: Hdf5Links;
}

/**
 * Opens an HDF5 file.
 *
 * @param name its name, for messages
 * @param budget what its numbers and texts take
 * @throws FileFormatError if it cannot be read
 */
export function openHdf5(bytes: Uint8Array, name: string, budget: Budget): Hdf5Group {
  const file: Open = { name, bytes: hdf5Bytes(bytes), budget, objects: new Map() };
  const root = guarded(file, "root", () => nodeAt(file, rootAddress(file.bytes)));
  return groupOf(file, root, "root");
}

function nodeAt(file: Open, address: number): Node {
  const known = file.objects.get(address);
  if (known) return known;
  const messages = messagesAt(file.bytes, address);
  const isData = messages.some(({ type }) => type === messageTypes.dataspace);
  const node = isData ? { messages } : { messages, links: linksOf(file.bytes, messages) };
  file.objects.set(address, node);
  return node;
}

function groupOf(file: Open, { messages, links = new Map() }: Node, path: string): Hdf5Group {
  const attribute = (name: string): string | readonly string[] | undefined =>
    guarded(file, path, () =>
      textAttribute({ file: file.bytes, budget: file.budget, where: path }, messages, name),
    );
  const follow = (to: string): { readonly node: Node; readonly path: string } | undefined => {
    let [node, at]: [Node, string] = [{ messages, links }, path];
    for (const name of to.split("/")) {
      const address = node.links?.get(name);
      if (address === undefined) return undefined;
      at = at === "root" ? name : `${at}/${name}`;
      node = guarded(file, at, () => nodeAt(file, address));
    }
    return { node, path: at };
  };
  return {
    path,
    keys: [...links.keys()],
    group(to) {
      const found = follow(to);
      return found?.node.links && groupOf(file, found.node, found.path);
    },
    async tensor(to) {
      const found = follow(to);
      return found && !found.node.links ? await tensorOf(file, found.node, found.path) : undefined;
    },
    text(name) {
      const value = attribute(name);
      return typeof value === "string" ? unpadded(value) : undefined;
    },
    texts(name) {
      const value = attribute(name);
      return typeof value === "object" ? value.map(unpadded) : undefined;
    },
  };
}

/** Texts of a fixed length are filled up with zeros. */
const unpadded = (text: string): string => text.replace(/\0+$/, "");

async function tensorOf(file: Open, { messages }: Node, path: string): Promise<SourceTensor> {
  const { bytes, budget } = file;
  const at = (wanted: number): number => {
    const found = messages.find(({ type }) => type === wanted);
    if (found) return found.at;
    throw new Hdf5Damage("it has no shape or no type");
  };
  const { shape, type } = guarded(file, path, () => ({
    shape: shapeAt(bytes, at(messageTypes.dataspace)),
    type: typeAt(bytes, at(messageTypes.datatype)),
  }));
  if (type.kind !== "number")
    throw wrong(file, path, `holds elements of type "${typeText(type)}", which are not plain numbers`);
  try {
    const values = await numbersOf({ file: bytes, messages, shape, type, budget, where: path });
    return { name: path, shape, values };
  } catch (error) {
    throw unreadable(file, path, error);
  }
}

const wrong = ({ name }: Open, where: string, problem: string): FileFormatError =>
  new FileFormatError({
    file: name,
    where,
    problem,
    remedy: "The file is damaged, or uses parts of HDF5 that Keras does not: save the model again.",
  });

/** Damage as an error for people; any other error as it is. */
const unreadable = (file: Open, where: string, error: unknown): unknown =>
  error instanceof Hdf5Damage ? wrong(file, where, `is not HDF5 that can be read (${error.message})`) : error;

/** Runs what reads the file. */
function guarded<T>(file: Open, where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(file, where, error);
  }
}
