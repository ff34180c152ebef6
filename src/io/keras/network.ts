/**
 * From the layers of a file to a network of ours with its parameters and all that the certificate compares with. What
 * cannot be imported is found in every layer first and reported as one list.
 */
import { type LossName, NetworkError, network, type Parameters } from "../../nn/index.js";
import { OptionError } from "../../options/error.js";
import { FileFormatError } from "../errors.js";
import type { Imported } from "../imported.js";
import type { Reading } from "../reading.js";
import { type EvaluatedCall, evaluationOf } from "./evaluation.js";
import { fieldsOf } from "./fields.js";
import { type FoundInputs, inputsOf } from "./inputs.js";
import {
  type BoundLayer,
  checkPrecision,
  type LayerContext,
  type LayerRow,
  type MappedLayer,
  nothing,
  titleOf,
} from "./layers/mapped.js";
import { createPlacer, type Placer, type Value } from "./layers/placer.js";
import { MOST_TOGETHER, putTogether } from "./layers/shapes.js";
import { rowOf, unknownClass } from "./layers/table.js";
import type {
  Call,
  Dialect,
  SourceConfig,
  SourceTensor,
  Topology,
  ValueRef,
  WeightReader,
} from "./source.js";

/** A model to import. */
export interface SourceModel {
  /** "keras" or "tfjs". */
  readonly format: string;
  readonly file: string;
  readonly topology: Topology;
  /** What the topology could not take. */
  readonly refused: readonly string[];
  readonly dialect: Dialect;
  /** The output to import, by name or number from 1; absent: the only one. */
  readonly output?: string;
  /** Opens the weights, once all layers are known to be importable. */
  readonly weights: () => WeightReader | Promise<WeightReader>;
}

/**
 * Makes a network of a model.
 *
 * @throws FileFormatError listing everything that cannot be imported, or naming what is wrong with the file
 */
export async function importModel(source: SourceModel): Promise<Imported> {
  const { format, file } = source;
  const refused = [...source.refused];
  const output = outputOf(source, refused);
  const topology = withoutUnread(source.topology, output);
  const graph = mapCalls({ ...source, topology }, topology.outputs[0], refused);
  const { mapped, placer, input, end } = graph;
  if (topology.calls.length > 0 && placer.layers.length === 0 && refused.length === 0)
    refused.push("no layer of the model computes anything");
  if (refused.length > 0 || !end) throw refusal(file, refused);
  const loss = mapped.reduce<LossName>((found, each) => each.loss ?? found, "squaredError");
  const gives = mapped.find((each) => each.gives !== undefined)?.gives;
  const net = guarded(file, () => network({ input: input.network, layers: placer.layers, loss }));
  const bound = await bindAll(source, topology.calls, mapped);
  const parameters: Parameters = new Map([
    ...placer.parameters,
    ...bound.flatMap((each) => [...each.parameters]),
  ]);
  const calls = topology.calls.map(
    (call, i): EvaluatedCall => ({ call, bound: bound[i]!, plain: graph.plain.has(i) }),
  );
  return {
    format,
    network: net,
    // In the network's own order, whatever that of the file.
    parameters: new Map(net.parameters.map(({ name }) => [name, requireParameter(parameters, name)])),
    mapped: bound.flatMap((each) => each.mapped),
    ...evaluationOf({
      calls,
      inputs: input.names,
      output: topology.outputs[0]!,
      end,
      steps: graph.reading.steps,
    }),
    assumed: [
      ...new Set(graph.assumed),
      ...graph.remarks,
      ...(gives
        ? ["The file gives logarithms of probabilities; here the probabilities themselves are predicted."]
        : []),
      `The loss, if the model is trained on, is ${loss}.`,
    ],
    ...(gives ? { gives } : {}),
    ...(Object.keys(graph.reading).length > 0 ? { reading: graph.reading } : {}),
  };
}

