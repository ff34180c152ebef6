/**
 * For tests: networks as they are while they train. A plan that gives the loss and every gradient, values by formula
 * for its inputs and weights, and the comparison with central differences in float64.
 */
import { expect } from "vitest";
import type { Cell } from "../cell/index.js";
import type { Executor, Program, Session } from "../exec/executor.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { Builder, optimise, type ParameterBuffer, type Plan, verify } from "../plan/index.js";
import { purposes, uniform } from "../tensor/random.js";
import {
  bindBatch,
  buildForward,
  buildLoss,
  capacityFor,
  extentOf,
  losses,
  predictionPlan,
  readOutput,
  stepPlan,
  wholeSequenceReason,
  writeParameters,
} from "./build/index.js";
import {
  createPredictor,
  createStream,
  type Example,
  type FlatInput,
  initialParameters,
  linear,
  type NamedInput,
  type NamedValues,
  type Network,
  type NetworkOptions,
  network,
  type Parameters,
  type RecurrentOptions,
  stack,
} from "./index.js";

const random = (layer: number, element: number): number =>
  2 * uniform({ seed: 5, purpose: purposes.synthetic, layer }, element) - 1;

function values(input: FlatInput, length: number, i: number): number[] {
  return "vocabulary" in input
    ? Array.from({ length }, (_, t) => (3 * i + 7 * t) % input.vocabulary)
    : Array.from({ length: length * input.width }, (_, k) => random(100 + i, k));
}

/** Several inputs: sequences inside steps are 0 to 3 long, those beside the others go down as the others go up. */
function named(inputs: Readonly<Record<string, NamedInput>>, length: number, i: number): NamedValues {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, of]) => {
      if (of.inside) return [name, Array.from({ length }, (_, t) => values(of, (i + 2 * t) % 4, 10 * i + t))];
      if (of.once) return [name, values(of, 1, i)];
      return [name, values(of, of.beside ? Math.max(5 - length, 0) : length, i + name.length)];
    }),
  );
}

/** Examples of the given lengths with targets and initial states that fit the network. */
export function examplesFor(net: Network, lengths: readonly number[]): Example[] {
  return lengths.map((length, i) => {
    const input = "inputs" in net.input ? named(net.input.inputs, length, i) : values(net.input, length, i);
    const rows = net.output.over === "tokens" ? length : 1;
    // Of losses that pass over what is missing, every third number is.
    const takesMissing = net.loss === "meanSquaredError" || net.loss === "pinball";
    const target =
      losses[net.loss].target === "class"
        ? Array.from({ length: rows }, (_, t) => (i + t) % net.output.width)
        : Array.from({ length: (rows * net.output.width) / (net.quantiles?.length ?? 1) }, (_, k) =>
            net.loss === "binaryCrossEntropy"
              ? (i + k) % 2
              : takesMissing && k % 3 === 1
                ? Number.NaN
                : random(200 + i, k),
          );
    const states: Record<string, number[]> = {};
    for (const { name, layer } of net.layers) {
      if (layer.kind === "recurrent" && layer.initialState === "given") {
        layer.cell.states.forEach((s, n) => {
          states[`${name}.${s}`] = Array.from({ length: layer.units }, (_, k) => random(300 + i + 10 * n, k));
        });
      }
    }
    return { input, target, states, id: i };
  });
}

/** A network whose loss and gradients a plan gives, bound to numbers. */
export interface BoundGradients {
  readonly parameters: readonly ParameterBuffer[];
  /** The numbers of each parameter; write them to the session after changing one. */
  readonly values: readonly Float64Array[];
  readonly session: Session;
  /** Runs and gives the summed loss. */
  readonly total: () => number;
  /** The summed loss by a plan that has no gradients, in a third of the time. */
  readonly lossAlone: () => number;
  /** The gradient of each parameter in the last run, and the losses of the rows of each example. */
  readonly gradients: () => Float64Array[];
  readonly losses: () => number[][];
}

/** The plan that gives "out", the loss of every row. */
function lossPlan(net: Network, training: boolean): Plan {
  const b = new Builder("loss");
  b.output("out", buildLoss(b, net, buildForward(b, net, { training }).z));
  return optimise(b.finish(), verify);
}

/** The plan that gives "out", the loss of every row, and "d/…", the gradient of every trained buffer. */
function gradientPlan(net: Network, training: boolean): { plan: Plan; parameters: ParameterBuffer[] } {
  const b = new Builder("gradients");
  const { z } = buildForward(b, net, { training });
  const loss = buildLoss(b, net, z);
  const gradients = b.backward(loss, b.input("one", "rows:1", 1));
  for (const { parameter, gradient } of gradients) b.output(`d/${parameter.name}`, gradient);
  b.output("out", loss);
  return { plan: optimise(b.finish(), verify), parameters: gradients.map((g) => g.parameter) };
}

/** Prepares a network's gradients on an executor. */
export function bindGradients(
  executor: Executor,
  net: Network,
  examples: readonly Example[],
  training: boolean,
): BoundGradients {
  const { plan, parameters } = gradientPlan(net, training);
  const session = executor.session();
  const capacity = capacityFor([examples.map((e) => extentOf(net, e))]);
  const program = session.prepare(plan, capacity);
  const values = parameters.map(({ name, rows, width }, n) => {
    const data = Float64Array.from({ length: rows * width }, (_, k) => 0.7 * random(n, k));
    session.write(name, data);
    return data;
  });
  const bound = bindBatch(net, program, examples, { seed: 1, step: 1 });
  program.write("one", [1]);
  const forward = session.prepare(lossPlan(net, training), capacity);
  const boundForward = bindBatch(net, forward, examples, { seed: 1, step: 1 });
  const sum = (of: Program): number => of.read("out").reduce((a, v) => a + v, 0);
  return {
    parameters,
    values,
    session,
    total() {
      program.run(bound.batch);
      return sum(program);
    },
    lossAlone() {
      forward.run(boundForward.batch);
      return sum(forward);
    },
    gradients: () => parameters.map(({ name }) => program.read(`d/${name}`)),
    losses: () => readOutput(net, program, "out", bound, 1).map((rows) => rows.flat()),
  };
}

