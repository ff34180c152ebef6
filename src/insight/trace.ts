/**
 * A trace: the gates, states and outputs of a network at every step of an example, and the gradients that reach them, by
 * name. It is computed afresh on demand, by a plan of its own; other runs are not affected.
 */
import type { Home, Program } from "../exec/executor.js";
import { type Resource, resource } from "../exec/resource.js";
import {
  type BoundBatch,
  bindBatch,
  capacityFor,
  type Extent,
  extentOf,
  type GrowingProgram,
  growingProgram,
  names,
  networkHome,
  packingOf,
  readOutput,
} from "../nn/build/index.js";
import { type Example, type Network, NetworkError, type Parameters } from "../nn/index.js";
import { type Packing, unpackRows } from "../tensor/packing.js";
import {
  scoresGradient,
  type TracedLayer,
  type TracedValue,
  type TracePlan,
  tracePlan,
} from "./trace-plan.js";

/** Numbers step after step: T × H. */
export type TraceRows = readonly (readonly number[])[];

/** What a layer does with an example, in the order of the example's steps whichever way the layer reads. */
export interface LayerTrace {
  /** By the cell's own names, "Γu": a row for each step, one number or as many as there are units. */
  readonly gates?: Readonly<Record<string, TraceRows>>;
  /** The new states of every step, "c". */
  readonly states?: Readonly<Record<string, TraceRows>>;
  /** dL/dv of every gate and state v at every step, by its name with a d before it: "dΓu", "dc". */
  readonly gradients?: Readonly<Record<string, TraceRows>>;
  /**
   * Weights that sum to one in every row: of a decoder a row for each step of the target and a column for each of the source;
   * of pooling by attention one row, with a column for each step.
   */
  readonly attention?: TraceRows;
}

/** Layers by name: "recurrent1"; "recurrent1.forward" and "recurrent1.reverse" where it reads both ways. */
export type LayerTraces = Readonly<Record<string, LayerTrace>>;

/** What a network does with an example. */
export interface ExampleTrace {
  readonly layers: LayerTraces;
  /** Of a network with sequences inside its steps (the characters of words): for each step, the layers that read them. */
  readonly inside?: readonly LayerTraces[];
  /** ŷ: one row if the network pools, else a row per step. */
  readonly rows: TraceRows;
  /** z, the scores that ŷ is made of: rows as of ŷ. With "outputs". */
  readonly z?: TraceRows;
  /** dL/dz: rows as of ŷ. With "gradients". */
  readonly dz?: TraceRows;
  /** L, the loss summed over the rows. With "gradients". */
  readonly loss?: number;
}

/** What a trace tells of. */
export const traceKinds = ["gates", "states", "outputs", "gradients"] as const;

/** One of them. */
export type TraceKind = (typeof traceKinds)[number];

/** Options of a tracer. */
export interface TracerOptions {
  /**
   * What to tell: "gates" (and weights of attention), "states", "outputs" (z beside ŷ) of every step, "gradients" of the
   * loss towards all of these, for which examples must bring targets. Default ["gates", "states"].
   */
  readonly trace?: readonly TraceKind[];
  /** Examples that run together; default 8. The trace of an example does not depend on it. */
  readonly batchSize?: number;
  /** The weights; absent: the session that is given holds them already. */
  readonly parameters?: Parameters;
}

/** Looks into a network. */
export interface Tracer extends Resource {
  /** Traces in the order of the examples. @throws NetworkError if an example does not fit the network */
  trace(examples: readonly Example[]): ExampleTrace[];
  /** Gives its memory back; a session that it shares keeps the weights. */
  dispose(): void;
}

/**
 * A tracer.
 *
 * @example
 * const tracer = createTracer(net, executor, { parameters, trace: ["gates", "gradients"] });
 * const [first] = tracer.trace(examples);
 * first?.layers["recurrent1"]?.gates?.["Γu"]; // T rows of H numbers
 * @param home an executor, on which it opens a session of its own; or a session, whose weights it shares
 * @throws NetworkError if there is nothing of such a name to tell
 */
export function createTracer(net: Network, home: Home, options: TracerOptions = {}): Tracer {
  const { batchSize = 8, trace = ["gates", "states"] } = options;
  const wanted = checkKinds(trace);
  const own = networkHome(net, home, options.parameters);
  let made: Made | undefined;
  const ready = (extents: readonly Extent[]): { readonly of: TracePlan; readonly program: Program } => {
    const room = capacityFor([extents]);
    const sourceSteps = room[packingOf("source")]?.T ?? 1;
    if (!made || made.sourceSteps < sourceSteps) {
      made?.program.dispose();
      const of = tracePlan(net, { gradients: wanted.has("gradients"), sourceSteps });
      made = { of, sourceSteps, program: growingProgram(own.session, of.plan) };
    }
    const program = made.program.withRoom(room);
    own.writeWeights();
    return { of: made.of, program };
  };
  return resource({
    trace(examples) {
      const out: ExampleTrace[] = [];
      for (let from = 0; from < examples.length; from += batchSize) {
        const part = examples.slice(from, from + batchSize);
        const { of, program } = ready(part.map((e) => extentOf(net, e)));
        const bound = bindBatch(net, program, part, { seed: 0, step: 0 });
        program.run(bound.batch);
        out.push(...readTraces(net, program, { of, bound, wanted }));
      }
      return out;
    },
    dispose() {
      made?.program.dispose();
      own.dispose();
    },
  });
}

