/**
 * The states of a batch's sequences: those in which they start go into a program, and those in which they ended, or gradients
 * of states, come out of it, by the names that examples have for them.
 */
import type { Program } from "../../exec/executor.js";
import type { Plan } from "../../plan/index.js";
import { type Packing, packSequences, unpackSequences } from "../../tensor/packing.js";
import { NetworkError } from "../layers/layer.js";
import { kindOf } from "../layers/table.js";
import { names, startedState } from "../names.js";
import type { Network } from "../network.js";
import type { Example } from "./example.js";

/** States of a sequence by name ("recurrent1.c"), H numbers each. */
export type States = Readonly<Record<string, readonly number[]>>;

/** A state whose start is an input of a plan. */
export interface GivenState {
  readonly name: string;
  readonly input: string;
  readonly width: number;
}

/** The states that examples bring along. @param carried true if states that would start at zero are given too */
export const givenStates = (net: Network, carried: boolean): readonly GivenState[] =>
  net.layers.flatMap(({ name: layerName, layer }) =>
    (kindOf(layer).given?.(layer, layerName, carried) ?? []).map(({ name: input, width }) => {
      return { name: startedState(input), input, width };
    }),
  );

/** The state in which an example starts. @throws NetworkError if it does not bring it */
function startOf({ states }: Example, i: number, { name, width }: GivenState): ArrayLike<number> {
  const start = states?.[name];
  if (start?.length === width) return start;
  throw new NetworkError(`example ${i} must bring the initial state ${name} of ${width} numbers`);
}

/** @throws NetworkError if an example does not bring a state that a layer must be given */
export function checkStates(net: Network, examples: readonly Example[]): void {
  for (const state of givenStates(net, false)) examples.forEach((e, i) => startOf(e, i, state));
}

/** Writes the states in which examples start. Where states are carried, one that an example does not bring is zero. */
export function writeStates(
  net: Network,
  program: Program,
  examples: readonly Example[],
  { packing, carried }: { readonly packing: Packing; readonly carried: boolean },
): void {
  const given = givenStates(net, carried);
  checkNames(net, given, examples);
  for (const state of given) {
    const zero = new Float64Array(state.width);
    const starts = examples.map((e, i) =>
      carried && e.states?.[state.name] === undefined ? zero : startOf(e, i, state),
    );
    program.write(state.input, packSequences(packing, starts, state.width));
  }
}

/** @throws NetworkError if an example brings a state that no layer takes */
function checkNames(net: Network, given: readonly GivenState[], examples: readonly Example[]): void {
  examples.forEach(({ states = {} }, i) => {
    const unknown = Object.keys(states).find((name) => !given.some((state) => state.name === name));
    if (unknown === undefined) return;
    const ofLayers = givenStates(net, true).some(({ name }) => name === unknown);
    const help = ofLayers
      ? 'give its layer the initialState "given"'
      : `there are ${given.map(({ name }) => name).join(", ") || "none"}`;
    throw new NetworkError(`example ${i} brings the state "${unknown}", which no layer takes; ${help}`);
  });
}

/**
 * The states in which the sequences of a run ended, in the caller's order.
 *
 * @param prefix of the outputs that hold them; default: that of final states
 */
export function readStates(program: Program, packing: Packing, prefix: string = names.final): States[] {
  const values = stateOutputs(program.plan, prefix).map((name) => program.read(name));
  return unpackStates(program.plan, packing, { prefix, values });
}

/** The names of the outputs that hold states. */
export const stateOutputs = ({ buffers }: Plan, prefix: string = names.final): string[] =>
  Object.keys(buffers).filter((name) => name.startsWith(prefix));

/** States out of the values of `stateOutputs` that have been read. */
export function unpackStates(
  plan: Plan,
  packing: Packing,
  { prefix = names.final, values }: { readonly prefix?: string; readonly values: readonly Float64Array[] },
): States[] {
  const outputs = stateOutputs(plan, prefix);
  const rows = outputs.map((name, k) => unpackSequences(packing, values[k]!, plan.buffers[name]!.width));
  return Array.from({ length: packing.B }, (_, i) =>
    Object.fromEntries(outputs.map((name, k) => [name.slice(prefix.length), rows[k]![i]!])),
  );
}
