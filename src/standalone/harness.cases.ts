/** What the tests of generated modules share: evaluating them, models out of a formula, and what predictors say. */
import type { Cell } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import type { ModelFile } from "../io/index.js";
import {
  createPredictor,
  type Example,
  initialParameters,
  type Layer,
  type LossName,
  type NetworkInput,
  type NetworkLayer,
  network,
  recurrent,
} from "../nn/index.js";
import { type StandaloneOptions, standaloneModule } from "./index.js";

/** A row of numbers, or a row for every step. */
export type Output = readonly number[] | readonly (readonly number[])[];

/** States by name. */
export type States = Readonly<Record<string, readonly number[]>>;

/** What a generated module exports. */
export interface Generated {
  readonly predict: (input: unknown) => Record<string, unknown>;
  readonly run: (input: unknown, states?: States) => Output;
  readonly createStream: (states?: States) => Stream;
  readonly step: (x: unknown) => readonly number[];
  readonly state: () => States;
  readonly restore: (state: States) => void;
  readonly reset: () => void;
  readonly selfTest: () => { readonly cases: number; readonly largest: number };
  readonly data: Record<string, unknown>;
}

/** A stream of a generated module. */
export type Stream = Pick<Generated, "step" | "state" | "restore" | "reset">;

/** The module of a text. */
export const evaluate = (text: string): Promise<Generated> =>
  import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);

/** The module of a model. */
export const generate = async (model: ModelFile, options?: StandaloneOptions): Promise<Generated> =>
  evaluate(await standaloneModule(model, options));

/** A network as a model without a task, its weights and biases random. */
export function modelOf(
  input: NetworkInput,
  layers: readonly NetworkLayer[],
  loss: LossName = "squaredError",
): ModelFile {
  const net = network({ input, layers, loss });
  const parameters = initialParameters(net, 3);
  // Biases and vectors start at a few values; a formula tells them apart.
  for (const { shape, data } of parameters.values())
    if (shape.length === 1)
      for (let i = 0; i < data.length; i++) data[i] = data[i]! + ((i * 7) % 11) / 22 - 0.25;
  return { task: "none", network: net, parameters, data: {} };
}

/** A recurrent layer of some units. */
export const layerOf = (
  cell: Cell,
  units: number,
  options: Partial<Parameters<typeof recurrent>[0]> = {},
): Layer => recurrent({ cell, units, ...options });

/** What the float64 reference predicts. */
export async function reference(
  { network: net, parameters }: ModelFile,
  examples: readonly Example[],
): Promise<readonly (readonly (readonly number[])[])[]> {
  const executor = await createReferenceExecutor();
  return createPredictor(net, executor, { parameters })
    .predict(examples)
    .map(({ rows }) => rows);
}

/** Numbers out of a formula: steps of a sequence. */
export const steps = (length: number, width: number, salt = 0): number[][] =>
  Array.from({ length }, (_, t) =>
    Array.from({ length: width }, (_, f) => (((t * 5 + f * 3 + salt) % 13) - 6) / 4),
  );

/** Token ids out of a formula. */
export const ids = (length: number, vocabulary: number, salt = 0): number[] =>
  Array.from({ length }, (_, t) => (t * 5 + salt * 3) % vocabulary);

/** The largest difference between two outputs, relative to numbers above 1. */
export function apart(found: Output, expected: Output): number {
  const [a, b] = [found.flat(), expected.flat()];
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, i) => {
    const wanted = b[i]!;
    // NaN is as far away as can be.
    const distance = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted));
    return distance <= most ? most : Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }, 0);
}
