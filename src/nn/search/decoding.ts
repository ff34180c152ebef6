/**
 * Decoding: sequences out of a network with a decoder, token by token. What the source gives is made once; then every
 * step takes the last tokens of many beginnings, of several searches at once, with their states. How beginnings are
 * chosen stands in beam.ts.
 */

import { sub } from "../../cell/functions.js";
import type { Batch, BufferView, Home, Program } from "../../exec/executor.js";
import { type Resource, resource } from "../../exec/resource.js";
import { checkOptions } from "../../options/check.js";
import { type RowsOf, withDefaults } from "../../options/row.js";
import { Builder, logSumExp, map, optimise, type Plan, stepPasses, verify } from "../../plan/index.js";
import { align, packing, unpackRows, unpackSequences } from "../../tensor/packing.js";
import { buildForward, inputActivation } from "../build/plans.js";
import { firstReason } from "../graph.js";
import { startOf } from "../layers/decoder.js";
import { NetworkError, type StreamedState } from "../layers/layer.js";
import { kindOf } from "../layers/table.js";
import { alignmentOf, inputName, names, packingOf } from "../names.js";
import type { Network, PlacedLayer } from "../network.js";
import { type Parameters, parametersRow } from "../parameters.js";
import { bindBatch } from "../run/batch.js";
import { extentOf } from "../run/check-example.js";
import type { Example } from "../run/example.js";
import { capacityFor } from "../run/extent.js";
import { networkHome } from "../run/home.js";
import { type GrowingProgram, growingProgram } from "../run/program.js";
import { type Beam, type BeamOptions, type BeamResult, type Followed, startBeam } from "./beam.js";

/** How a decoder is made. */
export interface DecodingOptions {
  /** The token that every target begins with; it is never chosen. */
  readonly begin: number;
  /** The token that ends a target. */
  readonly end: number;
  /** Other tokens that are never chosen. Default: none. */
  readonly never?: readonly number[];
  /** Sources that are decoded together; default 16. */
  readonly batchSize?: number;
  /** The weights; absent: the session that is given holds them already. */
  readonly parameters?: Parameters;
}

const decodingRows = {
  begin: { kind: "whole", least: 0, required: true },
  end: { kind: "whole", least: 0, required: true },
  never: { kind: "list", of: { kind: "whole", least: 0 }, least: 0, default: [] },
  batchSize: { kind: "whole", default: 16 },
  parameters: parametersRow,
} as const satisfies RowsOf<DecodingOptions>;

/** Decodes sources. */
export interface Decoding extends Resource {
  /**
   * The best targets of each source, the best first. They do not depend on what is decoded together.
   *
   * @param search how to search, for all sources or for each by its length
   * @throws NetworkError if a source does not fit the network, OptionError if an option makes no sense
   */
  decode(
    sources: readonly ArrayLike<number>[],
    search: BeamOptions | ((length: number) => BeamOptions),
  ): BeamResult[][];
  /** Gives its memory back; a session that it shares keeps the weights. */
  dispose(): void;
}

/** The states before a token, by their names. */
type State = ReadonlyMap<string, ArrayLike<number>>;

/** What was made of one source: its rows by name, and where the states start. */
interface Memory {
  readonly length: number;
  readonly rows: ReadonlyMap<string, readonly (readonly number[])[]>;
  readonly start: State;
}

/**
 * A decoder of sequences.
 *
 * @param home an executor, on which it opens a session of its own; or a session, whose weights it shares
 * @throws OptionError naming an option that does not exist, or whose value makes no sense
 * @throws NetworkError if the network does not begin with a decoder, or a layer needs the whole target
 */
