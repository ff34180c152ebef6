/**
 * Puts layers of ours into a network one after the other, and knows the name that each will have: what one gives is named
 * where it is read. A layer that reads what stands before it says nothing, so that a row of layers stays one.
 */
import type { LayerFrom, NetworkLayer, Tensor } from "../../../nn/index.js";
import {
  type ActivationName,
  activation,
  type Joining,
  join,
  type Pooling,
  pool,
  repeat,
  scale,
} from "../../../nn/index.js";

/** A value in our network. */
export interface Value {
  /** "input", "linear1", "recurrent1.c". */
  readonly ours: string;
  readonly over: "ids" | "tokens" | "sequences";
  readonly width: number;
  /** How many steps it has, where the file fixes that. */
  readonly steps?: number;
  /** In the file its steps lie side by side in one vector; here still one after the other. */
  readonly flat?: true;
  /** In the file it runs from the last step to the first; here it never does. */
  readonly backwards?: true;
  /** The layer whose mask goes along with it. */
  readonly mask?: string;
  /** At steps that are masked the file has again what it had before, as recurrent layers do. */
  readonly held?: true;
  /** What the file shapes first of all: the input is taken as it is after that. */
  readonly unshaped?: true;
}

/** Puts layers together. */
export interface Placer {
  readonly layers: readonly LayerFrom[];
  /** Places a layer; its name is that of what it gives. */
  add(
    layer: NetworkLayer,
    from: string | readonly string[],
    states?: Readonly<Record<string, string>>,
  ): string;
  activation(by: ActivationName, from: string): string;
  join(by: Joining, from: readonly string[]): string;
  pool(by: Pooling, from: string): string;
  repeat(from: string): string;
  /** g ∘ x + k with numbers that are known: the same for all features, or one each. */
  scale(from: string, width: number, g: number | readonly number[], k: number | readonly number[]): string;
  /** A parameter whose numbers no file has. */
  constant(name: string, tensor: Tensor): void;
  /** Those parameters. */
  readonly parameters: readonly (readonly [string, Tensor])[];
}

const filled = (value: number | readonly number[], width: number): Tensor => ({
  shape: [width],
  data: typeof value === "number" ? new Float32Array(width).fill(value) : Float32Array.from(value),
});

/** @param before what the first layer reads if it says nothing: "input"; "" where there are several inputs */
export function createPlacer(before: string): Placer {
  const layers: LayerFrom[] = [];
  const counts = new Map<string, number>();
  const parameters: (readonly [string, Tensor])[] = [];
  let last = before;
  const self: Placer = {
    layers,
    parameters,
    add(layer, from, states) {
      const sources = typeof from === "string" ? [from] : from;
      const inRow = sources.length === 1 && sources[0] === last && last !== "";
      layers.push({ layer, ...(inRow ? {} : { from: sources }), ...(states ? { states } : {}) });
      const count = (counts.get(layer.kind) ?? 0) + 1;
      counts.set(layer.kind, count);
      last = `${layer.kind}${count}`;
      return last;
    },
    activation: (by, from) => self.add(activation({ by }), from),
    join: (by, from) => self.add(join({ by }), from),
    pool: (by, from) => self.add(pool({ by }), from),
    repeat: (from) => self.add(repeat(), from),
    constant: (name, tensor) => void parameters.push([name, tensor]),
    scale(from, width, g, k) {
      const name = self.add(scale(), from);
      parameters.push([`${name}.g`, filled(g, width)], [`${name}.k`, filled(k, width)]);
      return name;
    },
  };
  return self;
}
