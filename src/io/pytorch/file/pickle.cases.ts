/** Pickles for tests, put together operation by operation as torch.save writes them, so that any can be another. */
import { type ZipFile, zipOf } from "../../zip.cases.js";

const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const bytesOf = (text: string): number[] => Array.from(new TextEncoder().encode(text));

/** Pieces of a pickle: operations, values, and what torch.save makes of storages and tensors. */
export const piece = {
  start: [0x80, 2],
  stop: [0x2e],
  none: [0x4e],
  emptyDict: [0x7d],
  emptyTuple: [0x29],
  reduce: [0x52],
  build: [0x62],
  text: (value: string): number[] => [0x58, ...u32(bytesOf(value).length), ...bytesOf(value)],
  int: (value: number): number[] => [0x4a, ...u32(value)],
  global: (module: string, name: string): number[] => [0x63, ...bytesOf(`${module}\n${name}\n`)],
  tuple: (...parts: readonly (readonly number[])[]): number[] => [0x28, ...parts.flat(), 0x74],
  /** Sets keys of the dictionary that is on top. */
  items: (...parts: readonly (readonly number[])[]): number[] => [0x28, ...parts.flat(), 0x75],
  storage(key: string, type: string, count: number): number[] {
    const { tuple, text, global, int } = piece;
    return [...tuple(text("storage"), global("torch", type), text(key), text("cpu"), int(count)), 0x51];
  },
  ordered: (): number[] => [...piece.global("collections", "OrderedDict"), 0x29, 0x52],
  tensor(
    storage: readonly number[],
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): number[] {
    const { tuple, int, global, ordered } = piece;
    const sizes = [shape, strides].map((list) => tuple(...list.map(int)));
    const rest = [[0x89], ordered()];
    return [
      ...global("torch._utils", "_rebuild_tensor_v2"),
      ...tuple(storage, int(offset), ...sizes, ...rest),
      0x52,
    ];
  },
} as const;

/** A pickle of one value. */
export const pickleOf = (...parts: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from([...piece.start, ...parts.flat(), ...piece.stop]);

/** A pickle of a dictionary. */
export const dictOf = (...parts: readonly (readonly number[])[]): Uint8Array =>
  pickleOf(piece.emptyDict, piece.items(...parts));

/** An archive of torch.save. */
export function torchArchive(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  more: readonly ZipFile[] = [],
): Uint8Array {
  return zipOf([
    { name: "m/data.pkl", bytes: pickle },
    ...Object.entries(storages).map(([key, bytes]) => ({ name: `m/data/${key}`, bytes })),
    ...more,
  ]);
}
