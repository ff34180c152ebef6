/**
 * Scan and If: graphs inside a graph. Scan runs one for each place along an axis, and hands states from one to the next.
 * Source: https://onnx.ai/onnx/operators/onnx__Scan.html, onnx__If.html
 */
import type { OnnxGraph } from "../messages.js";
import type { Call, OperatorRows } from "./call.js";
import { concatenate, partOf } from "./movement.js";
import { axisOf, EvaluationError, type Numbers } from "./numbers.js";

function graphOf(call: Call, name: string): OnnxGraph {
  const graph = call.attribute(name)?.graph;
  if (graph) return graph;
  throw new EvaluationError(`has no graph ${name}`);
}

const dropAxis = (of: Numbers, axis: number): Numbers => ({
  ...of,
  dims: of.dims.filter((_, i) => i !== axis),
});
const addAxis = (of: Numbers, axis: number): Numbers => ({
  ...of,
  dims: [...of.dims.slice(0, axis), 1, ...of.dims.slice(axis)],
});

/** How the sequences of a Scan lie. */
interface Way {
  readonly axis: number;
  readonly reverse: boolean;
}

interface Loop {
  readonly body: OnnxGraph;
  readonly states: readonly Numbers[];
  readonly sequences: readonly (Way & { readonly of: Numbers })[];
  readonly results: readonly Way[];
  readonly steps: number;
}

function loop(call: Call, { body, states: start, sequences, results, steps }: Loop): readonly Numbers[] {
  const inputs = body.inputs.map(({ name = "" }) => name);
  const made = results.map((): Numbers[] => []);
  let states = start;
  for (let k = 0; k < steps; k++) {
    const parts = sequences.map(({ of, axis, reverse }) =>
      dropAxis(partOf(call, of, { axis, from: reverse ? steps - 1 - k : k, size: 1 }), axis),
    );
    const feeds = new Map([...states, ...parts].map((value, i) => [inputs[i] ?? "", value]));
    const given = call.run(body, feeds);
    states = given.slice(0, start.length);
    given.slice(start.length).forEach((value, i) => made[i]?.push(value));
  }
  const whole = made.map((all, i) => {
    const { axis: given, reverse } = results[i]!;
    if (all.length === 0) throw new EvaluationError("goes over no steps");
    const axis = axisOf(given, all[0]!.dims.length + 1);
    return concatenate(
      call,
      (reverse ? all.reverse() : all).map((of) => addAxis(of, axis)),
      axis,
    );
  });
  return [...states, ...whole];
}

function scan(call: Call): readonly Numbers[] {
  const body = graphOf(call, "body");
  const count = call.int("num_scan_inputs", 0);
  const all = call.inputs.map((_, i) => call.input(i));
  const states = all.slice(0, all.length - count);
  const ways = (axes: string, directions: string, of: number): Way[] =>
    Array.from({ length: of }, (_, i) => ({
      axis: call.ints(axes)?.[i] ?? 0,
      reverse: call.ints(directions)?.[i] === 1,
    }));
  const outputs = body.outputs.length - states.length;
  const sequences = ways("scan_input_axes", "scan_input_directions", count).map((way, i) => {
    const of = all[states.length + i]!;
    return { ...way, axis: axisOf(way.axis, of.dims.length), of };
  });
  const steps = sequences[0]?.of.dims[sequences[0].axis] ?? 0;
  return loop(call, {
    body,
    states,
    sequences,
    results: ways("scan_output_axes", "scan_output_directions", outputs),
    steps,
  });
}

/** Scan of operator set 8: for each sequence of a batch, of which each may have a length of its own. */
function scanOfBatch(call: Call): readonly Numbers[] {
  const body = graphOf(call, "body");
  if (call.inputs[0]) throw new EvaluationError("has lengths of sequences");
  const count = call.int("num_scan_inputs", 0);
  const all = call.inputs.slice(1).map((_, i) => call.input(i + 1));
  const outputs = body.outputs.length - (all.length - count);
  const each = Array.from({ length: all[0]?.dims[0] ?? 0 }, (_, b) => {
    const [states, sequences] = [all.slice(0, -count), all.slice(-count)].map((list) =>
      list.map((of) => dropAxis(partOf(call, of, { axis: 0, from: b, size: 1 }), 0)),
    ) as [Numbers[], Numbers[]];
    return loop(call, {
      body,
      states,
      sequences: sequences.map((of, i) => ({ of, axis: 0, reverse: call.ints("directions")?.[i] === 1 })),
      results: Array.from({ length: outputs }, () => ({ axis: 0, reverse: false })),
      steps: sequences[0]?.dims[0] ?? 0,
    });
  });
  return body.outputs.map((_, i) =>
    concatenate(
      call,
      each.map((given) => addAxis(given[i]!, 0)),
      0,
    ),
  );
}

/** Rows of operators with graphs inside. */
export const loopRows: OperatorRows = {
  Scan: {
    inputs: [1, 1000],
    attributes: {
      body: "graph",
      num_scan_inputs: "int",
      scan_input_axes: "ints",
      scan_input_directions: "ints",
      scan_output_axes: "ints",
      scan_output_directions: "ints",
      directions: "ints",
    },
    run: (call) => (call.opset < 9 ? scanOfBatch(call) : scan(call)),
  },
  If: {
    inputs: [1, 1],
    attributes: { then_branch: "graph", else_branch: "graph" },
    run: (call) => call.run(graphOf(call, call.input(0).data[0] ? "then_branch" : "else_branch"), new Map()),
  },
};
