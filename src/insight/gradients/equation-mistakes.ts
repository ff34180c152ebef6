/**
 * Typical mistakes in a derived equation, one row each: every row makes its mistake in any equation of any cell, so that what
 * somebody computed can be compared with what the mistake would give. The order is that in which they are tried.
 */
import type { Expr } from "../../cell/expr.js";
import { mul } from "../../cell/functions.js";
import { node, product } from "../../cell/nodes.js";
import {
  addendsOf,
  atomsOf,
  copy,
  type Edit,
  type EditPlace,
  isOneMinus,
  negated,
  type Rule,
  replaceAll,
  slope,
  slopeAt,
  sumOf,
} from "./edits.js";

/** The row of a mistake in an equation. */
export interface EquationMistake {
  readonly name: string;
  /** What it looks like in general. */
  readonly looksLike: string;
  readonly rule: Rule;
  /** True if the rule is for whole right sides too that are a value with a name, as dz in a sum over steps. */
  readonly ofWhole?: true;
}

const words = { sigmoid: "σ", tanh: "tanh" } as const;
const written = (op: "sigmoid" | "tanh", y: string): string =>
  op === "sigmoid" ? `${y} ∘ (1 − ${y})` : `1 − ${y} ∘ ${y}`;

/** The rows. */
export const equationMistakes: readonly EquationMistake[] = [
  {
    name: "activated twice",
    looksLike: "σ′ or tanh′ is a function of z, and is given the gate, which is activated already",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      if (!at) return [];
      const [f, y] = [words[at.op], write(at.y)];
      const says = `${y} is activated already, and ${f} is applied to it once more: ${f}′ is ${written(at.op, y)}, not ${written(at.op, `${f}(${y})`)}.`;
      return [{ e: slope({ ...at, y: node(at.op, [at.y]) }), says }];
    },
  },
  {
    name: "derivative of z",
    looksLike: "y ∘ (1 − y) or 1 − y ∘ y is computed with z, the value before the activation",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      const z = at?.y.args[0];
      if (!at || !z) return [];
      const y = write(at.y);
      const says = `the value before ${words[at.op]} stands where ${y} is right: ${words[at.op]}′ is ${written(at.op, y)} with the activated value.`;
      return [{ e: slope({ ...at, y: z }), says }];
    },
  },
  {
    name: "the other activation's derivative",
    looksLike: "1 − y ∘ y for a gate, or y ∘ (1 − y) for a candidate",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      if (!at) return [];
      const [y, op] = [write(at.y), at.op === "tanh" ? "sigmoid" : "tanh"] as const;
      const says = `${y} comes out of ${words[at.op]}, whose derivative is ${written(at.op, y)}; this is that of ${words[op]}, ${written(op, y)}.`;
      return [{ e: slope({ ...at, op }), says }];
    },
  },
  {
    name: "forgotten square",
    looksLike: "1 − y where tanh′ is 1 − y ∘ y",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      if (at?.op !== "tanh") return [];
      const y = write(at.y);
      return [
        {
          e: mul(at.dy, node("sub", [1, at.y])),
          says: `tanh′ is 1 − ${y} ∘ ${y}; the square is missing, 1 − ${y}.`,
        },
      ];
    },
  },
  {
    name: "derivative twice",
    looksLike: "the factor y ∘ (1 − y) or 1 − y ∘ y stands in two equations, or twice in one",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      if (!at) return [];
      const says = `the derivative of ${words[at.op]}, ${written(at.op, write(at.y))}, is multiplied in twice.`;
      return [{ e: slope({ ...at, dy: copy(e) }), says }];
    },
  },
  {
    name: "forgotten derivative",
    looksLike: "the gradient of a gate is taken for that of the product inside it",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      if (!at) return [];
      return [
        {
          e: at.dy,
          says: `the derivative of ${words[at.op]} is missing: ${written(at.op, write(at.y))}.`,
        },
      ];
    },
  },
  {
    name: "forgotten activation",
    looksLike: "c where tanh(c) is right",
    rule: (e, { write }) =>
      e.op === "tanh" || e.op === "sigmoid"
        ? [
            {
              e: e.args[0]!,
              says: `${write(e.args[0]!)} stands where ${write(e)} is right.`,
            },
          ]
        : [],
  },
  {
    name: "forgotten 1 −",
    looksLike: "u where 1 − u is right, or the factor 1 − u left out",
    rule: (e, { write }) => {
      const at = slopeAt(e);
      if (at?.op === "sigmoid")
        return [{ e: mul(at.dy, at.y), says: `the factor 1 − ${write(at.y)} is missing.` }];
      if (at) return [];
      const [a, b] = e.args as [Expr, Expr];
      if (isOneMinus(e))
        return b.op === "mul" ? [] : [{ e: b, says: `${write(b)} stands where 1 − ${write(b)} is right.` }];
      if (e.op !== "mul") return [];
      const factors = [...(isOneMinus(b) ? [[b, a]] : []), ...(isOneMinus(a) ? [[a, b]] : [])] as [
        Expr,
        Expr,
      ][];
      return factors.map(([gone, rest]) => ({ e: rest, says: `the factor ${write(gone)} is missing.` }));
    },
  },
  {
    name: "forgotten factor",
    looksLike: "one factor of a product is left out: a gate, or what the gate was multiplied by",
    rule: (e, { write }) => {
      if (e.op !== "mul") return [];
      const [a, b] = e.args as [Expr, Expr];
      return [
        { e: a, says: `the factor ${write(b)} is missing.` },
        { e: b, says: `the factor ${write(a)} is missing.` },
      ];
    },
  },
  {
    name: "forgotten path",
    looksLike: "a value is used in several places, and the gradient from some of them is left out",
    rule: (e, place) => {
      const addends = addendsOf(e, place);
      // 2⁸ subsets are still computed at once; no cell of the literature has a sum of so many.
      if (addends.length < 2 || addends.length > 8) return [];
      return Array.from({ length: 2 ** addends.length - 2 }, (_, i): Edit => {
        const isKept = (at: number): boolean => ((i + 1) & (1 << at)) !== 0;
        const gone = addends.filter((_addend, at) => !isKept(at));
        const parts = gone.map((a) => (a.isNegative ? `−${place.write(a.e)}` : place.write(a.e)));
        return {
          e: sumOf(addends.filter((_addend, at) => isKept(at))),
          says: `${parts.join(" and ")} ${gone.length > 1 ? "are" : "is"} missing from the sum: gradients along all ways are added.`,
        };
      });
    },
  },
  {
    name: "wrong sign",
    looksLike: "plus where minus is right, in a part or in all of it",
    ofWhole: true,
    rule: (e, place) => {
      const addends = addendsOf(e, place);
      const whole = place.isRoot ? [{ e: negated(e), says: "the sign is wrong." }] : [];
      if (addends.length < 2) return whole;
      const parts = addends.map((addend, at) => ({
        e: sumOf(addends.map((a, i) => (i === at ? { ...a, isNegative: !a.isNegative } : a))),
        says: `${place.write(addend.e)} has the wrong sign.`,
      }));
      return [...whole, ...parts];
    },
  },
  {
    name: "transposed weight",
    looksLike: "w dz where wᵀ dz is right",
    rule: (e, { write }) => {
      if (e.op !== "transposed" || e.width !== "H" || !e.weight) return [];
      const right = write(copy(e));
      return [
        {
          e: product(e.weight, e.args, "H"),
          says: `${right.replace("ᵀ", "")} stands where ${right} is right: the gradient goes back through the transposed weight.`,
        },
      ];
    },
  },
  {
    name: "another weight",
    looksLike: "the columns of another gate, or those of x where those of the state are right",
    rule: (e, { terms, write }) => {
      if (e.op !== "transposed") return [];
      const blocks = terms.derived.products.flatMap(({ product: { weight, args } }) =>
        args.flatMap((arg, i) =>
          weight && arg.width === e.width ? [{ weight, block: weight.blocks[i] }] : [],
        ),
      );
      return blocks
        .filter(({ block }) => block !== e.weight?.blocks[0])
        .map(({ weight, block }) => {
          const { gate, parameter } = weight;
          const other: Expr = { ...e, weight: { gate, parameter, blocks: [block!] } };
          return { e: other, says: `${write(other)} stands where ${write(copy(e))} is right.` };
        });
    },
  },
  {
    name: "old and new state",
    looksLike: "s⟨t⟩ where s⟨t−1⟩ is right, or the other way round",
    ofWhole: true,
    rule: (e, place) =>
      exchanged(e, place, (a, b) => (a.op === "state") !== (b.op === "state") && sameState(a, b, place)),
  },
  {
    name: "another value",
    looksLike: "one gate, state or gradient in the place of another",
    ofWhole: true,
    rule: (e, place) => exchanged(e, place, (a, b) => !sameState(a, b, place)),
  },
];

/** One named value in the place of another that it may be taken for, wherever that stands in the equation. */
function exchanged(e: Expr, place: EditPlace, mayBe: (a: Expr, b: Expr) => boolean): Edit[] {
  if (!place.isRoot) return [];
  const { all, forward } = place.terms;
  // What comes later in the derivation may be computed from this term, and cannot stand in it.
  const before = all.slice(0, all.indexOf(place.term)).filter(({ summed }) => !summed);
  const families = [forward, before.map((term) => term.e)];
  return atomsOf(e, place).flatMap((atom) => {
    const others = families.find((family) => family.includes(atom)) ?? [];
    return others.flatMap((other) => {
      if (other === atom || other.width !== atom.width || !mayBe(atom, other)) return [];
      const changed = replaceAll(e, atom, other, place);
      const says = `${place.write(other)} stands where ${place.write(atom)} is right.`;
      return changed ? [{ e: changed, says }] : [];
    });
  });
}

/** True for the old and the new value of one state. */
function sameState(a: Expr, b: Expr, { terms }: EditPlace): boolean {
  const [old, now] = a.op === "state" ? [a, b] : [b, a];
  return terms.next[old.name ?? ""] === now;
}
