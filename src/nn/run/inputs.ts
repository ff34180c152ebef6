/**
 * Inputs that every plan of a network may ask for beside its data: the run's seed and step, and tables of the
 * packing. One row per input: its shape in the plan and how a run fills it.
 */
import type { Builder, Value } from "../../plan/index.js";
import { type Packing, placeOfRow, timeOfRow } from "../../tensor/packing.js";

/** What a run knows. */
export interface RunFacts {
  readonly seed: number;
  readonly step: number;
  /** Layers whose states start at zero are given states instead, as training that carries them on does. Default false. */
  readonly carried?: boolean;
  /** The steps that every sequence has behind it, where the run sees a later piece of each. Default 0. */
  readonly from?: number;
}

interface InputRow {
  readonly over: "tokens" | "sequences" | "run";
  readonly dtype: "real" | "index";
  readonly values: (facts: RunFacts, packing: Packing) => ArrayLike<number>;
}

const rows = {
  seed: { over: "run", dtype: "index", values: ({ seed }) => [seed | 0] },
  step: { over: "run", dtype: "index", values: ({ step }) => [step] },
  /** Length of each sequence. */
  length: { over: "sequences", dtype: "real", values: (_, p) => p.lengths },
  /** Id in the data set of each sequence. */
  sequence: { over: "sequences", dtype: "index", values: (_, p) => p.ids },
  sequenceOfToken: {
    over: "tokens",
    dtype: "index",
    values: (_, p) => placeOfRow(p).map((b) => p.ids[b]!),
  },
  /** The place of its sequence. */
  tokenPlace: { over: "tokens", dtype: "index", values: (_, p) => placeOfRow(p) },
  /** 1 at the first and at the last step of each sequence, else 0. */
  isFirst: { over: "tokens", dtype: "real", values: (_, p) => timeOfRow(p).map((t) => Number(t === 0)) },
  isLast: {
    over: "tokens",
    dtype: "real",
    values: (_, p) => {
      const places = placeOfRow(p);
      return timeOfRow(p).map((t, row) => Number(t + 1 === p.lengths[places[row]!]));
    },
  },
  timeOfToken: {
    over: "tokens",
    dtype: "index",
    values: ({ from = 0 }, p) => timeOfRow(p).map((t) => t + from),
  },
} as const satisfies Record<string, InputRow>;

/** The name of such an input. */
export type RunInput = keyof typeof rows;

const bufferName = (name: RunInput, packing: string): string =>
  rows[name].over === "run" ? `run.${name}` : `${packing}.${name}`;

/** Declares the input in a plan. */
export function runInput(builder: Builder, name: RunInput, packing = ""): Value {
  const row: InputRow = rows[name];
  return builder.input(
    bufferName(name, packing),
    row.over === "run" ? "rows:1" : `${row.over}:${packing}`,
    1,
    row.dtype,
  );
}

const shift = (packing: string): string => `${packing}.rowAt.`;

/** Declares, for every token, the row of the token so many steps after it; −1 where its sequence has none. */
export const shiftedRows = (builder: Builder, packing: string, offset: number): Value =>
  builder.input(`${shift(packing)}${offset}`, `tokens:${packing}`, 1, "index");

function rowsAt(p: Packing, offset: number): Int32Array {
  const places = placeOfRow(p);
  return timeOfRow(p).map((time, row) => {
    const [t, place] = [time + offset, places[row]!];
    return t >= 0 && t < p.lengths[place]! ? p.offsets[t]! + place : -1;
  });
}

/** Fills those of the inputs that a plan has. */
export function writeRunInputs(
  plan: { readonly buffers: Readonly<Record<string, unknown>> },
  write: (name: string, values: ArrayLike<number>) => void,
  facts: RunFacts,
  name: string,
  packing: Packing,
): void {
  for (const key of Object.keys(rows) as RunInput[]) {
    const buffer = bufferName(key, name);
    if (buffer in plan.buffers) write(buffer, rows[key].values(facts, packing));
  }
  for (const buffer of Object.keys(plan.buffers))
    if (buffer.startsWith(shift(name)))
      write(buffer, rowsAt(packing, Number(buffer.slice(shift(name).length))));
}
