/**
 * Attention in a recurrence, as every executor must run it: a decoder's loop that reads the rows of a source at every
 * step, with and without input feeding, over ragged sources and targets in different orders; and the same step by step.
 */
import { describe, expect, it } from "vitest";
import { type AttentionScore, attend, sourceInput } from "../cell/attention.js";
import { tanh } from "../cell/functions.js";
import { type Expr, gru, joinCell, mul as times } from "../cell/index.js";
import { product as weighted } from "../cell/nodes.js";
import type { Executor, Program, Session } from "../exec/executor.js";
import { type Alignment, align, type Packing, packing } from "../tensor/packing.js";
import { purposes, uniform } from "../tensor/random.js";
import {
  Builder,
  lookUp,
  map,
  optimise,
  type Plan,
  product,
  type RecurrenceBody,
  type RecurrenceOptions,
  recurrence,
  recurrenceStep,
  stepPasses,
  type Value,
  verify,
} from "./index.js";

/** Widths: of a target's step, of a source's row, of the keys, of the state. */
const [X, S, A, H] = [3, 5, 6, 4];

/** What is compared. */
export interface AttentionCase {
  readonly score: AttentionScore;
  readonly feeding: boolean;
}

/** All combinations. */
export const attentionVariants: readonly AttentionCase[] = (["additive", "general"] as const).flatMap(
  (score) => [false, true].map((feeding) => ({ score, feeding })),
);

/** Sequences of source and target by the caller's index: other orders, and of each some without steps. */
const lengths = { source: [2, 5, 0, 3, 1, 0, 4], target: [3, 1, 4, 0, 6, 2, 3] };

/** s = gru(s, [x, h̃]); α = softmax(e); c = Σ α h; h̃ = tanh(w_h [s, c] + b_h). */
function body({ score, feeding }: AttentionCase): RecurrenceBody {
  const x: Expr = { op: "input", args: [], width: "X", name: "x" };
  const before: Expr = { op: "state", args: [], width: "H", name: "h̃" };
  const cell = joinCell(gru.equations(), "1", feeding ? { x, fed: before } : { x }, "H");
  const sources = {
    keys: sourceInput("keys", score === "additive" ? "A" : "H"),
    values: sourceInput("h", "S"),
  };
  const { weights, context } = attend(score, cell.output, sources);
  const weight = { gate: "h", parameter: "w_h", bias: "b_h", blocks: ["w_hs", "w_hc"] };
  const attended = tanh(weighted(weight, [cell.output, context], "H"));
  const next = { ...cell.next, h̃: attended };
  return { states: Object.keys(next), next, gates: { ...cell.gates, α: weights, context } };
}

/** Parameters by name: rows and columns. */
function shapes({ score, feeding }: AttentionCase): Record<string, readonly [number, number]> {
  const gates = ["r", "u", "c"].flatMap((gate): [string, readonly [number, number]][] => [
    [`1.w_${gate}c`, [H, H]],
    [`1.w_${gate}x.x`, [H, X]],
    ...(feeding ? [[`1.w_${gate}x.fed`, [H, H]] as [string, readonly [number, number]]] : []),
    [`1.b_${gate}`, [1, H]],
  ]);
  const scores = { additive: { w_e: [A, H], v_e: [1, A], u_e: [A, S] }, general: { w_e: [H, S] } } as const;
  return { ...Object.fromEntries(gates), ...scores[score], w_hs: [H, H], w_hc: [H, S], b_h: [1, H] };
}

/** What the loop and the step are given; a step's states come from elsewhere. */
function options(b: Builder, variant: AttentionCase, x: Value, h: Value): RecurrenceOptions {
  const parameters = Object.fromEntries(
    Object.entries(shapes(variant)).map(([name, [rows, width]]) => [name, b.parameter(name, rows, width)]),
  );
  const w = parameters[variant.score === "additive" ? "u_e" : "w_e"]!;
  return {
    name: "decoder",
    body: body(variant),
    packing: "target",
    source: "source",
    parameters,
    inputs: { x, h, keys: product(b, "keys", h, w) },
    initial: {},
    widths: { X, H, S, A },
  };
}

