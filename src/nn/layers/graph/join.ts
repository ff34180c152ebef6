/**
 * Several values as one: two branches of a network that come together, a way around some layers (He et al. 2016), the merge
 * modes of two directions. What is joined are vectors of each step or vectors of each sequence, never both.
 */
import type { Expr } from "../../../cell/expr.js";
import { add, div, max, min, mul, sub } from "../../../cell/functions.js";
import { checkOptions } from "../../../options/check.js";
import type { RowsOf } from "../../../options/row.js";
import { concatenate, map, type Value } from "../../../plan/index.js";
import { type LayerKind, type NamedShape, NetworkError } from "../layer.js";

/** What element by element is made of values, from the first to the last; a concatenation puts them side by side. */
export const joinings = {
  add: sum,
  subtract: (of: readonly Expr[]) => of.reduce((a, b) => sub(a, b)),
  multiply: (of: readonly Expr[]) => of.reduce((a, b) => mul(a, b)),
  average: (of: readonly Expr[]) => div(sum(of), of.length),
  maximum: (of: readonly Expr[]) => of.reduce((a, b) => max(a, b)),
  minimum: (of: readonly Expr[]) => of.reduce((a, b) => min(a, b)),
} as const satisfies Readonly<Record<string, (of: readonly Expr[]) => Expr>>;

function sum(of: readonly Expr[]): Expr {
  return of.reduce((a, b) => add(a, b));
}

/** How values are joined. */
export type Joining = keyof typeof joinings | "concatenate";

/** The record of a joining layer. */
export interface JoinLayer {
  readonly kind: "join";
  readonly by: Joining;
}

/** The options of a joining layer. */
export interface JoinOptions {
  /** How, see `join`. */
  readonly by: Joining;
}

const joinRows = {
  by: { kind: "name", names: [...Object.keys(joinings), "concatenate"] as Joining[], required: true },
} as const satisfies RowsOf<JoinOptions>;

/**
 * One value of two or more, which its place in the network names (`from`): element by element the sum ("add"), the
 * difference of two ("subtract"), the product, the average, the maximum or the minimum of values of one width; or
 * "concatenate", all of them side by side, as wide as all together.
 *
 * @example
 * { layer: join({ by: "add" }), from: ["recurrent1", "linear1"] }
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 */
export function join(options: JoinOptions): JoinLayer {
  checkOptions(options, joinRows, "join");
  return Object.freeze({ kind: "join", by: options.by });
}

const places = { tokens: "one for each step", sequences: "one for each sequence" } as const;

/** Where the vectors of a value stand, in words. @throws NetworkError if it is of token ids */
function placeOf({ name, over, steps }: NamedShape, layer: string): string {
  if (over !== "tokens" && over !== "sequences")
    throw new NetworkError(`${layer} joins vectors, and ${name} is token ids; put an embedding between them`);
  return `${places[over]}${steps === undefined ? "" : ` of the input "${steps}"`}`;
}

/** The row of the kind. */
export const joinKind: LayerKind<JoinLayer> = {
  reads: ({ by }) => ({ least: 2, most: by === "subtract" ? 2 : 250 }),
  output({ by }, { values = [] }, name) {
    const [first, ...others] = values as readonly [NamedShape, ...NamedShape[]];
    const place = placeOf(first, name);
    for (const other of others) {
      const its = placeOf(other, name);
      if (its !== place)
        throw new NetworkError(
          `${name} joins vectors that stand side by side: ${first.name} gives ${place}, and ${other.name} ${its}` +
            (first.over === other.over ? "" : "; repeat() gives a sequence's vector to each of its steps"),
        );
      if (by !== "concatenate" && other.width !== first.width)
        throw new NetworkError(
          `${name} joins by ${by}, for which all must be as wide: ${first.name} is ${first.width} wide, and ${other.name} ${other.width}; a linear layer brings one to the width of the other`,
        );
    }
    const width = by === "concatenate" ? values.reduce((sum, value) => sum + value.width, 0) : first.width;
    return { over: first.over, width };
  },
  parameters: () => [],
  build({ by }, { values = [] }, { builder, name }) {
    const apply = (part: string, of: readonly Value[]): Value =>
      by === "concatenate"
        ? concatenate(builder, `${name}.${part}`, of)
        : map(builder, `${name}.${part}`, of, (...all) => joinings[by](all));
    const value = apply(
      "output",
      values.map((each) => each.value),
    );
    const lasts = values.flatMap(({ last }) => last ?? []);
    const shape = { over: values[0]!.shape.over, width: value.width };
    return { shape, value, ...(lasts.length === values.length ? { last: apply("last", lasts) } : {}) };
  },
  write: ({ by }) => ({ by }),
  read: ({ oneOf }) => join({ by: oneOf("by", joinRows.by.names) }),
};
