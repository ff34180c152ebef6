/**
 * The loop over time and the loop back through it: gradients against central differences for every way that values come in
 * and go out, the same numbers one step at a time, and what is looked into.
 */
import { describe, expect, it } from "vitest";
import { constant } from "../cell/expr.js";
import { add, type Cell, cell, type Expr, gru, lstm, mul, sigmoid, sub, tanh } from "../cell/index.js";
import { featureCount, spread, sumSource } from "../cell/nodes.js";
import { capacityOf, valueAt } from "../exec/cases/harness.cases.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { packing } from "../tensor/packing.js";
import type { LoopValues } from "./body.js";
import { agreesWithDifferences } from "./differences.cases.js";
import {
  Builder,
  loopValues,
  map,
  optimise,
  PlanError,
  type RecurrenceOptions,
  recurrence,
  recurrenceStep,
  stepPasses,
  type Value,
  verify,
} from "./index.js";

const p = packing([3, 0, 1, 2]);
const batch = { packings: { p } };
const [X, H] = [2, 3];

/** The parameters of a cell; those of the input lie the other way round where it is token ids. */
function parametersOf(b: Builder, of: Cell, ids = false): Record<string, Value> {
  const out: Record<string, Value> = {};
  for (const { name, kind, blocks } of of.equations().parameters) {
    if (kind !== "weight") out[name] = b.parameter(name, 1, kind === "vector" ? H : 1);
    for (const { name: block, columns } of blocks) {
      if (columns === "X") out[block] = ids ? b.parameter(block, X, H) : b.parameter(block, H, X);
      else out[block] = b.parameter(block, H, H);
    }
  }
  return out;
}

const optionsOf = (b: Builder, of: Cell, more: Partial<RecurrenceOptions> = {}): RecurrenceOptions => ({
  name: "r",
  body: of.equations(),
  packing: "p",
  inputs: more.inputs ?? { x: b.watch(b.input("x", "tokens:p", X)) },
  parameters: parametersOf(b, of, "ids" in (more.inputs?.["x"] ?? {})),
  initial: {},
  widths: { X, H },
  ...more,
});
const names = (of: Cell): string[] =>
  of
    .equations()
    .parameters.flatMap(({ kind, name, blocks }) => [
      ...(kind === "weight" ? [] : [name]),
      ...blocks.map((block) => block.name),
    ]);

/** Two states of which one is the other's value of the step before, and a third that is the first's own value again. */
const delayed = cell("delayed", { states: ["h", "old", "again"], output: "h" }, ({ h, old, x, affine }) => {
  const next = tanh(affine("h", h, old, x));
  return { h: next, old: h, again: next };
});
/** A state that the step before has no part in, and a number among the terms. */
const forgetful = cell(
  "forgetful",
  { states: ["h", "m"], output: "h" },
  ({ h, m, x, linear, vector, scalar }) => {
    const fresh = tanh(linear("m", x));
    return { h: add(mul(vector("v"), h), mul(m, add(scalar("s"), 0.25))), m: fresh };
  },
);
/** Vectors of its own, and sums over the features. */
const normalised = cell("normalised", { states: ["h"], output: "h" }, ({ h, x, linear, layerNorm }) => ({
  h: tanh(layerNorm("h", linear("h", h, x))),
}));
/** A gate that no state is made of, one that is a parameter, and two that are numbers. */
const watched = cell("watched", { states: ["h"], output: "h" }, ({ h, x, affine, vector }) => {
  const u = sigmoid(affine("u", h, x));
  const next = add(mul(u, tanh(affine("h", x))), mul(sub(1, u), h));
  return {
    h: next,
    gates: { u, unused: mul(u, u), row: vector("v"), half: constant(0.5), count: featureCount("H") },
  };
});
/** A state that is read in its own step alone, one that is another's as it stood before, and the output. */
const within = cell("within", { states: ["m", "old", "h"], output: "h" }, ({ h, old, x, affine }) => {
  const m = tanh(affine("m", h, old, x));
  return { m, old: h, h: mul(m, 2) };
});