/** The loss Σ h̃², with the gradients of all parameters, of the source's rows and of the starting states. */
function trainingPlan(variant: AttentionCase): Plan {
  const b = new Builder("attention");
  for (const name of ["source", "target"]) b.packing(name);
  const x = b.watch(b.input("x", "tokens:target", X));
  const encoded = b.watch(b.input("encoded", "tokens:source", S));
  const start = b.watch(b.input("start", "sequences:source", H));
  const h = lookUp(b, "h", encoded, b.input("rowOf", "aligned:target:source", 1, "index"));
  const first = lookUp(b, "first", start, b.input("placeOf", "sequences:target", 1, "index"));
  const given = options(b, variant, x, h);
  const { states } = recurrence(b, { ...given, initial: { "1.c": first } });
  const out = states["h̃"]!;
  const loss = map(b, "loss", [out], (a) => times(a, a));
  for (const { parameter, gradient } of b.backward(loss, b.input("one", "rows:1", 1)))
    b.output(`d.${parameter.name}.out`, gradient);
  b.output("out", out);
  b.output("loss.out", loss);
  for (const [name, value] of Object.entries({ x, encoded, start }))
    b.output(`d.${name}.out`, b.gradient(value)!);
  return optimise(b.finish(), verify);
}

/** One step of every target at once; α and the context are outputs. */
function stepPlan(variant: AttentionCase): Plan {
  const b = new Builder("attention step");
  for (const name of ["source", "target"]) b.packing(name);
  const x = b.input("x", "tokens:target", X);
  const h = b.input("h", "aligned:target:source", S);
  const given = options(b, variant, x, h);
  // A loop of one step, in which a step's rows are those of its sequences.
  b.loop("target", false, () => {
    const { states, gates } = recurrenceStep(b, given);
    b.output("out", states["h̃"]!);
    b.output("α.out", gates["α"]!);
    b.output("context.out", gates["context"]!);
  });
  return optimise(b.finish(), verify, stepPasses);
}

const number = (name: string, k: number): number => {
  const layer = [...name].reduce((hash, letter) => (31 * hash + letter.charCodeAt(0)) % 65536, 7);
  return 2 * uniform({ seed: 4, purpose: purposes.synthetic, layer }, k) - 1;
};
const numbers = (name: string, count: number): number[] =>
  Array.from({ length: count }, (_, k) => number(name, k));

interface Tables {
  readonly source: Packing;
  readonly target: Packing;
  readonly alignment: Alignment;
}

function tables(): Tables {
  const [source, target] = [packing(lengths.source), packing(lengths.target)];
  return { source, target, alignment: align(target, source) };
}

/** A training plan with numbers in it. */
export interface BoundAttention {
  readonly program: Program;
  readonly session: Session;
  /** Numbers of parameters and inputs, by name. */
  readonly values: Readonly<Record<string, number[]>>;
  readonly set: (name: string, values: readonly number[]) => void;
  readonly run: () => void;
  readonly target: Packing;
}

/** Prepares the training plan. */
export function bindAttention(executor: Executor, variant: AttentionCase): BoundAttention {
  const session = executor.session();
  const { source, target, alignment } = tables();
  const program = session.prepare(trainingPlan(variant), { source, target });
  const parameters = shapes(variant);
  const values: Record<string, number[]> = {
    ...Object.fromEntries(
      Object.entries(parameters).map(([name, [rows, width]]) => [name, numbers(name, rows * width)]),
    ),
    x: numbers("x", target.N * X),
    encoded: numbers("encoded", source.N * S),
    start: numbers("start", source.B * H),
  };
  const set = (name: string, list: readonly number[]): void =>
    name in parameters ? session.write(name, list) : program.write(name, list);
  for (const [name, list] of Object.entries(values)) set(name, list);
  program.write("rowOf", alignment.rowOf);
  program.write(
    "placeOf",
    [...target.order].map((i) => source.order.indexOf(i)),
  );
  program.write("one", [1]);
  const batch = { packings: { source, target }, alignments: { "target:source": alignment } };
  return { program, session, values, set, run: () => program.run(batch), target };
}

