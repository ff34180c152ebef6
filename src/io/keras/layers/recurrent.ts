/**
 * SimpleRNN, LSTM, GRU, RNN of their cells, and Bidirectional around them: their options, and what becomes of them. What the
 * file turns round (go_backwards) is never turned round here: a layer reads in the other direction, and its output is known to
 * run backwards in the file.
 */
import { type Direction, recurrent } from "../../../nn/index.js";
import type { Rows } from "../../imported.js";
import { fieldsOf, isObject, shown } from "../fields.js";
import type { SourceTensor, Variable } from "../source.js";
import { plainWeights } from "./cudnn.js";
import { cellOptions, type Layered, layerKinds, layerOptions, readLayered } from "./layered.js";
import {
  type BoundLayer,
  checkOptions,
  type LayerContext,
  type LayerRow,
  nothing,
  titleOf,
  variable,
} from "./mapped.js";
import type { Value } from "./placer.js";
import { parametersOf, runOf, variablesOf } from "./recurrent-weights.js";

/** A direction of a layer, as it is placed. */
interface Placed {
  /** Of each step. */
  readonly output: string;
  /** At the run's end, from the lowest level to the highest. */
  readonly states: readonly string[];
  readonly width: number;
  readonly variables: readonly Variable[];
  readonly bind: (weights: readonly SourceTensor[]) => BoundDirection;
  readonly names: readonly string[];
}

interface BoundDirection extends Pick<BoundLayer, "parameters" | "mapped"> {
  /** @param rows in the order of the run */
  readonly run: (
    rows: Rows,
    initial?: readonly (readonly number[])[],
  ) => { outputs: number[][]; states: number[][] };
}

interface PlaceOptions {
  readonly from: string;
  readonly width: number;
  readonly direction: Direction;
  /** Of our layer, before the names of its parameters: ".forward". */
  readonly prefix: string;
  readonly initial: readonly string[];
  /** A layer that is placed already: the other direction of one. */
  readonly placed?: string;
  /** Of the weights. */
  readonly inside: string;
}

function placeDirection(context: LayerContext, { levels }: Layered, options: PlaceOptions): Placed {
  const { placer } = context;
  let [from, width] = [options.from, options.width];
  const initial = [...options.initial];
  const states: string[] = [];
  const names: string[] = [];
  const bound = levels.map(({ config, part }) => {
    const { units, form } = config;
    const own = initial.splice(0, form.states);
    const { states: stateNames } = form.cell;
    const given = Object.fromEntries(own.map((value, i) => [stateNames[i]!, value]));
    const name =
      options.placed ??
      placer.add(
        recurrent({ cell: form.cell, units, direction: options.direction }),
        from,
        own.length > 0 ? given : undefined,
      );
    names.push(name);
    states.push(...stateNames.map((state) => `${name}${options.prefix}.${state}`));
    const variables = variablesOf(config, width, variable(context, "", [], join(options.inside, part)).part);
    [from, width] = [name, units];
    return { config, variables, prefix: `${name}${options.prefix}` };
  });
  return {
    output: from,
    states,
    width,
    names,
    variables: bound.flatMap(({ variables }) => variables),
    bind(weights) {
      let at = 0;
      const parts = bound.map(({ config, variables, prefix }) => {
        const stored = weights.slice(at, at + variables.length);
        at += variables.length;
        const own = config.cudnn ? plainWeights(stored, config.form.biasRows) : stored;
        return { ...parametersOf(config, own, prefix), run: runOf(config, own), states: config.form.states };
      });
      return {
        parameters: parts.flatMap(({ parameters }) => parameters),
        mapped: parts.flatMap(({ mapped }) => mapped),
        run(rows, start) {
          let outputs = rows as number[][];
          const ends: number[][] = [];
          let used = 0;
          for (const part of parts) {
            const run = part.run(outputs, start?.slice(used, used + part.states));
            used += part.states;
            outputs = run.outputs;
            ends.push(...run.states);
          }
          return { outputs, states: ends };
        },
      };
    },
  };
}

