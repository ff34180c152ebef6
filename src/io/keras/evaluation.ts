/**
 * The file's own layers as functions, for the certificate: a row of them where they are one, otherwise the whole graph, call by
 * call.
 */
import type { FileInput, Imported, Rows, RunnableFile } from "../imported.js";
import { BRANCHED } from "./layers/dense.js";
import type { BoundLayer } from "./layers/mapped.js";
import type { Value } from "./layers/placer.js";
import type { Call, ValueRef } from "./source.js";

/** A call with its layer's own formula. */
export interface EvaluatedCall {
  readonly call: Call;
  readonly bound: BoundLayer;
  /** True if what it reads and gives stands in the file as it does here. */
  readonly plain: boolean;
}

interface Graph {
  readonly calls: readonly EvaluatedCall[];
  /** The names of inputs by the places of their calls. */
  readonly inputs: ReadonlyMap<number, string>;
  readonly output: ValueRef;
  /** What the network gives. */
  readonly end: Value;
  readonly steps: number | undefined;
}

/** What an import says of the file's own layers. */
export function evaluationOf(graph: Graph): Pick<Imported, "layers" | "graph"> {
  const { calls, output, steps } = graph;
  const stages = calls.flatMap(({ bound }) => bound.stages);
  const isRow = calls.every(
    ({ call, bound }, i) =>
      bound.evaluate === undefined &&
      !bound.stages.some(({ layers }) => layers.includes(BRANCHED)) &&
      (i === 0 || (call.inputs.length === 1 && call.inputs[0]!.call === i - 1 && call.states.length === 0)),
  );
  if (isRow && output.call === calls.length - 1 && steps === undefined) return { layers: stages };
  const names = stages.flatMap(({ name, layers }) => layers.map((layer) => [layer, name] as const));
  const run: RunnableFile["run"] = (inputs) => {
    const runs = inputs.map((input) => runOf(graph, input));
    const values = [...(runs[0]?.values.keys() ?? [])].map(
      (name) => [name, runs.map((each) => each.values.get(name)!)] as const,
    );
    return {
      outputs: runs.map((each) => each.output),
      ...(runs.every((each) => each.scores) ? { scores: runs.map((each) => each.scores!) } : {}),
      values: new Map(values),
    };
  };
  return { layers: [], graph: { names: new Map(names), run, ...(steps === undefined ? {} : { steps }) } };
}

interface Run {
  readonly output: Rows;
  readonly scores?: Rows;
  readonly values: ReadonlyMap<string, Rows>;
}

function runOf({ calls, inputs, output, end }: Graph, input: FileInput): Run {
  const results: (readonly Rows[])[] = [];
  const values = new Map<string, Rows>();
  let scores: Rows | undefined;
  for (const [i, { call, bound, plain }] of calls.entries()) {
    if (call.layer.className === "InputLayer") {
      const name = inputs.get(i);
      const own = Array.isArray(input)
        ? (input as Rows)
        : (input as Readonly<Record<string, Rows>>)[name ?? ""];
      results.push([own ?? []]);
      continue;
    }
    const read = [...call.inputs, ...call.states].map((ref) => results[ref.call]![ref.output]!);
    let rows = read[0]!;
    for (const stage of bound.stages) {
      if (stage.layers.length === 0) scores = rows;
      rows = stage.evaluate(rows);
      const name = stage.layers.at(-1);
      if (plain && name !== undefined && name !== BRANCHED) values.set(name, rows);
    }
    results.push(bound.evaluate ? bound.evaluate(read) : [rows]);
  }
  const inOrder = (rows: Rows): Rows => {
    const cut = end.flat ? chunks(rows, end.width) : rows;
    return end.backwards && end.over === "tokens" ? [...cut].reverse() : cut;
  };
  return {
    output: inOrder(results[output.call]![output.output]!),
    values,
    ...(scores ? { scores: inOrder(scores) } : {}),
  };
}

/** The steps of what lies side by side. */
function chunks(rows: Rows, width: number): Rows {
  const all = rows.flat();
  return Array.from({ length: all.length / width }, (_, t) => all.slice(t * width, (t + 1) * width));
}