/** Every output by name. */
export function attentionOutputs({ program }: BoundAttention): Record<string, Float64Array> {
  const outputs = Object.values(program.plan.buffers).filter((buffer) => buffer.role === "output");
  return Object.fromEntries(outputs.map(({ name }) => [name, program.read(name)]));
}

/** Runs the step for each time, and gives h̃ of every row of the loop's packing, and α at every step. */
function bySteps(variant: AttentionCase, { session, values, target }: BoundAttention) {
  const { source, alignment } = tables();
  const { lengths: longest, order, T, B } = target;
  const program = session.prepare(stepPlan(variant), { source, target: { B, T: 1, N: B } });
  const h = [...alignment.rowOf].flatMap((row) => values["encoded"]?.slice(row * S, (row + 1) * S) ?? []);
  program.write("h", h);
  // All sequences go on at each step, in the target's order; those that have ended are not looked at.
  const all = packing(new Array<number>(B).fill(1), order);
  const reader = { ...all, order };
  const start = [...order].flatMap((i) => {
    const place = source.order.indexOf(i);
    return values["start"]?.slice(place * H, (place + 1) * H) ?? [];
  });
  const { values: memory, stride } = program.view("decoder.1.c.state");
  for (let place = 0; place < B; place++)
    for (let f = 0; f < H; f++) memory[place * stride + f] = start[place * H + f]!;
  const out: number[][] = [];
  const weights: number[][] = [];
  for (let t = 0; t < T; t++) {
    const rows = Array.from({ length: B }, (_, place) => {
      const row = target.offsets[t]! + place;
      return t < longest[place]!
        ? (values["x"]?.slice(row * X, (row + 1) * X) ?? [])
        : new Array<number>(X).fill(0);
    });
    program.write("x", rows.flat());
    program.run({
      packings: { source, target: reader },
      alignments: { "target:source": align(reader, source) },
    });
    const read = program.read("out");
    for (let place = 0; place < target.active[t]!; place++)
      out.push([...read.slice(place * H, (place + 1) * H)]);
    weights.push([...program.read("α.out")]);
  }
  return { out: out.flat(), weights, context: program.read("context.out"), alignment };
}

/** Registers the tests. @param tolerance relative to max(1, |value|) */
export function attentionCases(
  create: () => Promise<Executor>,
  reference: () => Promise<Executor>,
  tolerance: number,
): void {
  describe.each(attentionVariants)("attention, $score, input feeding $feeding", (variant) => {
    it("gives the reference's values and gradients", async () => {
      const [found, wanted] = await Promise.all(
        [create, reference].map(async (make) => {
          const bound = bindAttention(await make(), variant);
          bound.run();
          // A second run shows whether sums start anew.
          bound.run();
          return attentionOutputs(bound);
        }),
      );
      expect(Object.keys(wanted ?? {}).length).toBe(Object.keys(shapes(variant)).length + 5);
      for (const [name, list] of Object.entries(wanted ?? {})) {
        expect(
          list.some((v) => v !== 0),
          name,
        ).toBe(true);
        list.forEach((w, i) => {
          const v = found![name]![i]!;
          if (!(Math.abs(v - w) <= tolerance * Math.max(1, Math.abs(w))))
            throw new Error(`${name}[${i}]: ${v}, reference ${w}`);
        });
      }
    });

    it("gives the same bits step by step, with weights that sum to one", async () => {
      const bound = bindAttention(await create(), variant);
      bound.run();
      const { out, weights, context, alignment } = bySteps(variant, bound);
      expect(out).toEqual([...bound.program.read("out")]);
      for (const list of weights) {
        const sums = Array.from({ length: bound.target.B }, (_, place) =>
          list.slice(alignment.offsets[place], alignment.offsets[place + 1]).reduce((a, b) => a + b, 0),
        );
        sums.forEach((sum, place) => {
          const length = lengths.source[bound.target.order[place]!];
          expect(sum).toBeCloseTo(length === 0 ? 0 : 1, 5);
          const values = context.slice(place * S, (place + 1) * S);
          // The context of nothing is zero.
          expect(values.every((v) => v === 0)).toBe(length === 0);
        });
      }
    });
  });
}