const join = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join("/");

/** The value that it reads; undefined, with a reason, if it cannot. */
function readInput({ inputs: [input], refuse }: LayerContext): Value | undefined {
  if (!input) return undefined;
  if (input.over === "tokens") return input;
  refuse(
    input.over === "ids"
      ? "reads token ids; put an Embedding before it"
      : "reads one vector per sequence, not one per step; put it before the pooling, or a RepeatVector between them",
  );
  return undefined;
}

/** Names of initial states, from further inputs (Keras 2) or by name (Keras 3); undefined if they do not fit. */
function initialStates(context: LayerContext, wanted: readonly number[]): readonly string[] | undefined {
  const given = [...context.inputs.slice(1), ...context.states];
  if (given.length === 0) return [];
  if (given.some((state) => state === undefined)) return undefined;
  const fits =
    given.length === wanted.length &&
    given.every((state, i) => state!.over === "sequences" && state!.width === wanted[i]);
  if (fits) return given.map((state) => state!.ours);
  context.refuse(
    `has ${given.length} initial states of the widths ${given.map((state) => state!.width).join(", ")}; it keeps ${wanted.length}, of ${wanted.join(", ")}`,
  );
  return undefined;
}

const statesWanted = ({ levels }: Layered): number[] =>
  levels.flatMap(({ config: { units, form } }) => new Array<number>(form.states).fill(units));

const sequenceOf = (ours: string, width: number): Value => ({ ours, over: "sequences", width });

/** What goes along with steps: how many they are, a mask, the direction in which the file has them. */
export function steps(input: Value, ours: string, width: number): Value {
  const { steps: count, mask, backwards } = input;
  const held = true;
  return {
    ours,
    over: "tokens",
    width,
    ...(count === undefined ? {} : { steps: count }),
    ...(mask === undefined ? {} : { mask, held }),
    ...(backwards ? { backwards } : {}),
  };
}

const recurrentRow: LayerRow = {
  reads: "states",
  mask: "obeys",
  read(context) {
    const layered = readLayered(context);
    const input = readInput(context);
    if (!layered) return nothing;
    const wanted = statesWanted(layered);
    const initial = initialStates(context, wanted);
    const reverse = (input?.backwards === true) !== layered.backwards;
    const placed = placeDirection(context, layered, {
      from: input?.ours ?? "input",
      width: input?.width ?? 1,
      direction: reverse ? "reverse" : "forward",
      prefix: "",
      initial: initial ?? [],
      inside: "",
    });
    const { sequences, state } = layered;
    const isRead = sequences || context.isRead(0);
    const last = sequences || !isRead ? placed.output : context.placer.pool("last", placed.output);
    const output = isRead &&
      input && {
        ...(sequences ? steps(input, last, placed.width) : sequenceOf(last, placed.width)),
      };
    const asInFile = (value: Value): Value => {
      const { backwards: _, ...others } = value;
      return reverse ? { ...others, backwards: true } : others;
    };
    const ends = state ? placed.states.map((name, i) => sequenceOf(name, wanted[i]!)) : [];
    return {
      outputs: [output ? (sequences ? asInFile(output) : output) : undefined, ...ends],
      variables: placed.variables,
      bind(weights) {
        const { run, ...bound } = placed.bind(weights);
        const evaluate = ([rows, ...start]: readonly Rows[]): Rows[] => {
          const order = layered.backwards ? [...rows!].reverse() : rows!;
          const { outputs, states } = run(
            order,
            start.length > 0 ? start.map((each) => each[0]!) : undefined,
          );
          return [sequences ? outputs : [outputs.at(-1)!], ...(state ? states.map((each) => [each]) : [])];
        };
        // Alone it is given steps in their own order, and gives them so.
        const alone = (rows: Rows): Rows => {
          const { outputs } = run(reverse ? [...rows].reverse() : rows);
          return sequences ? (reverse ? outputs.reverse() : outputs) : [outputs.at(-1)!];
        };
        const names = sequences ? placed.names : [...placed.names, last];
        const comparable = isRead && (initial ?? []).length === 0;
        const stages = comparable ? [{ name: titleOf(context.layer), layers: names, evaluate: alone }] : [];
        const plain = comparable && !state && !input?.backwards && !(layered.backwards && sequences);
        return { ...bound, stages, ...(plain ? {} : { evaluate }) };
      },
    };
  },
};