export function createDecoding(net: Network, home: Home, options: DecodingOptions): Decoding {
  checkOptions(options, decodingRows, "createDecoding");
  const { batchSize } = withDefaults(options, decodingRows);
  const sourcePlan = memoryPlan(net);
  const { plan, states } = tokenPlan(net);
  const own = networkHome(net, home, options.parameters);
  const memory = growingProgram(own.session, sourcePlan);
  const token = growingProgram(own.session, plan);
  return resource({
    decode(sources, search) {
      const order = sources.map((_, i) => i).sort((a, b) => length(sources, b) - length(sources, a) || a - b);
      const out: BeamResult[][] = new Array(sources.length);
      for (let from = 0; from < order.length; from += batchSize) {
        const part = order.slice(from, from + batchSize);
        const examples = part.map((i): Example => ({ input: { source: sources[i]!, target: [] } }));
        const program = memory.withRoom(capacityFor([examples.map((e) => extentOf(net, e))]));
        // The plans together tell the session of all parameters.
        token.withRoom({ [names.packing]: one, [packingOf("source")]: one });
        own.writeWeights();
        const memories = remember(net, program, { examples, states });
        const searches = part.map((i) => {
          const how = typeof search === "function" ? search(length(sources, i)) : search;
          return { how, memory: memories[part.indexOf(i)]! };
        });
        const found = together(token, { net, searches, states, options });
        part.forEach((i, k) => {
          out[i] = found[k]!;
        });
      }
      return out;
    },
    dispose() {
      token.dispose();
      memory.dispose();
      own.dispose();
    },
  });
}

const length = (sources: readonly ArrayLike<number>[], i: number): number => sources[i]!.length;

const one = { B: 1, T: 1, N: 1 };

function decoderOf(net: Network): PlacedLayer {
  const [first] = net.layers;
  if (first && kindOf(first.layer).memory) return first;
  throw new NetworkError("decoding needs a network whose first layer is a decoder");
}

/** What the decoder makes of sources, as outputs "memory.…". */
function memoryPlan(net: Network): Plan {
  const { layer, name } = decoderOf(net);
  const builder = new Builder("memory");
  const own = builder.packing(names.packing);
  const places = { builder, packing: own, name, index: 0, training: false, carried: false };
  const made = kindOf(layer).memory?.(layer, inputActivation(builder, net.input), {
    ...places,
    finals: new Map(),
  });
  for (const [key, value] of Object.entries(made ?? {})) builder.output(names.memory + key, value);
  const plan = optimise(builder.finish());
  verify(plan);
  return plan;
}

/** One token of every beginning: log p of what follows as output "out.prediction". */
function tokenPlan(net: Network): { plan: Plan; states: ReadonlyMap<string, StreamedState> } {
  const reason = firstReason(net.layers.slice(1), "wholeSequence");
  if (reason) throw new NetworkError(`the network cannot decode step by step: ${reason}`);
  const builder = new Builder("token");
  const states = new Map<string, StreamedState>();
  builder.loop(builder.packing(names.packing), false, () => {
    const { z } = buildForward(builder, net, { streamed: states });
    const total = logSumExp(builder, "total", z);
    builder.output(
      names.prediction,
      map(builder, "logProbabilities", [z, total], (v, l) => sub(v, l)),
    );
  });
  const plan = optimise(builder.finish(), undefined, stepPasses);
  verify(plan);
  return { plan, states };
}

/** Runs the encoder. */
function remember(
  net: Network,
  program: Program,
  {
    examples,
    states,
  }: { readonly examples: readonly Example[]; readonly states: ReadonlyMap<string, StreamedState> },
): Memory[] {
  const bound = bindBatch(net, program, examples, { seed: 0, step: 0 });
  program.run(bound.batch);
  const source = bound.batch.packings[packingOf("source")]!;
  const outputs = Object.values(program.plan.buffers).filter(({ role }) => role === "output");
  const prefix = `${decoderOf(net).name}.`;
  const memories = examples.map((_, i) => ({
    length: source.lengths[source.order.indexOf(i)]!,
    rows: new Map<string, readonly (readonly number[])[]>(),
    start: new Map<string, ArrayLike<number>>(),
  }));
  for (const { name, width } of outputs) {
    const key = name.slice(names.memory.length);
    const values = program.read(name);
    if (key.startsWith(startOf)) {
      const rows = unpackSequences(bound.packing, values, width);
      memories.forEach(({ start }, i) => {
        start.set(prefix + key.slice(startOf.length), rows[i]!);
      });
    } else {
      const rows = unpackRows(source, values, width);
      memories.forEach((memory, i) => {
        memory.rows.set(name, rows[i]!);
      });
    }
  }
  // States that no source gives start at a number: what is fed back of a step before the first.
  for (const [state, { start, value }] of states)
    if (typeof start === "number")
      for (const memory of memories) memory.start.set(state, new Float64Array(value.width).fill(start));
  return memories;
}

