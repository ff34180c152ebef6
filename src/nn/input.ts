/**
 * What goes into a network: one input of token ids or vectors, or several by name, and its shape.
 */
import { checkOptions } from "../options/check.js";
import { OptionError } from "../options/error.js";
import type { OptionTable } from "../options/row.js";
import { type InputShape, NetworkError, type Shape } from "./layers/layer.js";

/** Token ids below `vocabulary`, or vectors of `width` numbers per step. */
export type FlatInput = { readonly vocabulary: number } | { readonly width: number };

/** One of several inputs: a value per step, unless it says otherwise. */
export type NamedInput = FlatInput & {
  /** A sequence of its own inside every step: the characters of a word. */
  readonly inside?: true;
  /** Another sequence for each example: the source of a translation. */
  readonly beside?: true;
  /** One vector for each example and none for its steps: what is known of the whole. */
  readonly once?: true;
};

/** What goes in: one input, or several by name, which the first layer puts together. */
export type NetworkInput = FlatInput | { readonly inputs: Readonly<Record<string, NamedInput>> };

/** True if an input has a value for each of the network's own steps. */
export const isOwn = ({ inside, beside, once }: NamedInput): boolean => !inside && !beside && !once;

/** The name of the input whose length is the sequence's. */
export const ownInput = (inputs: Readonly<Record<string, NamedInput>>): string =>
  Object.keys(inputs).find((name) => isOwn(inputs[name]!)) ?? "";

const several = { inputs: { kind: "object", what: "inputs by name", required: true } } as const;
const flat = {
  vocabulary: { kind: "whole", needs: { width: false } },
  width: { kind: "whole" },
} as const;
const named = {
  ...flat,
  inside: { kind: "flag", needs: { beside: false, once: false } },
  beside: { kind: "flag", needs: { once: false } },
  once: { kind: "flag" },
} as const;

/**
 * Refuses an input that cannot be.
 *
 * @throws OptionError naming an unknown key, a size that makes no sense, or what is missing
 * @throws NetworkError if none of several inputs has steps, or one without steps is of ids
 */
export function checkInput(input: NetworkInput): void {
  if (!("inputs" in input)) {
    checkFlat(input, flat, "the input of a network");
    return;
  }
  checkOptions(input, several, "the input of a network");
  for (const [name, of] of Object.entries(input.inputs)) {
    checkFlat(of, named, `the input "${name}" of a network`);
    if (of.once && "vocabulary" in of)
      throw new NetworkError(
        `the input "${name}" is there once for each example, so it holds numbers, not ids`,
      );
  }
  if (ownInput(input.inputs) === "")
    throw new NetworkError("of several inputs at least one must have a value for each step");
}

function checkFlat(input: FlatInput, rows: OptionTable, what: string): void {
  checkOptions(input, rows, what);
  if (!("vocabulary" in input || "width" in input))
    throw new OptionError(
      `${what} needs {vocabulary}, the number of token ids, or {width}, that of features`,
    );
}

/** The shape of a network's input. */
export function inputShape(input: NetworkInput): Shape {
  if ("inputs" in input) {
    const names = Object.keys(input.inputs);
    const inputs = Object.entries(input.inputs).map(([name, of]): [string, InputShape] => {
      const place = of.inside ? "inside" : of.beside ? "beside" : of.once ? "once" : "step";
      const shape = inputShape(of);
      if (place !== "once") return [name, { ...shape, place }];
      return [name, { ...shape, over: "sequences", place }];
    });
    return { over: "inputs", width: names.length, inputs: Object.fromEntries(inputs) };
  }
  const width = "vocabulary" in input ? input.vocabulary : input.width;
  return { over: "vocabulary" in input ? "ids" : "tokens", width };
}
