/**
 * Every cell of the catalogue against golden values: loss, outputs, final states and all gradients, in
 * float64 over ragged lengths (test/golden, with the programs that made them). Shared by all
 * executors; also run over the plan before and after the passes.
 */
import { describe, expect, it } from "vitest";
import { mul } from "../cell/functions.js";
import { golden, goldenValue } from "../cell/golden.cases.js";
import { catalogue } from "../cell/index.js";
import type { Plan } from "../plan/index.js";
import { Builder, map, optimise, recurrence, sumFeatures, type Value, verify } from "../plan/index.js";
import { packing, packRows, unpackRows, unpackSequences } from "../tensor/packing.js";
import type { Executor } from "./executor.js";

function table(name: string, rows: number, width: number): number[] {
  return Array.from({ length: rows * width }, (_, k) => goldenValue(name, k));
}

interface Column {
  readonly name: string;
  readonly from: number;
  readonly width: number;
}

/** The plan of a cell over ragged sequences with the golden loss and every gradient as an output. */
function goldenPlan(name: string): {
  plan: Plan;
  columns: Map<string, { rows: number; width: number; blocks: Column[] }>;
} {
  const { X, H } = golden[name]!;
  const b = new Builder(`golden ${name}`);
  b.packing("p");
  const equations = catalogue[name]!.equations();
  const parameters: Record<string, Value> = {};
  const columns = new Map<string, { rows: number; width: number; blocks: Column[] }>();
  for (const p of equations.parameters) {
    if (p.kind !== "weight") {
      parameters[p.name] = b.parameter(p.name, 1, H);
      columns.set(p.name, { rows: 1, width: H, blocks: [{ name: p.name, from: 0, width: H }] });
      continue;
    }
    let from = 0;
    const blocks = p.blocks.map((block) => {
      const width = block.columns === "X" ? X : H;
      parameters[block.name] = b.parameter(block.name, H, width);
      from += width;
      return { name: block.name, from: from - width, width };
    });
    columns.set(p.name, { rows: H, width: from, blocks });
  }
  const x = b.watch(b.input("x", "tokens:p", X));
  const initial = Object.fromEntries(
    equations.states.map((s) => [s, b.watch(b.input(`init.${s}`, "sequences:p", H))]),
  );
  const { states, final } = recurrence(b, {
    name,
    body: equations,
    packing: "p",
    inputs: { x },
    parameters,
    initial,
    widths: { X, H },
  });
  const out = states[equations.output]!;
  const weights = b.input("weights", "tokens:p", H);
  const loss = sumFeatures(
    b,
    "loss",
    map(b, "weighted", [out, weights], (a, w) => mul(a, w)),
  );
  const one = b.input("one", "rows:1", 1);
  const gradients = b.backward(loss, one);
  b.output("out.output", out);
  for (const s of equations.states) {
    b.output(`out.final.${s}`, final[s]!);
    b.output(`out.d.init.${s}`, b.gradient(initial[s]!)!);
  }
  b.output("out.loss", loss);
  b.output("out.d.x", b.gradient(x)!);
  for (const { parameter, gradient } of gradients) b.output(`out.d.${parameter.name}`, gradient);
  return { plan: b.finish(), columns };
}

/**
 * Registers the golden tests for an executor.
 *
 * @param tolerance largest difference relative to max(1, |golden|), with its reason in the caller
 */
export function goldenCases(create: () => Promise<Executor>, tolerance: number): void {
  const close = (what: string, found: readonly number[], wanted: readonly number[]): void => {
    expect(found.length, what).toBe(wanted.length);
    found.forEach((v, i) => {
      const w = wanted[i]!;
      if (!(Math.abs(v - w) <= tolerance * Math.max(1, Math.abs(w))))
        throw new Error(`${what}[${i}] is ${v}, golden ${w}`);
    });
  };
  const flat = (values: unknown): number[] =>
    (values as number[][]).flat(Number.POSITIVE_INFINITY) as number[];

  describe.each(Object.keys(golden))("golden values of %s", (name) => {
    const cell = golden[name]!;
    const { X, H, lengths } = cell;
    const [T, B] = [Math.max(...lengths), lengths.length];
    it.each(["plain", "optimised"])("agree in the %s plan", async (form) => {
      const { plan: plain, columns } = goldenPlan(name);
      verify(plain);
      const plan = form === "plain" ? plain : optimise(plain, verify);
      const executor = await create();
      const session = executor.session();
      const p = packing(lengths);
      const program = session.prepare(plan, { p });
      for (const [parameter, { rows, width, blocks }] of columns) {
        const all = table(`${name}.${parameter}`, rows, width);
        for (const block of blocks) {
          const part = Array.from(
            { length: rows * block.width },
            (_, i) => all[Math.floor(i / block.width) * width + block.from + (i % block.width)]!,
          );
          session.write(block.name, part);
        }
      }
      const xs = table("x", T * B, X);
      const series = lengths.map((n, b) =>
        Array.from({ length: n * X }, (_, i) => xs[(Math.floor(i / X) * B + b) * X + (i % X)]!),
      );
      program.write("x", packRows(p, series, X, new Float64Array(p.N * X)));
      const loss = lengths.map((n, b) =>
        Array.from({ length: n * H }, (_, i) => ((i % H) + 1) / (1 + Math.floor(i / H) + b)),
      );
      program.write("weights", packRows(p, loss, H, new Float64Array(p.N * H)));
      program.write("one", [1]);
      for (const s of Object.keys(cell.final)) {
        const init = table(`${name}.init.${s}`, B, H);
        program.write(
          `init.${s}`,
          [...p.order].flatMap((b) => init.slice(b * H, (b + 1) * H)),
        );
      }
      program.run({ packings: { p } });

      const total = program.read("out.loss").reduce((a, v) => a + v, 0);
      close("loss", [total], [cell.loss]);
      const output = unpackRows(p, program.read("out.output"), H);
      output.forEach((steps, b) =>
        close(
          `output of sequence ${b}`,
          steps.flat(),
          steps.flatMap((_, t) => [...(cell.output[t]?.[b] ?? [])]),
        ),
      );
      for (const [s, final] of Object.entries(cell.final)) {
        close(`final ${s}`, unpackSequences(p, program.read(`out.final.${s}`), H).flat(), final.flat());
        close(
          `d init ${s}`,
          unpackSequences(p, program.read(`out.d.init.${s}`), H).flat(),
          flat(cell.grad[`init.${s}`]),
        );
      }
      const dx = unpackRows(p, program.read("out.d.x"), X);
      const wanted = cell.grad["x"] as number[][][];
      dx.forEach((steps, b) =>
        close(
          `dx of sequence ${b}`,
          steps.flat(),
          steps.flatMap((_, t) => wanted[t]?.[b] ?? []),
        ),
      );
      for (const [parameter, { rows, width, blocks }] of columns) {
        const found = new Array<number>(rows * width);
        for (const block of blocks) {
          program.read(`out.d.${block.name}`).forEach((v, i) => {
            found[Math.floor(i / block.width) * width + block.from + (i % block.width)] = v;
          });
        }
        close(`d ${parameter}`, found, flat(cell.grad[parameter]));
      }
      executor.dispose();
    });
  });
}
