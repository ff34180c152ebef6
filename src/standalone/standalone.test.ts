/** Generated modules compute what the network means: every cell, every layer, every loss, against the float64 reference. */
import { describe, expect, it } from "vitest";
import { cells } from "../cell/cells.cases.js";
import {
  add,
  type Cell,
  catalogue,
  cell,
  exp,
  greater,
  isFinite,
  log,
  min,
  mul,
  select,
  sigmoid,
  sub,
  tanh,
} from "../cell/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { examplesFor } from "../nn/gradient.cases.js";
import { around, graphs } from "../nn/graph.cases.js";
import {
  activation,
  convolution,
  createStream,
  decoder,
  dropout,
  embedding,
  type FlatInput,
  features,
  initialParameters,
  type Layer,
  type LossName,
  linear,
  type NetworkInput,
  type NetworkLayer,
  network,
  normalise,
  pool,
  poolings,
  recurrent,
  scale,
} from "../nn/index.js";
import { activationNames } from "../nn/layers/activation.js";
import { apart, generate, ids, layerOf, modelOf, type Output, reference, steps } from "./harness.cases.js";
import { standaloneModule } from "./index.js";

const { gru, lstm, rnn, minGru, lstmNotes } = catalogue as Record<string, Cell> as Record<
  "gru" | "lstm" | "rnn" | "minGru" | "lstmNotes",
  Cell
>;

/** What reference and module round differently: sums in another order, a few hundred roundings of 2⁻⁵³. */
const close = 1e-11;

/** A user's own cell: ops that no other has, a scalar, a name that JavaScript reserves, the input outside of products. */
const own = cell(
  "own cell */ of mine",
  { states: ["class", "w"], output: "w" },
  ({ class: old, w, x, affine, linear, scalar, vector }) => {
    const gate = select(greater(linear("if", old), 0), 1, min(0.5, sigmoid(affine("new", w, x))));
    const squeezed = linear("x", tanh(mul(scalar("slope", 0.75), x)));
    const safe = isFinite(log(add(exp(old), 1)));
    return {
      gates: { Γ: gate },
      class: sub(mul(gate, squeezed), mul(0.25, old)),
      w: add(mul(vector("i", 0.5), old), mul(safe, tanh(w))),
    };
  },
);

const lengths = [0, 1, 3, 8];

/** The module of a network against the reference, on sequences of several lengths. */
async function check(
  input: { readonly vocabulary: number } | { readonly width: number },
  layers: readonly NetworkLayer[],
  loss?: LossName,
): Promise<void> {
  const model = modelOf(input, layers, loss);
  const module = await generate(model);
  const sequences = lengths.map((length, i) =>
    "width" in input ? steps(length, input.width, i) : ids(length, input.vocabulary, i),
  );
  const expected = await reference(
    model,
    sequences.map((sequence) => ({ input: sequence.flat() })),
  );
  sequences.forEach((sequence, i) => {
    const wanted = expected[i]!;
    const perStep = model.network.output.over === "tokens";
    expect(apart(module.run(sequence), perStep ? wanted : (wanted[0] as Output))).toBeLessThan(close);
  });
  expect(module.selfTest()).toMatchObject({ cases: 3 });
  expect(module.selfTest().largest).toBeLessThan(1e-8);
}

describe("cells", () => {
  it.each([...cells, own].map((each) => [each.name, each] as const))(
    "%s over vectors, in both directions, stacked",
    (name, each) => {
      const units = name === "normalised" ? 3 : 4;
      const deep = [
        layerOf(each, units, { direction: "both" }),
        layerOf(each, units, { direction: "reverse" }),
      ];
      return check({ width: 3 }, [...deep, linear({ units: 2 })]);
    },
  );
  it.each(cells.map((each) => [each.name, each] as const))("%s over token ids as they are", (name, each) =>
    check({ vocabulary: 5 }, [layerOf(each, name === "normalised" ? 3 : 4)]),
  );
  it("in two layers of one kind are written once, with zoneout a second time", async () => {
    const text = await standaloneModule(
      modelOf({ width: 2 }, [layerOf(gru, 3), layerOf(gru, 2), layerOf(gru, 2, { zoneout: 0.25 })]),
    );
    expect(text.match(/^function cell_/gm)).toHaveLength(2);
    expect(text.slice(0, 9000)).toMatch(/ \* Γu += σ\(w_u \[c⟨t−1⟩, x⟨t⟩\] \+ b_u\)\n/);
  });
});

