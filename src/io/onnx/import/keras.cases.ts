/**
 * For tests of imports: graphs as tf2onnx writes Keras models, batch first, with the shapes of states and reshapes computed in
 * the graph. Written after tf2onnx's rewriters of LSTM and GRU (tf2onnx/rewriter/lstm_tf2_rewriter.py, bilstm_rewriter.py) and
 * its Tensordot of dense layers; TensorFlow itself is not needed to run the tests.
 */
import { type Attributes, type GraphBuilder, graphBuilder, modelBytes } from "../graph.js";
import { decodeModel, encodeModel } from "../messages.js";

const [V, E, H, Y] = [9, 4, 3, 5];

/** Numbers by formula. */
const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, k) => 0.7 * Math.sin(1.7 * k + seed));

interface Recurrent {
  readonly op: "LSTM" | "GRU" | "RNN";
  readonly gates: number;
  readonly attributes?: Attributes;
  readonly directions: 1 | 2;
  readonly X: number;
  readonly peepholes?: true;
}

function weights(
  graph: GraphBuilder,
  { gates, directions: D, X, peepholes }: Recurrent,
  seed: number,
): string[] {
  const of = (name: string, shape: readonly number[], s: number): string =>
    graph.weights(`${name}${seed}`, shape, () =>
      numbers(
        shape.reduce((a, b) => a * b),
        s + seed,
      ),
    );
  return [
    of("W", [D, gates * H, X], 1),
    of("R", [D, gates * H, H], 2),
    of("B", [D, 2 * gates * H], 3),
    ...(peepholes ? [of("P", [D, 3 * H], 4)] : []),
  ];
}

/** Zeros of [directions, batch, width], as a graph computes them from the batch's size. */
function zeros(graph: GraphBuilder, like: string, D: number, width = H): string {
  const shape = graph.node("Cast", [graph.node("Shape", [like])], { to: 7 });
  const batch = graph.node("Slice", [shape, graph.whole([0]), graph.whole([1]), graph.whole([0])]);
  const dims = graph.node("Concat", [graph.whole([D]), batch, graph.whole([width])], { axis: 0 });
  return graph.node("Expand", [graph.number(0), dims]);
}

/** A recurrent layer over [batch, time, X]: Y and Y_h. */
function layer(graph: GraphBuilder, x: string, row: Recurrent, seed: number): readonly [string, string] {
  const timeFirst = graph.node("Transpose", [x], { perm: [1, 0, 2] });
  const [W = "", R = "", B = "", P] = weights(graph, row, seed);
  const start = zeros(graph, x, row.directions);
  const states = row.op === "LSTM" ? [start, start] : [start];
  const all = [timeFirst, W, R, B, "", ...states, ...(P === undefined ? [] : [P])];
  const direction = row.directions === 2 ? "bidirectional" : "forward";
  const attributes = { hidden_size: H, direction, ...row.attributes };
  const [y = "", end = ""] = graph.nodes(row.op, all, { attributes, outputs: row.op === "LSTM" ? 3 : 2 });
  return [y, end];
}

/** A dense layer over steps as a Tensordot: [batch, time, F] -> [batch · time, F] -> [batch, time, Y]. */
function tensordot(graph: GraphBuilder, x: string, F: number): string {
  const shape = graph.node("Shape", [x]);
  const outer = graph.node("Gather", [shape, graph.whole([0, 1])], { axis: 0 });
  const count = graph.node("Unsqueeze", [
    graph.node("ReduceProd", [outer], { keepdims: 0 }),
    graph.whole([0]),
  ]);
  const flat = graph.node("Reshape", [x, graph.node("Concat", [count, graph.whole([F])], { axis: 0 })]);
  const z = graph.node("MatMul", [flat, graph.weights("kernel", [F, Y], () => numbers(F * Y, 7))]);
  const back = graph.node("Reshape", [z, graph.node("Concat", [outer, graph.whole([Y])], { axis: 0 })]);
  return graph.node("Add", [back, graph.weights("bias", [Y], () => numbers(Y, 8))]);
}

