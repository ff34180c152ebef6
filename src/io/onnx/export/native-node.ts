/**
 * One direction of a layer as an operator of ONNX: its weights gate under gate in the operator's order, the inputs' [1, G·H, X],
 * the states' [1, G·H, H], and the biases of both after one another [1, 2·G·H].
 */

import { type ParameterReader, transposed } from "./context.js";
import type { Native, NativeGate } from "./native.js";
import type { Pass, PassResult } from "./pass.js";

/** Puts the operator into the graph. */
export function nativePass(native: Native, pass: Pass): PassResult {
  const { input, layer, prefix, reverse, context, initial } = pass;
  const { graph, parameters } = context;
  const { units: H } = layer;
  const parts = native.gates.map((gate) => gateParts(native, gate, { parameters, prefix, H }));
  const stacked = (of: "w" | "r" | "bias"): Float32Array => joined(parts.map((part) => part[of]));
  const both = parts.map(({ bias }) => bias).concat(parts.map(({ stateBias }) => stateBias));
  const G = parts.length;
  const ids = input.shape.over === "ids";
  const X = ids ? G * H : input.shape.width;
  // Of ids the rows of the weights are looked up, and the operator multiplies them by one.
  const x = ids
    ? graph.node("Gather", [
        graph.weights(`${prefix}.W`, [input.shape.width, G * H], () =>
          transposed(stacked("w"), G * H, input.shape.width),
        ),
        input.value,
      ])
    : input.value;
  const w = graph.weights(ids ? `identity ${X}` : `${prefix}.W`, [1, G * H, X], () =>
    ids ? identity(X) : stacked("w"),
  );
  const { peepholes, match, states } = native;
  const p = peepholes.map((name) => parameters.tensor(`${prefix}.${match.parameters.get(name)}`).data);
  const starts = states.map((state) => {
    const start = initial.get(match.states.get(state)!);
    return start ? graph.node("Unsqueeze", [start, graph.whole([0])]) : "";
  });
  const [y, ...finals] = graph.nodes(
    native.operator,
    trimmed([
      x,
      w,
      graph.weights(`${prefix}.R`, [1, G * H, H], () => stacked("r")),
      graph.weights(`${prefix}.B`, [1, 2 * G * H], () => joined(both)),
      input.steps.lengths ?? "",
      ...starts,
      p.length > 0 ? graph.weights(`${prefix}.P`, [1, p.length * H], () => joined(p)) : "",
    ]),
    {
      attributes: { ...native.attributes, hidden_size: H, direction: reverse ? "reverse" : "forward" },
      outputs: 1 + states.length,
    },
  ) as [string, ...string[]];
  return {
    output: graph.node("Squeeze", [y, graph.whole([1])]),
    finals: new Map(
      states.map((state, i) => {
        const name = match.states.get(state)!;
        const value = graph.node("Squeeze", [finals[i]!, graph.whole([0])]);
        const start = initial.get(name);
        // ONNX Runtime gives zeros for a sequence without steps, whatever state it starts from.
        const held = start !== undefined && input.steps.lengths !== undefined;
        return [name, held ? graph.node("Where", [input.steps.any(), value, start]) : value] as const;
      }),
    ),
  };
}

interface GateParts {
  readonly w: Float32Array;
  readonly r: Float32Array;
  readonly bias: Float32Array;
  readonly stateBias: Float32Array;
}

function gateParts(
  { match }: Native,
  { input, state, negated }: NativeGate,
  { parameters, prefix, H }: { parameters: ParameterReader; prefix: string; H: number },
): GateParts {
  const signed = (data: Float32Array): Float32Array => (negated ? data.map((v) => -v) : data);
  const [ofInput, ofState] = [match.products.get(input), match.products.get(state)];
  const block = (name: string | undefined): Float32Array =>
    signed(parameters.numbers(`${prefix}.${name}`).data);
  const bias = (name: string | undefined): Float32Array =>
    name === undefined ? new Float32Array(H) : signed(parameters.tensor(`${prefix}.${name}`).data);
  return {
    w: block(ofInput?.input),
    r: block(ofState?.state),
    bias: bias(ofInput?.bias),
    // One product of both has one bias.
    stateBias: input === state ? new Float32Array(H) : bias(ofState?.bias),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function identity(size: number): Float32Array {
  return new Float32Array(size * size).map((_, k) => Number(k % (size + 1) === 0));
}

/** Without what is left out at the end. */
function trimmed(inputs: readonly string[]): readonly string[] {
  const kept = [...inputs];
  while (kept.at(-1) === "") kept.pop();
  return kept;
}
