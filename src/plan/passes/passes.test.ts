/**
 * Every pass keeps the plan's meaning and its validity: the reference result before and after each of them agrees
 * to 1e-12 on random recurrences, and what passes promise about cost is counted from the plan.
 */
import { describe, expect, it } from "vitest";
import { topological } from "../../cell/expr.js";
import {
  add,
  type Cell,
  catalogue,
  cell,
  gru,
  lstm,
  mul,
  opRow,
  relu,
  sigmoid,
  sub,
  tanh,
} from "../../cell/index.js";
import { createReferenceExecutor } from "../../exec/reference/index.js";
import { packing } from "../../tensor/packing.js";
import { purposes, uniform } from "../../tensor/random.js";
import {
  Builder,
  cost,
  map,
  type Plan,
  passes,
  printPlan,
  product,
  recurrence,
  type Value,
  verify,
} from "../index.js";
import { optimise } from "./index.js";

/** A training-like plan: two recurrences, one of each direction, a product, a loss and all gradients. */
function cellPlan(of: Cell, X: number, H: number): Plan {
  const b = new Builder(of.name);
  b.packing("p");
  const x = b.watch(b.input("x", "tokens:p", X));
  const layer = (name: string, input: Value, reverse: boolean): Value => {
    const parameters: Record<string, Value> = {};
    for (const p of of.equations().parameters) {
      if (p.kind !== "weight")
        parameters[p.name] = b.parameter(`${name}.${p.name}`, 1, p.kind === "vector" ? H : 1);
      for (const block of p.blocks)
        parameters[block.name] = b.parameter(
          `${name}.${block.name}`,
          H,
          block.columns === "X" ? input.width : H,
        );
    }
    const result = recurrence(b, {
      name,
      body: of.equations(),
      packing: "p",
      reverse,
      inputs: { x: input },
      parameters,
      initial: {},
      widths: { X: input.width, H },
    });
    return result.states[of.output]!;
  };
  const z = product(
    b,
    "z",
    layer("two", layer("one", x, false), true),
    b.parameter("w", 2, H),
    b.parameter("b", 1, 2),
  );
  const loss = map(b, "loss", [z], (v) => mul(v, v));
  for (const { parameter, gradient } of b.backward(loss, b.input("one", "rows:1", 1)))
    b.output(`d.out.${parameter.name}`, gradient);
  b.output("out.loss", loss);
  b.output("out.dx", b.gradient(x)!);
  return b.finish();
}

const lengths = [4, 0, 3, 3, 1];

async function results(plan: Plan): Promise<Map<string, Float64Array>> {
  const executor = await createReferenceExecutor();
  const session = executor.session();
  const p = packing(lengths);
  const program = session.prepare(plan, { p });
  Object.values(plan.buffers).forEach((buffer) => {
    const rows = buffer.space === "tokens:p" ? p.N : Number(buffer.space.split(":")[1]);
    // Numbers by name: passes drop buffers, so a buffer's place in the list is not its own.
    const layer = [...buffer.name].reduce((hash, letter) => (31 * hash + letter.charCodeAt(0)) % 65536, 7);
    const values = Array.from(
      { length: rows * buffer.width },
      (_, k) => uniform({ seed: 1, purpose: purposes.synthetic, layer }, k) - 0.5,
    );
    if (buffer.role === "parameter") session.write(buffer.name, values);
    if (buffer.role === "input") program.write(buffer.name, values);
  });
  program.run({ packings: { p } });
  const outputs = Object.values(plan.buffers).filter((buffer) => buffer.role === "output");
  return new Map(outputs.map((buffer) => [buffer.name, program.read(buffer.name)]));
}

/** MGU (Zhou et al. 2016), as a user would write it. */
const mgu = cell("mgu", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const f = sigmoid(affine("f", h, x));
  const n = tanh(affine("h", mul(f, h), x));
  return { gates: { f, h̃: n }, h: add(mul(sub(1, f), h), mul(f, n)) };
});
/** An LSTM whose output is rectified instead of squashed. */
const lstmRelu = cell(
  "lstmRelu",
  { states: ["a", "c"], output: "a", bias: { f: 1 } },
  ({ a, c, x, affine }) => {
    const n = tanh(affine("c", a, x));
    const [u, f, o] = [sigmoid(affine("u", a, x)), sigmoid(affine("f", a, x)), sigmoid(affine("o", a, x))];
    const memory = add(mul(u, n), mul(f, c));
    return { gates: { c̃: n, Γu: u, Γf: f, Γo: o }, c: memory, a: mul(o, relu(memory)) };
  },
);

