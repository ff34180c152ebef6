/**
 * The weights of one direction of a recurrent layer: what Keras calls them, what they are here, and the run over a
 * sequence that Keras makes with them.
 */
import type { Tensor } from "../../../nn/index.js";
import type { Mapping, Rows } from "../../imported.js";
import type { SourceTensor, Variable } from "../source.js";
import type { CellForm, StepWeights } from "./cells.js";
import { rowsOf, timesMatrix } from "./matrix.js";

/** A cell with its options. */
export interface RecurrentConfig {
  readonly units: number;
  readonly form: CellForm;
  readonly bias: boolean;
  /** True where its weights are stored as CuDNN has them. */
  readonly cudnn?: true;
}

/** What a layer must bring, for an input of width X. */
export function variablesOf(
  { units: H, form, bias, cudnn }: RecurrentConfig,
  X: number,
  part: string,
): Variable[] {
  const columns = form.blocks * H;
  const biasShape = cudnn ? [2 * columns] : form.biasRows === 1 ? [columns] : [form.biasRows, columns];
  return [
    { name: "kernel", shape: [X, columns], part },
    { name: "recurrent_kernel", shape: [H, columns], part },
    ...(bias ? [{ name: "bias", shape: biasShape, part }] : []),
  ];
}

/** Our parameters from a kernel, a recurrent kernel and a bias: transposed, and the state's columns first. */
export function parametersOf(
  { units: H, form }: RecurrentConfig,
  [kernel, recurrentKernel, bias]: readonly SourceTensor[],
  prefix: string,
): { readonly parameters: (readonly [string, Tensor])[]; readonly mapped: Mapping[] } {
  const parameters: (readonly [string, Tensor])[] = [];
  for (const gate of form.gates) {
    const sign = gate.negated ? -1 : 1;
    const sources = [
      ...(gate.reads === "input" ? [] : [recurrentKernel!]),
      ...(gate.reads === "state" ? [] : [kernel!]),
    ];
    const columns = sources.flatMap(({ shape: [rows = 0, width = 0], values }) =>
      Array.from({ length: rows }, (_, i) => (j: number) => values[i * width + gate.block * H + j]!),
    );
    const w = Float32Array.from({ length: H * columns.length }, (_, k) => {
      const at = columns[k % columns.length]!;
      return sign * at(Math.floor(k / columns.length));
    });
    const b = Float32Array.from({ length: H }, (_, j) => {
      const rows = bias
        ? gate.bias.map((row) => bias.values[(row * form.blocks + gate.block) * H + j]!)
        : [0];
      return sign * rows.reduce((total, v) => total + v, 0);
    });
    parameters.push([`${prefix}.w_${gate.ours}`, { shape: [H, columns.length], data: w }]);
    parameters.push([`${prefix}.b_${gate.ours}`, { shape: [H], data: b }]);
  }
  return { parameters, mapped: mappingOf(form, [kernel, recurrentKernel, bias], prefix) };
}

function mappingOf(
  form: CellForm,
  [kernel, recurrentKernel, bias]: readonly (SourceTensor | undefined)[],
  prefix: string,
): Mapping[] {
  const line = (
    from: SourceTensor | undefined,
    letter: "w" | "b",
    gates: readonly CellForm["gates"][number][],
    columns: string,
  ): Mapping[] => {
    if (!from) return [];
    const ours = gates.map(({ ours }) => `${letter}_${ours}`).join(", ");
    const letters = gates.map((g) => (g.negated ? `−${g.letter}` : g.letter)).join(", ");
    const blocks = form.blocks === 1 ? "" : `${letter === "w" ? "columns" : "parts"} ${letters}`;
    const how =
      [blocks, letter === "w" ? "transposed" : ""].filter((part) => part !== "").join(", ") || "as it is";
    const summed = gates.filter((g) => letter === "b" && g.bias.length > 1).map((g) => g.letter);
    const rows = summed.length > 0 ? `; its two rows summed for ${summed.join(", ")}` : "";
    return [{ from: from.name, to: `${prefix}.${ours}${columns}`, how: `${how}${rows}` }];
  };
  return [
    ...line(
      kernel,
      "w",
      form.gates.filter((g) => g.reads !== "state"),
      " (columns of x)",
    ),
    ...line(
      recurrentKernel,
      "w",
      form.gates.filter((g) => g.reads !== "input"),
      " (columns of the state)",
    ),
    ...line(bias, "b", form.gates, ""),
  ];
}

/** What one direction gives of a sequence: an output for each step in the order of the run, and the states at its end. */
export interface Run {
  readonly outputs: number[][];
  readonly states: number[][];
}

/** One direction over a sequence, by Keras' step, from the first row given to the last. */
export function runOf(
  { units: H, form, bias: hasBias }: RecurrentConfig,
  [kernel, recurrentKernel, bias]: readonly SourceTensor[],
): (rows: Rows, initial?: readonly (readonly number[])[]) => Run {
  const zeros = (): number[] => new Array<number>(form.blocks * H).fill(0);
  const weights: StepWeights = {
    input: (x) => timesMatrix(x, kernel!),
    state: (h) => timesMatrix(h, recurrentKernel!),
    bias: hasBias ? rowsOf(bias!) : [zeros(), zeros()],
  };
  return (rows, initial) => {
    let states: number[][] = Array.from({ length: form.states }, (_, i) =>
      initial ? [...initial[i]!] : new Array<number>(H).fill(0),
    );
    const outputs = rows.map((x) => {
      states = form.step(x, states, weights);
      return states[0]!;
    });
    return { outputs, states };
  };
}
