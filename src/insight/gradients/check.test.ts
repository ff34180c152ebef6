/**
 * Check my backward: right backward passes written by hand pass; sums, shapes and orders that are wrong are named; what is no
 * typical mistake is placed without a guess; what is no gradient is refused.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { catalogue, gru, lstm, rnn } from "../../cell/catalogue/index.js";
import { DataError } from "../../data/errors.js";
import type { GradientCase } from "./case.js";
import { checkGradients, gradientCase, gradientMistakes, gradientTerms } from "./check.js";
import {
  cells,
  checked,
  gruLines,
  handWritten,
  lstmLines,
  sum,
  times,
  type V,
  type Wrong,
} from "./hand-written.cases.js";
import { printGradientCheck } from "./report.js";

describe("a right backward pass", () => {
  test.each(["gru", "lstm", "lstmNotes"] as const)("%s, written by hand, passes whole", (name) => {
    const check = checked(name);
    expect(check.terms.filter(({ status }) => status !== "right")).toEqual([]);
    expect(check).toMatchObject({ right: true, missing: [] });
    expect(check.terms.map((term) => term.name)).toEqual(gradientTerms(cells[name]).map((term) => term.name));
  });

  test("one step and one sequence pass too", () => {
    for (const over of ["step", "sequence"] as const) {
      const check = checkGradients(gru, {
        over,
        mine: (given) => {
          const wrap = (value: unknown): never => (over === "step" ? [[value]] : [value]) as never;
          const each = (values: Readonly<Record<string, unknown>>): Record<string, never> =>
            Object.fromEntries(Object.entries(values).map(([name, value]) => [name, wrap(value)]));
          const batch = {
            ...given,
            over: "batch",
            x: wrap(given.x),
            previous: each(given.previous),
            gates: each(given.gates),
            states: each(given.states),
            incoming: each(given.incoming),
          } as unknown as GradientCase<"batch">;
          const terms = handWritten(gruLines, batch);
          const unwrap = ([name, value]: [string, unknown]): [string, unknown] => {
            if (/^d[wb]_/.test(name)) return [name, value];
            const [first] = value as [[unknown]];
            return [name, over === "step" ? first[0] : first];
          };
          return Object.fromEntries(Object.entries(terms).map(unwrap)) as never;
        },
      });
      expect(check).toMatchObject({ right: true, missing: [] });
    }
  });

  test("values that were computed elsewhere, in columns, in typed arrays, with plain letters", () => {
    const given = gradientCase(gru, { seed: 3 });
    const dzOf = (i: number): number => {
      const n = given.gates["c̃"]![i]!;
      return given.incoming["c"]![i]! * given.gates["Γu"]![i]! * (1 - n * n);
    };
    const mine = {
      dc_tilde: [0, 1, 2].map((i) => [given.incoming["c"]![i]! * given.gates["Γu"]![i]!]),
      dz_c: Float64Array.from([0, 1, 2], dzOf),
    };
    const check = checkGradients(gru, {
      mine: JSON.parse(JSON.stringify({ dc_tilde: mine.dc_tilde })),
      seed: 3,
    });
    expect(check.terms).toMatchObject([{ name: "dc̃", status: "right" }]);
    expect(checkGradients(gru, { mine, seed: 3 }).right).toBe(true);
  });

  test("the terms of every cell stand in the order in which they are computed", () => {
    for (const cell of Object.values(catalogue)) {
      expect(checkGradients(cell, { mine: {} })).toMatchObject({ right: true, terms: [] });
      const terms = gradientTerms(cell);
      expect(terms.length).toBeGreaterThan(3);
      // Every equation reads only terms that stand before it, so the first wrong one is the first to be computed.
      const lefts = terms.map(({ equation }) => equation.split(" = ")[0]!);
      terms.forEach(({ equation }, i) => {
        const right = ` ${equation.split(" = ")[1]} `;
        const read = lefts.filter((left) => !/_prev|⟨t−1⟩/.test(left) && right.includes(` ${left} `));
        for (const left of read) expect(lefts.indexOf(left)).toBeLessThan(i);
      });
    }
  });

  test("numbers out of place are found in every cell, without a guess", () => {
    for (const cell of Object.values(catalogue)) {
      // The last term: all mistakes in all terms before it are tried.
      const name = gradientTerms(cell).at(-1)!.name;
      const { first } = checkGradients(cell, { mine: { [name]: [0.3, -0.2, 0.7] } });
      expect([cell.name, first?.name, first?.mistake]).toEqual([cell.name, name, undefined]);
    }
  });
});

type Rows = readonly (readonly number[])[];
type Changed = Record<string, unknown>;
const transposed = (m: Rows): Rows => (m[0] ?? []).map((_, j) => m.map((row) => row[j]!));
const scaled = (m: Rows, by: number): Rows => m.map((row) => row.map((v) => v * by));
const rows = (value: unknown): Rows => value as Rows;

describe("a mistake in sums, shapes and orders is named", () => {
  const cases: [mistake: string, term: string, change: (terms: Changed) => Changed, says: RegExp][] = [
    [
      "transposed",
      "dw_uc",
      (v) => ({ ...v, dw_u: transposed(rows(v["dw_u"])) }),
      /5 × 3 numbers where 3 × 5/,
    ],
    [
      "transposed",
      "dw_uc",
      ({ dw_u, ...v }) => ({ ...v, dw_uc: transposed(rows(dw_u).map((row) => row.slice(0, 3))) }),
      /it is transposed/,
    ],
    [
      "columns swapped",
      "dw_rc",
      (v) => ({ ...v, dw_r: rows(v["dw_r"]).map((row) => [...row.slice(3), ...row.slice(0, 3)]) }),
      /opposite order/,
    ],
    [
      "averaged",
      "db_u",
      (v) => ({ ...v, db_u: (v["db_u"] as V).map((d) => d / 2) }),
      /divided by the 2 sequences/,
    ],
    ["averaged", "dw_cc", (v) => ({ ...v, dw_c: scaled(rows(v["dw_c"]), 1 / 3) }), /divided by the 3 steps/],
    ["averaged", "dw_cc", (v) => ({ ...v, dw_c: scaled(rows(v["dw_c"]), 1 / 6) }), /3 steps and 2 sequences/],
    ["scaled", "dw_cc", (v) => ({ ...v, dw_c: scaled(rows(v["dw_c"]), 2) }), /2 times/],
    ["zero", "db_r", (v) => ({ ...v, db_r: [0, 0, 0] }), /all zero/],
    ["another term", "dΓr", (v) => ({ ...v, dΓr: v["dΓu"] }), /right numbers of dΓu/],
    [
      "clipped",
      "db_r",
      (v) => ({ ...v, db_r: (v["db_r"] as V).map((d) => Math.max(-0.01, Math.min(0.01, d))) }),
      /±0.01/,
    ],
    [
      "steps reversed",
      "dz_u",
      (v) => ({ ...v, dz_u: (v["dz_u"] as Rows[]).map((steps) => [...steps].reverse()) }),
      /opposite order/,
    ],
    ["missing sum", "db_u", (v) => ({ ...v, db_u: v["dz_u"] }), /2 × 3 × 3 numbers where 3 numbers/],
    ["missing sum", "db_u", (v) => ({ ...v, db_u: [v["db_u"], v["db_u"]] }), /one for each step or sequence/],
    [
      "summed too far",
      "db_u",
      (v) => ({ ...v, db_u: (v["db_u"] as V).reduce((a, b) => a + b) }),
      /one number/,
    ],
    ["element by element", "dw_uc", (v) => ({ ...v, dw_u: v["db_u"] }), /dz cᵀ/],
    ["another shape", "dx", (v) => ({ ...v, dx: [[[1, 2]]] }), /1 × 1 × 2 numbers where 2 × 3 × 2/],
  ];
  test.each(cases)("%s: %s (%#)", (mistake, term, change, says) => {
    const { first } = checked("gru", {}, change);
    expect(first).toMatchObject({ name: term, status: "wrong", mistake: { name: mistake } });
    expect(first?.mistake?.says).toMatch(says);
  });

  test("a sum over steps that is assigned", () => {
    const last: Wrong = { accumulate: (_before, part) => part };
    expect(checked("lstmNotes", last).first).toMatchObject({
      name: "dw_ca",
      mistake: { name: "missing sum over steps", says: expect.stringContaining("step 1 of sequence 2") },
    });
    const check = checkGradients(lstm, {
      over: "batch",
      sizes: { B: 1 },
      mine: (given) => ({ db_f: handWritten(lstmLines, given, last)["db_f"] as V }),
    });
    expect(check.first?.mistake?.says).toContain("step 1 alone");
  });

  test("one sequence of a batch", () => {
    const check = checkGradients(gru, {
      over: "batch",
      mine: (given) => {
        const part = <T>(list: readonly T[]): T[] => list.slice(0, 1);
        const each = <T>(all: Readonly<Record<string, readonly T[]>>): Record<string, T[]> =>
          Object.fromEntries(Object.entries(all).map(([name, list]) => [name, part(list)]));
        const { x, previous, gates, states, incoming } = given;
        const first = { ...given, x: part(x), previous: each(previous), gates: each(gates) };
        const terms = handWritten(gruLines, { ...first, states: each(states), incoming: each(incoming) });
        return { dw_u: terms["dw_u"] as Rows };
      },
    });
    expect(check.first?.mistake).toMatchObject({ name: "missing sum over sequences" });
  });
});

describe("where a mistake is looked for", () => {
  const forgotten: Wrong = { lines: { dz_u: (v) => times(v["dΓu"]!, v["Γu"]!) } };

  test("with every term given, the first wrong one is the cause and the others follow", () => {
    const { terms, first, right } = checked("gru", forgotten);
    expect(right).toBe(false);
    expect(first?.name).toBe("dz_u");
    expect(first?.at?.index).toHaveLength(3);
    const follows = terms.filter(({ status }) => status === "follows").map(({ name }) => name);
    // dc⟨t⟩ of the steps before has come through the wrong dz_u too, and so have all others.
    expect(follows).toEqual(expect.arrayContaining(["dc_prev", "dx", "dw_uc", "dw_ux", "db_u"]));
  });

  test("with the parameters' gradients alone, it is found in a term that was not given", () => {
    const { first } = checked("gru", forgotten, ({ dw_r, dw_u, dw_c, db_u }) => ({ dw_r, dw_u, dw_c, db_u }));
    expect(first?.mistake).toMatchObject({ name: "forgotten 1 −", in: "dz_u" });
  });

  test("two mistakes are told apart", () => {
    const { terms } = checked("lstm", {
      lines: { ...forgotten.lines, dΓo: (v) => times(v["da"]!, v["c"]!) },
    });
    const wrong = terms.filter(({ status }) => status === "wrong");
    expect(wrong.map(({ name, mistake }) => [name, mistake?.name])).toEqual([
      ["dz_u", "forgotten 1 −"],
      ["dΓo", "forgotten activation"],
    ]);
  });

  test("what is no typical mistake is placed without a guess", () => {
    const odd: Wrong = {
      lines: { dΓf: (v) => sum(times(v["dc"]!, v["c_prev"]!), times(v["x"]!.concat(1), v["Γo"]!)) },
    };
    const check = checked("lstm", odd);
    expect(check.first).toMatchObject({ name: "dΓf", status: "wrong" });
    expect(check.first).not.toHaveProperty("mistake");
    expect(printGradientCheck(check)).toContain("none of the typical mistakes gives these numbers");
  });

  test("numbers that are none are wrong", () => {
    const { first } = checkGradients(rnn, { mine: { dz_a: [1, Number.NaN, 2] } });
    expect(first).toMatchObject({ name: "dz_a", status: "wrong", at: { index: [1] } });
  });
});

test("the report reads", () => {
  const check = checkGradients(rnn, {
    mine: ({ states, incoming, previous }) => {
      const dz = (incoming["a"] ?? []).map((da, i) => da * (1 - states["a"]![i]!));
      return {
        dz_a: dz,
        dw_aa: dz.map((d) => (previous["a"] ?? []).map((a) => d * a)),
        da: incoming["a"] ?? [],
      };
    },
  });
  expect(printGradientCheck(check)).toMatchInlineSnapshot(`
    "rnn: of 3 terms 1 is right, 1 is wrong, 1 follows from that. Not given: da_prev, dx, dw_ax, db_a.

    right    da⟨t⟩ = ∂L/∂a⟨t⟩ + (da⟨t⟩ from step t+1)
    wrong    dz_a = da⟨t⟩ ∘ (1 − a⟨t⟩ ∘ a⟨t⟩)
             at [0] yours is 0.938247, right is 0.25999
             forgotten square: tanh′ is 1 − a⟨t⟩ ∘ a⟨t⟩; the square is missing, 1 − a⟨t⟩.
    follows  dw_aa = Σ_t dz_a a⟨t−1⟩ᵀ
    "
  `);
});

describe("what is no gradient is refused", () => {
  const refused = (mine: unknown, message: string): void => {
    const check = (): unknown => checkGradients(rnn, { mine: mine as never });
    expect(check).toThrow(DataError);
    expect(check).toThrow(message);
  };
  test("by what is wrong with it", () => {
    refused(
      { dz_b: [1, 2, 3] },
      "dz_b: is no gradient of the cell rnn. Its gradients are da, dz_a, da_prev, dx, dw_aa, dw_ax, db_a, dw_a.",
    );
    refused([1], "mine: gave a list. It gives gradients by name, { dz_u: […], dw_u: [[…]], … }.");
    refused(
      () => undefined,
      "mine: gave undefined. It gives gradients by name, { dz_u: […], dw_u: [[…]], … }.",
    );
    const remedy = "A term is numbers in lists, a list of rows for a matrix.";
    refused({ dz_a: [1, "2", 3] }, `dz_a: dz_a[1] is of type string. ${remedy}`);
    refused({ dz_a: undefined }, `dz_a: dz_a is undefined. ${remedy}`);
    refused({ dz_a: [] }, `dz_a: dz_a is an empty list. ${remedy}`);
    refused({ dw_a: [[1, 2], [1]] }, `dw_a: dw_a[1] has 1 numbers, but dw_a[0] has 2 numbers. ${remedy}`);
    const whole = [0, 1, 2].map(() => [1, 2, 3, 4, 5]);
    refused({ dw_a: whole, dw_aa: [[1]] }, "dw_aa: is given twice. Give a weight whole or by its blocks.");
  });
});

test("every typical mistake has a name of its own and says what it looks like", () => {
  expect(gradientMistakes.length).toBeGreaterThanOrEqual(12);
  expect(new Set(gradientMistakes.map(({ name }) => name)).size).toBe(gradientMistakes.length);
  const page = readFileSync("docs/check-gradients.md", "utf8");
  for (const { name, looksLike } of gradientMistakes) expect(page).toContain(`| ${name} | ${looksLike} |`);
});