function embedded(graph: GraphBuilder): string {
  const ids = graph.input({ name: "tokens", type: "int32", shape: ["unk", "unk2"] });
  const table = graph.weights("embeddings", [V, E], () => numbers(V * E, 5));
  return graph.node("Gather", [table, graph.node("Cast", [ids], { to: 6 })], { axis: 0 });
}

const output = (graph: GraphBuilder, value: string, shape: readonly (string | number)[]): Uint8Array => {
  graph.output(value, { name: "output", type: "float32", shape });
  return modelBytes(graph, {});
};

const steps = ["unk", "unk2", Y];

/** A GRU in two directions over [batch, time, X], of layout 1, whose states start at numbers [2, 2, H] of the graph. */
function started(at: (k: number) => number): Uint8Array {
  const graph = graphBuilder("keras");
  const all = weights(graph, { op: "GRU", gates: 3, directions: 2, X: E }, 0);
  const start = graph.weights("start", [2, 2, H], () =>
    Float32Array.from({ length: 4 * H }, (_, k) => at(k)),
  );
  const [y = ""] = graph.nodes("GRU", [embedded(graph), ...all, "", start], {
    attributes: { hidden_size: H, direction: "bidirectional", layout: 1 },
    outputs: 2,
  });
  const beside = graph.node("Reshape", [y, graph.whole([0, 0, 2 * H])]);
  return output(graph, beside, ["unk", "unk2", 2 * H]);
}

/** An RNN over steps whose sequences have lengths that the graph computes of a number. */
function ofLength(steps: number): Uint8Array {
  const graph = graphBuilder("lengths");
  const x = graph.node("Transpose", [embedded(graph)], { perm: [1, 0, 2] });
  const all = weights(graph, { op: "RNN", gates: 1, directions: 1, X: E }, 0);
  const lengths = graph.whole([steps, steps]);
  const [y = ""] = graph.nodes("RNN", [x, ...all, lengths], { attributes: { hidden_size: H }, outputs: 2 });
  return output(graph, graph.node("Squeeze", [y, graph.whole([1])]), ["unk2", "unk", H]);
}

/** An LSTM whose cell state starts at what is given, as torch.onnx.export writes one with projections. */
function projected(state: (graph: GraphBuilder, x: string) => string): Uint8Array {
  const graph = graphBuilder("projected");
  const x = embedded(graph);
  const all = weights(graph, { op: "LSTM", gates: 4, directions: 1, X: E }, 0);
  const timeFirst = graph.node("Transpose", [x], { perm: [1, 0, 2] });
  const [y = ""] = graph.nodes("LSTM", [timeFirst, ...all, "", zeros(graph, x, 1), state(graph, x)], {
    attributes: { hidden_size: H },
    outputs: 3,
  });
  return output(graph, graph.node("Squeeze", [y, graph.whole([1])]), ["unk2", "unk", H]);
}

