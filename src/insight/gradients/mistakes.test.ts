/**
 * Typical mistakes in equations: each, made by hand in the GRU and the LSTMs of the notes and the books, is named for what it is.
 */
import { describe, expect, test } from "vitest";
import {
  back,
  type cells,
  checked,
  minus,
  oneMinus,
  product,
  sum,
  times,
  type V,
  type Wrong,
} from "./hand-written.cases.js";

const sigmoid = (v: V): V => v.map((z) => 1 / (1 + Math.exp(-z)));
const logit = (y: V): V => y.map((v) => Math.log(v / (1 - v)));

describe("a typical mistake is named", () => {
  const rows: [mistake: string, cell: keyof typeof cells, term: string, wrong: Wrong, says: RegExp][] = [
    [
      "activated twice",
      "gru",
      "dz_u",
      { lines: { dz_u: (v) => times(v["dΓu"]!, sigmoid(v["Γu"]!), oneMinus(sigmoid(v["Γu"]!))) } },
      /Γu is activated already/,
    ],
    [
      "activated twice",
      "lstm",
      "dz_c",
      { lines: { dz_c: (v) => times(v["dc̃"]!, oneMinus(v["c̃"]!.map((y) => Math.tanh(y) ** 2))) } },
      /tanh is applied/,
    ],
    [
      "activated twice",
      "lstmNotes",
      "dz_o",
      { lines: { dz_o: (v) => times(v["dΓo"]!, sigmoid(v["Γo"]!), oneMinus(sigmoid(v["Γo"]!))) } },
      /Γo/,
    ],
    [
      "derivative of z",
      "gru",
      "dz_c",
      { lines: { dz_c: (v) => times(v["dc̃"]!, oneMinus(v["c̃"]!.map((y) => Math.atanh(y) ** 2))) } },
      /before tanh/,
    ],
    [
      "derivative of z",
      "lstm",
      "dz_f",
      { lines: { dz_f: (v) => times(v["dΓf"]!, logit(v["Γf"]!), oneMinus(logit(v["Γf"]!))) } },
      /before σ/,
    ],
    [
      "the other activation's derivative",
      "gru",
      "dz_r",
      { lines: { dz_r: (v) => times(v["dΓr"]!, oneMinus(times(v["Γr"]!, v["Γr"]!))) } },
      /Γr comes out of σ/,
    ],
    [
      "the other activation's derivative",
      "lstmNotes",
      "dz_c",
      { lines: { dz_c: (v) => times(v["dc̃"]!, v["c̃"]!, oneMinus(v["c̃"]!)) } },
      /comes out of tanh/,
    ],
    [
      "forgotten square",
      "gru",
      "dz_c",
      { lines: { dz_c: (v) => times(v["dc̃"]!, oneMinus(v["c̃"]!)) } },
      /the square is missing/,
    ],
    [
      "forgotten square",
      "lstm",
      "dc",
      { lines: { dc: (v) => sum(v["dc"]!, times(v["da"]!, v["Γo"]!, oneMinus(v["c"]!.map(Math.tanh)))) } },
      /tanh\(c⟨t⟩\)/,
    ],
    [
      "derivative twice",
      "gru",
      "dz_u",
      {
        lines: { dz_u: (v) => times(v["dΓu"]!, v["Γu"]!, oneMinus(v["Γu"]!), v["Γu"]!, oneMinus(v["Γu"]!)) },
      },
      /multiplied in twice/,
    ],
    [
      "forgotten derivative",
      "gru",
      "dz_u",
      { lines: { dz_u: (v) => v["dΓu"]! } },
      /derivative of σ is missing/,
    ],
    [
      "forgotten derivative",
      "lstm",
      "dc",
      { lines: { dc: (v) => sum(v["dc"]!, times(v["da"]!, v["Γo"]!)) } },
      /derivative of tanh is missing/,
    ],
    [
      "forgotten 1 −",
      "gru",
      "dc_prev",
      {
        lines: {
          dc_prev: (v, w) =>
            sum(
              v["dc"]!,
              times(back(w["w_cc"], v["dz_c"]!), v["Γr"]!),
              back(w["w_rc"], v["dz_r"]!),
              back(w["w_uc"], v["dz_u"]!),
            ),
        },
      },
      /the factor 1 − Γu is missing/,
    ],
    [
      "forgotten 1 −",
      "gru",
      "dc_prev",
      {
        lines: {
          dc_prev: (v, w) =>
            sum(
              times(v["dc"]!, v["Γu"]!),
              times(back(w["w_cc"], v["dz_c"]!), v["Γr"]!),
              back(w["w_rc"], v["dz_r"]!),
              back(w["w_uc"], v["dz_u"]!),
            ),
        },
      },
      /Γu stands where 1 − Γu/,
    ],
    [
      "forgotten 1 −",
      "lstmNotes",
      "dz_f",
      { lines: { dz_f: (v) => times(v["dΓf"]!, v["Γf"]!) } },
      /1 − Γf is missing/,
    ],
    [
      "forgotten factor",
      "gru",
      "dΓr",
      { lines: { dΓr: (v, w) => back(w["w_cc"], v["dz_c"]!) } },
      /the factor c⟨t−1⟩ is missing/,
    ],
    [
      "forgotten factor",
      "lstm",
      "dc_prev",
      { lines: { dc_prev: (v) => v["dc"]! } },
      /the factor Γf is missing/,
    ],
    [
      "forgotten path",
      "gru",
      "dΓu",
      { lines: { dΓu: (v) => times(v["dc"]!, v["c̃"]!) } },
      /−dc⟨t⟩ ∘ c⟨t−1⟩ is missing/,
    ],
    [
      "forgotten path",
      "gru",
      "dc_prev",
      { lines: { dc_prev: (v) => times(v["dc"]!, oneMinus(v["Γu"]!)) } },
      /w_rcᵀ dz_r and w_ucᵀ dz_u are missing/,
    ],
    ["forgotten path", "lstmNotes", "dc", { lines: { dc: (v) => v["dc"]! } }, /da⟨t⟩ ∘ Γo is missing/],
    [
      "forgotten path",
      "lstm",
      "dx",
      {
        lines: {
          dx: (v, w) =>
            sum(back(w["w_cx"], v["dz_c"]!), back(w["w_ux"], v["dz_u"]!), back(w["w_ox"], v["dz_o"]!)),
        },
      },
      /w_fxᵀ dz_f is missing/,
    ],
    [
      "wrong sign",
      "gru",
      "dΓu",
      { lines: { dΓu: (v) => times(v["dc"]!, minus(v["c_prev"]!, v["c̃"]!)) } },
      /the sign is wrong/,
    ],
    [
      "wrong sign",
      "gru",
      "dΓu",
      { lines: { dΓu: (v) => times(v["dc"]!, sum(v["c_prev"]!, v["c̃"]!)) } },
      /c⟨t−1⟩ has the wrong sign/,
    ],
    [
      "transposed weight",
      "gru",
      "dΓr",
      { lines: { dΓr: (v, w) => times(product(w["w_cc"], v["dz_c"]!), v["c_prev"]!) } },
      /w_cc dz_c stands where w_ccᵀ dz_c/,
    ],
    [
      "transposed weight",
      "lstmNotes",
      "da_prev",
      { lines: { da_prev: (v, w) => product(w["w_ca"], v["dz_c"]!) } },
      /w_ca dz_c/,
    ],
    [
      "another weight",
      "lstm",
      "da_prev",
      {
        lines: {
          da_prev: (v, w) =>
            sum(
              back(w["w_ua"], v["dz_f"]!),
              ...["c", "u", "o"].map((g) => back(w[`w_${g}a`], v[`dz_${g}`]!)),
            ),
        },
      },
      /w_uaᵀ dz_f stands where w_faᵀ dz_f/,
    ],
    [
      "old and new state",
      "gru",
      "dΓu",
      { lines: { dΓu: (v) => times(v["dc"]!, minus(v["c̃"]!, v["c"]!)) } },
      /c⟨t⟩ stands where c⟨t−1⟩/,
    ],
    [
      "old and new state",
      "lstmNotes",
      "dΓo",
      { lines: { dΓo: (v) => times(v["da"]!, v["c_prev"]!) } },
      /c⟨t−1⟩ stands where c⟨t⟩/,
    ],
    [
      "old and new state",
      "gru",
      "dw_uc",
      { factors: { u: (v) => [...v["c"]!, ...v["x"]!] } },
      /c⟨t⟩ stands where c⟨t−1⟩/,
    ],
    [
      "forgotten factor",
      "gru",
      "dw_cc",
      { factors: { c: (v) => [...v["c_prev"]!, ...v["x"]!] } },
      /the factor Γr is missing/,
    ],
    [
      "another value",
      "lstm",
      "dΓu",
      { lines: { dΓu: (v) => times(v["dc"]!, v["Γf"]!) } },
      /Γf stands where c̃⟨t⟩/,
    ],
    [
      "another value",
      "lstmNotes",
      "dw_ca",
      { factors: { c: (v) => [...v["c_prev"]!, ...v["x"]!] } },
      /c⟨t−1⟩ stands where a⟨t−1⟩/,
    ],
    [
      "columns swapped",
      "gru",
      "dw_uc",
      { factors: { u: (v) => [...v["x"]!, ...v["c_prev"]!] } },
      /opposite order/,
    ],
    [
      "missing sum over steps",
      "gru",
      "dw_rc",
      {
        accumulate: (before, part) => (part.length === 1 ? before.map((row, i) => sum(row, part[i]!)) : part),
      },
      /sequence 2 alone|step 1 alone/,
    ],
    ["forgotten later steps", "gru", "dc", { cuts: ["c"] }, /what step t\+1 sends to c⟨t⟩ is missing/],
    ["forgotten later steps", "lstm", "da", { cuts: ["a"] }, /to a⟨t⟩/],
  ];
  test.each(rows.filter(([, , , { accumulate }]) => !accumulate))(
    "%s in %s, %s (%#)",
    (mistake, name, term, wrong, says) => {
      const { first, terms } = checked(name, wrong);
      expect(first).toMatchObject({ name: term, status: "wrong", mistake: { name: mistake } });
      expect(first!.mistake!.says).toMatch(says);
      expect(first!.mistake!.in).toBeUndefined();
      // One mistake was made, and what is wrong beside it follows from it.
      const blocks = wrong.factors ? 2 : 1;
      expect(terms.filter(({ status }) => status === "wrong").length).toBeLessThanOrEqual(blocks);
    },
  );
});
