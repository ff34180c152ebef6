/**
 * ONNX's operators on single elements: arithmetic, comparisons, activations. Shapes are repeated to fit each other.
 * Source: https://onnx.ai/onnx/operators/
 */
import { elementTypes } from "../messages.js";
import type { Call, OperatorRow, OperatorRows } from "./call.js";
import { erf } from "./erf.js";
import { broadcast, EvaluationError, eachPlace, isFloat, type Numbers, stridesWithin } from "./numbers.js";

/** Computes element by element. */
export function elementwise(
  call: Call,
  inputs: readonly Numbers[],
  type: number,
  of: (...values: number[]) => number,
): Numbers {
  const dims = broadcast(...inputs.map((input) => input.dims));
  const out = call.make(dims, type);
  const strides = inputs.map((input) => stridesWithin(input.dims, dims));
  const values = new Array<number>(inputs.length).fill(0);
  eachPlace(dims, strides, (place, offsets) => {
    for (let i = 0; i < inputs.length; i++) values[i] = inputs[i]!.data[offsets[i]!]!;
    out.data[place] = of(...values);
  });
  return out;
}

const one = (of: (z: number) => number): OperatorRow => ({
  inputs: [1, 1],
  run: (call) => [elementwise(call, [call.input(0)], call.input(0).type, of)],
});

/** An activation of numbers that the node has as attributes. */
const withNumbers = (
  defaults: Readonly<Record<string, number>>,
  of: (z: number, numbers: Readonly<Record<string, number>>) => number,
): OperatorRow => ({
  inputs: [1, 1],
  attributes: Object.fromEntries(Object.keys(defaults).map((name) => [name, "float"])),
  run(call) {
    const numbers = Object.fromEntries(
      Object.entries(defaults).map(([name, absent]) => [name, call.float(name, absent)]),
    );
    return [elementwise(call, [call.input(0)], call.input(0).type, (z) => of(z, numbers))];
  },
});

const two = (of: (a: number, b: number, whole: boolean) => number, type?: number): OperatorRow => ({
  inputs: [2, 2],
  run(call) {
    const [a, b] = [call.input(0), call.input(1)];
    const whole = !isFloat(a.type);
    return [elementwise(call, [a, b], type ?? a.type, (x, y) => of(x, y, whole))];
  },
});

const several = (of: (...values: number[]) => number): OperatorRow => ({
  inputs: [1, 1000],
  run: (call) => [
    elementwise(
      call,
      call.inputs.map((_, i) => call.input(i)),
      call.input(0).type,
      of,
    ),
  ],
});

const { bool } = elementTypes;
const flag = (value: boolean): number => (value ? 1 : 0);
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** The activations, which recurrent operators have too, with the numbers that they are given there. */
export const activationFormulas: Readonly<
  Record<
    string,
    { readonly numbers: readonly number[]; readonly of: (z: number, a: number, b: number) => number }
  >
> = {
  relu: { numbers: [], of: (z) => Math.max(0, z) },
  tanh: { numbers: [], of: Math.tanh },
  sigmoid: { numbers: [], of: sigmoid },
  softsign: { numbers: [], of: (z) => z / (1 + Math.abs(z)) },
  softplus: { numbers: [], of: softplus },
  leakyrelu: { numbers: [0.01], of: (z, a) => (z < 0 ? a * z : z) },
  thresholdedrelu: { numbers: [1], of: (z, a) => (z > a ? z : 0) },
  scaledtanh: { numbers: [1, 1], of: (z, a, b) => a * Math.tanh(b * z) },
  hardsigmoid: { numbers: [0.2, 0.5], of: (z, a, b) => Math.max(0, Math.min(1, a * z + b)) },
  elu: { numbers: [1], of: (z, a) => (z < 0 ? a * Math.expm1(z) : z) },
  affine: { numbers: [1, 0], of: (z, a, b) => a * z + b },
};

const usual = (name: string): OperatorRow => {
  const { numbers, of } = activationFormulas[name]!;
  const names = ["alpha", "beta"].slice(0, numbers.length);
  return withNumbers(
    Object.fromEntries(names.map((of, i) => [of, numbers[i]!])),
    (z, { alpha = 0, beta = 0 }) => of(z, alpha, beta),
  );
};

const gelu: OperatorRow = {
  inputs: [1, 1],
  attributes: { approximate: "text" },
  run(call) {
    const how = call.text("approximate", "none");
    if (how !== "none" && how !== "tanh") throw new EvaluationError(`approximates by "${how}"`);
    const of = (z: number): number =>
      how === "none"
        ? (z / 2) * (1 + erf(z / Math.SQRT2))
        : (z / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)));
    return [elementwise(call, [call.input(0)], call.input(0).type, of)];
  },
};

