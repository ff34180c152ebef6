/**
 * Parameters as a named tree: name -> shape and numbers, as the API and the files have them. Here they are
 * cut into and put together from the blocks that plans keep; where they start is said in initial.ts.
 */
import { type BlockSpec, NetworkError, type ParameterSpec } from "./layers/layer.js";
import { checkNetwork, type Network } from "./network.js";

/** A parameter's numbers, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Refuses what is no network with its parameters. @param what it was given to, for the message @throws NetworkError */
export function checkModel(
  what: string,
  model: { readonly network: Network; readonly parameters: Parameters },
): void {
  const { network, parameters } = Object(model) as typeof model;
  checkNetwork(network, what);
  checkParameters(parameters, what);
}

function checkParameters(parameters: Parameters, what: string): void {
  if (typeof parameters?.get === "function") return;
  throw new NetworkError(
    `the parameters of ${what} must be a Map of tensors by name, as initialParameters() gives one`,
  );
}

/** Parameters by name, for example "recurrent1.w_u". */
export type Parameters = ReadonlyMap<string, Tensor>;

/** The row of an option that is parameters. */
export const parametersRow = { kind: "object", what: "parameters by name" } as const;

/** Rows of a parameter: a vector is one. */
export const rowsOf = (spec: ParameterSpec): number => (spec.shape.length === 1 ? 1 : spec.shape[0]!);
/** Columns of a parameter, of all its blocks. */
export const widthOf = (spec: ParameterSpec): number => spec.shape[spec.shape.length - 1]!;

/** Room for a parameter's numbers, zeros. @throws NetworkError if there is none */
export function roomForParameter(spec: ParameterSpec): Float32Array<ArrayBuffer> {
  const count = rowsOf(spec) * widthOf(spec);
  try {
    return new Float32Array(count);
  } catch (cause) {
    const mib = Math.ceil((4 * count) / 2 ** 20);
    throw new NetworkError(
      `the parameter ${spec.name} of shape (${spec.shape.join(", ")}) takes ${mib} MiB, more than there is; take fewer units or a smaller vocabulary`,
      { cause },
    );
  }
}

/** Copies a block of columns from one matrix into another. */
export function copyBlock(
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
  checkParameters(parameters, "writeParameters");
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
      const data = roomForParameter(spec);
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