/** The graphs by what they are. */
export const kerasGraphs: Readonly<Record<string, () => Uint8Array>> = {
  "a bidirectional LSTM, its directions sliced apart, dense over steps, softmax": () => {
    const graph = graphBuilder("keras");
    const row = { op: "LSTM", gates: 4, directions: 2, X: E } as const;
    const [y] = layer(graph, embedded(graph), row, 0);
    const sides = [0, 1].map((d) => {
      const one = graph.node("Slice", [y, graph.whole([d]), graph.whole([d + 1]), graph.whole([1])]);
      return graph.node("Transpose", [graph.node("Squeeze", [one, graph.whole([1])])], { perm: [1, 0, 2] });
    });
    const both = graph.node("Concat", sides, { axis: 2 });
    return output(graph, graph.node("Softmax", [tensordot(graph, both, 2 * H)], { axis: -1 }), steps);
  },
  "a GRU that resets before the product, its last state, dense": () => {
    const graph = graphBuilder("keras");
    const row = { op: "GRU", gates: 3, directions: 1, X: E, attributes: { linear_before_reset: 0 } } as const;
    const [, end] = layer(graph, embedded(graph), row, 0);
    const last = graph.node("Squeeze", [end, graph.whole([0])]);
    const kernel = graph.weights("kernel", [H, Y], () => numbers(H * Y, 7));
    const z = graph.node("MatMul", [last, kernel]);
    return output(graph, graph.node("Add", [z, graph.weights("bias", [Y], () => numbers(Y, 8))]), ["unk", Y]);
  },
  "two GRUs that reset after the product, one on the other": () => {
    const graph = graphBuilder("keras");
    const row = { op: "GRU", gates: 3, directions: 1, attributes: { linear_before_reset: 1 } } as const;
    const [first] = layer(graph, embedded(graph), { ...row, X: E }, 0);
    const below = graph.node("Transpose", [graph.node("Squeeze", [first, graph.whole([1])])], {
      perm: [1, 0, 2],
    });
    const [second] = layer(graph, below, { ...row, X: H }, 10);
    const above = graph.node("Transpose", [graph.node("Squeeze", [second, graph.whole([1])])], {
      perm: [1, 0, 2],
    });
    return output(graph, graph.node("Sigmoid", [tensordot(graph, above, H)]), steps);
  },
  "an LSTM with peepholes": () => {
    const graph = graphBuilder("keras");
    const row = { op: "LSTM", gates: 4, directions: 1, X: E, peepholes: true } as const;
    const [y] = layer(graph, embedded(graph), row, 0);
    const all = graph.node("Transpose", [graph.node("Squeeze", [y, graph.whole([1])])], { perm: [1, 0, 2] });
    return output(graph, tensordot(graph, all, H), steps);
  },
  "an LSTM whose batch comes first": () => {
    const graph = graphBuilder("keras");
    const row = { op: "LSTM", gates: 4, directions: 1, X: E } as const;
    const attributes = { hidden_size: H, layout: 1 };
    const all = [embedded(graph), ...weights(graph, row, 0)];
    const [y = ""] = graph.nodes("LSTM", all, { attributes, outputs: 3 });
    return output(graph, tensordot(graph, graph.node("Squeeze", [y, graph.whole([2])]), H), steps);
  },
  "an LSTM of two directions of which one has peepholes": () => {
    const graph = graphBuilder("keras");
    const x = graph.node("Transpose", [embedded(graph)], { perm: [1, 0, 2] });
    const of = weights(graph, { op: "LSTM", gates: 4, directions: 2, X: E }, 0);
    const P = graph.weights("P", [2, 3 * H], () => numbers(6 * H, 4).fill(0, 3 * H));
    const [, end = ""] = graph.nodes("LSTM", [x, ...of, "", "", "", P], {
      attributes: { hidden_size: H, direction: "bidirectional" },
      outputs: 3,
    });
    const beside = graph.node("Transpose", [end], { perm: [1, 0, 2] });
    return output(graph, graph.node("Reshape", [beside, graph.whole([-1, 2 * H])]), ["unk", 2 * H]);
  },
  "two directions that start at numbers of their own, where the batch comes first": () =>
    started((k) => numbers(2 * H, 6)[k % (2 * H)]!),
  "two RNNs of one direction each, side by side": () => {
    const graph = graphBuilder("keras");
    const x = graph.node("Transpose", [embedded(graph)], { perm: [1, 0, 2] });
    const sides = ["forward", "reverse"].map((direction, i) => {
      const row = { op: "RNN", gates: 1, directions: 1, X: E } as const;
      const all = [x, ...weights(graph, row, 10 * i)];
      const [y = ""] = graph.nodes("RNN", all, { attributes: { hidden_size: H, direction }, outputs: 2 });
      return graph.node("Squeeze", [y, graph.whole([1])]);
    });
    const both = graph.node("Concat", sides, { axis: -1 });
    return output(graph, graph.node("Transpose", [both], { perm: [1, 0, 2] }), ["unk", "unk2", 2 * H]);
  },
  "one direction of two": () => {
    const graph = graphBuilder("half");
    const row = { op: "GRU", gates: 3, directions: 2, X: E } as const;
    const [y] = layer(graph, embedded(graph), row, 0);
    const half = graph.node("Gather", [y, graph.whole(0)], { axis: 1 });
    const kernel = graph.weights("kernel", [H, Y], () => numbers(H * Y, 7));
    return output(
      graph,
      graph.node("Transpose", [graph.node("MatMul", [half, kernel])], { perm: [1, 0, 2] }),
      steps,
    );
  },
  "coupled gates": () => {
    const graph = graphBuilder("coupled");
    const row = { op: "LSTM", gates: 4, directions: 1, X: E, attributes: { input_forget: 1 } } as const;
    const [y] = layer(graph, embedded(graph), row, 0);
    const all = graph.node("Transpose", [graph.node("Squeeze", [y, graph.whole([1])])], { perm: [1, 0, 2] });
    return output(graph, all, ["unk", "unk2", H]);
  },
};

