/**
 * What a plain network reads: sequences of token ids or of numbers, one JSON object per line, or series from the formats
 * that hold those; and the targets or outputs that come with them. The library checks whether they fit the network.
 */
import {
  DataError,
  jsonlRows,
  type Source,
  type Streamed,
  streamInputs,
  tableFormatOf,
} from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import type { ExpectedOutput, FileInput } from "../../../io/index.js";
import type { Network } from "../../../nn/index.js";
import { plainNetwork, type SequenceExample, type SequenceInput } from "../../../tasks/index.js";
import type { DataRequest } from "../row.js";

/**
 * A sequence, and where it comes from. Its target and its output are as they stand in the file; undefined if there
 * are none.
 */
export interface Sequence extends SequenceExample {
  readonly file: string;
  readonly line: number;
  readonly input: SequenceInput;
  readonly output?: unknown;
}

/** The sequences of files. @throws DataError naming file and line of what does not fit the network */
export async function readSequences(
  { sources, ...columns }: DataRequest,
  net: Network,
): Promise<{ readonly sequences: readonly Sequence[]; readonly notices: readonly string[] }> {
  const sequences: Sequence[] = [];
  const notices: string[] = [];
  for (const source of sources) {
    const read = streamSequences(source, columns, net);
    for await (const each of read.items) sequences.push(each);
    notices.push(...read.notices());
  }
  return { sequences, notices };
}

/** The sequences of one source, as they are read; errors come from the items. @throws DataError as `readSequences` */
export function streamSequences(
  source: Source,
  columns: Omit<DataRequest, "sources">,
  net: Network,
): Streamed<Sequence> {
  let notices = (): readonly string[] => [];
  const format = columns.format ?? formatOf(source.name);
  async function* series(): AsyncGenerator<Sequence> {
    const read = await streamInputs(source, { ...columns, format });
    if (read.kind !== "series") throw fail(source.name, undefined, "holds no series of numbers");
    ({ notices } = read);
    for await (const { series: steps, file, line } of read.items)
      yield { file, line, input: steps.map((step) => Array.from(step)), target: undefined };
  }
  async function* items(): AsyncGenerator<Sequence> {
    let any = false;
    for await (const each of format === "jsonl" ? jsonSequences(source) : series()) {
      any = true;
      plainNetwork.example(net, each.input, each);
      yield each;
    }
    if (!any) throw fail(source.name, undefined, "is empty");
  }
  return { items: items(), notices: () => notices() };
}

/** Inputs with the outputs that belong to them. @throws DataError if a line lacks one of the two, or they do not fit */
export async function readExpected(
  file: string,
  net: Network,
): Promise<readonly ExpectedOutput<FileInput>[]> {
  const { sequences } = await readSequences({ sources: [fileSource(file)], format: "jsonl" }, net);
  return sequences.map(({ input, output, line }) => {
    // What predict prints of a sequence is the one vector itself: [0.1, 0.9], and not a list of it.
    const one = net.output.over === "sequences" && Array.isArray(output) && typeof output[0] === "number";
    const rows = plainNetwork.rows(one ? [output] : output);
    if (rows !== undefined) return { input: fileInput(net, input), output: rows };
    throw fail(file, line, 'has no "output", a list of numbers or of such lists');
  });
}

/** An input that fits the network, in rows. */
function fileInput({ input: net }: Network, input: SequenceInput): FileInput {
  if (!("inputs" in net)) return plainNetwork.rows(input)!;
  const named = Object.entries(input as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    named.map(([name, value]) => {
      const once = net.inputs[name]?.once === true && Array.isArray(value) && !Array.isArray(value[0]);
      return [name, plainNetwork.rows(once ? [value] : value)!];
    }),
  );
}

const formatOf = (name: string): string =>
  /\.ts(\.gz)?$/i.test(name) ? "ts" : (tableFormatOf(name) ?? "jsonl");

async function* jsonSequences(source: Source): AsyncGenerator<Sequence> {
  for await (const { line, value } of jsonlRows(source)) {
    const given = value["input"] ?? value["series"];
    const byName = typeof given === "object" && given !== null && !Array.isArray(given);
    const input = byName ? (given as SequenceInput) : plainNetwork.rows(given);
    if (input === undefined) throw fail(source.name, line, 'has no "input"');
    const { target, output } = value;
    yield { file: source.name, line, input, target, output };
  }
}

const fail = (file: string, line: number | undefined, problem: string): DataError =>
  new DataError({
    file,
    problem,
    ...(line === undefined ? {} : { line }),
    remedy:
      'Sequences come as .jsonl, {"input": [3, 1, 4]} for ids or {"input": [[0.5, 1], [0, 2]]} for numbers on each line, or as series (.ts, a table with --series).',
  });