const clip: OperatorRow = {
  inputs: [1, 3],
  attributes: { min: "float", max: "float" },
  run(call) {
    const least = call.inputs[1]?.data[0] ?? call.float("min", Number.NEGATIVE_INFINITY);
    const most = call.inputs[2]?.data[0] ?? call.float("max", Number.POSITIVE_INFINITY);
    return [
      elementwise(call, [call.input(0)], call.input(0).type, (z) => Math.min(Math.max(z, least), most)),
    ];
  },
};

const where: OperatorRow = {
  inputs: [3, 3],
  run(call) {
    const all = [call.input(0), call.input(1), call.input(2)];
    return [elementwise(call, all, call.input(1).type, (c, a, b) => (c ? a : b))];
  },
};

/** Whole numbers are cut off towards zero; a float of 16 bits is not rounded, for all is computed in float64. */
function castTo(call: Call, type: number): readonly Numbers[] {
  const of = type === bool ? (v: number) => flag(v !== 0) : isFloat(type) ? (v: number) => v : Math.trunc;
  return [elementwise(call, [call.input(0)], type, of)];
}

const modulo: OperatorRow = {
  inputs: [2, 2],
  attributes: { fmod: "int" },
  run(call) {
    const like =
      call.int("fmod", 0) === 1
        ? (a: number, b: number) => a % b
        : (a: number, b: number) => a - b * Math.floor(a / b);
    return [elementwise(call, [call.input(0), call.input(1)], call.input(0).type, like)];
  },
};

/** Rows of the operators on single elements. */
export const elementwiseRows: OperatorRows = {
  Add: two((a, b) => a + b),
  Sub: two((a, b) => a - b),
  Mul: two((a, b) => a * b),
  Div: two((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Pow: two((a, b) => a ** b),
  Mod: modulo,
  PRelu: two((z, slope) => (z < 0 ? slope * z : z)),
  Equal: two((a, b) => flag(a === b), bool),
  Less: two((a, b) => flag(a < b), bool),
  LessOrEqual: two((a, b) => flag(a <= b), bool),
  Greater: two((a, b) => flag(a > b), bool),
  GreaterOrEqual: two((a, b) => flag(a >= b), bool),
  And: two((a, b) => flag(a !== 0 && b !== 0), bool),
  Or: two((a, b) => flag(a !== 0 || b !== 0), bool),
  Not: one((a) => flag(a === 0)),
  Max: several(Math.max),
  Min: several(Math.min),
  Sum: several((...all) => all.reduce((a, b) => a + b, 0)),
  Mean: several((...all) => all.reduce((a, b) => a + b, 0) / all.length),
  Where: where,
  Abs: one(Math.abs),
  Neg: one((z) => -z),
  Sign: one(Math.sign),
  Floor: one(Math.floor),
  Ceil: one(Math.ceil),
  Exp: one(Math.exp),
  Log: one(Math.log),
  Sqrt: one(Math.sqrt),
  Reciprocal: one((z) => 1 / z),
  Erf: one(erf),
  Sin: one(Math.sin),
  Cos: one(Math.cos),
  Relu: usual("relu"),
  Tanh: usual("tanh"),
  Sigmoid: usual("sigmoid"),
  Softsign: usual("softsign"),
  Softplus: usual("softplus"),
  LeakyRelu: usual("leakyrelu"),
  ThresholdedRelu: usual("thresholdedrelu"),
  HardSigmoid: usual("hardsigmoid"),
  Elu: usual("elu"),
  Celu: withNumbers(
    { alpha: 1 },
    (z, { alpha = 1 }) => Math.max(0, z) + Math.min(0, alpha * Math.expm1(z / alpha)),
  ),
  Selu: withNumbers(
    { alpha: 1.6732631921768188, gamma: 1.0507010221481323 },
    (z, { alpha = 0, gamma = 0 }) => gamma * (z > 0 ? z : alpha * Math.expm1(z)),
  ),
  HardSwish: one((z) => z * Math.max(0, Math.min(1, z / 6 + 0.5))),
  Mish: one((z) => z * Math.tanh(softplus(z))),
  Swish: withNumbers({ alpha: 1 }, (z, { alpha = 1 }) => z * sigmoid(alpha * z)),
  Gelu: gelu,
  Clip: clip,
  Cast: {
    inputs: [1, 1],
    attributes: { to: "int", saturate: "int", round_mode: "text" },
    run: (call) => castTo(call, call.int("to", elementTypes.float32)),
  },
  CastLike: {
    inputs: [2, 2],
    attributes: { saturate: "int", round_mode: "text" },
    run: (call) => castTo(call, call.input(1).type),
  },
};