/** The result that is imported; undefined if there is none. */
function outputOf({ topology: { outputs }, output }: SourceModel, refused: string[]): ValueRef | undefined {
  const names = outputs.map(({ name }, i) => `${i + 1} ${name}`).join(", ");
  if (output === undefined) {
    if (outputs.length > 1)
      refused.push(
        `the model has ${outputs.length} outputs (${names}), and a network has one: choose which with the option output, by name or number`,
      );
    return outputs[0];
  }
  const byName = outputs.filter(({ name }) => name === output);
  const found = byName.length === 1 ? byName[0] : outputs[Number(output) - 1];
  if (!found) refused.push(`the model has no output ${output}; it has ${names}`);
  return found ?? outputs[0];
}

/** The calls that an output depends on; the others are of no use. */
function withoutUnread({ calls, outputs }: Topology, output: ValueRef | undefined): Topology {
  if (!output || outputs.length < 2) return { calls, outputs: output ? [{ ...output, name: "" }] : [] };
  const read = new Set([output.call]);
  for (let i = calls.length - 1; i >= 0; i--)
    if (read.has(i)) for (const ref of [...calls[i]!.inputs, ...calls[i]!.states]) read.add(ref.call);
  const kept = [...calls.keys()].filter((i) => read.has(i));
  const moved = (ref: ValueRef): ValueRef => ({ ...ref, call: kept.indexOf(ref.call) });
  return {
    calls: kept.map((i) => {
      const call = calls[i]!;
      return { ...call, inputs: call.inputs.map(moved), states: call.states.map(moved) };
    }),
    outputs: [{ ...moved(output), name: "" }],
  };
}

/** The file's layers as layers of ours. */
interface Mapped {
  readonly input: FoundInputs;
  readonly mapped: readonly MappedLayer[];
  readonly placer: Placer;
  /** What the network gives. */
  readonly end: Value | undefined;
  readonly reading: Reading;
  /** The places of the calls that read and give steps as they stand in the file. */
  readonly plain: ReadonlySet<number>;
  readonly assumed: readonly string[];
  readonly remarks: readonly string[];
}