/** Searches that share each call: beginning j of search s has place s · width + j. */
function together(
  token: GrowingProgram,
  {
    net,
    searches,
    states,
    options,
  }: {
    readonly net: Network;
    readonly searches: readonly { readonly how: BeamOptions; readonly memory: Memory }[];
    readonly states: ReadonlyMap<string, StreamedState>;
    readonly options: DecodingOptions;
  },
): BeamResult[][] {
  const { begin, end, never = [] } = options;
  const width = searches.reduce((most, { how }) => Math.max(most, how.width ?? 5), 1);
  const beams = searches.map(({ how, memory }): Beam<State> => startBeam({ end, start: memory.start }, how));
  const memories = searches.flatMap(({ memory }) => new Array<Memory>(width).fill(memory));
  const { program, batch, offsets } = prepared(token, memories);
  const ids = new Int32Array(memories.length).fill(begin);
  const look = (name: string): BufferView => program.view(name);
  const views = [...states].map(([name, { value }]) => ({
    name,
    view: look(value.buffer),
    width: value.width,
  }));
  const [out, weights] = [look(names.prediction), viewIfThere(program, names.attention)];
  const row = ({ values, stride }: BufferView, i: number, n: number) =>
    values.subarray(i * stride, i * stride + n);
  for (let steps = 0; beams.some(({ waiting }) => waiting.length > 0); steps++) {
    const waiting = beams.map((beam) => beam.waiting);
    waiting.forEach((list, s) => {
      list.forEach(({ state, token: last }, j) => {
        ids[s * width + j] = last ?? begin;
        for (const { name, view } of views) view.values.set(state.get(name)!, (s * width + j) * view.stride);
      });
    });
    program.write(inputName("target"), ids);
    if (steps === 0) program.run(batch);
    else program.rerun();
    waiting.forEach((list, s) => {
      const followed = list.map((_, j): Followed<State> => {
        const place = s * width + j;
        const logProbabilities = row(out, place, net.output.width);
        for (const k of [begin, ...never]) logProbabilities[k] = Number.NEGATIVE_INFINITY;
        const state = new Map(views.map(({ name, view, width: n }) => [name, row(view, place, n).slice()]));
        if (!weights) return { state, following: { logProbabilities } };
        const [first, past] = [offsets[place]!, offsets[place + 1]!];
        const attention = Array.from(
          { length: past - first },
          (_each, i) => weights.values[(first + i) * weights.stride]!,
        );
        return { state, following: { logProbabilities, attention } };
      });
      if (list.length > 0) beams[s]!.advance(followed);
    });
  }
  return beams.map((beam) => beam.results());
}

const viewIfThere = (program: Program, name: string): BufferView | undefined =>
  name in program.plan.buffers ? program.view(name) : undefined;

/** The program with the memory of every place, ready to run its first step. */
function prepared(
  token: GrowingProgram,
  memories: readonly Memory[],
): { program: Program; batch: Batch; offsets: Int32Array } {
  const own = packing(memories.map(() => 1));
  const source = packing(memories.map(({ length: n }) => n));
  const room = ({ B, T, N }: typeof own) => ({ B: Math.max(B, 1), T: Math.max(T, 1), N: Math.max(N, 1) });
  const program = token.withRoom({ [names.packing]: room(own), [packingOf("source")]: room(source) });
  const alignment = align(own, source);
  const packings = { [names.packing]: own, [packingOf("source")]: source };
  for (const { name } of Object.values(program.plan.buffers)) {
    if (!name.startsWith(names.memory)) continue;
    program.write(name, Float64Array.from(memories.flatMap(({ rows }) => (rows.get(name) ?? []).flat())));
  }
  return {
    program,
    batch: { packings, alignments: { [alignmentOf(packingOf("source"))]: alignment } },
    offsets: alignment.offsets,
  };
}