/** Compares every trained buffer's gradient of the summed loss with central differences at sampled places. */
export async function checkGradients(
  options: NetworkOptions,
  lengths: readonly number[],
  training = false,
): Promise<number> {
  const net = network(options);
  verify(predictionPlan(net));
  if (wholeSequenceReason(net) === undefined) verify(stepPlan(net).plan);
  const bound = bindGradients(await createReferenceExecutor(), net, examplesFor(net, lengths), training);
  const { parameters, values, session, total, lossAlone } = bound;
  expect(lossAlone()).toBe(total());
  const found = bound.gradients();
  let checked = 0;
  parameters.forEach(({ name }, n) => {
    const data = values[n]!;
    const stride = Math.max(1, Math.floor(data.length / 4));
    for (let k = n % stride; k < data.length; k += stride) {
      const h = 1e-5;
      const kept = data[k]!;
      const put = (value: number): void => {
        data[k] = value;
        session.write(name, data);
      };
      put(kept + h);
      const up = lossAlone();
      put(kept - h);
      const down = lossAlone();
      put(kept);
      const wanted = (up - down) / (2 * h);
      const got = found[n]![k]!;
      // Central differences with h = 1e-5 leave an error of order h² and rounding of order 1e-16 / h.
      if (!(Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted))))
        throw new Error(`d ${name}[${k}] is ${got}, differences give ${wanted}`);
      checked++;
    }
  });
  // Blocks that no gradient reaches would be skipped silently: every trained block of the network must be there.
  expect(parameters.map((p) => p.name).sort()).toEqual(
    net.parameters.flatMap((p) => p.blocks.map((q) => q.buffer)).sort(),
  );
  return checked;
}

/** Compares the loss and all gradients of an executor with the reference's. @param tolerance relative to max(1, |value|) */
export async function agreeWithReference(
  create: () => Promise<Executor>,
  net: Network,
  examples: readonly Example[],
  tolerance: number,
): Promise<void> {
  const [wanted, found] = await Promise.all(
    [createReferenceExecutor, create].map(async (make) => {
      const bound = bindGradients(await make(), net, examples, true);
      return [bound.total(), ...bound.gradients().flatMap((g) => [...g])];
    }),
  );
  expect(found?.length).toBe(wanted?.length);
  found?.forEach((v, i) => {
    const w = wanted![i]!;
    if (!(Math.abs(v - w) <= tolerance * Math.max(1, Math.abs(w))))
      throw new Error(`number ${i} is ${v}, reference ${w}`);
  });
}

/** The losses of an example while training are the same bits together, in reverse order and alone. */
export async function sameBitsInAnyBatch(
  create: () => Promise<Executor>,
  net: Network,
  examples: readonly Example[],
): Promise<void> {
  const byExample = async (list: readonly Example[]): Promise<Map<number, number[]>> => {
    const bound = bindGradients(await create(), net, list, true);
    bound.total();
    const rows = bound.losses();
    return new Map(list.map((e, i) => [e.id!, rows[i]!]));
  };
  const together = await byExample(examples);
  expect(await byExample([...examples].reverse())).toEqual(together);
  for (const example of examples) {
    const id = example.id!;
    expect((await byExample([example])).get(id)).toEqual(together.get(id));
  }
  const all = [...together.values()].flat();
  expect(all.length).toBeGreaterThan(0);
  expect(all.every(Number.isFinite)).toBe(true);
}

/** A stream of vectors gives the bits of the whole sequence. */
export async function streamsSameBits(create: () => Promise<Executor>, net: Network): Promise<void> {
  const executor = await create();
  const { width } = net.input as { width: number };
  const input = Array.from({ length: 8 * width }, (_, k) => Math.fround(Math.sin(1.3 * k)));
  const parameters = initialParameters(net, 4);
  const [whole] = createPredictor(net, executor, { parameters }).predict([{ input }]);
  const stream = createStream(net, executor, { parameters });
  expect(whole?.rows).toHaveLength(8);
  whole!.rows.forEach((row, t) => {
    expect([...stream.step(input.slice(width * t, width * (t + 1)))]).toEqual(row);
  });
}

/** z of every example of the training plan, by training step. */
export async function forwardWhileTraining(
  options: NetworkOptions,
  examples: readonly Example[],
  parameters?: Parameters,
  step = 1,
): Promise<number[][][]> {
  const net = network(options);
  const b = new Builder("forward");
  const { z } = buildForward(b, net, { training: true });
  b.output("z", z);
  const executor = await createReferenceExecutor();
  const session = executor.session();
  const program = session.prepare(
    optimise(b.finish(), verify),
    capacityFor([examples.map((e) => extentOf(net, e))]),
  );
  if (parameters) writeParameters(net, parameters, session);
  const bound = bindBatch(net, program, examples, { seed: 3, step });
  program.run(bound.batch);
  return readOutput(net, program, "z", bound);
}

/** Vectors through a stack of one cell. */
export const vectors = (
  cell: Cell,
  units: readonly number[],
  options: Omit<RecurrentOptions, "cell" | "units"> = {},
): NetworkOptions => ({
  input: { width: 3 },
  layers: [stack({ cell, units, ...options }), linear({ units: 2 })],
  loss: "squaredError",
});
