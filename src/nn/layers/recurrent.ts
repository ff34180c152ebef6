/**
 * A recurrent layer: any cell over the sequence, forward, in reverse, or both; and stacks of them, the notes'
 * deep network, in which layer l reads a[l−1]⟨t⟩ and layer 1 reads x⟨t⟩.
 */
import type { Cell } from "../../cell/cell.js";
import type { CellParameter } from "../../cell/equations.js";
import { add } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { concatenate, map, type Operand, recurrence, recurrenceStep, type Value } from "../../plan/index.js";
import {
  type Activation,
  type BlockSpec,
  type BuildContext,
  blockBuffer,
  type LayerKind,
  NetworkError,
  type ParameterSpec,
  type Shape,
  vectorSpec,
} from "./layer.js";
import { dropoutRate } from "./masks.js";
import { noiseRates, noisy, type Zoneout } from "./noise.js";

/** In which direction a layer reads the sequence. "both" puts the two outputs side by side, width 2 H. */
export type Direction = "forward" | "reverse" | "both";

/** Where states start: at zero, at a learned vector, or at values that every example brings along. */
export type InitialState = "zero" | "learned" | "given";

/** The record of a recurrent layer. */
export interface RecurrentLayer {
  readonly kind: "recurrent";
  readonly cell: Cell;
  /** Hidden width H. */
  readonly units: number;
  readonly direction: Direction;
  readonly initialState: InitialState;
  /** True to add the layer's input to its output. */
  readonly residual: boolean;
  /** Rate of dropout on what products read of the states. */
  readonly recurrentDropout: number;
  /** Rates of zoneout by state; states that are left out have none. */
  readonly zoneout: Readonly<Record<string, number>>;
}

/** The options of a recurrent layer. */
export interface RecurrentOptions {
  /** A cell of the catalogue or your own. */
  readonly cell: Cell;
  /** Hidden width H. */
  readonly units: number;
  /** Default "forward". */
  readonly direction?: Direction;
  /** Default "zero". */
  readonly initialState?: InitialState;
  /** Add the input to the output; needs an input as wide as the output. Default false. */
  readonly residual?: boolean;
  /**
   * While training, dropout on the recurrent connections: products with weights read m ∘ c⟨t−1⟩ / (1 − rate), with
   * one mask m per state and sequence, the same at all steps; what a cell carries on elsewhere is untouched. At
   * least 0 and below 1; default 0. (Gal and Ghahramani 2016)
   */
  readonly recurrentDropout?: number;
  /**
   * While training, each feature of a new state keeps its old value with this probability; at prediction the new
   * state is the expectation rate · old + (1 − rate) · new. One rate for all states, or rates by state such as
   * {c: 0.5, a: 0.05}; default 0. (Krueger et al. 2017)
   */
  readonly zoneout?: Zoneout;
}

const recurrentRows = {
  cell: { kind: "object", what: "a cell", required: true },
  units: { kind: "whole", required: true },
  direction: { kind: "name", names: ["forward", "reverse", "both"], default: "forward" },
  initialState: { kind: "name", names: ["zero", "learned", "given"], default: "zero" },
  residual: { kind: "flag", default: false },
  recurrentDropout: { ...dropoutRate, default: 0 },
  zoneout: { kind: "either", of: [dropoutRate, { kind: "object", what: "rates by state" }], default: 0 },
} as const satisfies RowsOf<RecurrentOptions>;

/**
 * A recurrent layer.
 *
 * @example
 * recurrent({ cell: lstm, units: 128, direction: "both", recurrentDropout: 0.25, zoneout: { c: 0.1 } });
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 * @throws NetworkError if a rate has no effect on the cell, or is of none of its states
 */
export function recurrent(options: RecurrentOptions): RecurrentLayer {
  checkOptions(options, recurrentRows, "recurrent");
  const { cell, units, direction, initialState, residual, ...noise } = withDefaults(options, recurrentRows);
  const rates = noiseRates(cell, noise.recurrentDropout, noise.zoneout);
  return Object.freeze({ kind: "recurrent", cell, units, direction, initialState, residual, ...rates });
}

/** The options of a stack: those of a layer, with a width for each. */
export interface StackOptions extends Omit<RecurrentOptions, "units"> {
  /** Hidden width H of each layer, from the lowest on. */
  readonly units: readonly number[];
}

