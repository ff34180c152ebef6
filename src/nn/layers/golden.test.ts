/** Layers of networks against PyTorch, forward and backward: the numbers of test/golden/make_layers.py. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { Builder, optimise, verify } from "../../plan/index.js";
import { bindBatch, buildForward, capacityFor, extentOf, names } from "../build/index.js";
import {
  activation,
  attention,
  convolution,
  type Example,
  type Network,
  type NetworkOptions,
  network,
  normalise,
} from "../index.js";
import { activationNames } from "./activation.js";

type Nested = number | readonly Nested[];

interface Case {
  readonly inputs: Readonly<Record<string, Nested>>;
  readonly out: Nested;
  readonly gradients: Readonly<Record<string, Nested>>;
}

const golden: Readonly<Record<string, Case>> = JSON.parse(
  readFileSync(new URL("../../../test/golden/layers.json", import.meta.url), "utf8"),
);

const flat = (value: Nested): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
const widthOf = (value: Nested): number => ((value as Nested[])[0] as Nested[]).length;

/** The output of a network's one layer, and the gradients of Σ out · sin(1.7 k + 9), of parameters and of what is looked up. */
async function compute(
  net: Network,
  example: Example,
  parameters: Readonly<Record<string, readonly number[]>>,
): Promise<{ readonly out: number[]; readonly gradients: ReadonlyMap<string, number[]> }> {
  const b = new Builder("golden");
  const inputs =
    "inputs" in net.input ? Object.keys(net.input.inputs).map((name) => `input.${name}`) : ["input"];
  // Declared before the network, which finds them there: a gradient is to reach them too.
  const declared = inputs.map((name) => {
    const of = "inputs" in net.input ? net.input.inputs[name.slice(6)]! : net.input;
    const packing = "beside" in of ? `${names.packing}.${name.slice(6)}` : names.packing;
    return b.watch(b.input(name, `tokens:${b.packing(packing)}`, (of as { width: number }).width));
  });
  const { z } = buildForward(b, net);
  const weights = b.input("weights", z.space, z.width);
  const { buffer } = b.buffer("weighed", z.space, z.width);
  b.emit({
    kind: "elementwise",
    space: z.space,
    width: z.width,
    inputs: [z.buffer, weights.buffer],
    program: [{ op: "mul", args: [0, 1] }],
    outputs: [{ buffer, register: 2 }],
  });
  const weighed = { buffer, space: z.space, width: z.width };
  b.record([z], [weighed], () => b.contributeBuffer(z, weights));
  const one = b.buffer("one", "rows:1", 1);
  b.fill(one, 1);
  const trained = b.backward(weighed, one);
  for (const { parameter, gradient } of trained) b.output(`d/${parameter.name}`, gradient);
  declared.forEach((value, i) => b.output(`d/${inputs[i]}`, b.gradient(value)!));
  b.output("out", z);
  const plan = optimise(b.finish(), verify);
  const session = (await createReferenceExecutor()).session();
  const program = session.prepare(plan, capacityFor([[extentOf(net, example)]]));
  for (const [name, values] of Object.entries(parameters)) session.write(name, values);
  const bound = bindBatch(net, program, [example], { seed: 0, step: 0 });
  program.write(
    "weights",
    Float64Array.from({ length: bound.packing.N * z.width }, (_, k) => Math.sin(1.7 * k + 9)),
  );
  program.run(bound.batch);
  const read = (name: string): number[] => [...program.read(name)];
  const all = [...inputs, ...trained.map(({ parameter }) => parameter.name)];
  return { out: read("out"), gradients: new Map(all.map((name) => [name, read(`d/${name}`)])) };
}

function expectClose(found: readonly number[] | undefined, wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  // PyTorch computes in float64 as well; what goes in passes through float32, which is off by 6e-8.
  wanted.forEach((value, k) =>
    expect(Math.abs(found![k]! - value)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value))),
  );
}

