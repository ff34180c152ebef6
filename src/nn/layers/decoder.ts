/**
 * A decoder that attends to a source: the layer of a translator. The source, another sequence for each example, goes
 * through layers that end in a recurrent one, the encoder; the target, shifted, through others; then cells read the
 * target's steps from where the encoder ended, and look at all of the encoder's steps at each of their own.
 * Source: Sutskever, Vinyals and Le 2014; Bahdanau, Cho and Bengio 2015; the frame is that of Luong, Pham and Manning 2015.
 */
import { type AttentionScore, attentionScores } from "../../cell/attention.js";
import type { Cell } from "../../cell/cell.js";
import { tanh } from "../../cell/functions.js";
import { checkOptions } from "../../options/check.js";
import { OptionError } from "../../options/error.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import {
  type Builder,
  lookUp,
  map,
  type Operand,
  product,
  type RecurrenceOptions,
  recurrence,
  recurrenceStep,
  type Value,
} from "../../plan/index.js";
import { purposes } from "../../tensor/random.js";
import { names, packingOf, placeBeside, rowOf } from "../names.js";
import {
  type Branch,
  branchParameters,
  buildBranch,
  firstStream,
  insideKind,
  placeBranch,
} from "./branch.js";
import {
  type DecoderParts,
  type DecoderShapes,
  decoderBody,
  decoderParameters,
  keyWidth,
} from "./decoder-body.js";
import {
  type Activation,
  type BuildContext,
  blockBuffer,
  type InputShape,
  type LayerKind,
  layerList,
  NetworkError,
  type Observer,
  type Shape,
} from "./layer.js";
import { dropoutRate, keptOrZero, uniforms } from "./masks.js";
import type { Layer } from "./single.js";

/** The record of a decoder. */
export interface DecoderLayer extends DecoderParts {
  readonly kind: "decoder";
  readonly source: readonly Layer[];
  readonly target: readonly Layer[];
  /** Rate of dropout between the cells. */
  readonly dropout: number;
}

/** The options of a decoder. */
export interface DecoderOptions {
  /** Layers of the input "source": embedding, dropout, and at the end a recurrent layer, whose last state is handed on. */
  readonly source: readonly Layer[];
  /** Layers of the input "target": embedding, dropout. They run step by step. */
  readonly target: readonly Layer[];
  /** A cell of the catalogue or your own. */
  readonly cell: Cell;
  /** Hidden widths of the cells, one on the other. */
  readonly units: readonly number[];
  /**
   * How a state s and the encoder's step h_j are compared: "additive" (default), e_j = vᵀ tanh(w s + u h_j); "general",
   * e_j = sᵀ w h_j; "none": not at all, only the encoder's last state is handed on.
   */
  readonly attention?: AttentionScore | "none";
  /** Length of v; default: that of s. Only for "additive". */
  readonly attentionWidth?: number;
  /** True (default, where there is attention) to give h̃⟨t−1⟩ to the lowest cell beside the target's step. */
  readonly inputFeeding?: boolean;
  /** Rate of dropout between one cell and the next while training; default 0. */
  readonly dropout?: number;
}

const scores = Object.keys(attentionScores) as AttentionScore[];

const decoderRows = {
  source: { ...layerList, required: true },
  target: { ...layerList, required: true },
  cell: { kind: "object", what: "a cell", required: true },
  units: { kind: "list", of: { kind: "whole" }, most: 100, required: true },
  attention: { kind: "name", names: [...scores, "none"], default: "additive" },
  attentionWidth: {
    kind: "whole",
    needs: { attention: scores.filter((score) => attentionScores[score].ownWidth) },
  },
  inputFeeding: { kind: "flag" },
  dropout: { ...dropoutRate, default: 0 },
} as const satisfies RowsOf<DecoderOptions>;