const stackRows = {
  ...recurrentRows,
  units: { kind: "list", of: { kind: "whole" }, most: 1000, required: true },
} as const satisfies RowsOf<StackOptions>;

/** A stack of recurrent layers, one for each entry of `units`; the other options hold for all. @throws as `recurrent` does */
export function stack(options: StackOptions): RecurrentLayer[] {
  checkOptions(options, stackRows, "stack");
  return options.units.map((units) => recurrent({ ...options, units }));
}

/** Name of a direction in parameter names: none where there is only one. */
function passes(layer: RecurrentLayer, name: string): { prefix: string; reverse: boolean }[] {
  if (layer.direction !== "both") return [{ prefix: name, reverse: layer.direction === "reverse" }];
  return [
    { prefix: `${name}.forward`, reverse: false },
    { prefix: `${name}.reverse`, reverse: true },
  ];
}

function cellSpecs(layer: RecurrentLayer, input: Shape, prefix: string): ParameterSpec[] {
  const { parameters, states } = layer.cell.equations();
  const whole = [{ block: (name: string) => name, shape: input }];
  const specs = parameters.map((p) => cellParameter(p, layer.units, whole, prefix));
  if (layer.initialState === "learned")
    for (const s of states) specs.push(vectorSpec(`${prefix}.initial_${s}`, layer.units, 0));
  return specs;
}

/** A part of a cell's input: the name of its block of columns, from that of the input's, and its shape. */
export interface InputPart {
  readonly block: (name: string) => string;
  readonly shape: Shape;
}

/** A cell's parameter in a layer. @param parts of the input, side by side */
export function cellParameter(
  p: CellParameter,
  H: number,
  parts: readonly InputPart[],
  prefix: string,
): ParameterSpec {
  const name = `${prefix}.${p.name}`;
  if (p.kind !== "weight") return vectorSpec(name, p.kind === "vector" ? H : 1, p.initial);
  const blocks = p.blocks.flatMap((block): BlockSpec[] => {
    const start = { orthogonal: true } as const;
    if (!block.input)
      return [
        {
          buffer: `${prefix}.${block.name}`,
          columns: block.columns === "X" ? inputWidth(parts) : H,
          transposed: false,
          start,
        },
      ];
    return parts.map(({ block: nameOf, shape: { over, width } }) => {
      const ids = over === "ids";
      // Of a one-hot input one column is at work at a time, whatever the size of the vocabulary.
      const fanIn = ids ? 1 : width;
      return {
        buffer: `${prefix}.${nameOf(block.name)}`,
        columns: width,
        transposed: ids,
        start: { glorot: { fanIn } },
      };
    });
  });
  return { name, shape: [H, blocks.reduce((sum, b) => sum + b.columns, 0)], blocks };
}

const inputWidth = (parts: readonly InputPart[]): number =>
  parts.reduce((sum, { shape }) => sum + shape.width, 0);