/** Every call's row applied to it, in order; complaints go to the list. */
function mapCalls(
  { file, topology, dialect }: SourceModel,
  output: ValueRef | undefined,
  refused: string[],
): Mapped {
  const { calls } = topology;
  const assumed: string[] = [];
  const input = inputsOf(topology, {
    file,
    refuse: (what) => void refused.push(what),
    assume: (what) => void assumed.push(what),
  });
  const placer = createPlacer(input.values.size === 1 ? "input" : "");
  const last = lastCalls(calls, output);
  const steps = new StepCount([...input.values.values()], refused);
  const values: (readonly (Value | undefined)[])[] = [];
  const ignoring = new Set<string>();
  const maskers: Masker[] = [];
  const mapped = calls.map((call, i): MappedLayer => {
    const { layer } = call;
    const title = titleOf(layer);
    if (layer.className === "InputLayer") {
      const value = input.values.get(i);
      values.push([value && input.once.includes(i) ? asVector(value, placer, steps) : value]);
      return nothing;
    }
    const row = rowOf(layer.className);
    const read = (refs: readonly ValueRef[]): (Value | undefined)[] =>
      refs.map((ref) => {
        const given = values[ref.call] ?? [];
        if (given.length > 0 && ref.output >= given.length)
          refused.push(
            `${title}: reads result ${ref.output + 1} of ${titleOf(calls[ref.call]!.layer)}, which gives ${given.length}`,
          );
        return given[ref.output];
      });
    const context: LayerContext = {
      layer,
      fields: fieldsOf(layer.config, { file, where: `layer ${title}` }),
      inputs: read(call.inputs),
      states: read(call.states),
      given: call.given,
      dialect,
      last: last.has(i),
      isRead: (result) =>
        (output?.call === i && output.output === result) ||
        calls.some(({ inputs, states }) =>
          [...inputs, ...states].some((ref) => ref.call === i && ref.output === result),
        ),
      part: "",
      placer,
      refuse: (what) => refused.push(`${title}: ${what}`),
      assume: (what) => assumed.push(`${title} ${what}.`),
      needsSteps: (count, why) => steps.need(count, `${title}: ${why}`),
    };
    if (!row) context.refuse(`is ${unknownClass(layer.className)}`);
    checkPrecision(context);
    checkCount(call, row, context);
    for (const ref of call.inputs) {
      const value = values[ref.call]?.[ref.output];
      // Keras drops the mask of a recurrent layer that is given its initial states.
      const dropped =
        row?.mask === "ignores" || (row?.reads === "states" && call.inputs.length + call.states.length > 1);
      if (value?.mask !== undefined && dropped) ignoring.add(title);
      if (value && row && masks(call)) maskers.push({ layer, reads: value.ours });
    }
    const result = row?.read({ ...context, inputs: fitting(row, context, steps) }) ?? nothing;
    values.push(row?.mask === "ignores" ? result.outputs.map(withoutMask) : result.outputs);
    return result;
  });
  const found = output && values[output.call]?.[output.output];
  const end = found && found.over !== "ids" && refused.length === 0 ? atTheEnd(found, placer) : undefined;
  const again = calls.filter(({ layer }, i) =>
    calls.some(
      (other, k) =>
        k < i && other.layer.weights.path === layer.weights.path && layer.className !== "InputLayer",
    ),
  );
  for (const { layer } of again)
    if (rowOf(layer.className) && !rowOf(layer.className)?.passes)
      assumed.push(
        `${titleOf(layer)} is called more than once: its weights are here once for each call, and would be trained apart.`,
      );
  const masked = maskOf(maskers, { ignoring, end }, assumed);
  const reading: Reading = {
    ...steps.reading,
    ...(masked ? { masked } : {}),
    ...(end?.backwards && end.over === "tokens" ? { backwards: true } : {}),
  };
  const isPlain = (value: Value | undefined): boolean => !value?.flat && !value?.backwards;
  const plain = calls.flatMap((call, i) =>
    [...call.inputs.map((ref) => values[ref.call]?.[ref.output]), ...(values[i] ?? [])].every(isPlain)
      ? [i]
      : [],
  );
  return { input, mapped, placer, end, reading, plain: new Set(plain), assumed, remarks: steps.remarks };
}

/** A layer that masks steps, and what it reads. */
interface Masker {
  readonly layer: SourceConfig;
  readonly reads: string;
}

const masks = ({ layer: { className, config } }: Call): boolean =>
  className === "Masking" || (className === "Embedding" && config["mask_zero"] === true);

/** The number that marks steps to leave out, where leaving them out is what the file does; otherwise a remark says what is not. */
function maskOf(
  maskers: readonly Masker[],
  { ignoring, end }: { readonly ignoring: ReadonlySet<string>; readonly end: Value | undefined },
  assumed: string[],
): Reading["masked"] | undefined {
  const [first] = maskers;
  if (!first) return undefined;
  const title = titleOf(first.layer);
  const number = first.layer.className === "Embedding" ? 0 : (first.layer.config["mask_value"] ?? 0);
  const problem =
    maskers.length > 1
      ? "there are several masks"
      : first.reads !== "input"
        ? "it does not read the input itself"
        : typeof number !== "number"
          ? "what it masks is no number"
          : ignoring.size > 0
            ? `${[...ignoring].join(", ")} computes with masked steps all the same`
            : end?.over === "tokens" && !end.held
              ? "what is predicted there is computed of what is masked"
              : undefined;
  if (problem === undefined) {
    const what =
      first.layer.className === "Embedding" ? "the id 0" : `steps in which all numbers are ${number}`;
    assumed.push(
      `${title} masks ${what}: such steps are left out before anything is computed, wherever they stand.`,
    );
    return { value: number as number };
  }
  assumed.push(
    `Steps that ${title} masks are not left out by themselves, for ${problem}: give sequences without such steps, of which the results are the same.`,
  );
  return undefined;
}

