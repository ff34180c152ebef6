/**
 * What the export of a layer has at hand: the graph, the parameters, and the rows that values lie in. Values over steps
 * are [time, batch, features], as ONNX's recurrent operators have them; those over sequences [batch, features].
 */
import type { Network, ParameterSpec, Parameters, Shape, Tensor } from "../../../nn/index.js";
import type { Dims, GraphBuilder } from "../graph.js";

/** The rows of a set of sequences, padded to the longest. */
export interface Steps {
  /** Names of the sizes. */
  readonly time: string;
  readonly batch: string;
  /** The value of the lengths, int32 [batch]; absent: all sequences have all steps. */
  readonly lengths?: string;
  /** The numbers of steps and of sequences, int64 [1]. */
  readonly timeSize: () => string;
  readonly batchSize: () => string;
  /** True where a sequence has a step, bool [time, batch, 1]; only with lengths. */
  readonly mask: () => string;
  /** The number of steps of each sequence, at least 1, float [batch, 1]; only with lengths. */
  readonly atLeastOne: () => string;
  /** True at the last step of each sequence, bool [time, batch, 1]; only with lengths. */
  readonly atEnd: () => string;
  /** True for a sequence that has steps, bool [batch, 1]; only with lengths. */
  readonly any: () => string;
}

/** A value on its way through the graph. */
export interface Activation {
  readonly shape: Shape;
  readonly value: string;
  readonly steps: Steps;
  /** After a recurrent layer: its output at each sequence's end. */
  readonly last?: string;
  /** Of several inputs, each by its name. */
  readonly inputs?: ReadonlyMap<string, Activation>;
  /** Of several values, each. */
  readonly values?: readonly Activation[];
}

/** A recurrent layer's direction and the operator that it became. */
export interface RecurrentOperator {
  /** "recurrent1" or "recurrent1.reverse". */
  readonly layer: string;
  readonly cell: string;
  readonly operator: string;
}

/** A state of a graph: an input where it starts, an output where it ends. */
export interface OnnxState {
  /** "recurrent1.c". */
  readonly name: string;
  /** The graph's input; absent: the state starts inside the graph. */
  readonly input?: string;
  /** The graph's output. */
  readonly output: string;
  readonly width: number;
  /** Where a new sequence starts: a number, or a list of learned ones; absent: the caller of the graph provides it. */
  readonly start?: number | readonly number[];
}

/** What exporting a layer needs. */
export interface ExportContext {
  readonly graph: GraphBuilder;
  readonly parameters: ParameterReader;
  /** The layer's name, the prefix of its parameters. */
  readonly name: string;
  /** True if every state is an input, so that a stream goes on. */
  readonly stream: boolean;
  /** True inside a layer of several inputs, whose states are no outputs. */
  readonly inside: boolean;
  readonly states: OnnxState[];
  /** Values that states start at, [batch, H], by their names ("recurrent2.c"); absent: none do. */
  readonly starts?: ReadonlyMap<string, string>;
  /** The values of the states' outputs, which are declared after the others. */
  readonly finals: Map<string, FinalState>;
  readonly operators: RecurrentOperator[];
}

/** A final state that will be an output. */
export interface FinalState {
  readonly value: string;
  readonly shape: Dims;
}

/** Declares the outputs of final states. */
export function exportFinals({ graph, finals }: ExportContext): void {
  for (const [name, { value, shape }] of finals) graph.output(value, { name, type: "float32", shape });
}

/** The rows of a value of the graph [time, batch, …]. */
export function stepsOf(
  graph: GraphBuilder,
  like: string,
  names: { readonly time: string; readonly batch: string; readonly lengths?: string },
): Steps {
  const size = lazily(() => graph.node("Shape", [like]));
  const part = (from: number): (() => string) =>
    lazily(() => graph.node("Slice", [size(), graph.whole([from]), graph.whole([from + 1])]));
  const [timeSize, batchSize] = [part(0), part(1)];
  const lengths = (): string => names.lengths!;
  const column = lazily(() => graph.node("Unsqueeze", [lengths(), graph.whole([1])]));
  const times = lazily(() => {
    const count = graph.node("Squeeze", [timeSize(), graph.whole([0])]);
    const t = graph.node("Range", [graph.whole(0), count, graph.whole(1)]);
    return graph.node("Reshape", [t, graph.whole([-1, 1, 1])]);
  });
  return {
    ...names,
    timeSize,
    batchSize,
    mask: lazily(() => {
      const at = times();
      return graph.node("Less", [at, graph.node("Cast", [column()], { to: 7 })]);
    }),
    atEnd: lazily(() => {
      const after = graph.node("Add", [times(), graph.whole(1)]);
      return graph.node("Equal", [after, graph.node("Cast", [column()], { to: 7 })]);
    }),
    atLeastOne: lazily(() => graph.node("Max", [graph.node("Cast", [column()], { to: 1 }), graph.number(1)])),
    any: lazily(() => graph.node("Greater", [graph.node("Cast", [column()], { to: 1 }), graph.number(0)])),
  };
}

/** A value that is put into the graph when it is first asked for. */
export function lazily(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The parameters of a network, as a graph's weights. */
export interface ParameterReader {
  readonly tensor: (name: string) => Tensor;
  /** A parameter as it is stored. */
  readonly whole: (name: string) => string;
  /** A block of columns by the name of its buffer ("recurrent1.w_uc"), transposed: [columns, rows]. */
  readonly block: (buffer: string) => string;
  /** The numbers of such a block, row-major [rows, columns]. */
  readonly numbers: (buffer: string) => { readonly columns: number; readonly data: Float32Array };
}

/** Reads a network's parameters into a graph. */
export function parameterReader(graph: GraphBuilder, net: Network, parameters: Parameters): ParameterReader {
  const blocks = new Map<
    string,
    { readonly spec: ParameterSpec; readonly from: number; readonly columns: number }
  >();
  for (const spec of net.parameters) {
    let from = 0;
    for (const { buffer, columns } of spec.blocks) {
      blocks.set(buffer, { spec, from, columns });
      from += columns;
    }
  }
  const tensor = (name: string): Tensor => parameters.get(name)!;
  const numbers = (buffer: string): { columns: number; data: Float32Array } => {
    const { spec, from, columns } = blocks.get(buffer)!;
    const { data } = tensor(spec.name);
    const [rows = 1, width = 1] = spec.shape.length === 1 ? [1, spec.shape[0]] : spec.shape;
    const out = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++)
      out.set(data.subarray(r * width + from, r * width + from + columns), r * columns);
    return { columns, data: out };
  };
  return {
    tensor,
    numbers,
    whole: (name) => graph.weights(name, tensor(name).shape, () => tensor(name).data),
    block(buffer) {
      const { columns, data } = numbers(buffer);
      const rows = data.length / columns;
      return graph.weights(`${buffer} transposed`, [columns, rows], () => transposed(data, rows, columns));
    },
  };
}

/** [rows, columns] -> [columns, rows]. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
}