describe("layers", () => {
  const both = recurrent({ cell: gru, units: 4, direction: "both" });
  it.each<[string, Layer[]]>([
    [
      "an embedding with dropout",
      [embedding({ width: 3 }), dropout({ rate: 0.5 }), recurrent({ cell: lstm, units: 4 })],
    ],
    [
      "a residual layer",
      [embedding({ width: 8 }), recurrent({ cell: gru, units: 4, direction: "both", residual: true })],
    ],
    [
      "learned initial states",
      [
        embedding({ width: 3 }),
        recurrent({ cell: lstm, units: 4, direction: "both", initialState: "learned" }),
      ],
    ],
    ...activationNames.map((by): [string, Layer[]] => [
      `the activation ${by}`,
      [
        embedding({ width: 3 }),
        recurrent({ cell: gru, units: 3 }),
        activation({ by }),
        pool({ by: "last" }),
        linear({ units: 2 }),
        activation({ by }),
      ],
    ]),
    ["zoneout", [embedding({ width: 3 }), recurrent({ cell: lstmNotes, units: 4, zoneout: { c: 0.5 } })]],
    [
      "a tied output",
      [
        embedding({ width: 4 }),
        recurrent({ cell: rnn, units: 4 }),
        linear({ units: 6, tied: "embedding1.w_e" }),
      ],
    ],
    ...poolings.map((by): [string, Layer[]] => [
      `pooling by ${by}`,
      [embedding({ width: 3 }), both, pool({ by }), dropout({ rate: 0.5 }), linear({ units: 3 })],
    ]),
  ])("%s", (_, layers) => check({ vocabulary: 6 }, layers));

  it.each<[LossName, number]>([
    ["binaryCrossEntropy", 3],
    ["crossEntropy", 3],
    ["squaredError", 1],
    ["crf", 3],
  ])("the predictions of %s", (loss, units) =>
    check({ width: 2 }, [recurrent({ cell: minGru, units: 4 }), linear({ units })], loss),
  );

  const inputs: NetworkInput = {
    inputs: { word: { vocabulary: 5 }, shape: { width: 2 }, characters: { vocabulary: 7, inside: true } },
  };
  const several = features({
    word: [embedding({ width: 3 }), dropout({ rate: 0.1, mask: "token" })],
    shape: [],
    characters: [
      embedding({ width: 2 }),
      recurrent({ cell: gru, units: 2, direction: "both" }),
      pool({ by: "last" }),
    ],
  });
  it("several inputs, one of them inside the steps", async () => {
    const model = modelOf(
      inputs,
      [several, recurrent({ cell: gru, units: 3, direction: "both" }), linear({ units: 3 })],
      "crf",
    );
    const module = await generate(model);
    const characters = (T: number): number[][] => Array.from({ length: T }, (_, t) => ids((t * 2) % 4, 7, t));
    const all = lengths.map((T) => ({ word: ids(T, 5), shape: steps(T, 2), characters: characters(T) }));
    const expected = await reference(
      model,
      all.map(({ shape, ...rest }) => ({ input: { ...rest, shape: shape.flat() } })),
    );
    // The field's floor of 1e-30 and its scaling round a little more than the rest.
    all.forEach((input, i) => expect(apart(module.run(input), expected[i] as Output)).toBeLessThan(1e-10));
    module.selfTest();
    const odd = { ...(all[2] as object), word: [1] };
    expect(() => module.run(odd)).toThrow("the inputs must have as many steps one as the other");
  });

  it("several inputs, one of them there once, without steps", async () => {
    const once: NetworkInput = { inputs: { step: { width: 2 }, whole: { width: 3, once: true } } };
    const parts = features({
      step: [recurrent({ cell: gru, units: 3 }), pool({ by: "last" })],
      whole: [linear({ units: 2 })],
    });
    const model = modelOf(once, [parts, linear({ units: 2 })], "meanSquaredError");
    const module = await generate(model);
    const all = lengths.map((T) => ({ step: steps(T, 2), whole: steps(1, 3, T)[0]! }));
    const expected = await reference(
      model,
      all.map(({ step, whole }) => ({ input: { step: step.flat(), whole } })),
    );
    all.forEach((input, i) =>
      expect(apart(module.run(input), expected[i]?.[0] as Output)).toBeLessThan(close),
    );
    module.selfTest();
    expect(() => module.run({ step: [[1, 2]], whole: [1] })).toThrow("a step must hold 3 numbers");
  });

  it("a decoder is refused by its name", async () => {
    const translating: NetworkInput = {
      inputs: { source: { vocabulary: 4, beside: true }, target: { vocabulary: 5 } },
    };
    const both = decoder({
      source: [embedding({ width: 2 }), recurrent({ cell: gru, units: 2 })],
      target: [embedding({ width: 2 })],
      cell: gru,
      units: [2],
    });
    const model = modelOf(translating, [both, linear({ units: 4 })], "crossEntropy");
    await expect(standaloneModule(model)).rejects.toThrow(
      /^decoder1 cannot be written as a module of its own: a decoder/,
    );
  });
});