describe.each([...Object.values(catalogue), mgu, lstmRelu])("passes over $name", (of) => {
  it("keep the result to 1e-12 and the plan valid", async () => {
    let plan = cellPlan(of, 3, 4);
    verify(plan);
    const before = await results(plan);
    for (const pass of passes) {
      plan = pass.run(plan);
      verify(plan);
      const after = await results(plan);
      expect([...after.keys()]).toEqual([...before.keys()]);
      for (const [name, values] of before) {
        values.forEach((v, i) => {
          // Sums may be reordered: float64 rounding of a few hundred terms of size one.
          if (!(Math.abs(after.get(name)![i]! - v) <= 1e-12 * Math.max(1, Math.abs(v))))
            throw new Error(`"${pass.name}" changed ${name}[${i}] from ${v} to ${after.get(name)?.[i]}`);
        });
      }
    }
  });
});

describe("what the passes promise", () => {
  const sizes = { p: { B: 32, N: 3200, T: 100 } };
  const oneLayer = (of: Cell, X: number, H: number): Plan => {
    const b = new Builder(of.name);
    b.packing("p");
    const parameters: Record<string, Value> = {};
    for (const p of of.equations().parameters) {
      if (p.kind !== "weight") parameters[p.name] = b.parameter(p.name, 1, p.kind === "vector" ? H : 1);
      for (const block of p.blocks)
        parameters[block.name] = b.parameter(block.name, H, block.columns === "X" ? X : H);
    }
    const x = b.input("x", "tokens:p", X);
    const { states } = recurrence(b, {
      name: of.name,
      body: of.equations(),
      packing: "p",
      inputs: { x },
      parameters,
      initial: {},
      widths: { X, H },
    });
    for (const { parameter, gradient } of b.backward(states[of.output]!, b.input("one", "rows:1", 1)))
      b.output(`d.${parameter.name}.out`, gradient);
    return optimise(b.finish());
  };
  const loops = (plan: Plan) => plan.steps.flatMap((step) => (step.kind === "loop" ? [step.body] : []));
  const products = (of: Cell): number => of.equations().parameters.reduce((n, p) => n + p.blocks.length, 0);
  const operations = (of: Cell): number =>
    topological(Object.values(of.equations().next)).filter((e) => opRow(e.op).kind === "elementwise").length;

  it("gives the notes' GRU two products per step forward, all input products before the loop", () => {
    const text = printPlan(oneLayer(gru, 64, 128));
    const [forward, back] = loops(oneLayer(gru, 64, 128)) as [
      ReturnType<typeof loops>[number],
      ReturnType<typeof loops>[number],
    ];
    expect(
      forward.filter((s) => s.kind === "gemm").map((s) => s.kind === "gemm" && s.outputs.length),
    ).toEqual([2, 1]);
    expect(back.filter((s) => s.kind === "gemm")).toHaveLength(3);
    expect(text).toMatchSnapshot();
  });

  it.each([gru, lstm, mgu, lstmRelu])(
    "executes the products of $name and no others, and few elementwise programs",
    (of) => {
      const [X, H] = [64, 128];
      const plan = oneLayer(of, X, H);
      const counted = cost(plan, sizes);
      // Forward, weight gradients: every block once. Backward through the state: the recurrent blocks once.
      const wanted = of
        .equations()
        .parameters.flatMap((p) => p.blocks)
        .reduce((sum, block) => sum + (block.input ? 2 : 3) * 2 * 3200 * H * (block.input ? X : H), 0);
      expect(counted.productFlops).toBe(wanted);
      const programs = loops(plan)
        .flat()
        .filter((s) => s.kind === "elementwise").length;
      const groups = loops(plan)
        .flat()
        .filter((s) => s.kind === "gemm").length;
      // One program between two dependent products, one at each end: never one per operation.
      expect(programs).toBeLessThanOrEqual(groups + 2);
    },
  );

  it.each([mgu, lstmRelu])(
    "lets a user's $name cost no more per product and per operation it is written with than the notes' GRU",
    (of) => {
      const relative = (a: Cell): { flops: number; elementwise: number; steps: number } => {
        const counted = cost(oneLayer(a, 64, 128), sizes);
        return {
          flops: counted.productFlops / products(a),
          elementwise: counted.elementwiseOperations / operations(a),
          steps: counted.stepsExecuted,
        };
      };
      const [base, mine] = [relative(gru), relative(of)];
      expect(mine.flops / base.flops).toBeCloseTo(1, 6);
      // Derivatives of the ops differ a little in length; a second path for users' cells would show as a multiple.
      expect(mine.elementwise / base.elementwise).toBeLessThanOrEqual(1.25);
      expect(mine.steps / base.steps).toBeLessThanOrEqual(1.25);
    },
  );
});
