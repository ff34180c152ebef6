/**
 * Recurrences as every executor must run them: a loop whose body joins two cells gives what two loops give,
 * forward and backward; and a body with several inputs and several packings in a batch.
 */
import { describe, expect, it } from "vitest";
import { add, type CellEquations, type Expr, gru, joinCell, lstm, mul } from "../cell/index.js";
import type { Executor } from "../exec/executor.js";
import { align, packing } from "../tensor/packing.js";
import { purposes, uniform } from "../tensor/random.js";
import { Builder, lookUp, map, optimise, recurrence, type Value, verify } from "./index.js";

const [X, H1, H2] = [3, 5, 4];
const number = (layer: number, k: number): number =>
  uniform({ seed: 9, purpose: purposes.synthetic, layer }, k) - 0.5;

/** Declares a cell's parameters under "prefix.name" with widths by number. */
function declare(
  b: Builder,
  cell: CellEquations,
  prefix: string,
  x: number,
  h: number,
): Record<string, Value> {
  const out: Record<string, Value> = {};
  for (const p of cell.parameters) {
    if (p.kind !== "weight") out[`${prefix}.${p.name}`] = b.parameter(`${prefix}.${p.name}`, 1, h);
    for (const block of p.blocks)
      out[`${prefix}.${block.name}`] = b.parameter(
        `${prefix}.${block.name}`,
        h,
        block.columns === "X" ? x : h,
      );
  }
  return out;
}

const local = (parameters: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name.slice(2), value]));

/** GRU below LSTM over one packing, as one loop or as two, with all gradients as outputs. */
function stacked(joined: boolean): ReturnType<Builder["finish"]> {
  const b = new Builder(joined ? "joined" : "apart");
  b.packing("p");
  const x = b.watch(b.input("x", "tokens:p", X));
  const [lower, upper] = [gru.equations(), lstm.equations()];
  const parameters = { ...declare(b, lower, "1", X, H1), ...declare(b, upper, "2", H1, H2) };
  let out: Value;
  if (joined) {
    const leaf: Expr = { op: "input", args: [], width: "X", name: "x" };
    const first = joinCell(lower, "1", leaf, "H1");
    const second = joinCell(upper, "2", first.output, "H2");
    const next = { ...first.next, ...second.next };
    const body = { states: Object.keys(next), next };
    const { states } = recurrence(b, {
      name: "both",
      body,
      packing: "p",
      inputs: { x },
      parameters,
      initial: {},
      widths: { X, H1, H2 },
    });
    out = states["2.a"]!;
  } else {
    const first = recurrence(b, {
      name: "one",
      body: lower,
      packing: "p",
      inputs: { x },
      parameters: local(declare(b, lower, "1", X, H1)),
      initial: {},
      widths: { X, H: H1 },
    });
    const a = first.states["c"]!;
    const second = recurrence(b, {
      name: "two",
      body: upper,
      packing: "p",
      inputs: { x: a },
      parameters: local(declare(b, upper, "2", H1, H2)),
      initial: {},
      widths: { X: H1, H: H2 },
    });
    out = second.states["a"]!;
  }
  const loss = map(b, "loss", [out], (a) => mul(a, a));
  for (const { parameter, gradient } of b.backward(loss, b.input("one", "rows:1", 1)))
    b.output(`d.${parameter.name}.out`, gradient);
  b.output("out", out);
  b.output("dx", b.gradient(x)!);
  return optimise(b.finish(), verify);
}