describe("networks that are more than a row", () => {
  it.each(graphs)("%s", async (_, options) => {
    const net = network(options);
    const parameters = initialParameters(net, 5);
    const model = { task: "none", network: net, parameters, data: {} };
    const module = await generate(model);
    const examples = examplesFor(net, [3, 0, 1, 4]).map(({ input }) => ({ input }));
    const expected = await reference(model, examples);
    const rowsOf = (values: ArrayLike<number>, of: FlatInput): unknown =>
      "vocabulary" in of
        ? Array.from(values)
        : Array.from({ length: values.length / of.width }, (_, t) =>
            Array.from(values).slice(t * of.width, (t + 1) * of.width),
          );
    examples.forEach(({ input }, i) => {
      const { input: of } = net;
      const own =
        "inputs" in of
          ? Object.fromEntries(
              Object.entries(of.inputs).map(([name, each]) => {
                const rows = rowsOf((input as Record<string, number[]>)[name]!, each) as unknown[];
                return [name, each.once ? rows[0] : rows];
              }),
            )
          : rowsOf(input as number[], of);
      const wanted = expected[i]!;
      expect(
        apart(module.run(own), net.output.over === "tokens" ? wanted : (wanted[0] as Output)),
      ).toBeLessThan(close);
    });
    expect(module.selfTest().largest).toBeLessThan(1e-8);
  });

  it("streams with a way around a layer give the rows of the whole sequence, to the bit", async () => {
    const net = network(around("concatenate"));
    const module = await generate({
      task: "none",
      network: net,
      parameters: initialParameters(net, 2),
      data: {},
    });
    const sequence = steps(7, 3);
    const rows = module.run(sequence);
    expect(sequence.map((x) => module.step(x))).toEqual(rows);
    const saved = module.state();
    const more = steps(3, 3, 5).map((x) => module.step(x));
    module.restore(saved);
    expect(steps(3, 3, 5).map((x) => module.step(x))).toEqual(more);
  });

  it("convolutions that look back stream the rows of the whole sequence, to the bit", async () => {
    const layers = [
      convolution({ units: 3, kernel: 3, dilation: 2, padding: "causal" }),
      recurrent({ cell: gru, units: 3 }),
      convolution({ units: 2, kernel: 2, padding: "causal" }),
    ];
    await check({ width: 3 }, layers);
    const model = modelOf({ width: 3 }, layers);
    const module = await generate(model);
    const sequence = steps(9, 3);
    expect(sequence.map((x) => module.step(x))).toEqual(module.run(sequence));
    const own = createStream(model.network, await createReferenceExecutor(), {
      parameters: model.parameters,
    });
    for (const x of sequence) own.step(x);
    expect(Object.keys(module.state())).toEqual(Object.keys(own.state().states));
    for (const [key, values] of Object.entries(own.state().states))
      expect(apart(module.state()[key] as Output, Array.from(values))).toBeLessThan(close);
  });

  it("layers of vectors, before and after pooling", () =>
    check({ width: 3 }, [
      linear({ units: 4 }),
      normalise(),
      scale(),
      pool({ by: "last" }),
      normalise(),
      scale(),
    ]));
});