interface Made {
  readonly of: TracePlan;
  readonly sourceSteps: number;
  readonly program: GrowingProgram;
}

/** @throws NetworkError naming what there is */
function checkKinds(trace: readonly TraceKind[]): ReadonlySet<TraceKind> {
  const odd = trace.find((kind) => !traceKinds.includes(kind));
  if (odd === undefined) return new Set(trace);
  throw new NetworkError(`a trace cannot tell of "${odd}"; it can of ${traceKinds.join(", ")}`);
}

interface Ran {
  readonly of: TracePlan;
  readonly bound: BoundBatch;
  readonly wanted: ReadonlySet<TraceKind>;
}

/** The traces of the examples of a run. */
function readTraces(net: Network, program: Program, { of, bound, wanted }: Ran): ExampleTrace[] {
  const { packings } = bound.batch;
  const rows = readOutput(net, program, names.prediction, bound);
  const read = (name: string, width?: number): number[][][] | undefined =>
    name in program.plan.buffers ? readOutput(net, program, name, bound, width) : undefined;
  const z = wanted.has("outputs") ? read(names.scores) : undefined;
  const [dz, losses] = [read(scoresGradient), read(names.loss, 1)];
  const insides = insidePackings(net);
  const lengths = lengthsOf(bound.packing);
  const layers: Record<string, LayerTrace>[] = rows.map(() => ({}));
  const inside: Record<string, LayerTrace>[][] = lengths.map((T) => Array.from({ length: T }, () => ({})));
  for (const layer of of.layers) {
    const traces = readLayer(program, layer, { packings, wanted });
    const places = insides.has(layer.packing) ? inside.flat() : layers;
    traces.forEach((trace, i) => {
      if (Object.keys(trace).length > 0) places[i]![layer.name] = trace;
    });
  }
  return rows.map((row, i) => ({
    layers: layers[i] as LayerTraces,
    ...(insides.size > 0 ? { inside: inside[i] as readonly LayerTraces[] } : {}),
    rows: row,
    ...(z ? { z: z[i] as TraceRows } : {}),
    ...(dz ? { dz: dz[i] as TraceRows } : {}),
    ...(losses ? { loss: losses[i]!.reduce((sum, [v]) => sum + v!, 0) } : {}),
  }));
}

/** The packings of sequences inside the network's steps. */
function insidePackings({ input }: Network): ReadonlySet<string> {
  if (!("inputs" in input)) return new Set();
  return new Set(Object.entries(input.inputs).flatMap(([name, of]) => (of.inside ? [packingOf(name)] : [])));
}

/** The lengths of the caller's sequences. */
function lengthsOf(p: Packing): number[] {
  const out = new Array<number>(p.B);
  p.order.forEach((caller, place) => {
    out[caller] = p.lengths[place]!;
  });
  return out;
}

/** What a layer does with each of the caller's sequences. */
function readLayer(
  program: Program,
  { packing, loop, values }: TracedLayer,
  { packings, wanted }: Pick<Ran, "wanted"> & { readonly packings: Readonly<Record<string, Packing>> },
): LayerTrace[] {
  const p = packings[packing]!;
  const sources = packings[packingOf("source")];
  const columns = loop?.attention !== undefined && sources ? lengthsOf(sources) : undefined;
  const out = Array.from({ length: p.B }, (): MutableTrace => ({}));
  for (const value of values) {
    if (!wanted.has(value.kind === "attention" ? "gates" : value.kind)) continue;
    const rows = rowsOf(program, p, value);
    out.forEach((trace, i) => {
      const own = rows[i]!;
      if (value.kind !== "attention") {
        trace[value.kind] = { ...trace[value.kind], [nameOf(value)]: own };
        return;
      }
      trace.attention = columns ? own.map((row) => row.slice(0, columns[i])) : [own.map(([v]) => v!)];
    });
  }
  return out;
}

type MutableTrace = { -readonly [K in keyof LayerTrace]: LayerTrace[K] };

const nameOf = ({ kind, name }: TracedValue): string => (kind === "gradients" ? `d${name}` : name);

function rowsOf(program: Program, p: Packing, { output, width }: TracedValue): number[][][] {
  return unpackRows(p, output === undefined ? new Float64Array(p.N * width) : program.read(output), width);
}
