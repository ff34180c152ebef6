/**
 * Examples as people write them: lists in lists. A sequence of vectors is a list of vectors, a target a number, a list or
 * rows. They become the flat lists that networks read (batch.ts), and what does not fit is refused by the example's name.
 */

import { isObject } from "../../options/items.js";
import { type FlatInput, inputShape } from "../input.js";
import { NetworkError } from "../layers/layer.js";
import { checkNetwork, type Network } from "../network.js";
import { targetWidth } from "./check-example.js";
import type { Example, ExampleInput } from "./example.js";

/** Numbers one after another, or rows of them: a vector for each step. */
export type SampleValues = ArrayLike<number> | readonly ArrayLike<number>[];

/** What goes in: a sequence, or several by name. Of one inside the steps there is a sequence for each step. */
export type SampleInput = SampleValues | Readonly<Record<string, SampleValues | readonly SampleValues[]>>;

/** An example as a person writes it. An `Example` is one too. */
export interface Sample extends Omit<Example, "input" | "target"> {
  readonly input: SampleInput;
  /** A class or a row of numbers for each step, or one if the network pools; rows may also stand one after another. */
  readonly target?: number | SampleValues;
}

/**
 * A sample as an example, whose lists hold numbers alone. One that is flat already is given back as it is.
 *
 * @param called what it is called in messages: "example 12"
 * @throws NetworkError naming the example and the place of what does not fit
 */
export function exampleOf(net: Network, sample: Sample, called: string): Example {
  if (!isObject(sample))
    throw new NetworkError(`${called} is ${shown(sample)}; it must be { input, target }`);
  checkNetwork(net, "exampleOf");
  const input = inputOf(net, sample.input, called);
  const target = targetOf(net, sample, called);
  if (input === sample.input && target === sample.target) return sample as Example;
  return { ...sample, input, ...(target === undefined ? {} : { target }) } as Example;
}

/** An input as networks read it. @throws NetworkError naming the place of what does not fit */
export function inputOf(net: Pick<Network, "input">, input: SampleInput, called: string): ExampleInput {
  const { input: wanted } = Object(net) as Pick<Network, "input">;
  if (!isObject(wanted)) throw new NetworkError(`${called}: there is no network whose input it could be`);
  if (typeof input !== "object" || input === null)
    throw new NetworkError(
      `${called}: the input is ${shown(input)}; it must be a list of numbers, or of vectors`,
    );
  // What has inputs by name where there is one, or the other way round, is refused where it is read.
  if (!("inputs" in wanted) || "length" in input) {
    const width = "inputs" in wanted ? 1 : stepWidth(wanted);
    return flatten(input as SampleValues, { called, what: "the input", width });
  }
  let changed = false;
  const entries = Object.entries(input).map(([name, values]) => {
    const of = wanted.inputs[name];
    if (of === undefined) return [name, values];
    const within = { called, what: `the input "${name}"`, width: stepWidth(of) };
    const flat = of.inside
      ? flatSteps(values as readonly SampleValues[], within)
      : flatten(values as SampleValues, within);
    changed ||= flat !== values;
    return [name, flat];
  });
  return (changed ? Object.fromEntries(entries) : input) as ExampleInput;
}

function targetOf(
  net: Network,
  { target }: Pick<Sample, "target">,
  called: string,
): ArrayLike<number> | undefined {
  if (typeof target === "number") return [target];
  if (target === undefined) return undefined;
  return flatten(target, { called, what: "the target", width: targetWidth(net) });
}

/** Numbers of a step. */
const stepWidth = (input: FlatInput): number => ("vocabulary" in input ? 1 : inputShape(input).width);

/** Where values stand, for messages, and how many numbers a row of them has. */
interface Within {
  readonly called: string;
  readonly what: string;
  readonly width: number;
}

/** The sequences of all steps, each flat. */
function flatSteps(steps: readonly SampleValues[], within: Within): readonly ArrayLike<number>[] {
  const flat = steps.map((step, t) => flatten(step, { ...within, what: `step ${t} of ${within.what}` }));
  return flat.every((step, t) => step === steps[t]) ? (steps as readonly ArrayLike<number>[]) : flat;
}

/** Rows one after another; a list that is flat already as it is. */
function flatten(values: SampleValues, { called, what, width }: Within): ArrayLike<number> {
  if (typeof values !== "object" || values === null)
    throw new NetworkError(`${called}: ${what} is ${shown(values)}; it must be a list`);
  if (!isRows(values)) return values;
  const flat = new Float64Array(values.length * width);
  values.forEach((row: unknown, t) => {
    const numbers = row as ArrayLike<unknown>;
    const length = typeof row === "object" && row !== null ? numbers.length : "no";
    if (length !== width)
      throw new NetworkError(`${called}: row ${t} of ${what} has ${length} numbers and needs ${width}`);
    for (let f = 0; f < width; f++) {
      const value = numbers[f];
      // A place that is empty, or holds a text, would become a number unseen.
      if (typeof value !== "number")
        throw new NetworkError(
          `${called}: row ${t} of ${what} holds ${shown(value)} at ${f}; it must be a number`,
        );
      flat[t * width + f] = value;
    }
  });
  return flat;
}

const isRows = (values: SampleValues): values is readonly ArrayLike<number>[] =>
  typeof values[0] === "object" && values[0] !== null;

const shown = (value: unknown): string =>
  typeof value === "object" && value !== null ? "a list" : (JSON.stringify(value) ?? String(value));
