/**
 * The self-test of a module: a few inputs, out of a formula, and what our float64 reference predicts of them with the
 * very weights that the module holds. Of every prediction the first numbers of the first and the last row are kept.
 */
import { createReferenceExecutor } from "../exec/reference/index.js";
import { used } from "../exec/resource.js";
import {
  createPredictor,
  type Example,
  type NamedInput,
  type Network,
  type NetworkInput,
  type Parameters,
} from "../nn/index.js";
import { kindOf } from "../nn/layers/table.js";
import { purposes, randomWord } from "../tensor/random.js";

/** One input and what must come out. */
export interface SelfTestCase {
  /** As `run` takes it. */
  readonly input: unknown;
  /** Initial states, where the network is to be given some. */
  readonly states?: Readonly<Record<string, readonly number[]>>;
  /** How many rows come out, and the beginnings of the first and the last. */
  readonly rows: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Steps of the inputs. */
const lengths = [1, 4, 9];

/** Numbers of a row that are kept. */
const MOST = 24;

/** Digits that are kept: rounding them is far below what is compared. */
const DIGITS = 9;

/** The cases of a network with these weights. */
export async function selfTestCases(net: Network, parameters: Parameters): Promise<readonly SelfTestCase[]> {
  const executor = await createReferenceExecutor();
  const inputs = lengths.map((length, i) => inputOf(net.input, length, i));
  const states = lengths.map((_, i) => statesOf(net, i));
  const examples = inputs.map(({ example }, i): Example => ({ input: example, states: states[i] ?? {} }));
  const predictions = await used(executor, () =>
    createPredictor(net, executor, { parameters }).predict(examples),
  );
  const kept = (row: readonly number[] | undefined): number[] =>
    (row ?? []).slice(0, MOST).map((value) => Number(value.toPrecision(DIGITS)));
  return predictions.map(({ rows }, i) => ({
    input: inputs[i]?.own,
    ...(Object.keys(states[i] ?? {}).length > 0 ? { states: states[i]! } : {}),
    rows: rows.length,
    first: kept(rows[0]),
    last: kept(rows.at(-1)),
  }));
}

/** A random word by its place. */
const word = (sequence: number, time: number, element: number): number =>
  randomWord({ seed: 1, purpose: purposes.synthetic, sequence, time }, element);

/** An input as the module takes it, and as the engine does. */
interface Input {
  readonly own: unknown;
  readonly example: Example["input"];
}

function inputOf(input: NetworkInput, length: number, i: number): Input {
  if (!("inputs" in input)) return flat(input, length, i);
  const named = Object.entries(input.inputs).map(([name, of], k): [string, Input] => {
    const at = 100 * (k + 1) + i;
    if (of.once) {
      const { example } = flat(of, 1, at);
      return [name, { own: example, example }];
    }
    if (!of.inside) return [name, flat(of, length, at)];
    const inner = Array.from({ length }, (_, t) => flat(of, 1 + ((i + t) % 4), at + 1000 * (t + 1)));
    return [
      name,
      { own: inner.map(({ own }) => own), example: inner.map(({ example }) => example) as never },
    ];
  });
  return {
    own: Object.fromEntries(named.map(([name, { own }]) => [name, own])),
    example: Object.fromEntries(named.map(([name, { example }]) => [name, example])) as Example["input"],
  };
}

function flat(of: NamedInput | NetworkInput, length: number, i: number): Input {
  if ("vocabulary" in of) {
    const ids = Array.from({ length }, (_, t) => word(i, t, 0) % of.vocabulary);
    return { own: ids, example: ids };
  }
  const { width } = of as { readonly width: number };
  const steps = Array.from({ length }, (_, t) =>
    Array.from({ length: width }, (_, c) => small(word(i, t, c))),
  );
  return { own: steps, example: steps.flat() };
}

/** Numbers from −2 to 2 that float32 holds exactly. */
const small = (random: number): number => (random % 257) / 64 - 2;

function statesOf(net: Network, i: number): Record<string, number[]> {
  const given = net.layers.flatMap(({ name, layer }) => kindOf(layer).given?.(layer, name, false) ?? []);
  return Object.fromEntries(
    given.map(({ name, width }, k) => [
      name.replace(".initial.", "."),
      Array.from({ length: width }, (_, f) => small(word(5000 + k, i, f)) / 4),
    ]),
  );
}