/** The row of the kind. */
export const recurrentKind: LayerKind<RecurrentLayer> = {
  output(layer, input, name) {
    if (input.over === "sequences")
      throw new NetworkError(
        `${name} reads a vector per step, but the layer before it gives one per sequence; put it before the pooling`,
      );
    const width = layer.units * (layer.direction === "both" ? 2 : 1);
    if (layer.residual && (input.over === "ids" || input.width !== width)) {
      throw new NetworkError(
        `${name} is residual: its input must be ${width} wide as its output is, and is ${input.over === "ids" ? "token ids" : input.width}`,
      );
    }
    return { over: "tokens", width };
  },
  parameters: (layer, input, name) =>
    passes(layer, name).flatMap(({ prefix }) => cellSpecs(layer, input, prefix)),
  build(layer, input, context) {
    const equations = layer.cell.equations();
    const results = passes(layer, context.name).map((pass, number) =>
      runPass(layer, input, context, { ...pass, number }),
    );
    const outputs = results.map((r) => r.states[equations.output]!);
    const lasts = results.map((r) => r.final[equations.output]!);
    const { builder, name } = context;
    const value = concatenate(builder, `${name}.output`, outputs);
    const last = concatenate(builder, `${name}.last`, lasts);
    const shape: Shape = { over: "tokens", width: value.width };
    if (!layer.residual) return { shape, value, last };
    // What the last state is with the input added is not defined for pooling: only the sequence goes on.
    return { shape, value: map(builder, `${name}.residual`, [value, input.value], (a, x) => add(a, x)) };
  },
  given: (layer, name, carried) =>
    !takesStates(layer, carried)
      ? []
      : passes(layer, name).flatMap(({ prefix }) =>
          layer.cell.states.map((state) => ({ name: givenState(prefix, state), width: layer.units })),
        ),
  states: (layer, name) =>
    passes(layer, name).flatMap(({ prefix }) =>
      layer.cell.states.map((state) => ({
        name: `${prefix}.${state}`,
        over: "sequences" as const,
        width: layer.units,
      })),
    ),
  wholeSequence: ({ direction }) =>
    direction === "forward"
      ? undefined
      : `reads ${direction === "both" ? "in both directions" : "in reverse"}, from the sequence's end`,
  freshStart: ({ direction, initialState }) => {
    if (direction !== "forward") return "reads from the sequence's end, where no state comes from";
    return initialState === "learned"
      ? "starts from a learned state, which a carried one would replace"
      : undefined;
  },
  // What a field left out means is what files from before it meant.
  write: ({ cell, units, direction, initialState, residual, recurrentDropout, zoneout }, to) => ({
    cell: to.cell(cell),
    units,
    direction,
    initialState,
    residual,
    ...(recurrentDropout > 0 ? { recurrentDropout } : {}),
    ...(Object.keys(zoneout).length > 0 ? { zoneout } : {}),
  }),
  read: ({ number, numbers, oneOf, flag, cell, optional }) =>
    recurrent({
      cell: cell("cell"),
      units: number("units"),
      direction: oneOf("direction", recurrentRows.direction.names),
      initialState: oneOf("initialState", recurrentRows.initialState.names),
      residual: flag("residual"),
      recurrentDropout: optional("recurrentDropout", number, 0),
      zoneout: optional<Zoneout>("zoneout", numbers, 0),
    }),
};

function runPass(
  layer: RecurrentLayer,
  input: Activation,
  context: BuildContext,
  { prefix, reverse, number }: { prefix: string; reverse: boolean; number: number },
): ReturnType<typeof recurrence> {
  const { builder, packing, finals, streamed, carried, observer, starts } = context;
  const { body, masks } = noisy(layer.cell.equations(), layer, context, {
    prefix,
    number,
    units: layer.units,
  });
  const parameters: Record<string, Value> = {};
  const initial: Record<string, Value | number> = {};
  const local = (name: string): string => name.slice(prefix.length + 1);
  for (const spec of cellSpecs(layer, input.shape, prefix)) {
    for (const block of spec.blocks) parameters[local(block.buffer)] = blockBuffer(builder, spec, block);
  }
  for (const state of body.states) {
    if (layer.initialState === "learned") initial[state] = parameters[`initial_${state}`]!;
    if (takesStates(layer, carried) && !streamed)
      initial[state] = builder.input(givenState(prefix, state), `sequences:${packing}`, layer.units);
    const start = starts?.get(`${prefix}.${state}`);
    if (start) initial[state] = start;
  }
  const x: Operand = input.shape.over === "ids" ? { ids: input.value } : input.value;
  const widths = { X: input.shape.width, H: layer.units };
  const result = (streamed ? recurrenceStep : recurrence)(builder, {
    name: prefix,
    body,
    packing,
    reverse,
    inputs: { x, ...masks },
    parameters,
    initial,
    widths,
    ...(observer
      ? { observed: observer.loop({ name: prefix, packing, reverse, body, ...shownOf(layer) }) }
      : {}),
  });
  for (const [state, value] of Object.entries(result.final)) {
    finals.set(`${prefix}.${state}`, value);
    const start = layer.initialState === "given" ? undefined : (initial[state] ?? 0);
    streamed?.set(`${prefix}.${state}`, { value, start });
  }
  return result;
}

/** What tools that look inside learn about the layer. */
const shownOf = ({ cell, units }: RecurrentLayer) => ({ cell: cell.name, units, output: cell.output });

/** True if the layer's initial states are inputs of the plan. */
function takesStates({ initialState }: RecurrentLayer, carried: boolean): boolean {
  return initialState === "given" || (carried && initialState === "zero");
}

/** Name of the plan's input for a given initial state: "recurrent1.initial.c". */
function givenState(prefix: string, state: string): string {
  return `${prefix}.initial.${state}`;
}
