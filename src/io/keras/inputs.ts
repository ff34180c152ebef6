/**
 * The inputs of a model: token ids where an Embedding reads them, steps of numbers, or one vector for each sequence; and what a
 * file makes of its input first of all (Reshape), which is how it is taken here.
 */
import type { NamedInput, NetworkInput } from "../../nn/index.js";
import { fieldsOf } from "./fields.js";
import { titleOf } from "./layers/mapped.js";
import type { Value } from "./layers/placer.js";
import type { Call, Topology } from "./source.js";
import { sizesIn } from "./topology.js";

/** What the network reads, and the value of each input by the place of its call. */
export interface FoundInputs {
  readonly network: NetworkInput;
  readonly values: ReadonlyMap<number, Value>;
  /** The names of the inputs, by the same places. */
  readonly names: ReadonlyMap<number, string>;
  /** Inputs of one vector where there is no other: they are sequences of one step here. */
  readonly once: readonly number[];
}

interface InputContext {
  readonly file: string;
  readonly refuse: (what: string) => void;
  readonly assume: (what: string) => void;
}

type Found = NamedInput & Pick<Value, "over" | "width" | "steps" | "unshaped">;

/** Finds what each input is. */
export function inputsOf({ calls, outputs }: Topology, context: InputContext): FoundInputs {
  const places = calls.flatMap(({ layer }, i) => (layer.className === "InputLayer" ? [i] : []));
  const used = places.filter((place) => isRead(place, calls, outputs));
  for (const place of places)
    if (!used.includes(place))
      context.assume(`${titleOf(calls[place]!.layer)} is not read, and was left out.`);
  const found = used.map((place): [number, Found | undefined] => [place, inputOf(place, calls, context)]);
  const values = new Map<number, Value>();
  const names = new Map<number, string>();
  const single = used.length === 1;
  const inputs: Record<string, NamedInput> = {};
  for (const [place, input] of found) {
    if (!input) continue;
    const { over, width, steps, unshaped } = input;
    const name = nameOf(calls[place]!.layer.name, Object.keys(inputs));
    const of = "vocabulary" in input ? { vocabulary: input.vocabulary } : { width };
    inputs[name] = input.once ? { ...of, once: true } : of;
    names.set(place, name);
    values.set(place, {
      ours: single ? "input" : `input.${name}`,
      over: single && over === "sequences" ? "tokens" : over,
      width,
      ...(steps === undefined ? {} : { steps }),
      ...(unshaped ? { unshaped } : {}),
    });
  }
  const once = single ? found.flatMap(([place, input]) => (input?.once ? [place] : [])) : [];
  const [first] = Object.values(inputs);
  if (!single) return { network: used.length > 0 ? { inputs } : { width: 1 }, values, names, once };
  const network =
    first && "vocabulary" in first ? { vocabulary: first.vocabulary } : { width: first?.width ?? 1 };
  return { network, values, names, once };
}

/** Names of inputs have no dots, which stand between the parts of other names. */
function nameOf(name: string, used: readonly string[]): string {
  const plain = name.replace(/[^\w-]+/g, "_");
  return used.includes(plain) ? nameOf(`${plain}_`, used) : plain;
}

const isRead = (place: number, calls: readonly Call[], outputs: Topology["outputs"]): boolean =>
  readersOf(place, calls).length > 0 || outputs.some(({ call }) => call === place);

const readersOf = (place: number, calls: readonly Call[]): Call[] =>
  calls.filter(({ inputs, states }) => [...inputs, ...states].some(({ call }) => call === place));

function inputOf(place: number, calls: readonly Call[], { file, refuse }: InputContext): Found | undefined {
  const { layer } = calls[place]!;
  const shape = sizesIn(layer.config["batch_shape"] ?? layer.config["batch_input_shape"]);
  const title = titleOf(layer);
  const readers = readersOf(place, calls);
  const embeddings = readers.filter(({ layer: { className } }) => className === "Embedding");
  if (embeddings.length > 0) {
    const sizes = embeddings.map(({ layer: each }) =>
      fieldsOf(each.config, { file, where: `layer ${titleOf(each)}` }).size("input_dim"),
    );
    if (embeddings.length < readers.length)
      refuse(`${title}: is read as token ids by an Embedding, and as numbers by another layer`);
    if (shape && shape.length !== 2)
      refuse(
        `${titleOf(embeddings[0]!.layer)}: reads ids of the shape (${shapeText(shape)}); it must be (batch, steps)`,
      );
    const vocabulary = Math.min(...sizes);
    return { vocabulary, over: "ids", width: vocabulary, ...stepsIn(shape?.[1]) };
  }
  const shaped = shapedFirst(readers, shape);
  if (shaped) return { width: shaped.width, over: "tokens", unshaped: true, ...stepsIn(shaped.steps) };
  const width = shape?.at(-1);
  if (shape?.length === 3 && typeof width === "number" && width >= 1)
    return { width, over: "tokens", ...stepsIn(shape[1]) };
  if (shape?.length === 2 && typeof width === "number" && width >= 1)
    return { width, once: true, over: "sequences" };
  refuse(
    shape
      ? `${title}: has the shape (${shapeText(shape)}); it must be (batch, steps, features), (batch, features), or token ids for an Embedding`
      : "the model does not say how wide its input is; build it before it is saved: model.build((None, None, features))",
  );
  return undefined;
}

const stepsIn = (steps: number | null | undefined): { readonly steps?: number } =>
  typeof steps === "number" && steps >= 1 ? { steps } : {};

/** Steps and features that a file makes of an input before anything else reads it. */
function shapedFirst(
  readers: readonly Call[],
  shape: readonly (number | null)[] | undefined,
): { readonly steps: number | null; readonly width: number } | undefined {
  const [only] = readers;
  if (readers.length !== 1 || !only || !shape) return undefined;
  const { className, config } = only.layer;
  const sizes = shape.slice(1);
  const total = sizes.every((n): n is number => n !== null) ? sizes.reduce((a, b) => a * b, 1) : undefined;
  if (className === "Reshape") {
    const target = sizesIn(config["target_shape"]);
    if (target?.length !== 2) return undefined;
    const [steps, width] = target as readonly [number | null, number | null];
    const others = (known: number | null): number | null =>
      total === undefined || known === null ? null : total / known;
    const wide = width === -1 ? others(steps) : width;
    const long = steps === -1 ? others(width) : steps;
    return wide !== null && wide >= 1 && Number.isInteger(wide) ? { steps: long, width: wide } : undefined;
  }
  if (className === "ExpandDims" && sizes.length === 1 && (config["axis"] === -1 || config["axis"] === 2))
    return { steps: sizes[0] ?? null, width: 1 };
  // A vector, a picture, whatever it is: side by side, for each step.
  const inner = config["layer"];
  const flattens =
    className === "TimeDistributed" &&
    typeof inner === "object" &&
    (inner as { class_name?: unknown } | null)?.class_name === "Flatten";
  const each = sizes.slice(1);
  if (flattens && each.every((n): n is number => n !== null))
    return { steps: sizes[0] ?? null, width: each.reduce((a, b) => a * b, 1) };
  return undefined;
}

const shapeText = (shape: readonly (number | null)[]): string => shape.map((n) => n ?? "None").join(", ");