/** Registers the tests. @param tolerance relative to max(1, |value|) */
export function recurrenceCases(create: () => Promise<Executor>, tolerance: number): void {
  describe("recurrences", () => {
    it("give the same in one loop that joins two cells as in two loops, with all gradients", async () => {
      const p = packing([4, 0, 2, 1]);
      const results = await Promise.all(
        [true, false].map(async (joined) => {
          const plan = stacked(joined);
          const executor = await create();
          const session = executor.session();
          const program = session.prepare(plan, { p });
          const parameters = Object.values(plan.buffers).filter((buffer) => buffer.role === "parameter");
          for (const { name, space, width } of parameters) {
            const layer = [...name].reduce((hash, letter) => (31 * hash + letter.charCodeAt(0)) % 65536, 7);
            session.write(
              name,
              Array.from({ length: Number(space.slice(5)) * width }, (_, k) => 2 * number(layer, k)),
            );
          }
          program.write(
            "x",
            Array.from({ length: p.N * X }, (_, k) => number(1, k)),
          );
          program.write("one", [1]);
          program.run({ packings: { p } });
          const names = Object.values(plan.buffers)
            .filter((buffer) => buffer.role === "output")
            .map((buffer) => buffer.name);
          return new Map(names.sort().map((name) => [name, program.read(name)]));
        }),
      );
      const [one, two] = results as [Map<string, Float64Array>, Map<string, Float64Array>];
      expect([...one.keys()]).toEqual([...two.keys()]);
      for (const [name, values] of one) {
        values.forEach((v, i) => {
          if (!(Math.abs(v - two.get(name)![i]!) <= tolerance * Math.max(1, Math.abs(v))))
            throw new Error(`${name}[${i}]: ${v} in one loop, ${two.get(name)?.[i]} in two`);
        });
      }
    });

    it("carry values from one packing to another by a permutation, and reduce aligned rows by segments", async () => {
      const b = new Builder("two packings");
      b.packing("source");
      b.packing("target");
      const x = b.input("x", "tokens:source", 2);
      const perSource = b.input("perSource", "sequences:source", 2);
      const placeInSource = b.input("placeInSource", "sequences:target", 1, "index");
      const rowOf = b.input("rowOf", "aligned:target:source", 1, "index");
      b.output("moved", lookUp(b, "moved.rows", perSource, placeInSource));
      const aligned = lookUp(b, "aligned.rows", x, rowOf);
      for (const op of ["sum", "max", "logSumExp"] as const) {
        const into = b.buffer(op, "sequences:target", 2);
        b.emit({
          kind: "reduce",
          op,
          along: "segments",
          space: aligned.space,
          from: aligned.buffer,
          into: into.buffer,
          start: "zero",
        });
        b.output(`out.${op}`, into);
      }
      b.output(
        "doubled",
        map(b, "double", [aligned], (a) => add(a, a)),
      );
      const plan = optimise(b.finish(), verify);
      const [source, target] = [packing([2, 4, 0]), packing([3, 1, 5])];
      const alignment = align(target, source);
      const executor = await create();
      const session = executor.session();
      const program = session.prepare(plan, { source, target });
      program.write(
        "x",
        Array.from({ length: source.N * 2 }, (_, k) => number(2, k)),
      );
      program.write(
        "perSource",
        [...source.order].flatMap((i) => [i, 10 * i]),
      );
      program.write(
        "placeInSource",
        [...target.order].map((i) => source.order.indexOf(i)),
      );
      program.write("rowOf", alignment.rowOf);
      program.run({ packings: { source, target }, alignments: { "target:source": alignment } });
      expect([...program.read("moved")]).toEqual([...target.order].flatMap((i) => [i, 10 * i]));
      const rows = (place: number): number[][] => {
        const at = source.order.indexOf(target.order[place]!);
        return Array.from({ length: source.lengths[at]! }, (_, t) =>
          [0, 1].map((f) => number(2, (source.offsets[t]! + at) * 2 + f)),
        );
      };
      for (let place = 0; place < target.B; place++) {
        for (const f of [0, 1]) {
          const column = rows(place).map((row) => row[f]!);
          const wanted = {
            sum: column.reduce((s, v) => s + v, 0),
            max: column.length > 0 ? Math.max(...column) : 0,
            logSumExp: column.length > 0 ? Math.log(column.reduce((s, v) => s + Math.exp(v), 0)) : 0,
          };
          for (const [op, value] of Object.entries(wanted))
            expect(program.read(`out.${op}`)[place * 2 + f], op).toBeCloseTo(value, 5);
        }
      }
    });
  });
}