/** What has two directions, for messages. */
const wrapped = [...Object.keys(layerKinds), "RNN"].filter((name) => !name.startsWith("CuDNN")).join(", ");

/** How the outputs of two directions become one. */
const merges = {
  concat: ["concatenate", (a, b) => [...a, ...b]],
  sum: ["add", (a, b) => a.map((v, k) => v + b[k]!)],
  mul: ["multiply", (a, b) => a.map((v, k) => v * b[k]!)],
  ave: ["average", (a, b) => a.map((v, k) => (v + b[k]!) / 2)],
} as const satisfies Readonly<
  Record<
    string,
    readonly [
      "concatenate" | "add" | "multiply" | "average",
      (a: readonly number[], b: readonly number[]) => number[],
    ]
  >
>;

const bidirectional: LayerRow = {
  reads: "states",
  mask: "obeys",
  read(context) {
    const { fields, refuse, placer } = context;
    checkOptions(context, ["layer", "backward_layer", "merge_mode", ...layerOptions]);
    const inner = innerLayer(context, "layer");
    const forward = readLayered(inner);
    if (!forward) {
      refuse(`wraps ${inner.layer.className}; ${wrapped} can be imported`);
      return nothing;
    }
    if (forward.backwards) refuse("its forward layer has go_backwards; give it as the backward layer");
    const other = isObject(fields.json["backward_layer"]) ? innerLayer(context, "backward_layer") : undefined;
    const backward = other ? readLayered(other) : forward;
    if (!backward) {
      refuse(`wraps ${other?.layer.className} as its backward layer`);
      return nothing;
    }
    const { sequences, state } = forward;
    const input = readInput(context);
    const wanted = [...statesWanted(forward), ...statesWanted(backward)];
    const initial = initialStates(context, wanted) ?? [];
    const title = { ...context.layer, className: `${context.layer.className} ${inner.layer.className}` };
    // Keras' null keeps the two directions apart, which makes two results.
    const { merge_mode: written = "concat" } = fields.json;
    const mode = typeof written === "string" && Object.hasOwn(merges, written) ? written : undefined;
    if (written !== null && mode === undefined)
      refuse(`merge_mode ${shown(written)}; ${Object.keys(merges).join(", ")} and null can be imported`);
    const merge = mode === undefined ? undefined : merges[mode as keyof typeof merges];
    const from = { from: input?.ours ?? "input", width: input?.width ?? 1 };
    // One layer of ours in both directions, where it is the whole of it.
    const together =
      mode === "concat" &&
      !input?.backwards &&
      initial.length === 0 &&
      forward.levels.length === 1 &&
      (!other || sameLayer(inner, other));
    const half = initial.length / 2;
    const one = placeDirection(context, forward, {
      ...from,
      direction: together ? "both" : input?.backwards ? "reverse" : "forward",
      prefix: together ? ".forward" : "",
      initial: initial.slice(0, half),
      inside: "forward_layer",
    });
    const two = placeDirection(context, backward, {
      ...from,
      direction: input?.backwards ? "forward" : "reverse",
      prefix: together ? ".reverse" : "",
      initial: initial.slice(half),
      inside: "backward_layer",
      ...(together ? { placed: one.output } : {}),
    });
    const width = !merge || mode === "concat" ? one.width + two.width : one.width;
    if (merge && mode !== "concat" && one.width !== two.width)
      refuse(`merge_mode ${mode} of ${one.width} and ${two.width} units`);
    const ends = (output: string): string => (sequences ? output : placer.pool("last", output));
    const read = [context.isRead(0), context.isRead(1)];
    // Of two results that are kept apart each may be read or not, of a merged one both are.
    const parts = together
      ? [read[0] ? ends(one.output) : one.output]
      : [one, two].map(({ output }, i) => (read[merge ? 0 : i] ? ends(output) : output));
    const merged =
      merge && !together && read[0] ? [placer.join(merge[0], parts)] : merge ? parts.slice(0, 1) : parts;
    const widths = merge ? [width] : [one.width, two.width];
    const names = [...new Set([...one.names, ...two.names, ...parts, ...merged])];
    const value = (ours: string, i: number): Value | undefined =>
      input && (sequences ? steps(input, ours, widths[i]!) : sequenceOf(ours, widths[i]!));
    const states = state ? [...one.states, ...two.states].map((name, i) => sequenceOf(name, wanted[i]!)) : [];
    return {
      outputs: [...merged.map(value), ...states],
      variables: [...one.variables, ...two.variables],
      bind(weights) {
        const first = one.bind(weights.slice(0, one.variables.length));
        const second = two.bind(weights.slice(one.variables.length));
        const evaluate = ([rows, ...start]: readonly Rows[]): Rows[] => {
          const given = start.map((each) => each[0]!);
          const [a, b] = [
            first.run(rows!, given.length > 0 ? given.slice(0, half) : undefined),
            second.run([...rows!].reverse(), given.length > 0 ? given.slice(half) : undefined),
          ];
          // The second one's outputs are turned back, so that both stand at their steps.
          const outputs = [a.outputs, sequences ? [...b.outputs].reverse() : b.outputs];
          const kept = sequences ? outputs : outputs.map((each) => [each.at(-1)!]);
          const all = merge ? [kept[0]!.map((row, t) => merge[1](row, kept[1]![t]!))] : kept;
          return [...all, ...(state ? [...a.states, ...b.states].map((each) => [each]) : [])];
        };
        const alone = together && read[0] && !state;
        return {
          parameters: [...first.parameters, ...second.parameters],
          mapped: [...first.mapped, ...second.mapped],
          stages:
            together && read[0]
              ? [{ name: titleOf(title), layers: names, evaluate: (rows: Rows) => evaluate([rows])[0]! }]
              : [],
          ...(alone ? {} : { evaluate }),
        };
      },
    };
  },
};

/** The options that decide what the wrapped layers compute: those of both directions are the same, as a rule. */
function sameLayer(one: LayerContext, other: LayerContext): boolean {
  const keys = [...cellOptions, "recurrent_activation", "reset_after", "cell"];
  return (
    one.layer.className === other.layer.className &&
    keys.every((key) => JSON.stringify(one.fields.json[key]) === JSON.stringify(other.fields.json[key]))
  );
}

/** What a wrapper wraps, as a layer in the wrapper's place. */
export function innerLayer(context: LayerContext, key: string): LayerContext {
  const { fields, layer, refuse } = context;
  const at = { file: fields.file, where: `layer ${titleOf(layer)}` };
  const inner = fieldsOf(fields.object(key), at);
  const className = inner.text("class_name");
  return {
    ...context,
    layer: { ...layer, className },
    fields: fieldsOf(inner.object("config"), { ...at, where: `${at.where}, ${className}` }),
    refuse: (what) => refuse(`${className} in it: ${what}`),
  };
}

/** The rows. */
export const recurrentRows: Readonly<Record<string, LayerRow>> = {
  ...Object.fromEntries([...Object.keys(layerKinds), "RNN"].map((name) => [name, recurrentRow])),
  Bidirectional: bidirectional,
};
