/**
 * For tests of exports: examples of ragged lengths as padded tensors of a graph's inputs, what a graph gives as rows of the
 * examples, and the comparison with the executor that defines what plans mean.
 */
import { expect } from "vitest";
import type { RunTensor, Runtime } from "../../../../test/onnx/runtimes.js";
import { createReferenceExecutor } from "../../../exec/reference/index.js";
import { exampleLength } from "../../../nn/build/index.js";
import { examplesFor } from "../../../nn/gradient.cases.js";
import {
  createPredictor,
  type Example,
  type FlatInput,
  initialParameters,
  type NamedInput,
  type NamedValues,
  type Network,
  type Parameters,
} from "../../../nn/index.js";
import { purposes, uniform } from "../../../tensor/random.js";
import { exportOnnx } from "./export.js";
import type { OnnxPart } from "./part.js";

/**
 * How far a float32 runtime may be from float64 with the same float32 weights. Values here are of the order of 1, sums have
 * fewer than 30 terms, and sequences fewer than 10 steps, through which errors of 6e-8 add up to some 1e-6; layer normalisation
 * of three nearly equal units makes them five times as large. A gate in the wrong place, a wrong sign or padding that is looked
 * at are off by 1e-2 and more.
 */
export const TOLERANCE = 1e-5;

/** Lengths of the examples: none alike, one without steps. */
export const lengths = [5, 7, 0, 1, 3];

/** Weights large enough to have opinions; biases and learned states that are not zero. */
export function livelyParameters(net: Network): Parameters {
  const all = initialParameters(net, 11);
  let layer = 0;
  for (const { data } of all.values()) {
    const place = { seed: 3, purpose: purposes.synthetic, layer: layer++ };
    data.forEach((v, k) => {
      data[k] = v + 0.8 * (uniform(place, k) - 0.5);
    });
  }
  return all;
}

/** What stands in the padding: nothing that may be looked at. */
const PADDING = 3;

/** Tensors for the inputs of a graph. */
export function feedsFor(
  { inputs }: Pick<OnnxPart, "inputs">,
  net: Network,
  examples: readonly Example[],
): Record<string, RunTensor> {
  const steps = examples.map((example) => exampleLength(net, example));
  const [T, B] = [Math.max(...steps), examples.length];
  const named: Readonly<Record<string, NamedInput>> =
    "inputs" in net.input ? net.input.inputs : { input: net.input };
  const feeds: Record<string, RunTensor> = {};
  for (const { name, type } of inputs) {
    if (name === "lengths") feeds[name] = { type: "int32", dims: [B], data: steps };
    else if (name.endsWith(".initial"))
      feeds[name] = stateTensor(name.slice(0, -".initial".length), examples);
    else if (name.endsWith(".lengths")) continue;
    else {
      const of = named[name]!;
      const values = examples.map(({ input }) =>
        "inputs" in net.input ? (input as NamedValues)[name] : input,
      );
      if (of.once) {
        const rows = values as ArrayLike<number>[];
        const data = rows.flatMap((row) => Array.from(row));
        feeds[name] = { type: "float32", dims: [B, rows[0]?.length ?? 0], data };
      } else if (of.inside)
        Object.assign(feeds, insideTensors(name, of, values as ArrayLike<number>[][], [T, B]));
      else if (of.beside) {
        const own = (values as ArrayLike<number>[]).map((sequence) => sequence.length / widthOf(of));
        feeds[name] = {
          ...padded(values as ArrayLike<number>[], of, Math.max(...own)),
          type: type as RunTensor["type"],
        };
        feeds[`${name}.lengths`] = { type: "int32", dims: [B], data: own };
      } else
        feeds[name] = { ...padded(values as ArrayLike<number>[], of, T), type: type as RunTensor["type"] };
    }
  }
  return feeds;
}

const widthOf = (of: FlatInput): number => ("vocabulary" in of ? 1 : of.width);

/** [T, B] of ids or [T, B, X] of vectors. */
function padded(sequences: readonly ArrayLike<number>[], of: FlatInput, T: number): Omit<RunTensor, "type"> {
  const [B, X] = [sequences.length, widthOf(of)];
  const data = new Array<number>(T * B * X).fill(
    "vocabulary" in of ? Math.min(PADDING, of.vocabulary - 1) : PADDING,
  );
  sequences.forEach((values, b) => {
    for (let k = 0; k < values.length; k++) data[(Math.floor(k / X) * B + b) * X + (k % X)] = values[k]!;
  });
  return { dims: "vocabulary" in of ? [T, B] : [T, B, X], data };
}

