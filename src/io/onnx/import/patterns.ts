/**
 * Layers that exporters write as several operators: a layer normalisation (means, differences, squares, a root, a quotient), GELU by
 * the error function. What is read on the way stands for itself if it turns out to be something else, where a layer can.
 */
import { activation, normalise, type Tensor } from "../../../nn/index.js";
import { weighted } from "./attention.js";
import { affine, type Item, layerItem, linearItem, type Origin } from "./items.js";
import { Unreadable } from "./unreadable.js";
import {
  alongAxis,
  type Flow,
  flowOf,
  nameOf,
  type Partial,
  place,
  type Read,
  type Reading,
  type Value,
  weightsOf,
} from "./values.js";

/** A value that layers cannot stand for by itself. */
const never = (what: string) => (): never => {
  throw new Unreadable(what);
};

const numberOf = (value: Value): number | undefined =>
  value.kind === "constant" && value.numbers.data.length === 1 && !value.varies
    ? value.numbers.data[0]
    : undefined;

const isPartial = <N extends string>(
  value: Value | undefined,
  name: N,
): value is Partial & { readonly name: N } => value?.kind === "partial" && value.name === name;

const near = (a: number | undefined, b: number): boolean =>
  a !== undefined && Math.abs(a - b) <= 1e-6 * Math.abs(b);

/** The mean of the features, in which a layer normalisation begins; alone it is a dense layer of one unit. */
export function centredMean(given: Flow, dims: Flow["dims"], reading: Reading): Value {
  const flow = given;
  const { width } = flow.item;
  return {
    kind: "partial",
    name: "mean",
    of: flow,
    dims,
    flow() {
      const weights = new Float32Array(width).fill(1 / width);
      return {
        kind: "flow",
        item: linearItem(flow.item, { weights, nodes: [nameOf(reading)], mapped: [] }),
        dims,
      };
    },
  };
}

/** x − μ, which is a dense layer as well. */
function centred(flow: Flow, reading: Reading): Partial {
  const { width } = flow.item;
  return {
    kind: "partial",
    name: "centred",
    of: flow,
    dims: flow.dims,
    flow() {
      const weights = new Float32Array(width * width).fill(-1 / width);
      for (let i = 0; i < width; i++) weights[i * (width + 1)] = 1 - 1 / width;
      return { ...flow, item: linearItem(flow.item, { weights, nodes: [nameOf(reading)], mapped: [] }) };
    },
  };
}

const step = (name: string, of: Partial, more: Pick<Partial, "number"> = {}): Partial => ({
  kind: "partial",
  name,
  of: of.of,
  dims: of.dims,
  ...more,
  flow: never(`computes the ${name} of features, as a part of something that is no layer normalisation`),
});

/** A value times a number, which may be part of GELU. */
function scaled(flow: Flow, number: number, reading: Reading): Value {
  if (number === 1) return flow;
  return {
    kind: "partial",
    name: "scaled",
    of: flow,
    dims: flow.dims,
    number,
    flow() {
      const gain = new Float64Array(flow.item.width).fill(number);
      return { ...flow, item: affine(flow.item, { gain }, { nodes: [nameOf(reading)], mapped: [] }) };
    },
  };
}

/** a + b or a − b, where it is a part of such a layer. */
export function shifted(way: "add" | "subtract", a: Value, b: Value, reading: Reading): Value | undefined {
  if (way === "subtract" && isPartial(b, "mean") && a.kind === "flow" && a.item === b.of.item)
    return centred(a, reading);
  if (way !== "add") return undefined;
  const [partial, number] = a.kind === "partial" ? [a, numberOf(b)] : [b, numberOf(a)];
  if (number === undefined) return undefined;
  if (isPartial(partial, "variance")) return step("variance and ε", partial, { number });
  if (isPartial(partial, "erf") && number === 1) return { ...(partial as Partial), name: "erf and 1" };
  return undefined;
}

/** a · b, where it is a part of such a layer. */
export function product(a: Value, b: Value, reading: Reading): Value | undefined {
  const steps = weighted(a, b, reading);
  if (steps) return steps;
  if (isPartial(a, "centred") && isPartial(b, "centred") && a.of.item === b.of.item)
    return step("squares", a);
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    if (isPartial(x, "centred") && isPartial(y, "inverse") && x.of.item === y.of.item)
      return normalised(x, y, reading);
    if (isPartial(y, "erf and 1")) {
      const [of, times] = isPartial(x, "scaled")
        ? [x.of, x.number ?? 1]
        : [x.kind === "flow" ? x : undefined, 1];
      if (of?.item === y.of.item)
        return scaled({ ...of, item: geluOf(of.item, reading) }, 2 * times, reading);
    }
    const number = numberOf(y);
    if (number === undefined) continue;
    if (isPartial(x, "scaled")) return scaled(x.of, (x.number ?? 1) * number, reading);
    if (isPartial(x, "sum of steps") && near(x.number === undefined ? undefined : 1 / x.number, number))
      return x.of;
    if (x.kind === "flow" && x.item.over !== "raw" && x.item.over !== "ids")
      return scaled(x, number, reading);
  }
  const varying = [a, b].find((value) => value.kind === "constant" && value.varies);
  const sum = [a, b].find((value) => isPartial(value, "sum of steps"));
  if (
    sum?.kind === "partial" &&
    varying?.kind === "constant" &&
    varying.numbers.data.every((v) => near(v, 1 / sum.number!))
  )
    return sum.of;
  return undefined;
}

