/**
 * Whether an example fits a network, and the room that it takes: whole steps, ids of the vocabulary, numbers that are
 * numbers, targets as the loss has them. What does not fit is refused by the example's name and the place.
 */
import type { Capacity } from "../../exec/executor.js";
import { shown, spelled } from "../../options/error.js";
import { isObject, listProblem } from "../../options/items.js";
import { type FlatInput, inputShape, type NamedInput, ownInput } from "../input.js";
import { NetworkError } from "../layers/layer.js";
import { losses } from "../losses/losses.js";
import { names, packingOf } from "../names.js";
import type { Network } from "../network.js";
import type { Example, ExampleInput, NamedValues } from "./example.js";
import type { Extent } from "./extent.js";

const isNamed = (input: ExampleInput): input is NamedValues => !("length" in input);

/** What an example is called in messages where nobody says. */
const unnamed = "an example";

/** @throws NetworkError if examples are no list, or one of them is no example */
export function requireExamples(examples: unknown): asserts examples is readonly Example[] {
  const problem = listProblem(examples, {
    what: "examples",
    one: "an example, { input, target }",
    takes: isObject,
  });
  if (problem !== undefined) throw new NetworkError(`the list of examples ${problem}`);
}

/** The values of one of several inputs. @throws NetworkError if the example does not bring it */
function valuesOf(
  { input }: Example,
  name: string,
  called = unnamed,
): ArrayLike<number> | readonly ArrayLike<number>[] {
  const values = isNamed(input) ? input[name] : undefined;
  if (values !== undefined) return values;
  throw new NetworkError(`${called} does not bring the input "${name}"`);
}

/** The sequences that an example brings to an input: one, or one for each step of it where they stand inside the steps. */
export function sequencesOf(example: Example, name: string, of: NamedInput): readonly ArrayLike<number>[] {
  const values = valuesOf(example, name);
  return of.inside ? (values as readonly ArrayLike<number>[]) : [values as ArrayLike<number>];
}

/**
 * Number of steps of an example.
 *
 * @param called what it is called in messages: "example 12"
 * @throws NetworkError if its numbers do not fill whole steps, or are none, or an id is outside the vocabulary
 */
export function exampleLength({ input }: Pick<Network, "input">, example: Example, called = unnamed): number {
  // Callers without types may leave it out, or misspell it.
  if (!isObject(example))
    throw new NetworkError(`${called} is ${spelled(shown(example))}; it must be { input, target }`);
  if (typeof example.input !== "object" || example.input === null)
    throw new NetworkError(`${called} has no list of values as its input`);
  if (!("inputs" in input)) {
    if (!isNamed(example.input)) return stepsOf(input, example.input, { called });
    throw new NetworkError(`${called} brings inputs by name, and the network has one input`);
  }
  checkInputNames(Object.keys(input.inputs), example.input, called);
  const own = ownInput(input.inputs);
  const values = valuesOf(example, own, called) as ArrayLike<number>;
  return stepsOf(input.inputs[own] as FlatInput, values, { called, name: own });
}

/** @throws NetworkError if an example brings an input that the network does not have: nothing would read it */
function checkInputNames(known: readonly string[], input: ExampleInput, called: string): void {
  if (!isNamed(input))
    throw new NetworkError(`${called} brings one input, and the network has ${known.join(", ")}`);
  const unknown = Object.keys(input).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new NetworkError(
      `${called} brings the input "${unknown}", which the network does not have; its inputs are ${known.join(", ")}`,
    );
}

/**
 * The room that an example takes in a batch.
 *
 * @param called what it is called in messages: "example 12"
 * @throws NetworkError if the example does not fit the network
 */
export function extentOf(net: Pick<Network, "input">, example: Example, called = unnamed): Extent {
  const T = exampleLength(net, example, called);
  if (!("inputs" in net.input)) return T;
  const rooms: Record<string, Capacity> = { [names.packing]: { B: 1, T, N: T } };
  for (const [name, of] of Object.entries(net.input.inputs)) {
    if (of.once) {
      checkOnce(of, valuesOf(example, name, called) as ArrayLike<number>, { called, name });
      continue;
    }
    const lengths = sequencesOf(example, name, of).map((values) => stepsOf(of, values, { called, name }));
    if (of.beside || of.inside)
      rooms[packingOf(name)] = {
        B: lengths.length,
        T: lengths.reduce((a, b) => Math.max(a, b), 0),
        N: lengths.reduce((a, b) => a + b, 0),
      };
    if (of.beside || (of.inside ? lengths.length : lengths[0]) === T) continue;
    const found = of.inside ? lengths.length : lengths[0];
    throw new NetworkError(
      `${called} has ${T} steps and, of the input "${name}", ${found}; there must be as many`,
    );
  }
  return rooms;
}

