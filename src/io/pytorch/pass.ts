/**
 * One direction of one layer, in and out: PyTorch's four tensors, whose rows are stacked gate by gate, and our
 * parameters, one matrix and one bias for each gate, columns of the state before those of x. By the table in cells.ts.
 */
import type { Tensor } from "../../nn/index.js";
import { toFloat32, toFloat64 } from "../dtypes.js";
import type { Mapping } from "../imported.js";
import type { TorchCell } from "./cells.js";
import type { TorchPass } from "./modules/types.js";

/** Parameters, and where they are from. */
export interface Filled {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly mapped: readonly Mapping[];
}

/** @param tensors name, shape and numbers of each parameter */
export const filled = (
  tensors: readonly (readonly [string, readonly number[], Float32Array])[],
  mapped: readonly Mapping[],
): Filled => ({
  parameters: new Map(tensors.map(([name, shape, data]) => [name, { shape, data }])),
  mapped,
});

/** PyTorch's tensors -> our parameters. @param prefix of our names: "recurrent1.forward" */
export function readPass(
  { weightIh, weightHh, biases }: TorchPass,
  { gates }: TorchCell,
  prefix: string,
): Filled {
  const [wIh, wHh] = [toFloat32(weightIh), toFloat32(weightHh)];
  const [rows = 0, H = 0] = weightHh.shape;
  const X = weightIh.shape[1]!;
  const bIh = biases ? toFloat64(biases.ih) : new Float64Array(rows);
  const bHh = biases ? toFloat64(biases.hh) : new Float64Array(rows);
  const parameters: [string, readonly number[], Float32Array][] = [];
  gates.forEach((each, k) => {
    const part = (values: Float32Array | Float64Array, width: number) =>
      values.slice(k * H * width, (k + 1) * H * width);
    const add = (name: string, shape: readonly number[], data: ArrayLike<number>) =>
      parameters.push([`${prefix}.${name}`, shape, Float32Array.from(data)]);
    if ("gate" in each) {
      const [h, x] = [part(wHh, H), part(wIh, X)];
      const joined = new Float32Array(H * (H + X));
      for (let j = 0; j < H; j++) {
        joined.set(h.subarray(j * H, (j + 1) * H), j * (H + X));
        joined.set(x.subarray(j * X, (j + 1) * X), j * (H + X) + H);
      }
      add(`w_${each.gate}`, [H, H + X], joined);
      const ofState = part(bHh, 1);
      // Added in float64, rounded once.
      add(
        `b_${each.gate}`,
        [H],
        part(bIh, 1).map((value, j) => value + ofState[j]!),
      );
    } else {
      add(`w_${each.ofInput}`, [H, X], part(wIh, X));
      add(`b_${each.ofInput}`, [H], part(bIh, 1));
      add(`w_${each.ofState}`, [H, H], part(wHh, H));
      add(`b_${each.ofState}`, [H], part(bHh, 1));
    }
  });
  return filled(parameters, passMapping({ weightIh, weightHh, biases }, gates, prefix));
}

function passMapping(
  { weightIh, weightHh, biases }: TorchPass,
  gates: TorchCell["gates"],
  prefix: string,
): Mapping[] {
  const order = `blocks of rows ${gates.map(({ torch }) => torch).join(", ")}`;
  const names = (letter: string, of: "ofInput" | "ofState"): string =>
    `${prefix}.${gates.map((each) => `${letter}_${"gate" in each ? each.gate : each[of]}`).join(", ")}`;
  const apart = gates.some((each) => "ofInput" in each);
  const summed = (other: string): string => `${order}; added to ${other}${apart ? ", but for n" : ""}`;
  const weights = [
    { from: weightHh.name, to: names("w", "ofState"), how: `${order}; columns of the state` },
    { from: weightIh.name, to: names("w", "ofInput"), how: `${order}; columns of x` },
  ];
  if (biases === undefined) {
    const to = [...new Set([...names("b", "ofInput").split(", "), ...names("b", "ofState").split(", ")])];
    return [...weights, { from: "(no biases)", to: to.join(", "), how: "zeros" }];
  }
  const { ih, hh } = biases;
  return [
    ...weights,
    { from: hh.name, to: names("b", "ofState"), how: summed(ih.name) },
    { from: ih.name, to: names("b", "ofInput"), how: summed(hh.name) },
  ];
}

/** Where writing takes parameters from, and where it puts tensors. */
export interface TensorWriter {
  readonly read: (name: string) => Float32Array;
  readonly write: (name: string, shape: readonly number[], values: Float32Array) => void;
  readonly map: (from: string, to: readonly string[], how: string) => void;
}

/** Our parameters -> PyTorch's tensors. @param prefix of our names: "recurrent1.forward" */
export function writePass(
  prefix: string,
  { gates }: TorchCell,
  {
    read,
    write,
    map,
    H,
    X,
    suffix,
  }: TensorWriter & { readonly H: number; readonly X: number; readonly suffix: string },
): void {
  const [ih, hh, bIh, bHh] = [X, H, 1, 1].map((width) => new Float32Array(gates.length * H * width)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const [weightIh, weightHh, biasIh, biasHh] = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map(
    (name) => name + suffix,
  ) as [string, string, string, string];
  gates.forEach((each, k) => {
    const rows = `rows ${each.torch}`;
    const own = (name: string): string => `${prefix}.${name}`;
    if ("gate" in each) {
      const joined = read(own(`w_${each.gate}`));
      for (let j = 0; j < H; j++) {
        const at = j * (H + X);
        hh.set(joined.subarray(at, at + H), (k * H + j) * H);
        ih.set(joined.subarray(at + H, at + H + X), (k * H + j) * X);
      }
      bIh.set(read(own(`b_${each.gate}`)), k * H);
      map(own(`w_${each.gate}`), [weightHh, weightIh], `${rows}; columns of the state, columns of x`);
      map(own(`b_${each.gate}`), [biasIh, biasHh], `${rows}; the second zeros`);
      return;
    }
    ih.set(read(own(`w_${each.ofInput}`)), k * H * X);
    hh.set(read(own(`w_${each.ofState}`)), k * H * H);
    bIh.set(read(own(`b_${each.ofInput}`)), k * H);
    bHh.set(read(own(`b_${each.ofState}`)), k * H);
    map(own(`w_${each.ofInput}`), [weightIh], rows);
    map(own(`w_${each.ofState}`), [weightHh], rows);
    map(own(`b_${each.ofInput}`), [biasIh], rows);
    map(own(`b_${each.ofState}`), [biasHh], rows);
  });
  const G = gates.length;
  write(weightIh, [G * H, X], ih);
  write(weightHh, [G * H, H], hh);
  write(biasIh, [G * H], bIh);
  write(biasHh, [G * H], bHh);
}
