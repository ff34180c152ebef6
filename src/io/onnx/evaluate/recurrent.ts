/**
 * LSTM, GRU and RNN, equation by equation, as ONNX's documentation writes them; where ONNX Runtime does otherwise (`clip`), as
 * it does. Source: https://onnx.ai/onnx/operators/onnx__LSTM.html, onnx__GRU.html, onnx__RNN.html
 */
import type { Call, OperatorRow, OperatorRows } from "./call.js";
import { activationFormulas } from "./elementwise.js";
import { EvaluationError, type Numbers } from "./numbers.js";

type Vector = readonly number[];
type Activation = (z: number) => number;

/** One direction: rows of its weights, and what it computes with them. */
interface Direction {
  readonly reverse: boolean;
  /** Row j of gate k of W times x, plus its bias; the same of R and h. */
  readonly ofInput: (k: number, j: number, x: Vector) => number;
  readonly ofState: (k: number, j: number, h: Vector) => number;
  /** Peephole k of unit j. */
  readonly peep: (k: number, j: number) => number;
  readonly functions: readonly Activation[];
}

/** A step: h⟨t⟩ and c⟨t⟩ of x⟨t⟩, h⟨t−1⟩ and c⟨t−1⟩. */
type Step = (direction: Direction, x: Vector, h: Vector, c: Vector) => readonly [h: Vector, c: Vector];

interface Kind {
  readonly gates: number;
  readonly usual: readonly string[];
  readonly states: 1 | 2;
  readonly step: (call: Call, units: Vector) => Step;
}

const kinds: Readonly<Record<"LSTM" | "GRU" | "RNN", Kind>> = {
  RNN: {
    gates: 1,
    usual: ["tanh"],
    states: 1,
    step:
      (_, units) =>
      ({ ofInput, ofState, functions: [f] }, x, h) => [
        units.map((j) => f!(ofInput(0, j, x) + ofState(0, j, h))),
        [],
      ],
  },
  GRU: {
    gates: 3,
    usual: ["sigmoid", "tanh"],
    states: 1,
    step: (call, units) => {
      const after = call.int("linear_before_reset", 0) !== 0;
      return ({ ofInput, ofState, functions: [f, g] }, x, h) => {
        const r = units.map((j) => f!(ofInput(1, j, x) + ofState(1, j, h)));
        const kept = units.map((j) => r[j]! * h[j]!);
        const next = units.map((j) => {
          const z = f!(ofInput(0, j, x) + ofState(0, j, h));
          const inner = after ? r[j]! * ofState(2, j, h) : ofState(2, j, kept);
          return (1 - z) * g!(ofInput(2, j, x) + inner) + z * h[j]!;
        });
        return [next, []];
      };
    },
  },
  LSTM: {
    gates: 4,
    usual: ["sigmoid", "tanh", "tanh"],
    states: 2,
    step: (call, units) => {
      const coupled = call.int("input_forget", 0) !== 0;
      return ({ ofInput, ofState, peep, functions: [f, g, last] }, x, h, c) => {
        const z = (k: number, j: number): number => ofInput(k, j, x) + ofState(k, j, h);
        const memory = units.map((j) => {
          const i = f!(z(0, j) + peep(0, j) * c[j]!);
          const forget = coupled ? 1 - i : f!(z(2, j) + peep(2, j) * c[j]!);
          return forget * c[j]! + i * g!(z(3, j));
        });
        return [units.map((j) => f!(z(1, j) + peep(1, j) * memory[j]!) * last!(memory[j]!)), memory];
      };
    },
  },
};

/** The functions of a direction: named, with the numbers that they are given in the order in which they need some. */
function functionsOf(call: Call, { usual }: Kind, D: number): Activation[][] {
  const named = (call.attribute("activations")?.texts ?? []).map((text) => new TextDecoder().decode(text));
  const names = (named.length > 0 ? named : Array.from({ length: D }, () => usual).flat()).map((name) =>
    name.toLowerCase(),
  );
  const each = usual.length;
  if (names.length !== D * each)
    throw new EvaluationError(`has ${names.length} activations where ${D * each} are right`);
  const [alphas, betas] = ["activation_alpha", "activation_beta"].map((name) => [
    ...(call.attribute(name)?.floats ?? []),
  ]);
  const all = names.map((name): Activation => {
    const row = Object.hasOwn(activationFormulas, name) ? activationFormulas[name] : undefined;
    if (!row) throw new EvaluationError(`has the activation "${name}"`);
    const [a = 0, b = 0] = row.numbers;
    const alpha = row.numbers.length > 0 ? (alphas!.shift() ?? a) : a;
    const beta = row.numbers.length > 1 ? (betas!.shift() ?? b) : b;
    return (z) => row.of(z, alpha, beta);
  });
  return Array.from({ length: D }, (_, d) => all.slice(d * each, (d + 1) * each));
}

function expectShape(of: Numbers | undefined, what: string, wanted: readonly number[]): void {
  if (of && of.dims.join() !== wanted.join())
    throw new EvaluationError(
      `has ${what} of the shape (${of.dims.join(", ")}) where (${wanted.join(", ")}) is right`,
    );
}

interface Sizes {
  readonly T: number;
  readonly B: number;
  readonly X: number;
  readonly H: number;
  readonly D: number;
  /** True if the batch comes first. */
  readonly batchFirst: boolean;
}