/** Graphs that no network stands for, with what must be said of each. */
export const refusedGraphs: Readonly<Record<string, readonly [says: string, bytes: () => Uint8Array]>> = {
  "fewer activations than the operator has": [
    "has 1 activations where 2 are right",
    () => {
      const graph = graphBuilder("activations");
      const row = {
        op: "GRU",
        gates: 3,
        directions: 1,
        X: E,
        attributes: { activations: ["Relu"] },
      } as const;
      const [y] = layer(graph, embedded(graph), row, 0);
      return output(graph, y, steps);
    },
  ],
  "a projection, of which the cell state's width is left, computed from the batch": [
    "starts from states of 4 numbers and has 3 units, as PyTorch writes an LSTM with projections",
    () =>
      projected((graph, x) => {
        const wide = zeros(graph, x, 2, H + 1);
        return graph.node("Slice", [wide, graph.whole([0]), graph.whole([1]), graph.whole([0])]);
      }),
  ],
  "a projection, of which the cell state's width is left, for a batch of two": [
    "starts from states of 4 numbers and has 3 units, as PyTorch writes an LSTM with projections",
    () => projected((graph) => graph.weights("wide", [1, 2, H + 1], () => new Float32Array(2 * H + 2))),
  ],
  "states that start otherwise for every sequence, where the batch comes first": [
    "starts every sequence of the batch from other fixed numbers",
    // Of each sequence, both directions start alike.
    () => started((k) => (k < 2 * H ? 0.25 : 0.5)),
  ],
  "sequences that are shorter than their steps": [
    "has sequence lengths that are fixed in the graph",
    () => ofLength(3),
  ],
  "a softmax of before opset 13 without an axis, which runs over steps as well": [
    "takes a softmax over the sequences of a batch, not over the features",
    () => {
      const graph = graphBuilder("old");
      const row = { op: "RNN", gates: 1, directions: 1, X: E } as const;
      const [y] = layer(graph, embedded(graph), row, 0);
      const soft = graph.node("Softmax", [graph.node("Squeeze", [y, graph.whole([1])])]);
      const model = decodeModel(output(graph, soft, ["unk2", "unk", H]));
      return encodeModel({ ...model, opsets: [{ domain: "", version: 12 }] });
    },
  ],
  "a logarithm of a softmax in the middle": [
    "reads what a log softmax made",
    () => {
      const graph = graphBuilder("middle");
      const row = { op: "RNN", gates: 1, directions: 1, X: E } as const;
      const [y] = layer(graph, embedded(graph), row, 0);
      const soft = graph.node("LogSoftmax", [graph.node("Squeeze", [y, graph.whole([1])])], { axis: -1 });
      const kernel = graph.weights("kernel", [H, Y], () => numbers(H * Y, 7));
      return output(graph, graph.node("MatMul", [soft, kernel]), steps);
    },
  ],
};