/** a / b, where it is a part of such a layer. */
export function quotient(a: Value, b: Value, reading: Reading): Value | undefined {
  if (isPartial(a, "centred") && isPartial(b, "deviation") && a.of.item === b.of.item)
    return normalised(a, b, reading);
  if (numberOf(a) === 1 && isPartial(b, "deviation")) return step("inverse", b, { number: b.number! });
  if (isPartial(a, "sum of steps") && b.kind === "constant" && b.numbers.data.every((v) => v === a.number))
    return a.of;
  const number = numberOf(b);
  return number === undefined
    ? undefined
    : product(
        a,
        {
          kind: "constant",
          varies: false,
          numbers: { type: 1, dims: [], data: Float64Array.of(1 / number) },
        },
        reading,
      );
}

/** a to the power of b: of differences to their mean the squares. */
export const power: Read = (reading) => {
  const [a, b] = reading.inputs;
  if (isPartial(a, "centred") && b && numberOf(b) === 2) return [step("squares", a)];
  if (isPartial(a, "variance and ε") && b && numberOf(b) === -0.5)
    return [step("inverse", a, { number: a.number! })];
  throw new Unreadable("takes a power of what flows through the layers");
};

/** The root of a variance. */
export const rootOf: Read = ({ inputs: [a] }) => {
  if (isPartial(a, "variance and ε")) return [step("deviation", a, { number: a.number! })];
  throw new Unreadable("takes the root of what flows through the layers");
};

/** 1 over a deviation. */
export const reciprocalOf: Read = ({ inputs: [a] }) => {
  if (isPartial(a, "deviation")) return [step("inverse", a, { number: a.number! })];
  throw new Unreadable("takes the reciprocal of what flows through the layers");
};

/** The error function of x / √2, as GELU has it. */
export const erfOf: Read = ({ inputs: [a] }) => {
  if (isPartial(a, "scaled") && near(a.number, Math.SQRT1_2))
    return [
      {
        ...(a as Partial),
        name: "erf",
        number: 1,
        flow: never("takes the error function, which is read as a part of GELU alone"),
      },
    ];
  throw new Unreadable("takes the error function, which is read as a part of GELU alone");
};

/** The mean of squares. */
export const varianceOf = (squares: Partial, dims: Flow["dims"]): Value => ({
  ...step("variance", squares),
  dims,
});

function geluOf(item: Item, reading: Reading): Item {
  const layer = activation({ by: "gelu" });
  return layerItem(item, { layer, parameters: new Map(), nodes: [nameOf(reading)], mapped: [] });
}

/** (x − μ) / √(σ² + ε) of what was found, with γ and β that leave it as it is. */
function normalised(centre: Partial, root: Partial, reading: Reading): Value {
  return normalisedBy(centre.of, root.number ?? 0, undefined, reading);
}

/** γ and β of a layer normalisation, and the tensors that they are. */
interface Gains {
  readonly gain: ArrayLike<number> | undefined;
  readonly bias: ArrayLike<number> | undefined;
  readonly mapped: Origin["mapped"];
}

function normalisedBy(flow: Flow, epsilon: number, gains: Gains | undefined, reading: Reading): Flow {
  const { width } = flow.item;
  if (!(epsilon > 0)) throw new Unreadable("normalises without adding an ε to the variance");
  const numbers = (of: ArrayLike<number> | undefined, absent: number): Float32Array =>
    Float32Array.from({ length: width }, (_, i) => of?.[i] ?? absent);
  const parameters = new Map<string, Tensor>([
    ["g", { shape: [width], data: numbers(gains?.gain, 1) }],
    ["k", { shape: [width], data: numbers(gains?.bias, 0) }],
  ]);
  const made = {
    layer: normalise({ epsilon }),
    parameters,
    nodes: [nameOf(reading)],
    mapped: gains?.mapped ?? [],
  };
  return { ...flow, item: layerItem(flow.item, made) };
}

/** γ (x − μ) / √(σ² + ε) + β over the features. */
export const layerNormalization: Read = (reading) => {
  const given = flowOf(reading.inputs[0]);
  const axis = place(reading.int("axis", -1), given.dims.length);
  const flow = alongAxis(given, given.dims.length - 1, nameOf(reading));
  if (flow.dims.slice(axis).some((group) => group.some(({ kind }) => kind === "open")))
    throw new Unreadable("normalises over steps as well as over features");
  const [gain, bias] = [
    weightsOf(reading.inputs[1]).data,
    reading.inputs[2] && weightsOf(reading.inputs[2]).data,
  ];
  const [, g = "", k = ""] = reading.node.inputs;
  const mapped = [
    { from: g, to: "g", how: "as it is" },
    ...(bias ? [{ from: k, to: "k", how: "as it is" }] : []),
  ];
  return [normalisedBy(flow, reading.float("epsilon", 1e-5), { gain, bias, mapped }, reading)];
};