function sizesOf(call: Call, { gates, states }: Kind): Sizes {
  const [x, w, r] = [call.input(0), call.input(1), call.input(2)];
  if (x.dims.length !== 3) throw new EvaluationError(`reads ${x.dims.length} axes where 3 are right`);
  const batchFirst = call.int("layout", 0) !== 0;
  const [a = 0, b = 0, X = 0] = x.dims;
  const [T, B] = batchFirst ? [b, a] : [a, b];
  const H = call.int("hidden_size", r.dims[2] ?? 0);
  const D = call.text("direction", "forward").toLowerCase() === "bidirectional" ? 2 : 1;
  expectShape(w, "weights W", [D, gates * H, X]);
  expectShape(r, "weights R", [D, gates * H, H]);
  expectShape(call.inputs[3], "biases", [D, 2 * gates * H]);
  expectShape(call.inputs[4], "sequence lengths", [B]);
  for (const i of [5, 6].slice(0, states))
    expectShape(call.inputs[i], "initial states", batchFirst ? [B, D, H] : [D, B, H]);
  if (states === 2) expectShape(call.inputs[7], "peepholes", [D, 3 * H]);
  return { T, B, X, H, D, batchFirst };
}

function directionOf(
  call: Call,
  kind: Kind,
  { X, H, D }: Sizes,
  d: number,
  functions: readonly Activation[],
): Direction {
  const { gates } = kind;
  const part = (of: Numbers | undefined): Float32Array | Float64Array | undefined =>
    of?.data.subarray((d * of.data.length) / D, ((d + 1) * of.data.length) / D);
  const [w, r, b, p] = [
    part(call.input(1))!,
    part(call.input(2))!,
    part(call.inputs[3]),
    part(call.inputs[7]),
  ];
  const dot = (m: Float32Array | Float64Array, row: number, v: Vector, width: number): number => {
    let total = 0;
    for (let k = 0; k < width; k++) total += m[row * width + k]! * v[k]!;
    return total;
  };
  const clip = call.attribute("clip") ? call.float("clip", 0) : 0;
  // ONNX Runtime clips what goes into the gates, and not the cell state before the last activation.
  const before = (f: Activation): Activation => (clip > 0 ? (z) => f(Math.max(-clip, Math.min(clip, z))) : f);
  const way = call.text("direction", "forward").toLowerCase();
  if (!["forward", "reverse", "bidirectional"].includes(way))
    throw new EvaluationError(`reads in the direction "${way}"`);
  return {
    reverse: way === "reverse" || d === 1,
    ofInput: (k, j, x) => dot(w, k * H + j, x, X) + (b?.[k * H + j] ?? 0),
    ofState: (k, j, h) => dot(r, k * H + j, h, H) + (b?.[(gates + k) * H + j] ?? 0),
    peep: (k, j) => p?.[k * H + j] ?? 0,
    functions: functions.map((f, i) => (i < 2 ? before(f) : f)),
  };
}

function run(call: Call, kind: Kind): readonly Numbers[] {
  const sizes = sizesOf(call, kind);
  const { T, B, X, H, D, batchFirst } = sizes;
  const { type, data } = call.input(0);
  const functions = functionsOf(call, kind, D);
  const step = kind.step(
    call,
    Array.from({ length: H }, (_, j) => j),
  );
  const y = call.make(batchFirst ? [B, T, D, H] : [T, D, B, H], type);
  const ends = [5, 6].slice(0, kind.states).map(() => call.make(batchFirst ? [B, D, H] : [D, B, H], type));
  for (let d = 0; d < D; d++) {
    const direction = directionOf(call, kind, sizes, d, functions[d]!);
    for (let b = 0; b < B; b++) {
      const length = call.inputs[4]?.data[b] ?? T;
      if (!(length >= 0 && length <= T))
        throw new EvaluationError(`has a sequence of ${length} steps of ${T}`);
      const at = (batchFirst ? b * D + d : d * B + b) * H;
      const start = (i: number): Vector =>
        Array.from({ length: H }, (_, j) => call.inputs[i]?.data[at + j] ?? 0);
      let [h, c] = [start(5), start(6)];
      for (let k = 0; k < length; k++) {
        const t = direction.reverse ? length - 1 - k : k;
        const from = (batchFirst ? b * T + t : t * B + b) * X;
        [h, c] = step(direction, Array.from(data.subarray(from, from + X)), h, c);
        const to = (batchFirst ? (b * T + t) * D + d : (t * D + d) * B + b) * H;
        for (let j = 0; j < H; j++) y.data[to + j] = h[j]!;
      }
      // Of a sequence without steps, ONNX Runtime gives zeros as final states.
      if (length > 0) [h, c].slice(0, kind.states).forEach((state, i) => ends[i]!.data.set(state, at));
    }
  }
  return [y, ...ends];
}

const row = (kind: Kind, own: OperatorRow["attributes"]): OperatorRow => ({
  inputs: [3, kind.states === 2 ? 8 : 6],
  attributes: {
    activation_alpha: "floats",
    activation_beta: "floats",
    activations: "texts",
    clip: "float",
    direction: "text",
    hidden_size: "int",
    layout: "int",
    ...own,
  },
  run: (call) => run(call, kind),
});

/** Rows of the recurrent operators. */
export const recurrentRows: OperatorRows = {
  // Versions before 7 say with output_sequence whether all steps are wanted.
  LSTM: row(kinds.LSTM, { input_forget: "int", output_sequence: "int" }),
  GRU: row(kinds.GRU, { linear_before_reset: "int", output_sequence: "int" }),
  RNN: row(kinds.RNN, { output_sequence: "int" }),
};
