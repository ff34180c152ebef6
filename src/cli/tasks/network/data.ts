/**
 * What a bare network reads: sequences of token ids or of numbers, one a line of JSON, or series from the formats that
 * hold those; and the targets or the outputs that stand beside them.
 */
import { DataError, jsonlRows, readInputs, type Source, tableFormatOf } from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import type { ExpectedOutput, Rows } from "../../../io/index.js";
import { losses } from "../../../nn/build/index.js";
import type { Network } from "../../../nn/index.js";
import type { DataRequest } from "../row.js";

/** A sequence, and where it stands. */
export interface Sequence {
  readonly file: string;
  readonly line: number;
  readonly input: Rows;
  /** As the file has it; absent: it has none. */
  readonly target?: unknown;
  /** As the file has it; absent: it has none. */
  readonly output?: unknown;
}

/** The sequences of files. @throws DataError naming file and line of what does not fit the network */
export async function readSequences(
  { sources, ...columns }: DataRequest,
  { input }: Network,
): Promise<{ readonly sequences: readonly Sequence[]; readonly notices: readonly string[] }> {
  const sequences: Sequence[] = [];
  const notices: string[] = [];
  for (const source of sources) {
    const before = sequences.length;
    const format = columns.format ?? formatOf(source.name);
    if (format === "jsonl") {
      for await (const each of jsonSequences(source)) sequences.push(each);
    } else {
      const read = await readInputs([source], { ...columns, format });
      if (read.kind !== "series") throw fail(source.name, undefined, "holds no series of numbers");
      notices.push(...read.notices);
      for (const { series, file, line } of read.inputs)
        sequences.push({ file, line, input: series.map((step) => Array.from(step)) });
    }
    if (sequences.length === before) throw fail(source.name, undefined, "is empty");
  }
  for (const each of sequences) checkInput(each, input);
  return { sequences, notices };
}

/** Inputs with the outputs that belong to them. @throws DataError where a line has not both, or they do not fit */
export async function readExpected(file: string, net: Network): Promise<readonly ExpectedOutput[]> {
  const { sequences } = await readSequences({ sources: [fileSource(file)], format: "jsonl" }, net);
  return sequences.map(({ input, output, line }) => {
    const rows = rowsOf(output);
    if (rows !== undefined) return { input, output: rows };
    throw fail(file, line, 'has no "output", a list of numbers or of such lists');
  });
}

/** The numbers of a target, a row after the other. @throws DataError naming the line whose target does not fit */
export function targetOf(
  { input, target, file, line }: Sequence,
  { loss, output }: Network,
): readonly number[] {
  const isClass = losses[loss].target === "class";
  const pools = output.over === "sequences";
  const each = isClass ? `a class from 0 to ${output.width - 1}` : `${output.width} numbers`;
  const wrong = (problem: string) =>
    new DataError({
      file,
      line,
      problem,
      remedy: `It needs ${each} for ${pools ? "the sequence" : "every step"}.`,
    });
  const numbers = (typeof target === "number" ? [[target]] : rowsOf(target))?.flat();
  if (numbers === undefined) throw wrong('has no "target" of numbers');
  const wanted = (pools ? 1 : input.length) * (isClass ? 1 : output.width);
  if (numbers.length !== wanted) throw wrong(`has a target of ${numbers.length} numbers, not ${wanted}`);
  const odd = numbers.find(
    (value) => isClass && !(Number.isInteger(value) && value >= 0 && value < output.width),
  );
  if (odd !== undefined) throw wrong(`has the target ${odd}`);
  return numbers;
}

const formatOf = (name: string): string =>
  /\.ts(\.gz)?$/i.test(name) ? "ts" : (tableFormatOf(name) ?? "jsonl");

async function* jsonSequences(source: Source): AsyncGenerator<Sequence> {
  for await (const { line, value } of jsonlRows(source)) {
    const input = rowsOf(value["input"] ?? value["series"]);
    if (input === undefined) throw fail(source.name, line, 'has no "input"');
    const { target, output } = value;
    yield { file: source.name, line, input, target, output };
  }
}

/** Lists of numbers; one list of numbers is rows of one number each. Undefined for anything else. */
function rowsOf(value: unknown): Rows | undefined {
  if (!Array.isArray(value)) return undefined;
  const rows = value.map((row: unknown) => (Array.isArray(row) ? row : [row]));
  return rows.flat().every((number) => typeof number === "number") ? (rows as number[][]) : undefined;
}

function checkInput({ input, file, line }: Sequence, network: Network["input"]): void {
  const width = "width" in network ? network.width : 1;
  const step = input.findIndex((row) => row.length !== width);
  if (step >= 0)
    throw fail(
      file,
      line,
      `step ${step + 1} has ${input[step]?.length} numbers, and the network takes ${width}`,
    );
  if (!("vocabulary" in network)) return;
  const { vocabulary } = network;
  const odd = input.findIndex(([id = -1]) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (odd >= 0)
    throw fail(file, line, `step ${odd + 1} is ${input[odd]}, and token ids run from 0 to ${vocabulary - 1}`);
}

const fail = (file: string, line: number | undefined, problem: string): DataError =>
  new DataError({
    file,
    problem,
    ...(line === undefined ? {} : { line }),
    remedy:
      'Sequences come as .jsonl, {"input": [3, 1, 4]} for ids or {"input": [[0.5, 1], [0, 2]]} for numbers on each line, or as series (.ts, a table with --series).',
  });
