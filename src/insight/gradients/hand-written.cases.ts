/**
 * For tests: the backward passes of the notes' GRU and LSTM and of the standard LSTM as a learner would write them, by hand, with
 * any of their lines replaced by a wrong one. They share no code with the derivation.
 */
import { gru, lstm, lstmNotes } from "../../cell/catalogue/index.js";
import type { GradientCase } from "./case.js";
import { checkGradients, type GradientCheck } from "./check.js";

/** Numbers of a step. */
export type V = readonly number[];
/** All that is known at a step: x, states, gates, weights' products, gradients so far. */
export type Env = Record<string, V>;
/** A line of the backward pass. */
export type Line = (v: Env, w: Weights) => V;
/** Weights and their blocks. */
export type Weights = Readonly<Record<string, readonly V[]>>;

/** a ∘ b ∘ … */
export const times = (...all: V[]): V => all.reduce((a, b) => a.map((value, i) => value * b[i]!));
/** a + b + … */
export const sum = (...all: V[]): V => all.reduce((a, b) => a.map((value, i) => value + b[i]!));
/** a − b. */
export const minus = (a: V, b: V): V => a.map((value, i) => value - b[i]!);
/** 1 − a. */
export const oneMinus = (a: V): V => a.map((value) => 1 - value);
/** wᵀ d. */
export const back = (w: readonly V[] | undefined, d: V): V =>
  (w?.[0] ?? []).map((_, j) => d.reduce((s, di, i) => s + di * w![i]![j]!, 0));
/** w v. */
export const product = (w: readonly V[] | undefined, v: V): V =>
  (w ?? []).map((row) => row.reduce((s, wi, i) => s + wi * v[i]!, 0));
/** d vᵀ. */
export const outer = (d: V, v: V): V[] => d.map((di) => v.map((vi) => di * vi));

/** A cell's lines in the order in which they are computed, its products, and what each weight multiplies. */
export interface HandWritten {
  readonly lines: Readonly<Record<string, Line>>;
  /** Weight's gate -> what it multiplies. */
  readonly factors: Readonly<Record<string, (v: Env) => V>>;
}

const tanhSlope = (a: V): V => oneMinus(times(a, a));
const sigmoidSlope = (a: V): V => times(a, oneMinus(a));

/** The GRU of the notes. */
export const gruLines: HandWritten = {
  lines: {
    dc̃: (v) => times(v["dc"]!, v["Γu"]!),
    dz_c: (v) => times(v["dc̃"]!, tanhSlope(v["c̃"]!)),
    dΓr: (v, w) => times(back(w["w_cc"], v["dz_c"]!), v["c_prev"]!),
    dz_r: (v) => times(v["dΓr"]!, sigmoidSlope(v["Γr"]!)),
    dΓu: (v) => times(v["dc"]!, minus(v["c̃"]!, v["c_prev"]!)),
    dz_u: (v) => times(v["dΓu"]!, sigmoidSlope(v["Γu"]!)),
    dc_prev: (v, w) =>
      sum(
        times(v["dc"]!, oneMinus(v["Γu"]!)),
        times(back(w["w_cc"], v["dz_c"]!), v["Γr"]!),
        back(w["w_rc"], v["dz_r"]!),
        back(w["w_uc"], v["dz_u"]!),
      ),
    dx: (v, w) => sum(back(w["w_cx"], v["dz_c"]!), back(w["w_rx"], v["dz_r"]!), back(w["w_ux"], v["dz_u"]!)),
  },
  factors: {
    r: (v) => [...v["c_prev"]!, ...v["x"]!],
    u: (v) => [...v["c_prev"]!, ...v["x"]!],
    c: (v) => [...times(v["Γr"]!, v["c_prev"]!), ...v["x"]!],
  },
};

const lstmEnds = (state: string, squash: (c: V) => V): HandWritten["lines"] => ({
  dΓf: (v) => times(v["dc"]!, v["c_prev"]!),
  dz_f: (v) => times(v["dΓf"]!, sigmoidSlope(v["Γf"]!)),
  dc̃: (v) => times(v["dc"]!, v["Γu"]!),
  dz_c: (v) => times(v["dc̃"]!, tanhSlope(v["c̃"]!)),
  dΓu: (v) => times(v["dc"]!, v["c̃"]!),
  dz_u: (v) => times(v["dΓu"]!, sigmoidSlope(v["Γu"]!)),
  dΓo: (v) => times(v["da"]!, squash(v["c"]!)),
  dz_o: (v) => times(v["dΓo"]!, sigmoidSlope(v["Γo"]!)),
  dx: (v, w) => sum(...["f", "c", "u", "o"].map((gate) => back(w[`w_${gate}x`], v[`dz_${gate}`]!))),
  ...(state === "a"
    ? {
        da_prev: (v: Env, w: Weights) =>
          sum(...["f", "c", "u", "o"].map((gate) => back(w[`w_${gate}a`], v[`dz_${gate}`]!))),
        dc_prev: (v: Env) => times(v["dc"]!, v["Γf"]!),
      }
    : {
        da_prev: (v: Env, w: Weights) => back(w["w_ca"], v["dz_c"]!),
        dc_prev: (v: Env, w: Weights) =>
          sum(
            times(v["dc"]!, v["Γf"]!),
            ...["f", "u", "o"].map((gate) => back(w[`w_${gate}c`], v[`dz_${gate}`]!)),
          ),
      }),
});