describe("gradients through time agree with central differences", () => {
  it.each([gru, normalised, delayed, forgetful])("of all that goes into $name", async (of) => {
    for (const reverse of [false, true]) {
      const build = (b: Builder): Value => {
        b.packing("p");
        return recurrence(b, optionsOf(b, of, { reverse })).states[of.output]!;
      };
      await agreesWithDifferences(build, { of: ["x", ...names(of)], batch });
    }
  });
  it("of all states at once, of the last ones, and of a layer upon a layer", async () => {
    const all = (b: Builder): Value => {
      b.packing("p");
      const { states } = recurrence(b, optionsOf(b, lstm));
      return map(b, "both", [states["a"]!, states["c"]!], (a, c) => mul(a, c));
    };
    const last = (b: Builder): Value => {
      b.packing("p");
      const { final } = recurrence(b, optionsOf(b, lstm));
      return map(b, "both", [final["a"]!, final["c"]!], (a, c) => add(mul(a, c), c));
    };
    // One state is used at every step and after the last.
    const either = (b: Builder): Value => {
      b.packing("p");
      const { states, final } = recurrence(b, optionsOf(b, lstm));
      const sum = b.buffer("sum", "rows:1", H);
      const step = { kind: "reduce", op: "sum", along: "rows", space: "tokens:p", start: "zero" } as const;
      b.emit({ ...step, from: states["a"]!.buffer, into: sum.buffer });
      b.record([states["a"]!], [sum], () => {
        const wide = b.buffer("d.sum.wide", "tokens:p", H);
        b.copy(b.gradient(sum)!, wide, "tokens:p");
        b.contributeBuffer(states["a"]!, wide);
      });
      return map(b, "both", [final["a"]!, sum], (f, s) => mul(f, s));
    };
    const deep = (b: Builder): Value => {
      b.packing("p");
      const lower = recurrence(b, optionsOf(b, gru)).states["c"]!;
      const widths = { X: H, H };
      const parameters = Object.fromEntries(
        Object.entries(parametersOf(b, gru)).map(([name, value]) =>
          name.endsWith("x") ? [name, b.parameter(`upper.${name}`, H, H)] : [name, value],
        ),
      );
      return recurrence(b, optionsOf(b, gru, { name: "upper", inputs: { x: lower }, parameters, widths }))
        .states["c"]!;
    };
    for (const build of [all, last, either])
      await agreesWithDifferences(build, { of: ["x", ...names(lstm)], batch });
    // The recurrent weights and the biases are those of both layers.
    await agreesWithDifferences(deep, { of: ["x", ...names(gru), "upper.w_ux"], batch });
  });
  it("of initial states: a number, one row for all sequences, one for each; used in two loops", async () => {
    const build = (b: Builder): Value => {
      b.packing("p");
      const row = b.parameter("row", 1, H);
      const each = b.watch(b.input("each", "sequences:p", H));
      const first = recurrence(b, optionsOf(b, lstm, { initial: { a: row, c: each } }));
      const second = recurrence(
        b,
        optionsOf(b, lstm, { name: "again", initial: { a: row, c: 0.5 }, reverse: true }),
      );
      return map(b, "both", [first.states["a"]!, second.states["a"]!], (u, v) => mul(u, v));
    };
    await agreesWithDifferences(build, { of: ["row", "each", "x", ...names(lstm)], batch });
  });
  it("of weights that token ids pick columns of", async () => {
    const build = (b: Builder): Value => {
      b.packing("p");
      const ids = b.input("ids", "tokens:p", 1, "index");
      return recurrence(b, optionsOf(b, gru, { inputs: { x: { ids } } })).states["c"]!;
    };
    const given = { ids: [1, 0, 1, 1, 0, 1] };
    await agreesWithDifferences(build, { of: names(gru), batch, given });
  });
  it("of what is multiplied by one value per sequence, which has none itself", async () => {
    const mask: Expr = { op: "input", args: [], width: "H", name: "mask" };
    const masked = cell("masked", { states: ["h"], output: "h" }, ({ h, x, affine }) => ({
      h: tanh(affine("h", mul(h, mask), x)),
    }));
    const build = (b: Builder): Value => {
      b.packing("p");
      const inputs = { x: b.watch(b.input("x", "tokens:p", X)), mask: b.input("mask", "sequences:p", H) };
      return recurrence(b, optionsOf(b, masked, { inputs })).states["h"]!;
    };
    await agreesWithDifferences(build, { of: ["x", ...names(masked)], batch });
  });
  it("and go nowhere that is frozen or not asked for", () => {
    const b = new Builder("frozen", (parameter) => parameter === "w_uc");
    b.packing("p");
    const x = b.input("x", "tokens:p", X);
    const { states } = recurrence(b, optionsOf(b, gru, { inputs: { x } }));
    const found = b
      .backward(states["c"]!, b.input("one", "rows:1", 1))
      .map(({ parameter }) => parameter.name);
    expect(found.sort()).toEqual(
      names(gru)
        .filter((name) => name !== "w_uc")
        .sort(),
    );
    expect(b.gradient(x)).toBeUndefined();
    const still = new Builder("still", () => true);
    still.packing("p");
    recurrence(still, optionsOf(still, gru, { inputs: { x: still.input("x", "tokens:p", X) } }));
    expect(still.finish().steps.filter(({ kind }) => kind === "loop")).toHaveLength(1);
  });
});