const of = (name: string): Case => golden[name]!;
const alone = (width: number, layer: NetworkOptions["layers"][number]): Network =>
  network({ input: { width }, layers: [layer], loss: "squaredError" });

describe("agrees with PyTorch", () => {
  it("normalise", async () => {
    const { inputs, out, gradients } = of("normalise");
    const parameters = { "normalise1.g": flat(inputs["g"]!), "normalise1.k": flat(inputs["k"]!) };
    const found = await compute(alone(5, normalise()), { input: flat(inputs["x"]!) }, parameters);
    expectClose(found.out, flat(out));
    expectClose(found.gradients.get("input"), flat(gradients["x"]!));
    for (const name of ["g", "k"])
      expectClose(found.gradients.get(`normalise1.${name}`), flat(gradients[name]!));
  });

  it.each(activationNames.filter((by) => by in golden))("the activation %s", async (by) => {
    const { inputs, out, gradients } = of(by);
    const found = await compute(alone(5, activation({ by })), { input: flat(inputs["x"]!) }, {});
    expectClose(found.out, flat(out));
    expectClose(found.gradients.get("input"), flat(gradients["x"]!));
  });

  it.each(Object.keys(golden).filter((name) => name.startsWith("convolution")))("%s", async (name) => {
    const [, padding, dilation, kernel] = name.split(" ");
    const { inputs, out, gradients } = of(name);
    const layer = convolution({
      units: 3,
      kernel: Number(kernel),
      dilation: Number(dilation),
      padding: padding as "same" | "causal",
    });
    // Of (units, features, steps) the columns of one step after those of another.
    const byStep = (w: Nested): number[] =>
      (w as number[][][]).flatMap((unit) => unit[0]!.flatMap((_, k) => unit.map((feature) => feature[k]!)));
    const parameters = { "convolution1.w_x": byStep(inputs["w"]!), "convolution1.b_x": flat(inputs["b"]!) };
    const found = await compute(alone(2, layer), { input: flat(inputs["x"]!) }, parameters);
    expectClose(found.out, flat(out));
    expectClose(found.gradients.get("input"), flat(gradients["x"]!));
    expectClose(found.gradients.get("convolution1.w_x"), byStep(gradients["w"]!));
    expectClose(found.gradients.get("convolution1.b_x"), flat(gradients["b"]!));
  });

  it.each(["scaledDot", "dot"] as const)("attention with %s scores", async (score) => {
    const { inputs, out, gradients } = of(`attention ${score}`);
    const net = network({
      // Keys and values are of one input, side by side: what each is made of are its linear layers.
      input: { inputs: { q: { width: widthOf(inputs["q"]!) }, both: { width: 6, beside: true } } },
      layers: [
        { layer: convolution({ units: 2, kernel: 1 }), from: ["input.both"] },
        { layer: convolution({ units: 4, kernel: 1 }), from: ["input.both"] },
        { layer: attention({ score }), from: ["input.q", "convolution1", "convolution2"] },
      ],
      loss: "squaredError",
    });
    const [h, k] = [inputs["h"], inputs["k"]] as number[][][];
    const both = h!.map((row, j) => [...row, ...k![j]!]);
    const choose = (rows: number, from: number): number[] =>
      Array.from({ length: rows * 6 }, (_, i) => Number(i % 6 === from + Math.floor(i / 6)));
    const found = await compute(
      net,
      { input: { q: flat(inputs["q"]!), both: flat(both) } },
      {
        "convolution1.w_x": choose(2, 0),
        "convolution1.b_x": [0, 0],
        "convolution2.w_x": choose(4, 2),
        "convolution2.b_x": [0, 0, 0, 0],
      },
    );
    expectClose(found.out, flat(out));
    expectClose(found.gradients.get("input.q"), flat(gradients["q"]!));
    const [dh, dk] = [gradients["h"], gradients["k"]] as number[][][];
    expectClose(found.gradients.get("input.both"), flat(dh!.map((row, j) => [...row, ...dk![j]!])));
  });
});
