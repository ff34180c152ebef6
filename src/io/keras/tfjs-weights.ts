/**
 * The weights of a TensorFlow.js model: model.json names groups of tensors, whose bytes lie one after the other in the
 * group's files, the shards. Quantised ones are stretched again: value · scale + min.
 * Source: tfjs-core/src/io/types.ts (WeightsManifestConfig) and io_utils.ts (decodeWeights).
 */
import { type Dtype, dtypes, elementCount, toFloat32, toFloat64 } from "../dtypes.js";
import { FileFormatError } from "../errors.js";
import type { Budget } from "../limits.js";
import { nameProblem } from "../names.js";
import { fieldsOf, isObject, shown } from "./fields.js";
import type { SourceTensor } from "./source.js";

/** Gives the bytes of a shard by the path that model.json has for it. */
export type ReadShard = (path: string) => Uint8Array | Promise<Uint8Array>;

/** Whose weights they are, and how they are read. */
export interface ShardSource {
  /** The name of model.json, for messages. */
  readonly file: string;
  readonly readShard: ReadShard;
  readonly budget: Budget;
}

/** A tensor of the manifest. */
interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  /** How its elements are stored. */
  readonly dtype: Dtype;
  readonly stretch: { readonly scale: number; readonly min: number } | undefined;
}

/** Files of a group, at most: a shard has four megabytes. */
const MOST_SHARDS = 10_000;

const plain: Readonly<Record<string, Dtype>> = { float32: "F32", int32: "I32", bool: "U8" };
const quantised: Readonly<Record<string, Dtype>> = { uint8: "U8", uint16: "U16", float16: "F16" };

/**
 * All tensors of a model, in the manifest's order.
 *
 * @param manifest the list of groups; paths in it must be relative and must not lead out of the folder
 * @throws FileFormatError if it is not one, or its shards do not hold what it says
 */
export async function readTfjsWeights(
  manifest: readonly unknown[],
  { file, readShard, budget }: ShardSource,
): Promise<SourceTensor[]> {
  const out: SourceTensor[] = [];
  for (const [i, group] of manifest.entries()) {
    const where = `weights, group ${i}`;
    const fields = fieldsOf(group, { file, where });
    const specs = fields.list("weights").map((weight, k) => specOf(weight, file, `${where}, tensor ${k}`));
    const paths = fields.list("paths").map((path) => {
      const problem = typeof path === "string" ? nameProblem(path) : "is no name of a file";
      if (problem === undefined) return path as string;
      throw wrong(file, where, `has the path ${shown(path)}, which ${problem}`);
    });
    const wanted = specs.reduce((sum, { shape }) => sum + 12 * elementCount(shape), 0);
    budget.take(wanted, where, `has tensors of ${wanted.toLocaleString("en")} bytes`);
    if (new Set(paths).size < paths.length || paths.length > MOST_SHARDS)
      throw wrong(file, where, `names ${paths.length} shards, or one of them twice`);
    const shards: Uint8Array[] = [];
    for (const path of paths) shards.push(await readShard(path));
    const title = paths.slice(0, 8).join(", ") + (paths.length > 8 ? ", …" : "");
    for (const tensor of cut(specs, shards, { file, where: `${where} (${title})` })) out.push(tensor);
  }
  return out;
}

function specOf(weight: unknown, file: string, where: string): Spec {
  const fields = fieldsOf(weight, { file, where });
  const [name, type] = [fields.text("name"), fields.text("dtype")];
  const at = `weights, ${name}`;
  const shape = fields.list("shape");
  if (!shape.every((size): size is number => Number.isSafeInteger(size) && (size as number) >= 0))
    throw wrong(file, at, `has the shape ${shown(shape)}`);
  const quantization = fields.json["quantization"];
  const stored = isObject(quantization) ? quantization["dtype"] : type;
  const known = isObject(quantization) ? quantised : plain;
  const dtype = typeof stored === "string" && Object.hasOwn(known, stored) ? known[stored] : undefined;
  if (!dtype) {
    const types = Object.keys(known).join(", ");
    throw wrong(file, at, `holds elements of the type ${shown(stored)}; ${types} can be imported`);
  }
  if (!isObject(quantization) || dtype === "F16") return { name, shape, dtype, stretch: undefined };
  const [scale, min] = ["scale", "min"].map((key) =>
    fieldsOf(quantization, { file, where: at }).number(key, Number.NaN),
  ) as [number, number];
  if (Number.isNaN(scale + min)) throw wrong(file, at, "is quantised without scale and min");
  return { name, shape, dtype, stretch: { scale, min } };
}

/** Cuts a group's bytes into its tensors. */
function cut(
  specs: readonly Spec[],
  shards: readonly Uint8Array[],
  { file, where }: { readonly file: string; readonly where: string },
): SourceTensor[] {
  const sizes = specs.map(({ shape, dtype }) => elementCount(shape) * dtypes[dtype].bytes);
  const wanted = sizes.reduce((total, size) => total + size, 0);
  const there = shards.reduce((total, { length }) => total + length, 0);
  if (wanted !== there) throw wrong(file, where, `has ${there} bytes, and its tensors need ${wanted}`);
  const bytes = new Uint8Array(there);
  let at = 0;
  for (const shard of shards) {
    bytes.set(shard, at);
    at += shard.length;
  }
  at = 0;
  return specs.map(({ name, shape, dtype, stretch }, i) => {
    const size = sizes[i]!;
    const data = { name, shape, dtype, data: bytes.subarray(at, at + size) };
    at += size;
    if (!stretch) return { name, shape, values: dtype === "F32" ? toFloat32(data) : toFloat64(data) };
    return { name, shape, values: toFloat64(data).map((v) => v * stretch.scale + stretch.min) };
  });
}

const wrong = (file: string, where: string, problem: string): FileFormatError =>
  new FileFormatError({
    file,
    where,
    problem,
    remedy: "model.json and its shards must be of the same model, saved once more if in doubt.",
  });
