/**
 * A trained or loaded generator of performances: writes, streams, evaluates, saves. Training is in
 * training.ts.
 */

import {
  DataError,
  decodePerformance,
  encodePerformance,
  noteName,
  type Piece,
  performanceToken,
} from "../../../data/index.js";
import { pieceItems, requireItems } from "../../../data/items.js";
import type { OpenHome } from "../../../exec/home.js";
import { type Resource, resource, used } from "../../../exec/resource.js";
import { writeModel } from "../../../io/index.js";
import {
  createLongScorer,
  createStream,
  type Network,
  type Parameters,
  parameterCount,
  type RestoreOptions,
} from "../../../nn/index.js";
import { checkOptions } from "../../../options/index.js";
import type { FitReport } from "../../../train/run/options.js";
import { END, type Insight, insightOf, type ReadInput } from "../../shared/insight.js";
import { sharedStream } from "../shared-stream.js";
import type { Ended } from "../text/stream.js";
import { type ManyOptions, manyRows } from "../writing.js";
import { written } from "../written.js";
import {
  boundary,
  type EventOptions,
  type EventState,
  type EventStream,
  eventWritingRows,
  startEvents,
} from "./stream.js";

/** A generated performance. */
export interface GeneratedEvents {
  /** The tokens written, without the prime. */
  readonly tokens: readonly number[];
  /** Prime and tokens as a piece: `writeMidi` makes a file of it. */
  readonly piece: Piece;
  readonly ended: Ended;
}

/** How a generator did on pieces. */
export interface EventEvaluation {
  /** Number of predicted tokens, including the end of each piece. */
  readonly count: number;
  /** `loss` in nats per token, and its exponential, the perplexity. */
  readonly metrics: Readonly<Record<"loss" | "perplexity", number>>;
}

/** What insight looks at: a piece, or the tokens of a passage. */
export type Performed = Piece | ArrayLike<number>;

/** A trained generator of performances. Its insight reads each passage as if it began a piece. */
export interface EventGenerator extends Insight<Performed, Performed>, Resource {
  readonly unit: "event";
  readonly network: Network;
  readonly parameters: Parameters;
  /** Number of weights. */
  readonly parameterCount: number;
  /** What training did; absent for a loaded model. */
  readonly training?: FitReport;
  /**
   * Writes `count` pieces (default 1), for the sequences from `sequence` on, until `signal` (default none) is
   * aborted. @throws OptionError if an option makes no sense
   */
  generate(options?: EventOptions & ManyOptions): Promise<GeneratedEvents[]>;
  /**
   * Writes a performance token by token, or continues one.
   *
   * @throws as `generate`, and NetworkError if the state is of another model and `anyModel` does not allow that
   */
  stream(from?: EventOptions | EventState, how?: RestoreOptions): EventStream;
  /** How well it predicts pieces, one after the other. @throws DataError if none has a note */
  evaluate(pieces: readonly Piece[]): Promise<EventEvaluation>;
  /** The model as the bytes of one safetensors file. */
  save(): Uint8Array;
  /** Gives its memory back, and the executor if it was made for this model. */
  dispose(): void;
}

/** What such a generator is made of. */
export interface EventParts {
  readonly net: Network;
  readonly parameters: Parameters;
  readonly home: OpenHome;
  readonly training?: FitReport;
}

/** What its model file keeps besides the network. */
export const eventData = { unit: "event" } as const;

/** A performance as the network reads it, and what its steps should write. */
function readPerformance(performed: Performed): ReadInput {
  const tokens = Array.from("notes" in performed ? encodePerformance(performed).tokens : performed);
  const target = [...tokens, boundary];
  const steps = target.map((token) => (token === boundary ? END : performanceToken(token, noteName)));
  return { example: { input: [boundary, ...tokens], target }, steps };
}

/** A generator around its parts. Its session takes the parameters when it first needs them. */
export function eventGeneratorOf({ net, parameters, home, training }: EventParts): EventGenerator {
  const { session } = home;
  const shared = sharedStream(() => createStream(net, session, { parameters }));
  return resource({
    unit: "event",
    network: net,
    parameters,
    parameterCount: parameterCount(net),
    ...(training ? { training } : {}),
    ...insightOf({ net, session, parameters, read: readPerformance }),
    async generate({ count = 1, signal, ...options } = {}) {
      checkOptions({ ...options, count, signal }, { ...eventWritingRows, ...manyRows }, "generate");
      const first = options.sequence ?? 0;
      const before = options.prime ? encodePerformance(options.prime).tokens : [];
      const pieces: GeneratedEvents[] = [];
      for (let i = 0; i < count; i++) {
        const stream = startEvents(shared, { ...options, sequence: first + i });
        const tokens = await written(stream, signal);
        const piece = decodePerformance([...before, ...tokens]);
        pieces.push({ tokens, piece, ended: stream.ended! });
      }
      return pieces;
    },
    stream: (from = {}, how) => startEvents(shared, from, how),
    async evaluate(pieces) {
      const ids = eventIds(pieces);
      const scorer = createLongScorer(net, session, { parameters });
      const { loss, steps } = await used(scorer, () => scorer.scoreAsync(ids));
      return { count: steps, metrics: { loss: loss / steps, perplexity: Math.exp(loss / steps) } };
    },
    save: () => writeModel({ task: "generator", network: net, parameters, data: eventData }),
    dispose() {
      shared.dispose();
      home.dispose();
    },
  });
}

/**
 * The tokens of pieces, one after the other, with the boundary before, between and after them. @throws DataError if
 * there are no notes
 */
export function eventIds(pieces: readonly Piece[]): Int32Array {
  requireItems(pieces, pieceItems);
  const lists = pieces.map((piece) => encodePerformance(piece).tokens).filter(({ length }) => length > 0);
  if (lists.length === 0)
    throw new DataError({
      file: pieces[0]?.name ?? "data",
      problem: "has no note other than drums",
      remedy: "A generator of performances learns from pieces with notes.",
    });
  const ids = new Int32Array(lists.reduce((sum, { length }) => sum + length + 1, 1)).fill(boundary);
  let at = 1;
  for (const tokens of lists) {
    ids.set(tokens, at);
    at += tokens.length + 1;
  }
  return ids;
}