/** Whose values are looked at, for messages: the example, and the input where there are several. */
interface Whose {
  readonly called: string;
  readonly name?: string;
}

const inputOf = ({ name }: Whose): string => (name === undefined ? "" : ` of the input "${name}"`);

function checkOnce(of: FlatInput, values: ArrayLike<number>, whose: Whose): void {
  const { width } = inputShape(of);
  if (values.length !== width)
    throw new NetworkError(
      `${whose.called} brings ${values.length} numbers${inputOf(whose)}, which is ${width} wide`,
    );
  checkNumbers(values, whose);
}

function stepsOf(input: FlatInput, values: ArrayLike<number>, whose: Whose): number {
  const { over, width } = inputShape(input);
  if (over !== "ids") {
    if (values.length % width !== 0)
      throw new NetworkError(
        `${whose.called} holds ${values.length} numbers${inputOf(whose)}, which is not a multiple of the input width ${width}`,
      );
    checkNumbers(values, whose);
    return values.length / width;
  }
  for (let t = 0; t < values.length; t++) {
    const id = values[t]!;
    if (Number.isInteger(id) && id >= 0 && id < width) continue;
    const place = `step ${t}${inputOf(whose)}`;
    throw new NetworkError(
      `${whose.called}: ${place} holds the token id ${id}; ids run from 0 to ${width - 1}`,
    );
  }
  return values.length;
}

/** Something that is not a number at all, such as a hole in a list, would silently become one. NaN is left to the detective. */
function checkNumbers(values: ArrayLike<number>, whose: Whose): void {
  if (ArrayBuffer.isView(values)) return;
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value === "number") continue;
    throw new NetworkError(
      `${whose.called}: number ${i}${inputOf(whose)} is ${String(value)}; it must be a number`,
    );
  }
}

/**
 * Refuses numbers that are not finite. Whoever predicts asks for it: a prediction would be none either, and say nothing of
 * why. In training such a step changes nothing, and the detective names the example.
 *
 * @throws NetworkError naming the number and its place
 */
export function checkFinite({ input }: Example, called: string): void {
  const lists: readonly (readonly [string | undefined, ArrayLike<number> | readonly ArrayLike<number>[]])[] =
    isNamed(input) ? Object.entries(input) : [[undefined, input]];
  for (const [name, values] of lists) {
    const inside = typeof values[0] === "object" ? (values as readonly ArrayLike<number>[]) : undefined;
    for (const list of inside ?? [values as ArrayLike<number>]) {
      for (let i = 0; i < list.length; i++) {
        if (Number.isFinite(list[i])) continue;
        const of = name === undefined ? "" : ` "${name}"`;
        throw new NetworkError(`${called}: number ${i} of the input${of} is ${list[i]}; it must be finite`);
      }
    }
  }
}

/** Numbers of a target: one where it is a class; as many as there are outputs, of quantiles as many as each has. */
export function targetWidth({ loss, output, quantiles }: Network): number {
  return losses[loss].target === "class" ? 1 : output.width / (quantiles?.length ?? 1);
}

/** @throws NetworkError if an example's target does not fit the network */
export function checkTargets(net: Network, examples: readonly Example[]): void {
  const width = targetWidth(net);
  examples.forEach((example, i) => {
    const { target } = example;
    const wanted = width * (net.output.over === "tokens" ? exampleLength(net, example) : 1);
    if (target?.length !== wanted)
      throw new NetworkError(`example ${i} has ${target?.length ?? "no"} target numbers and needs ${wanted}`);
    if (losses[net.loss].target !== "class")
      return checkNumbers(target, { called: `the target of example ${i}` });
    for (let k = 0; k < wanted; k++) {
      const c = target[k]!;
      if (!(Number.isInteger(c) && c >= 0 && c < net.output.width))
        throw new NetworkError(
          `example ${i} has the class ${c}; classes run from 0 to ${net.output.width - 1}`,
        );
    }
  });
}
