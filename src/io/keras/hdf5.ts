/**
 * HDF5 files as far as Keras writes them: groups, attributes that are texts, and tensors of numbers. The reading is
 * jsfive's, in plain JavaScript, which is loaded when the first such file is opened: nothing that predicts needs it.
 * Whatever it throws at a damaged file becomes a FileFormatError.
 */
import { elementCount } from "../dtypes.js";
import { FileFormatError } from "../errors.js";
import type { SourceTensor } from "./source.js";

/** jsfive's groups and datasets. Attributes and links are keys of plain objects. */
interface Node {
  /** Of a group its names; a dataset has the method of arrays instead. */
  readonly keys: readonly string[] | (() => unknown);
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Of a dataset. */
  readonly shape?: readonly number[];
  /** "<f4", or a list for what is no plain number. */
  readonly dtype?: unknown;
  readonly value?: readonly unknown[];
  get(name: string): Node | null;
}

/** A group of an HDF5 file; the file itself is one. */
export interface Hdf5Group {
  /** Where it is, for messages: "model_weights/lstm"; "root" of the file itself. */
  readonly path: string;
  /** The names in it, in the file's order. */
  readonly keys: readonly string[];
  /** A group by its path from here; undefined if there is none. */
  group(path: string): Hdf5Group | undefined;
  /** The numbers at a path from here; undefined if there is nothing. @throws FileFormatError if they are not numbers */
  tensor(path: string): SourceTensor | undefined;
  /** An attribute that is one text, or a list of texts as long as the file says; undefined if there is none. */
  text(attribute: string): string | undefined;
  texts(attribute: string): readonly string[] | undefined;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** True if the bytes begin as an HDF5 file does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/**
 * Opens an HDF5 file.
 *
 * @param file its name, for messages
 * @throws FileFormatError if it cannot be read
 */
export async function openHdf5(bytes: Uint8Array, file: string): Promise<Hdf5Group> {
  const { File } = await import("jsfive");
  // jsfive counts from the start of the buffer, so a part of a larger one is copied.
  const buffer = new Uint8Array(bytes).buffer;
  return groupOf(
    guarded(file, "root", () => new File(buffer, file) as Node),
    "root",
    file,
  );
}

/** Elements of a type that a tensor may have; integers as well, for they are numbers. */
const numeric = /^[<>|]?[fiu][1248]$/;

function groupOf(node: Node, path: string, file: string): Hdf5Group {
  const attribute = (name: string): unknown =>
    guarded(file, path, () => (Object.hasOwn(node.attrs, name) ? node.attrs[name] : undefined));
  return {
    path,
    keys: keysOf(node, path, file),
    group(name) {
      const found = follow(node, path, name.split("/"), file);
      return found && isGroup(found.node) ? groupOf(found.node, found.path, file) : undefined;
    },
    tensor(name) {
      const found = follow(node, path, name.split("/"), file);
      return found && !isGroup(found.node) ? tensorOf(found.node, found.path, file) : undefined;
    },
    text(name) {
      const value = attribute(name);
      return typeof value === "string" ? unpadded(value) : undefined;
    },
    texts(name) {
      const value = attribute(name);
      const all = Array.isArray(value) && value.every((item) => typeof item === "string");
      return all ? value.map(unpadded) : undefined;
    },
  };
}

/** jsfive's datasets are arrays, whose `keys` is a method. */
const isGroup = (node: Node): boolean => Array.isArray(node.keys);

const keysOf = (node: Node, path: string, file: string): readonly string[] =>
  guarded(file, path, () => (Array.isArray(node.keys) ? [...node.keys] : []));

/** What lies at a path from a node, one name after the other. */
function follow(
  from: Node,
  fromPath: string,
  names: readonly string[],
  file: string,
): { readonly node: Node; readonly path: string } | undefined {
  let [node, path] = [from, fromPath];
  for (const name of names) {
    // jsfive looks names up with `in`, which finds "constructor": so they are compared with the list first.
    if (!keysOf(node, path, file).includes(name)) return undefined;
    const [at, parent] = [path === "root" ? name : `${path}/${name}`, node];
    const child = guarded(file, at, () => parent.get(name));
    if (!child) return undefined;
    [node, path] = [child, at];
  }
  return { node, path };
}

/** Texts of a fixed length are filled up with zeros. */
const unpadded = (text: string): string => text.replace(/\0+$/, "");

function tensorOf(node: Node, path: string, file: string): SourceTensor {
  return guarded(file, path, () => {
    const { shape, dtype } = node;
    if (typeof dtype !== "string" || !numeric.test(dtype))
      throw wrong(file, path, `holds elements of type ${JSON.stringify(dtype)}, which are not plain numbers`);
    const size = elementCount(shape ?? []);
    if (!shape || !Number.isSafeInteger(size)) throw wrong(file, path, "has no shape");
    const values = Float64Array.from(node.value as readonly number[], Number);
    if (values.length !== size)
      throw wrong(file, path, `has the shape (${shape.join(", ")}) and ${values.length} numbers`);
    return { name: path, shape: [...shape], values };
  });
}

const wrong = (file: string, where: string, problem: string): FileFormatError =>
  new FileFormatError({
    file,
    where,
    problem,
    remedy: "The file is damaged, or uses parts of HDF5 that Keras does not: save the model again.",
  });

/** Runs what reads the file. jsfive throws errors and texts of many kinds at what it cannot read. */
function guarded<T>(file: string, where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FileFormatError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw wrong(file, where, `is not HDF5 that can be read (${reason})`);
  }
}
