/**
 * Parameters as a named tree: name -> shape and numbers, as the API and the files have them. Here they are
 * made (initialised by seed), and cut into and put together from the blocks that plans keep.
 */
import { fillNormalLike, fillUniform, purposes, type RandomPlace } from "../tensor/random.js";
import { type BlockSpec, type BlockStart, NetworkError, type ParameterSpec } from "./layers/layer.js";
import type { Network } from "./network.js";

/** A parameter's numbers, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters by name, for example "recurrent1.w_u". */
export type Parameters = ReadonlyMap<string, Tensor>;

/** The row of an option that is parameters. */
export const parametersRow = { kind: "object", what: "parameters by name" } as const;

const rowsOf = (spec: ParameterSpec): number => (spec.shape.length === 1 ? 1 : spec.shape[0]!);
const widthOf = (spec: ParameterSpec): number => spec.shape[spec.shape.length - 1]!;

/**
 * Initial parameters: recurrent weights orthogonal (Saxe et al. 2014), input and output weights Glorot uniform
 * (Glorot and Bengio 2010), biases as the cell says (a forget gate's 1), everything from the seed.
 */
export function initialParameters(net: Network, seed: number): Parameters {
  return new Map(
    net.parameters.map((spec, number): [string, Tensor] => {
      const [rows, width] = [rowsOf(spec), widthOf(spec)];
      const data = new Float32Array(rows * width);
      let from = 0;
      spec.blocks.forEach((block, b) => {
        const place: RandomPlace = { seed, purpose: purposes.initialise, layer: number, step: b };
        const values = startValues(block.start, rows, block.columns, place);
        copyBlock(values, block.columns, 0, data, width, from, rows, block.columns);
        from += block.columns;
      });
      return [spec.name, { shape: spec.shape, data }];
    }),
  );
}

/** A block's starting numbers, rows × columns. */
function startValues(start: BlockStart, rows: number, columns: number, place: RandomPlace): Float64Array {
  const out = new Float64Array(rows * columns);
  if (typeof start === "number") return out.fill(start);
  if ("orthogonal" in start) return orthogonal(rows, columns, place);
  const limit = "glorot" in start ? Math.sqrt(6 / (rows + start.glorot.fanIn)) : 0;
  const [from, to] = "glorot" in start ? [-limit, limit] : [start.from, start.to];
  fillUniform(place, out);
  return out.map((u) => from + u * (to - from));
}

/** Rows (or, of a tall matrix, columns) that are orthonormal: random ones, made so by Gram-Schmidt, twice. */
function orthogonal(rows: number, columns: number, place: RandomPlace): Float64Array {
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const flat = new Float64Array(count * length);
  fillNormalLike(place, flat);
  const vectors = Array.from({ length: count }, (_, i) => flat.subarray(i * length, (i + 1) * length));
  vectors.forEach((v, i) => {
    // A second round removes what rounding left of the first.
    for (let round = 0; round < 2; round++) {
      for (const before of vectors.slice(0, i)) {
        let dot = 0;
        for (let k = 0; k < length; k++) dot += v[k]! * before[k]!;
        for (let k = 0; k < length; k++) v[k] = v[k]! - dot * before[k]!;
      }
    }
    let norm = 0;
    for (const value of v) norm += value * value;
    const scale = 1 / Math.sqrt(norm);
    for (let k = 0; k < length; k++) v[k] = v[k]! * scale;
  });
  if (rows <= columns) return flat;
  return Float64Array.from(
    { length: rows * columns },
    (_, k) => vectors[k % columns]![Math.floor(k / columns)]!,
  );
}

function copyBlock(
  from: ArrayLike<number>,
  fromWidth: number,
  fromColumn: number,
  to: { [i: number]: number },
  toWidth: number,
  toColumn: number,
  rows: number,
  columns: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) to[r * toWidth + toColumn + c] = from[r * fromWidth + fromColumn + c]!;
  }
}

/** A block's buffer holds [columns, rows] if it is transposed. */
function transpose(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c]!;
  }
  return out;
}

/** Something that holds the plan's buffers: an executor. */
export interface BufferStore {
  write(name: string, values: ArrayLike<number>): void;
  read(name: string): ArrayLike<number>;
}

/** Hands the parameters to an executor. @throws NetworkError if one is missing or has another shape */
export function writeParameters(
  net: Network,
  parameters: Parameters,
  store: Pick<BufferStore, "write">,
): void {
  for (const spec of net.parameters) {
    const tensor = parameters.get(spec.name);
    if (!tensor)
      throw new NetworkError(`the parameter ${spec.name} of shape (${spec.shape.join(", ")}) is missing`);
    if (tensor.shape.join() !== spec.shape.join()) {
      throw new NetworkError(
        `the parameter ${spec.name} has shape (${tensor.shape.join(", ")}), the network needs (${spec.shape.join(", ")})`,
      );
    }
    forBlocks(spec, (block, from, rows, width) => {
      // An embedding or a bias is one block as it stands: nothing to cut, and it may be most of the model.
      if (block.columns === width && !block.transposed) return store.write(block.buffer, tensor.data);
      const part = new Float32Array(rows * block.columns);
      copyBlock(tensor.data, width, from, part, block.columns, 0, rows, block.columns);
      store.write(block.buffer, block.transposed ? transpose(part, rows, block.columns) : part);
    });
  }
}

/** Reads the parameters back from an executor. */
export function readParameters(net: Network, store: Pick<BufferStore, "read">, prefix = ""): Parameters {
  return new Map(
    net.parameters.map((spec): [string, Tensor] => {
      const data = new Float32Array(rowsOf(spec) * widthOf(spec));
      forBlocks(spec, (block, from, rows, width) => {
        const values = store.read(prefix + block.buffer);
        const part = block.transposed ? transpose(values, block.columns, rows) : values;
        copyBlock(part, block.columns, 0, data, width, from, rows, block.columns);
      });
      return [spec.name, { shape: spec.shape, data }];
    }),
  );
}

function forBlocks(
  spec: ParameterSpec,
  visit: (block: BlockSpec, from: number, rows: number, width: number) => void,
): void {
  let from = 0;
  for (const block of spec.blocks) {
    visit(block, from, rowsOf(spec), widthOf(spec));
    from += block.columns;
  }
}