const reads =
  (state: string) =>
  (v: Env): V => [...v[`${state}_prev`]!, ...v["x"]!];

/** The LSTM of the notes: gates read c⟨t−1⟩, a = Γo ∘ c. */
export const lstmNotesLines: HandWritten = {
  lines: { dc: (v) => sum(v["dc"]!, times(v["da"]!, v["Γo"]!)), ...lstmEnds("c", (c) => c) },
  factors: { c: reads("a"), u: reads("c"), f: reads("c"), o: reads("c") },
};

/** The standard LSTM: gates read a⟨t−1⟩, a = Γo ∘ tanh(c). */
export const lstmLines: HandWritten = {
  lines: {
    dc: (v) => sum(v["dc"]!, times(v["da"]!, v["Γo"]!, tanhSlope(v["c"]!.map(Math.tanh)))),
    ...lstmEnds("a", (c) => c.map(Math.tanh)),
  },
  factors: { c: reads("a"), u: reads("a"), f: reads("a"), o: reads("a") },
};

/** What can be wrong beside a line. */
export interface Wrong {
  readonly lines?: Readonly<Record<string, Line>>;
  readonly factors?: Readonly<Record<string, (v: Env) => V>>;
  /** The states to which nothing flows from the next step. */
  readonly cuts?: readonly string[];
  /** Instead of adding onto a parameter's gradient so far. */
  readonly accumulate?: (before: readonly V[], part: readonly V[]) => readonly V[];
}

/** A batch through a hand-written backward pass: all terms by name. */
export function handWritten(
  { lines, factors }: HandWritten,
  { x, previous, gates, states, weights, incoming }: GradientCase<"batch">,
  wrong: Wrong = {},
): Record<string, readonly (readonly V[])[] | readonly V[] | V> {
  const { accumulate = (before, part) => before.map((row, i) => sum(row, part[i]!)) } = wrong;
  const perStep: Record<string, V[][]> = {};
  const sums: Record<string, readonly V[]> = {};
  x.forEach((steps, b) => {
    let flowing: Env = {};
    for (let t = steps.length - 1; t >= 0; t--) {
      const v: Env = { x: steps[t] as V };
      for (const [name, values] of Object.entries(gates)) v[name] = values[b]?.[t] as V;
      for (const [name, values] of Object.entries(states)) {
        v[name] = values[b]?.[t] as V;
        v[`${name}_prev`] = previous[name]?.[b]?.[t] as V;
        const outside = incoming[name]?.[b]?.[t] as V;
        v[`d${name}`] = flowing[name] && !wrong.cuts?.includes(name) ? sum(outside, flowing[name]) : outside;
      }
      for (const [name, line] of Object.entries({ ...lines, ...wrong.lines })) v[name] = line(v, weights);
      for (const [name, value] of Object.entries(v)) {
        if (!/^d/.test(name)) continue;
        perStep[name] ??= x.map(() => []);
        perStep[name][b]![t] = value;
      }
      for (const [gate, factor] of Object.entries({ ...factors, ...wrong.factors })) {
        const dz = v[`dz_${gate}`]!;
        for (const [name, part] of [
          [`dw_${gate}`, outer(dz, factor(v))],
          [`db_${gate}`, [dz]],
        ] as const) {
          const before = sums[name] ?? part.map((row) => row.map(() => 0));
          sums[name] = accumulate(before, part);
        }
      }
      flowing = Object.fromEntries(Object.keys(states).map((s) => [s, v[`d${s}_prev`]!]));
    }
  });
  const biases = Object.entries(sums).map(([name, value]) => [
    name,
    name.startsWith("db") ? value[0] : value,
  ]);
  return { ...perStep, ...Object.fromEntries(biases) };
}

/** The cells. */
export const cells = { gru, lstm, lstmNotes };
const lines: Record<keyof typeof cells, HandWritten> = {
  gru: gruLines,
  lstm: lstmLines,
  lstmNotes: lstmNotesLines,
};

/** The check of a hand-written backward pass over a batch, with something wrong in it, of some of its terms. */
export function checked(
  name: keyof typeof cells,
  wrong: Wrong = {},
  change: (terms: Record<string, unknown>, given: GradientCase<"batch">) => Record<string, unknown> = (
    terms,
  ) => terms,
): GradientCheck {
  return checkGradients(cells[name], {
    over: "batch",
    mine: (given) => change({ ...handWritten(lines[name], given, wrong) }, given) as never,
  });
}