const withoutMask = (value: Value | undefined): Value | undefined => {
  if (!value) return value;
  const { mask: _, ...others } = value;
  return others;
};

/** A single input that is one vector: a sequence of one step, which is the vector. */
function asVector(value: Value, placer: Placer, steps: StepCount): Value {
  steps.need(1, "the input is one vector");
  return { ours: placer.pool("ends", value.ours), over: "sequences", width: value.width };
}

/** A network gives what its last layer gives: another value, a state, is passed on by one. */
function atTheEnd(value: Value, placer: Placer): Value {
  const { layer } = placer.layers.at(-1) ?? {};
  if (!layer) return value;
  const count = placer.layers.filter((each) => each.layer.kind === layer.kind).length;
  return value.ours === `${layer.kind}${count}`
    ? value
    : { ...value, ours: placer.scale(value.ours, value.width, 1, 0) };
}

/** Says so if a layer is called with more values than it reads. */
function checkCount({ inputs }: Call, row: LayerRow | undefined, { refuse }: LayerContext): void {
  if (!row || row.reads || inputs.length === 1) return;
  refuse(`reads ${inputs.length} values, and a layer of its kind reads one`);
}

/** The inputs of a layer in a form that it can read. */
function fitting(row: LayerRow, context: LayerContext, steps: StepCount): readonly (Value | undefined)[] {
  const { inputs, placer, refuse } = context;
  return inputs.map((value) => {
    const turns = row.stepwise || row.passes || row.anyOrder || row.reads === "states";
    if (value?.backwards && !turns) {
      refuse(
        "reads steps that run backwards (go_backwards with return_sequences); Dense layers and recurrent ones can",
      );
      return undefined;
    }
    if (!value?.flat || row.readsFlat) return value;
    const size = (value.steps ?? 1) * value.width;
    steps.need(value.steps, `${titleOf(context.layer)}: steps side by side`);
    if (size <= MOST_TOGETHER) return putTogether(placer, value);
    refuse(
      `reads ${size} numbers of steps side by side (Flatten); up to ${MOST_TOGETHER} can be imported, or a Dense layer right after it`,
    );
    return undefined;
  });
}

/** How many steps sequences have, where layers depend on it. */
class StepCount {
  readonly #inputs: readonly Value[];
  readonly #refused: string[];
  #needed: number | undefined;
  #why = "";

  constructor(inputs: readonly Value[], refused: string[]) {
    this.#inputs = inputs;
    this.#refused = refused;
  }

  need(count: number | undefined, why: string): void {
    const given = this.#inputs.find(({ steps }) => steps !== undefined)?.steps;
    if (count === undefined) return;
    if (given !== undefined && given !== count)
      this.#refused.push(
        `${why} needs ${count} steps, and the input has ${given}; here a network has one number of steps`,
      );
    else if (this.#needed !== undefined && this.#needed !== count)
      this.#refused.push(`${why} needs ${count} steps, and ${this.#why} needs ${this.#needed}`);
    this.#needed ??= count;
    this.#why ||= why;
  }

  get reading(): Reading {
    return this.#needed === undefined ? {} : { steps: this.#needed };
  }