/** [K, T, B] and its lengths [T, B]. */
function insideTensors(
  name: string,
  of: FlatInput,
  values: readonly (readonly ArrayLike<number>[])[],
  [T, B]: readonly [number, number],
): Record<string, RunTensor> {
  const nothing: ArrayLike<number> = [];
  const flat = Array.from({ length: T * B }, (_, k) => values[k % B]?.[Math.floor(k / B)] ?? nothing);
  const X = widthOf(of);
  const inner = flat.map((sequence) => sequence.length / X);
  const { dims, data } = padded(flat, of, Math.max(...inner));
  const [K = 0, , ...features] = dims;
  return {
    [name]: { type: "vocabulary" in of ? "int32" : "float32", dims: [K, T, B, ...features], data },
    [`${name}.lengths`]: { type: "int32", dims: [T, B], data: inner },
  };
}

function stateTensor(state: string, examples: readonly Example[]): RunTensor {
  const rows = examples.map(({ states = {} }) => [...(states[state] as number[])]);
  return { type: "float32", dims: [rows.length, rows[0]?.length ?? 0], data: rows.flat() };
}

/** The rows of an example in an output: of [T, B, Y] its own steps, of [B, Y] one. */
export function rowsOf({ dims, data }: RunTensor, b: number, length: number): number[][] {
  const Y = dims.at(-1)!;
  const B = dims.at(-2)!;
  const steps = dims.length === 2 ? 1 : length;
  return Array.from({ length: steps }, (_, t) =>
    Array.from({ length: Y }, (_, f) => (data as ArrayLike<number>)[(t * B + b) * Y + f]!),
  );
}

/** The greatest distance of two lists of rows. */
export function distance(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  expect(a.map((row) => row.length)).toEqual(b.map((row) => row.length));
  let most = 0;
  // A NaN is at no small distance from anything.
  a.forEach((row, i) =>
    row.forEach((v, k) => {
      const d = Math.abs(v - b[i]![k]!);
      if (!(d <= most)) most = d;
    }),
  );
  return most;
}

/** Exports a network, runs it on ragged examples in a runtime, and compares outputs and final states with ours. */
export async function expectSame(
  runtime: Runtime,
  net: Network,
  examples = examplesFor(net, lengths),
): Promise<OnnxPart> {
  const parameters = livelyParameters(net);
  const [part] = exportOnnx({ network: net, parameters });
  const { bytes } = part!;
  const session = await runtime.load(bytes);
  const found = await session.run(feedsFor(part!, net, examples));
  const executor = await createReferenceExecutor();
  const options = { parameters, scores: true, states: true };
  const wanted = createPredictor(net, executor, options).predict(examples);
  executor.dispose();
  wanted.forEach(({ rows, scores = [], states = {} }, b) => {
    const own = (name: string): number[][] => rowsOf(found[name]!, b, rows.length);
    expect(distance(own("scores"), scores)).toBeLessThan(TOLERANCE);
    if (found["prediction"]) expect(distance(own("prediction"), rows)).toBeLessThan(TOLERANCE);
    for (const { name, output } of part?.states ?? [])
      expect(distance(own(output), [states[name] as number[]])).toBeLessThan(TOLERANCE);
  });
  return part!;
}

/** Exports a network as a stream, runs it step after step and in two halves, and compares with whole sequences. */
export async function expectSameStream(runtime: Runtime, net: Network): Promise<void> {
  const [T, B] = [5, 3];
  const examples = examplesFor(net, Array<number>(B).fill(T));
  const parameters = livelyParameters(net);
  const executor = await createReferenceExecutor();
  const wanted = createPredictor(net, executor, { parameters, scores: true }).predict(examples);
  executor.dispose();
  const [part] = exportOnnx({ network: net, parameters }, { stream: true }) as [OnnxPart];
  const session = await runtime.load(part.bytes);
  for (const pieces of [Array<number>(T).fill(1), [2, 3]]) {
    let states = Object.fromEntries(
      part.states.map(({ input = "", width, start }): [string, RunTensor] => {
        const row = typeof start === "number" ? Array<number>(width).fill(start) : [...(start ?? [])];
        const data = Array.from({ length: B }, () => row).flat();
        return [input, { type: "float32", dims: [B, width], data }];
      }),
    );
    let from = 0;
    for (const steps of pieces) {
      const width = "width" in net.input ? net.input.width : 1;
      const cut = examples.map(({ input }) => ({
        input: (input as number[]).slice(from * width, (from + steps) * width),
      }));
      const found = await session.run({
        ...feedsFor({ inputs: part.inputs.slice(0, 1) }, net, cut),
        ...states,
      });
      wanted.forEach(({ scores = [] }, b) => {
        const rows = rowsOf(found["scores"]!, b, steps);
        expect(distance(rows, scores.slice(from, from + steps))).toBeLessThan(TOLERANCE);
      });
      states = Object.fromEntries(part.states.map(({ input = "", output }) => [input, found[output]!]));
      from += steps;
    }
  }
}