describe("streams", () => {
  const model = modelOf(
    { vocabulary: 6 },
    [
      embedding({ width: 3 }),
      recurrent({ cell: lstm, units: 4 }),
      dropout({ rate: 0.5 }),
      recurrent({ cell: gru, units: 3 }),
      linear({ units: 5 }),
    ],
    "crossEntropy",
  );

  it("give the rows of the whole sequence, to the bit, and go on from states that were saved", async () => {
    const { run, step, state, restore, reset, createStream: stream } = await generate(model);
    const sequence = ids(9, 6, 1);
    const rows = run(sequence) as number[][];
    expect(sequence.map((id) => step(id))).toEqual(rows);
    reset();
    expect(sequence.slice(0, 4).map((id) => step(id))).toEqual(rows.slice(0, 4));
    const saved = JSON.parse(JSON.stringify(state()));
    const other = stream();
    other.restore(saved);
    expect(sequence.slice(4).map((id) => other.step(id))).toEqual(rows.slice(4));
    step(0);
    restore(saved);
    expect(sequence.slice(4).map((id) => step(id))).toEqual(rows.slice(4));
  });

  it("have the states of the package's own streams", async () => {
    const { createStream: stream } = await generate(model);
    const [here, there] = [
      stream(),
      createStream(model.network, await createReferenceExecutor(), { parameters: model.parameters }),
    ];
    for (const id of ids(5, 6)) {
      here.step(id);
      there.step(id);
    }
    const [a, b] = [here.state(), there.state().states];
    expect(Object.keys(a)).toEqual(Object.keys(b));
    for (const [key, values] of Object.entries(b))
      expect(apart(a[key] as Output, Array.from(values))).toBeLessThan(close);
  });

  it("start from states that are given, where the network wants some", async () => {
    const given = modelOf({ width: 2 }, [recurrent({ cell: gru, units: 2, initialState: "given" })]);
    const module = await generate(given);
    const states = { "recurrent1.c": [0.5, -0.25] };
    const [expected] = await reference(given, [{ input: steps(4, 2).flat(), states }]);
    const stream = module.createStream(states);
    expect(apart(module.run(steps(4, 2), states), expected as Output)).toBeLessThan(close);
    expect(apart(steps(4, 2).map(stream.step), expected as Output)).toBeLessThan(close);
    expect(() => module.run(steps(4, 2))).toThrow("the initial state recurrent1.c must be given: 2 numbers");
    module.selfTest();
  });

  it("are not there where a layer needs the whole sequence, and the module says why", async () => {
    const pooled = modelOf({ width: 2 }, [recurrent({ cell: gru, units: 2 }), pool({ by: "max" })]);
    expect((await generate(pooled)).step).toBeUndefined();
    expect(await standaloneModule(pooled)).toContain(
      "It cannot run step by step: pool1 pools over all steps",
    );
  });

  it.each<[string, (module: Awaited<ReturnType<typeof generate>>) => unknown, string]>([
    ["an id beyond the vocabulary", ({ run }) => run([1, 6]), "the token id 6; ids run from 0 to 5"],
    ["an id that is no whole number", ({ step }) => step(0.5), "the token id 0.5"],
    ["an input that is no list", ({ run }) => run(5), "the input must be a list"],
    [
      "states of another width",
      ({ restore }) => restore({ "recurrent1.a": [1] }),
      "the state recurrent1.a holds 4 numbers",
    ],
    [
      "states that are none",
      ({ restore }) => restore({ c: [1] }),
      "there is no state c; there are recurrent1.a",
    ],
  ])("refuse %s", async (_, use, message) => {
    const module = await generate(model);
    expect(() => use(module)).toThrow(message);
  });
  it("refuse steps of another width, and what is no number", async () => {
    const { run } = await generate(modelOf({ width: 2 }, [recurrent({ cell: rnn, units: 2 })]));
    expect(() => run([[1, 2], [3]])).toThrow("a step must hold 2 numbers");
    expect(() => run([[1, "2"]])).toThrow("a step holds 2, which is no number");
  });
});

it("keeps what a model keeps under any name, in any text", async () => {
  const data = JSON.parse(
    '{"__proto__":[1],"constructor":{"a":0,"__proto__":2},"text":"{\\"__proto__\\":\u2028</script>"}',
  ) as Record<string, unknown>;
  const model = { ...modelOf({ width: 1 }, [recurrent({ cell: rnn, units: 1 })]), data };
  expect(JSON.stringify((await generate(model)).data)).toBe(JSON.stringify(data));
});