  get remarks(): string[] {
    if (this.#needed !== undefined)
      return [
        `Sequences must have ${this.#needed} ${this.#needed === 1 ? "step" : "steps"}, as the file has it (${this.#why}).`,
      ];
    const given = this.#inputs.find(({ steps }) => steps !== undefined)?.steps;
    return given === undefined
      ? []
      : [`The file's input has ${given} steps; here sequences have any length.`];
  }
}

/** The calls whose results are the model's: the one that gives it, seen through what leaves predictions as they are. */
function lastCalls(calls: readonly Call[], output: ValueRef | undefined): ReadonlySet<number> {
  const found = new Set<number>();
  const readers = (at: number): number =>
    calls.reduce(
      (n, { inputs, states }) => n + [...inputs, ...states].filter(({ call }) => call === at).length,
      0,
    );
  let at = output?.call;
  while (at !== undefined && calls[at]) {
    const { layer, inputs } = calls[at]!;
    const row = rowOf(layer.className);
    const passes = row?.passes || /^(Flatten|Reshape)$/.test(layer.className);
    // What others read as well cannot be left to the loss.
    if (readers(at) > (at === output?.call ? 0 : 1)) break;
    if (!passes) {
      found.add(at);
      break;
    }
    at = inputs[0]?.call;
  }
  return found;
}

async function bindAll(
  source: SourceModel,
  calls: readonly Call[],
  mapped: readonly MappedLayer[],
): Promise<readonly BoundLayer[]> {
  const read = await source.weights();
  const bound: BoundLayer[] = [];
  for (const [i, { layer }] of calls.entries()) {
    const { variables, bind } = mapped[i]!;
    const found = variables.length === 0 ? [] : await read(layer, variables);
    if (variables.length > 0) checkWeights(source.file, layer, { wanted: variables, found });
    bound.push(bind(found));
  }
  return bound;
}

/** Reasons that are listed. */
const LISTED = 40;

function refusal(file: string, refused: readonly string[]): FileFormatError {
  const reasons = [...new Set(refused)];
  const more = reasons.length - LISTED;
  const end = more > 0 ? `and ${more} more reasons` : "These are all the reasons";
  const problem =
    reasons.length === 1
      ? `cannot be imported: ${reasons[0]}`
      : `cannot be imported:\n- ${reasons.slice(0, LISTED).join("\n- ")}\n${end}`;
  return new FileFormatError({
    file,
    where: "model",
    problem,
    remedy: "docs/keras.md lists what can be imported, and what to do about the rest.",
  });
}

/** A network that does not fit together is a configuration that was not true. */
function guarded<T>(file: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NetworkError || error instanceof OptionError)) throw error;
    throw new FileFormatError({
      file,
      where: "model",
      problem: error.message,
      remedy: "The layers of the file do not fit together.",
    });
  }
}

function requireParameter(parameters: Parameters, name: string): ReturnType<Parameters["get"]> & object {
  const found = parameters.get(name);
  if (!found) throw new RangeError(`the import gave no ${name}`);
  return found;
}

/** A name and a shape. */
type Named = Pick<SourceTensor, "name" | "shape">;

/** Checks a layer's weights, and their order where they have names. @throws FileFormatError */
function checkWeights(
  file: string,
  layer: SourceConfig,
  { wanted, found }: { readonly wanted: readonly Named[]; readonly found: readonly Named[] },
): void {
  const list = (all: readonly Named[]): string =>
    all
      .slice(0, 12)
      .map(({ name, shape }) => `${name} (${shape.join(", ")})`)
      .concat(all.length > 12 ? [`and ${all.length - 12} more`] : [])
      .join(", ") || "none";
  const fits =
    wanted.length === found.length && wanted.every((w, i) => w.shape.join() === found[i]?.shape.join());
  const named = found.every(({ name }, i) => {
    const own = name.split("/").at(-1)?.replace(/:\d+$/, "") ?? "";
    // Keras 1 called them by letters, after the layer's name: "lstm_1_W_i".
    return /^\d+$|_([WUb](_[icfozrh])?|gamma|beta|running_(mean|std))$/.test(own) || own === wanted[i]?.name;
  });
  if (fits && named) return;
  throw new FileFormatError({
    file,
    where: `layer ${titleOf(layer)}`,
    problem: `has the weights ${list(found)}, and by its options it needs ${list(wanted)}`,
    remedy: "Weights and description must be of the same model.",
  });
}
