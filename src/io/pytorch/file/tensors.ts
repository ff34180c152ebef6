/**
 * Tensors of torch.save: views of storages, whose bytes stand elsewhere in the file.
 *
 * Source: torch/_utils.py.
 */
import { type Dtype, dtypes, elementCount, type TensorData } from "../../dtypes.js";
import { FileFormatError } from "../../errors.js";
import type { Budget } from "../../limits.js";

/** A storage as a pickle names it: its bytes stand elsewhere. */
export class Storage {
  readonly key: string;
  /** "FloatStorage". */
  readonly type: string;
  /** Undefined: its numbers are of a type that is not read. */
  readonly dtype: Dtype | undefined;
  /** In bytes. */
  readonly size: number;
  /** In elements. */
  readonly count: number;

  constructor(of: Pick<Storage, "key" | "type" | "dtype" | "size" | "count">) {
    this.key = of.key;
    this.type = of.type;
    this.dtype = of.dtype;
    this.size = of.size;
    this.count = of.count;
  }
}

/** What a tensor can be a view of. */
type KnownStorage = Storage & { readonly dtype: Dtype };

/** A tensor in a pickle: a view of a storage, in elements. */
export class StoredTensor {
  readonly storage: KnownStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: KnownStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** Whether a value is a size: a whole number from 0 on. */
export const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
/** As many dimensions as PyTorch has, at most. */
export const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 64 && value.every(isSize);

/** How tensors are read. */
export interface Gathering {
  readonly file: string;
  readonly read: (key: string) => Promise<Uint8Array>;
  readonly budget: Budget;
}

/** A tensor's elements in rows: a view of the storage where they lie so already, else a copy. */
export async function gather(
  name: string,
  { storage, offset, shape, strides }: StoredTensor,
  { file, read, budget }: Gathering,
): Promise<TensorData> {
  const { key, dtype, count } = storage;
  const fail = (problem: string) =>
    new FileFormatError({ file, where: `tensor ${name}`, problem, remedy: "The file is damaged." });
  const bytes = await read(key);
  const size = dtypes[dtype].bytes;
  if (bytes.length !== count * size)
    throw fail(`lies in a storage of ${bytes.length} bytes, which should have ${count} elements of ${size}`);
  const length = elementCount(shape);
  const last = shape.reduce((sum, n, k) => sum + (n - 1) * strides[k]!, offset);
  // A stride of 0 would let a small file ask for any amount of memory.
  if (!(length <= count) || (length > 0 && last >= count))
    throw fail(`of shape (${shape.join(", ")}) does not lie within its storage of ${count} elements`);
  // Any number of tensors can be views of one storage, and what is made of them is made of each.
  budget.take(length * size, `tensor ${name}`, `has the shape (${shape.join(", ")})`);
  if (isContiguous(shape, strides))
    return { name, dtype, shape, data: bytes.subarray(offset * size, (offset + length) * size) };
  return { name, dtype, shape, data: copied(bytes, { storage, offset, shape, strides }, length * size) };
}

/** The elements of a view one after the other, as an odometer goes through its places. */
function copied(
  bytes: Uint8Array,
  { storage, offset, shape, strides }: StoredTensor,
  total: number,
): Uint8Array {
  const size = dtypes[storage.dtype].bytes;
  const data = new Uint8Array(total);
  const place = new Array<number>(shape.length).fill(0);
  let from = offset * size;
  for (let to = 0; to < total; ) {
    for (let k = 0; k < size; k++) data[to++] = bytes[from + k]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]! * size;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]! * size;
      place[axis] = 0;
    }
  }
  return data;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    const n = shape[k]!;
    if (n !== 1 && strides[k] !== step) return false;
    step *= n;
  }
  return true;
}