describe("a recurrence one step at a time", () => {
  it.each([gru, lstm, delayed])("gives the numbers of the loop of $name, with its gates", async (of) => {
    const T = 4;
    const b = new Builder("loop");
    b.packing("p");
    const observed = loopValues();
    const { states } = recurrence(b, optionsOf(b, of, { observed }));
    b.output("out", states[of.output]!);
    for (const [gate, value] of observed.gates) b.output(`gate ${gate}`, value);
    const one = new Builder("step");
    const step = recurrenceStep(one, optionsOf(one, of));
    one.output("out", step.states[of.output]!);
    for (const [gate, value] of Object.entries(step.gates)) one.output(`gate ${gate}`, value);
    expect(step.final).toEqual(step.states);
    const used = Object.keys(of.equations().gates);
    expect(Object.keys(step.gates)).toEqual(used);

    const executor = await createReferenceExecutor();
    const session = executor.session();
    const whole = { packings: { p: packing([T]) } };
    const single = { packings: { p: packing([1]) } };
    const loop = session.prepare(optimise(b.finish(), verify), capacityOf(whole));
    const stream = session.prepare(optimise(one.finish(), verify, stepPasses), capacityOf(single));
    for (const { name, space, width, role } of Object.values(loop.plan.buffers)) {
      if (role !== "parameter") continue;
      session.write(
        name,
        Array.from({ length: Number(space.slice(5)) * width }, (_, k) => valueAt(name, k)),
      );
    }
    const x = Array.from({ length: T * X }, (_, k) => valueAt("x", k));
    loop.write("x", x);
    loop.run(whole);
    for (let t = 0; t < T; t++) {
      stream.write("x", x.slice(t * X, (t + 1) * X));
      stream.run(single);
      for (const name of ["out", ...used.map((gate) => `gate ${gate}`)])
        expect([...stream.read(name)], name).toEqual([...loop.read(name).slice(t * H, (t + 1) * H)]);
    }
    executor.dispose();
  });
});

it("a single step gives the gates that its states are made of, and no others", () => {
  const b = new Builder("step");
  expect(Object.keys(recurrenceStep(b, optionsOf(b, watched)).gates)).toEqual(["u"]);
});

