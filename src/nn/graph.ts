/**
 * Networks that are more than a row: a layer may say which earlier values it reads, and at which values its states start. Here
 * names become shapes, and what cannot be is refused; build/values.ts makes values of a plan of them.
 */
import { checkOptions } from "../options/check.js";
import type { RowsOf } from "../options/row.js";
import { inputShape, type NetworkInput } from "./input.js";
import { type LayerKind, type NamedShape, NetworkError, type Shape } from "./layers/layer.js";
import { kindOf, type NetworkLayer } from "./layers/table.js";

/** A layer with the values that it reads. */
export interface LayerFrom {
  readonly layer: NetworkLayer;
  /**
   * Names of earlier values: "input", of several inputs "input.NAME"; a layer's output, "recurrent1"; where a recurrent
   * layer's states end, "recurrent1.c", "recurrent1.forward.c". Default: the layer before.
   */
  readonly from?: readonly string[];
  /**
   * Of a recurrent layer, the values at which states start, by state: { h: "recurrent1.h" }, of a layer in both directions
   * { "forward.h": … }. Each is a vector per sequence, as wide as the layer. Default: they start as the layer says.
   */
  readonly states?: Readonly<Record<string, string>>;
}

/** What a place of a layer says beside the layer. */
export type Sources = Omit<LayerFrom, "layer">;

/** The name of what goes into a network. */
export const INPUT = "input";

const fromRows = {
  layer: { kind: "object", what: "a layer", required: true },
  from: { kind: "list", of: { kind: "text" }, most: 250 },
  states: { kind: "object", what: "names of values by state" },
} as const satisfies RowsOf<LayerFrom>;

/** An item of a network's list as a layer with what it reads. @throws OptionError if it is neither a layer nor one with names */
export function placeOf(item: NetworkLayer | LayerFrom): LayerFrom {
  if (!("layer" in item)) return { layer: item };
  checkOptions(item, fromRows, "a layer of a network");
  const { layer, from, states = {} } = item;
  const wrong = Object.entries(states).find(([, name]) => typeof name !== "string");
  if (wrong) throw new NetworkError(`the state ${wrong[0]} of a layer starts at the name of a value`);
  return { layer, ...(from ? { from } : {}), ...(Object.keys(states).length > 0 ? { states } : {}) };
}

/** The values of a network while it is put together, by name. */
export interface Values {
  /** What a layer reads. @throws NetworkError if it names what is not there, or more or fewer than it reads */
  readonly read: (place: LayerFrom, name: string, before: string) => Shape;
  /** Checks where states start. @throws NetworkError naming what does not fit */
  readonly checkStates: (place: LayerFrom, name: string, input: Shape) => void;
  /** Takes what a layer gives. */
  readonly add: (layer: NetworkLayer, name: string, output: Shape) => void;
  /** @throws NetworkError naming a layer or an input that nothing reads */
  readonly checkAllRead: (last: string) => void;
}