/**
 * A decoder with attention: of two inputs, `source` (beside) and `target`, it gives a vector for each step of the target.
 *
 *   s⟨0⟩ = tanh(w_0 [the encoder's last state] + b_0), for each state of each cell
 *   s⟨t⟩ = cells(s⟨t−1⟩, [y⟨t⟩, h̃⟨t−1⟩]),   α⟨t⟩ = softmax_j(e(s⟨t⟩, h_j)),   c⟨t⟩ = Σ_j α_j⟨t⟩ h_j
 *   h̃⟨t⟩ = tanh(w_h [s⟨t⟩, c⟨t⟩] + b_h)
 *
 * Without attention the output is s⟨t⟩. A source without steps gives c = 0, and s⟨0⟩ of the encoder's initial state.
 *
 * @example
 * network({
 *   input: { inputs: { source: { vocabulary: 5000, beside: true }, target: { vocabulary: 5000 } } },
 *   layers: [
 *     decoder({
 *       source: [embedding({ width: 256 }), recurrent({ cell: gru, units: 256, direction: "both" })],
 *       target: [embedding({ width: 256 })],
 *       cell: gru, units: [512], attention: "additive",
 *     }),
 *     linear({ units: 5000 }),
 *   ],
 *   loss: "crossEntropy",
 * });
 * @throws OptionError naming an option that does not exist, whose value makes no sense, or that would have no effect
 */
export function decoder(options: DecoderOptions): DecoderLayer {
  checkOptions(options, decoderRows, "decoder");
  const { source, target, cell, units, attention, dropout } = withDefaults(options, decoderRows);
  const attends = attention !== "none";
  const { inputFeeding = attends, attentionWidth = units.at(-1)! } = options;
  if (inputFeeding && !attends)
    throw new OptionError(
      "{inputFeeding} needs attention: without it there is nothing to feed back (decoder)",
    );
  if (dropout > 0 && units.length === 1)
    throw new OptionError("{dropout} acts between the cells of a decoder, which has but one; leave it out");
  const sizesAndRates = { units: Object.freeze([...units]), attentionWidth, inputFeeding, dropout };
  return Object.freeze({ kind: "decoder", source, target, cell, attention, ...sizesAndRates });
}

interface Branches {
  readonly source: Branch;
  readonly target: Branch;
}

function placedBranches(layer: DecoderLayer, input: Shape, name: string): Branches {
  const { source, target } = inputsOf(input, name);
  const placed = {
    source: placeBranch(layer.source, source, `${name}.source`),
    target: placeBranch(layer.target, target, `${name}.target`),
  };
  checkBranches(placed, name);
  return placed;
}

const shapesOf = ({ source, target }: Branches): DecoderShapes => ({
  source: source.output,
  target: target.output,
});

/** The row of the kind. */
export const decoderKind: LayerKind<DecoderLayer> = {
  severalInputs: true,
  output(layer, input, name) {
    const { body, output, widths } = decoderBody(layer, shapesOf(placedBranches(layer, input, name)), false);
    return { over: "tokens", width: widths[body.next[output]!.width]! };
  },
  parameters(layer, input, name) {
    const placed = placedBranches(layer, input, name);
    return [
      ...branchParameters(placed.source),
      ...branchParameters(placed.target),
      ...decoderParameters(layer, shapesOf(placed), name),
    ];
  },
  inside: ({ source, target }) => ({ source, target }),
  build(layer, input, context) {
    const placed = placedBranches(layer, input.shape, context.name);
    const stream = firstStream(context) + placed.source.all.length;
    const from = input.inputs!.get("target")!;
    const y = buildBranch(placed.target, from, { context, stream });
    const given = context.streamed !== undefined;
    const encoder = given ? undefined : encode(placed, input, context);
    const shapes = shapesOf(placed);
    return decode(layer, { shapes, encoder, y }, { context, stream: stream + placed.target.all.length });
  },
  memory(layer, input, context) {
    const placed = placedBranches(layer, input.shape, context.name);
    const encoder = encode(placed, input, context);
    const { parameters } = decoderBlocks(layer, shapesOf(placed), context);
    const { states } = decoderBody(layer, shapesOf(placed), false);
    const starts = startingStates(encoder, Object.keys(states), parameters, context);
    const named = Object.entries(starts).map(([state, value]) => [`${startOf}${state}`, value]);
    if (layer.attention === "none") return Object.fromEntries(named);
    const keys = product(context.builder, `${context.name}.keys`, encoder.value, keyBlock(layer, parameters));
    return { h: encoder.value, keys, ...Object.fromEntries(named) };
  },
  wholeSequence: () => "reads a source, which a stream does not bring",
  freshStart: () => "starts from its source, where no state comes from",
  write: ({ source, target, cell, units, attention, attentionWidth, inputFeeding, dropout }, to) => ({
    of: { source: source.map(to.layer), target: target.map(to.layer) },
    cell: to.cell(cell),
    units: Object.fromEntries(units.map((n, i) => [i + 1, n])),
    attention,
    ...(attention !== "none" && attentionScores[attention].ownWidth ? { attentionWidth } : {}),
    inputFeeding,
    ...(dropout > 0 ? { dropout } : {}),
  }),
  read({ branches: read, cell, numbers, oneOf, optional, number, flag }) {
    // Whether these layers may stand inside another is asked when the network is made.
    const { source = [], target = [] } = read("of") as Readonly<Record<string, readonly Layer[]>>;
    return decoder({
      source,
      target,
      cell: cell("cell"),
      units: Object.values(numbers("units")),
      attention: oneOf("attention", decoderRows.attention.names),
      ...optional(
        "attentionWidth",
        (key): { attentionWidth?: number } => ({ attentionWidth: number(key) }),
        {},
      ),
      inputFeeding: flag("inputFeeding"),
      dropout: optional("dropout", number, 0),
    });
  },
};

