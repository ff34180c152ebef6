/**
 * Gradients of whole networks in float64 against central differences: every cell, 1, 2 and 5 steps, ragged
 * lengths with empty sequences, all directions, stacks of 1 to 3, every kind of layer, start and loss.
 */
import { describe, expect, it } from "vitest";
import { type Cell, catalogue, gru, lstm, rnn } from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { Builder, optimise, verify } from "../plan/index.js";
import { purposes, uniform } from "../tensor/random.js";
import {
  bindBatch,
  buildForward,
  capacityFor,
  dropout,
  type Example,
  embedding,
  exampleLength,
  linear,
  losses,
  type Network,
  type NetworkOptions,
  names,
  network,
  pool,
  recurrent,
  stack,
  targetInput,
} from "./index.js";

const random = (layer: number, element: number): number =>
  2 * uniform({ seed: 5, purpose: purposes.synthetic, layer }, element) - 1;

/** Examples of the given lengths with targets and initial states that fit the network. */
function examplesFor(net: Network, lengths: readonly number[]): Example[] {
  return lengths.map((length, i) => {
    const input =
      "vocabulary" in net.input
        ? Array.from({ length }, (_, t) => (3 * i + 7 * t) % (net.input as { vocabulary: number }).vocabulary)
        : Array.from({ length: length * net.input.width }, (_, k) => random(100 + i, k));
    const rows = net.output.over === "tokens" ? length : 1;
    const target =
      losses[net.loss].target === "class"
        ? Array.from({ length: rows }, (_, t) => (i + t) % net.output.width)
        : Array.from({ length: rows * net.output.width }, (_, k) =>
            net.loss === "binaryCrossEntropy" ? (i + k) % 2 : random(200 + i, k),
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

/** Compares every trained buffer's gradient of the summed loss with central differences at sampled places. */
async function checkGradients(
  options: NetworkOptions,
  lengths: readonly number[],
  training = false,
): Promise<number> {
  const net = network(options);
  const b = new Builder("gradients");
  const { z } = buildForward(b, net, { training });
  const loss = losses[net.loss].loss(b, z, targetInput(b, net));
  const one = b.input("one", "rows:1", 1);
  const gradients = b.backward(loss, one);
  for (const { parameter, gradient } of gradients) b.output(`d/${parameter.name}`, gradient);
  b.output("out", loss);
  const plan = optimise(b.finish(), verify);
  const executor = await createReferenceExecutor();
  const examples = examplesFor(net, lengths);
  const program = executor.prepare(plan, {
    [names.packing]: capacityFor([examples.map((e) => exampleLength(net, e))]),
  });
  const values = gradients.map(({ parameter }, n) => {
    const data = Float64Array.from(
      { length: parameter.rows * parameter.width },
      (_, k) => 0.7 * random(n, k),
    );
    executor.write(parameter.name, data);
    return data;
  });
  const bound = bindBatch(net, program, examples, { seed: 1, step: 1 });
  program.write("one", [1]);
  const total = (): number => {
    program.run(bound.batch);
    return program.read("out").reduce((a, v) => a + v, 0);
  };
  total();
  const found = gradients.map(({ parameter }) => program.read(`d/${parameter.name}`));
  let checked = 0;
  gradients.forEach(({ parameter }, n) => {
    const data = values[n] as Float64Array;
    const stride = Math.max(1, Math.floor(data.length / 4));
    for (let k = n % stride; k < data.length; k += stride) {
      const h = 1e-5;
      const kept = data[k] as number;
      data[k] = kept + h;
      executor.write(parameter.name, data);
      const up = total();
      data[k] = kept - h;
      executor.write(parameter.name, data);
      const down = total();
      data[k] = kept;
      executor.write(parameter.name, data);
      const wanted = (up - down) / (2 * h);
      const got = found[n]?.[k] as number;
      // Central differences with h = 1e-5 leave an error of order h² and rounding of order 1e-16 / h.
      if (!(Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted))))
        throw new Error(`d ${parameter.name}[${k}] is ${got}, differences give ${wanted}`);
      checked++;
    }
  });
  // Blocks that no gradient reaches would be skipped silently: every trained block of the network must be there.
  expect(gradients.map((g) => g.parameter.name).sort()).toEqual(
    net.parameters.flatMap((p) => p.blocks.map((q) => q.buffer)).sort(),
  );
  return checked;
}

const vectors = (
  cell: Cell,
  units: readonly number[],
  direction: "forward" | "reverse" | "both",
): NetworkOptions => ({
  input: { width: 3 },
  layers: [stack({ cell, units, direction }), linear({ units: 2 })],
  loss: "squaredError",
});

describe("gradients of networks agree with central differences", () => {
  describe.each(Object.entries(catalogue))("%s", (_name, cell) => {
    it.each([
      [[1], [1, 1]],
      [[2], [2, 1, 2]],
      [[5], [5, 3, 0, 1, 3]],
    ])("over %j steps, lengths %j, forward, reverse and both", async (_steps, lengths) => {
      for (const direction of ["forward", "reverse", "both"] as const) {
        expect(await checkGradients(vectors(cell, [3], direction), lengths)).toBeGreaterThan(0);
      }
    });
    it("in stacks of two and three, with a width per layer", async () => {
      expect(await checkGradients(vectors(cell, [3, 2], "forward"), [3, 1, 2])).toBeGreaterThan(0);
      expect(await checkGradients(vectors(cell, [2, 3, 2], "both"), [3, 0, 2])).toBeGreaterThan(0);
    });
  });

  it.each(["last", "mean", "max"] as const)("through pooling by %s, with an empty sequence", async (by) => {
    const layers = [
      embedding({ width: 3 }),
      recurrent({ cell: gru, units: 3, direction: "both" }),
      pool({ by }),
      linear({ units: 3 }),
    ];
    expect(
      await checkGradients({ input: { vocabulary: 7 }, layers, loss: "crossEntropy" }, [4, 2, 0, 1]),
    ).toBeGreaterThan(0);
  });
  it("through a one-hot input straight into a cell", async () => {
    const layers = [recurrent({ cell: rnn, units: 4 }), linear({ units: 3 })];
    expect(
      await checkGradients({ input: { vocabulary: 6 }, layers, loss: "crossEntropy" }, [4, 2, 3]),
    ).toBeGreaterThan(0);
  });
  it("of the binary cross-entropy, summed over outputs and steps", async () => {
    const layers = [recurrent({ cell: lstm, units: 3 }), linear({ units: 4 })];
    expect(
      await checkGradients({ input: { width: 2 }, layers, loss: "binaryCrossEntropy" }, [4, 2]),
    ).toBeGreaterThan(0);
  });
  it.each(["learned", "given"] as const)("with %s initial states, residual", async (initialState) => {
    const layers = [
      recurrent({ cell: gru, units: 3, initialState, residual: true }),
      recurrent({ cell: gru, units: 3, direction: "reverse", initialState }),
      pool({ by: "last" }),
      linear({ units: 2 }),
    ];
    expect(
      await checkGradients({ input: { width: 3 }, layers, loss: "squaredError" }, [3, 0, 2]),
    ).toBeGreaterThan(0);
  });
  it("through dropout while training", async () => {
    const layers = [
      embedding({ width: 4 }),
      dropout({ rate: 0.4 }),
      recurrent({ cell: gru, units: 4 }),
      dropout({ rate: 0.3 }),
      pool({ by: "last" }),
      dropout({ rate: 0.5 }),
      linear({ units: 2 }),
    ];
    expect(
      await checkGradients({ input: { vocabulary: 5 }, layers, loss: "crossEntropy" }, [4, 3, 2], true),
    ).toBeGreaterThan(0);
  });
});