/** The values that a network begins with: its inputs. */
export function valuesOf(input: NetworkInput): Values {
  const shapes = new Map<string, Shape>([[INPUT, inputShape(input)]]);
  // Which layer or input a value is of: that it is read at all.
  const unread = new Map<string, string>();
  const { inputs = {} } = inputShape(input);
  for (const [name, { place, ...shape }] of Object.entries(inputs)) {
    if (place !== "inside")
      shapes.set(`${INPUT}.${name}`, place === "beside" ? { ...shape, steps: name } : shape);
    unread.set(`${INPUT}.${name}`, name);
  }
  const find = (name: string, reader: string): NamedShape => {
    const shape = shapes.get(name);
    if (shape) {
      // Who reads the input reads all inputs; who reads a state reads its layer.
      for (const key of unread.keys())
        if (name === key || key.startsWith(`${name}.`) || name.startsWith(`${key}.`)) unread.delete(key);
      return { ...shape, name };
    }
    const input = name.slice(INPUT.length + 1);
    if (name.startsWith(`${INPUT}.`) && Object.hasOwn(inputs, input))
      throw new NetworkError(
        `${reader} reads ${name}, a sequence inside every step; begin the network with features, which makes a vector of it`,
      );
    throw new NetworkError(
      `${reader} reads "${name}", which is no value before it; there are ${[...shapes.keys()].join(", ")}`,
    );
  };
  return {
    read({ layer, from = [] }, reader, before) {
      const names = from.length > 0 ? from : [before];
      const found = names.map((name) => find(name, reader));
      const { least, most } = readsOf(layer);
      if (found.length >= least && found.length <= most) {
        const { name: _, ...only } = found[0]!;
        return most > 1 ? { over: "values", width: found.length, values: found } : only;
      }
      throw new NetworkError(countProblem(reader, names, { least, most }));
    },
    checkStates({ layer, states = {} }, reader, input) {
      const takes = kindOf(layer).states?.(layer, reader) ?? [];
      const steps = stepsOf(input);
      for (const [state, name] of Object.entries(states)) {
        const own = takes.find((each) => each.name === `${reader}.${state}`);
        if (!own)
          throw new NetworkError(
            `${reader} has no state "${state}" that starts at ${name}; ${takes.length === 0 ? "only recurrent layers have states" : `its states are ${takes.map((each) => each.name.slice(reader.length + 1)).join(", ")}`}`,
          );
        const value = find(name, reader);
        if (value.over !== "sequences" || value.width !== own.width)
          throw new NetworkError(
            `the state ${own.name} starts at a vector per sequence of ${own.width} numbers, and ${name} gives ${value.over === "sequences" ? `${value.width} numbers` : "a value for each step"}`,
          );
      }
      const given = kindOf(layer).given?.(layer, reader, false) ?? [];
      if (Object.keys(states).length > 0 && "initialState" in layer && layer.initialState !== "zero")
        throw new NetworkError(
          `${reader} starts at other layers' values, and has the initialState "${layer.initialState}" as well; leave one of the two out`,
        );
      if (steps !== undefined && (given.length > 0 || Object.keys(states).length > 0))
        throw new NetworkError(
          `${reader} reads the input "${steps}", which lies beside the network's own steps, so its states start at zero or where they have learned to; leave the other start out`,
        );
    },
    add(layer, name, output) {
      shapes.set(name, output);
      unread.set(name, name);
      for (const { name: state, ...shape } of kindOf(layer).states?.(layer, name) ?? [])
        shapes.set(state, shape);
    },
    checkAllRead(last) {
      unread.delete(last);
      for (const [key, name] of unread)
        throw new NetworkError(
          key === name
            ? `nothing reads ${name}; leave it out, or name it in the \`from\` of a later layer`
            : `no layer reads the input "${name}"; leave it out, or name it as ${key} in the \`from\` of a layer`,
        );
    },
  };
}

const readsOf = (layer: NetworkLayer): { readonly least: number; readonly most: number } =>
  kindOf(layer).reads?.(layer) ?? { least: 1, most: 1 };

function countProblem(
  reader: string,
  names: readonly string[],
  { least, most }: { readonly least: number; readonly most: number },
): string {
  const found = `${names.length === 1 ? "is given one" : `is given ${names.length}`}: ${names.join(", ")}`;
  if (most === 1)
    return `${reader} reads one value, and ${found}; put a join before it, which makes one of them`;
  const wanted = least === most ? `${least}` : `${least} to ${most}`;
  return `${reader} reads ${wanted} values, and ${found}; name them in the \`from\` of its place: { layer: …, from: ["…", "…"] }`;
}

/** The input beside the network's own whose steps a layer goes along. */
export const stepsOf = ({ steps, values }: Shape): string | undefined => steps ?? values?.[0]?.steps;

/** A layer in its place, as far as these questions go. */
interface Placed extends LayerFrom {
  readonly name: string;
}

/** Why a layer cannot, as far as a question goes that kinds of layers answer. */
type Question = "wholeSequence" | "freshStart" | "inPieces";

/**
 * Why a layer in its place cannot run step by step, go on from the batch before, or be computed piece by piece, with its
 * name: "pool1 pools over all steps …". Undefined: it can.
 */
export function reasonAgainst(
  { name, layer, from = [], states = {} }: Placed,
  question: Question,
): string | undefined {
  const kind: LayerKind<NetworkLayer> = kindOf(layer);
  const own = question === "inPieces" ? (kind.inPieces ?? kind.freshStart) : kind[question];
  const reason = own?.(layer);
  if (reason !== undefined) return `${name} ${reason}`;
  const start = Object.values(states)[0];
  if (start !== undefined) return `${name} starts at ${start}, which is there once the whole sequence is`;
  const input = from.find((value) => value.startsWith(`${INPUT}.`));
  if (input !== undefined) return `${name} reads ${input}, one of several inputs`;
  const state = from.find((value) => value.includes("."));
  return state === undefined ? undefined : `${name} reads ${state}, where the whole sequence ends`;
}

/** The first such reason of a network's layers. */
export function firstReason(layers: readonly Placed[], question: Question): string | undefined {
  for (const placed of layers) {
    const reason = reasonAgainst(placed, question);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