function inputsOf({ inputs = {} }: Shape, name: string): { source: InputShape; target: InputShape } {
  const { source, target } = inputs;
  if (source?.place === "beside" && target?.place === "step" && Object.keys(inputs).length === 2)
    return { source, target };
  const found = Object.entries(inputs).map(([input, { place }]) => `${input} (${place})`);
  throw new NetworkError(
    `${name} reads the inputs source, which lies beside, and target, which has the network's steps; found ${found.join(", ")}`,
  );
}

function checkBranches({ source, target }: Branches, name: string): void {
  if (source.output.over !== "tokens")
    throw new NetworkError(
      `${name}.source must give a vector for every step; end its layers with a recurrent one`,
    );
  if (target.output.over === "sequences")
    throw new NetworkError(
      `${name}.target must give a vector for every step; end its layers before any pooling`,
    );
  for (const { layer, name: inside } of target.all) {
    const reason = insideKind(layer).wholeSequence?.(layer);
    if (reason)
      throw new NetworkError(`${inside} ${reason}; the layers of a decoder's target run step by step`);
  }
}

interface DecoderInputs {
  readonly shapes: DecoderShapes;
  /** Absent in a plan of single steps, which is given what was made of the source. */
  readonly encoder: Activation | undefined;
  readonly y: Activation;
}

/** Prefix of starting states among what is made of a source. */
export const startOf = "start.";

function encode({ source }: Branches, { inputs }: Activation, context: BuildContext): Activation {
  const from = inputs!.get("source")!;
  return buildBranch(source, from, { context, stream: firstStream(context) });
}

/** The plan's buffers of the parameters, by their names in the equations. */
function decoderBlocks(
  layer: DecoderLayer,
  shapes: DecoderShapes,
  { builder, name }: BuildContext,
): { readonly parameters: Readonly<Record<string, Value>> } {
  const blocks = decoderParameters(layer, shapes, name).flatMap((spec) =>
    spec.blocks.map(
      (block) => [block.buffer.slice(name.length + 1), blockBuffer(builder, spec, block)] as const,
    ),
  );
  return { parameters: Object.fromEntries(blocks) };
}

/** The weights that make keys of the encoder's steps. */
const keyBlock = ({ attention }: DecoderLayer, parameters: Readonly<Record<string, Value>>): Value =>
  parameters[attentionScores[attention as AttentionScore].key]!;