describe("looking into a loop", () => {
  /** What is seen of a cell whose output, summed, is the loss: per token, by name. */
  async function look(of: Cell): Promise<{ observed: LoopValues; read: (name: string) => number[] }> {
    const b = new Builder("observed");
    b.packing("p");
    const observed = loopValues();
    const { states } = recurrence(b, optionsOf(b, of, { observed }));
    for (const state of of.equations().states) expect(observed.states.get(state)).toEqual(states[state]);
    b.backward(states[of.output]!, b.input("one", "rows:1", 1));
    for (const [name, value] of [...observed.gates, ...observed.states]) b.output(`value ${name}`, value);
    for (const [name, value] of observed.gradients) b.output(`d ${name}`, value);
    const executor = await createReferenceExecutor();
    const session = executor.session();
    const program = session.prepare(optimise(b.finish(), verify), capacityOf(batch));
    for (const { name, space, width, role } of Object.values(program.plan.buffers)) {
      const rows = space === "tokens:p" ? p.N : Number(space.slice(5));
      const values = Array.from({ length: rows * width }, (_, k) => valueAt(name, k));
      if (role === "parameter") session.write(name, values);
      if (role === "input") program.write(name, name === "one" ? [1] : values);
    }
    program.run(batch);
    const outputs = Object.values(program.plan.buffers).filter(({ role }) => role === "output");
    const seen = new Map(outputs.map(({ name }) => [name, [...program.read(name)]]));
    executor.dispose();
    return { observed, read: (name) => seen.get(name)! };
  }
  /** The rows of the last step of each sequence. */
  const lastRows = (values: readonly number[]): number[][] =>
    [...p.lengths].flatMap((length, place) => {
      if (length === 0) return [];
      const row = p.offsets[length - 1]! + place;
      return [values.slice(row * H, (row + 1) * H)];
    });

  it("gives each gate and state, also what no state is made of, and total gradients", async () => {
    const { observed, read } = await look(watched);
    expect([...observed.gates.keys()]).toEqual(["u", "unused", "row", "half", "count"]);
    expect([...observed.gradients.keys()].sort()).toEqual(["h", "u"]);
    expect(read("value unused")).toEqual(read("value u").map((u) => u * u));
    expect(read("value row")).toEqual(Array.from({ length: p.N * H }, (_, k) => valueAt("v", k % H)));
    expect(read("value half")).toEqual(Array.from({ length: p.N }, () => 0.5));
    expect(read("value count")).toEqual(Array.from({ length: p.N }, () => H));
    // After the last step of a sequence only the loss itself reaches h: all of its terms are one.
    for (const row of lastRows(read("d h"))) expect(row).toEqual([1, 1, 1]);
  });
  it("gives the gradient of a state with what reaches it within the step, and of one that moves on without", async () => {
    const { read } = await look(within);
    // h = 2 m, and nothing reads m or old after the last step.
    for (const row of lastRows(read("d m"))) expect(row).toEqual([2, 2, 2]);
    for (const row of lastRows(read("d old"))) expect(row).toEqual([0, 0, 0]);
  });
});

describe("a recurrence refuses", () => {
  const attempt =
    (more: Partial<RecurrenceOptions>, step = false) =>
    (): unknown => {
      const b = new Builder("refused");
      b.packing("p");
      return (step ? recurrenceStep : recurrence)(b, optionsOf(b, gru, more));
    };
  it.each<[string, () => unknown, string]>([
    ["an input that is not given", attempt({ inputs: {} }), 'r: the input "x" is missing'],
    ["a width without a number", attempt({ widths: { X } }), "r: the width H has no number"],
    ["a parameter that is not given", attempt({ parameters: {} }), "r: the parameter b_u is missing"],
    [
      "ids that a cell reads without weights",
      () => {
        const x: Expr = { op: "input", args: [], width: "H", name: "x" };
        const made = new Builder("ids");
        const inputs = { x: { ids: made.input("ids", "tokens:p", 1, "index") } };
        const body = { states: ["h"], next: { h: tanh(x) } };
        return recurrence(made, { ...optionsOf(made, gru, { inputs }), body });
      },
      "r: the input is token ids; it can only be multiplied by weights",
    ],
    [
      "sums over a source where there is none",
      () => {
        const made = new Builder("sourceless");
        const h: Expr = { op: "state", args: [], width: "H", name: "h" };
        const body = { states: ["h"], next: { h: sumSource(spread(h)) } };
        return recurrence(made, { ...optionsOf(made, gru), body });
      },
      "r: spread reads a source, and there is none here",
    ],
    [
      "single steps of what runs in reverse",
      attempt({ reverse: true }, true),
      "r runs in reverse and has no single steps",
    ],
    [
      "to train what is there once for a sequence",
      () => {
        const made = new Builder("once");
        const x = made.watch(made.input("each", "sequences:p", X));
        return recurrence(made, optionsOf(made, gru, { inputs: { x } }));
      },
      'r: the input "x" is one value per sequence and cannot be trained',
    ],
  ])("%s", (_what, act, message) => {
    expect(act).toThrow(message);
  });
  it("with errors of plans", () => {
    expect(attempt({ inputs: {} })).toThrow(PlanError);
  });
});