/** Emits the keys, the starting states and the loop; or, in a stream, one step. */
function decode(
  layer: DecoderLayer,
  { shapes, encoder, y }: DecoderInputs,
  { context, stream }: { readonly context: BuildContext; readonly stream: number },
): Activation {
  const { builder, packing, name, training, finals, streamed, observer } = context;
  const masked = training && layer.dropout > 0;
  const { body, output, states, masks, widths } = decoderBody(layer, shapes, masked);
  const { parameters } = decoderBlocks(layer, shapes, context);
  const inputs: Record<string, Operand> = { y: y.shape.over === "ids" ? { ids: y.value } : y.value };
  const attends = layer.attention !== "none";
  if (attends) Object.assign(inputs, sourceRows(layer, { shapes, encoder, parameters }, context));
  Object.entries(masks).forEach(([mask, width], i) => {
    const place = { name: `${name}.${mask}`, width, purpose: purposes.dropout, stream: stream + i };
    const u = uniforms(context, { ...place, over: "tokens", overTime: true });
    inputs[mask] = map(builder, `${place.name}.kept`, [u], (uniform) => keptOrZero(uniform, layer.dropout));
  });
  const options = {
    name,
    body,
    packing,
    inputs,
    parameters,
    widths,
    ...(attends ? { source: packingOf("source") } : {}),
  };
  if (!encoder) {
    const step = recurrenceStep(builder, { ...options, initial: {} });
    const weights = step.gates["α"];
    if (weights) builder.output(names.attention, weights);
    for (const [state, value] of Object.entries(step.final))
      streamed?.set(`${name}.${state}`, { value, start: state in states ? undefined : 0 });
    const value = step.states[output]!;
    return { shape: { over: "tokens", width: value.width }, value };
  }
  const result = recurrence(builder, {
    ...options,
    ...(observer ? observed(builder, options, { layer, output, observer }) : {}),
    initial: startingStates(encoder, Object.keys(states), parameters, context),
  });
  for (const [state, value] of Object.entries(result.final)) finals.set(`${name}.${state}`, value);
  const value = result.states[output]!;
  return { shape: { over: "tokens", width: value.width }, value, last: result.final[output]! };
}

/** The loop as it is looked into: its gates and states as they are, and the weights of its attention as rows. */
function observed(
  builder: Builder,
  options: Omit<RecurrenceOptions, "initial">,
  {
    layer,
    output,
    observer,
  }: { readonly layer: DecoderLayer; readonly output: string; readonly observer: Observer },
): Partial<RecurrenceOptions> {
  const { name, packing, body } = options;
  const units = layer.units.at(-1)!;
  const loop = { name, packing, reverse: false, cell: layer.cell.name, units, output };
  if (layer.attention === "none") return { observed: observer.loop({ ...loop, body }) };
  const seen = observer.weights(builder, options);
  return { ...seen, observed: observer.loop({ ...loop, body: seen.body, attention: "α" }) };
}

/** The encoder's steps and their keys, by the sequences of the target. */
function sourceRows(
  layer: DecoderLayer,
  {
    shapes,
    encoder,
    parameters,
  }: {
    readonly shapes: DecoderShapes;
    readonly encoder: Activation | undefined;
    readonly parameters: Readonly<Record<string, Value>>;
  },
  { builder, packing, name }: BuildContext,
): { readonly h: Value; readonly keys: Value } {
  const rows = `aligned:${packing}:${packingOf("source")}` as const;
  if (!encoder) {
    builder.packing(packingOf("source"));
    const given = (of: string, width: number): Value => builder.input(names.memory + of, rows, width);
    return { h: given("h", shapes.source.width), keys: given("keys", keyWidth(layer)) };
  }
  const index = builder.input(rowOf(packingOf("source")), rows, 1, "index");
  const h = lookUp(builder, `${name}.h`, encoder.value, index);
  return { h, keys: product(builder, `${name}.keys`, h, keyBlock(layer, parameters)) };
}

/** s⟨0⟩ of every state, by the places of the target. */
function startingStates(
  { last }: Activation,
  states: readonly string[],
  parameters: Readonly<Record<string, Value>>,
  { builder, packing, name }: BuildContext,
): Record<string, Value> {
  if (!last)
    throw new NetworkError(
      `${name} starts from the encoder's last state: the source's layers must end with a recurrent one that is not residual`,
    );
  const places = builder.input(placeBeside("source"), `sequences:${packing}`, 1, "index");
  const ends = lookUp(builder, `${name}.ends`, last, places);
  return Object.fromEntries(
    states.map((state) => {
      const [cell, own] = state.split(".");
      const [w, b] = [`${cell}.w_0_${own}`, `${cell}.b_0_${own}`].map((p) => parameters[p]) as [Value, Value];
      const z = product(builder, `${name}.${state}.z_0`, ends, w, b);
      return [state, map(builder, `${name}.${state}.start`, [z], (v) => tanh(v))];
    }),
  );
}
