/**
 * The equations of a decoder: cells one on the other, the attention of the last one's state to the source, and what is
 * made of both. All of it is the body of one loop, so one derivation gives its gradients.
 */
import {
  type Attention,
  type AttentionScore,
  attend,
  attentionScores,
  sourceInput,
} from "../../cell/attention.js";
import type { Cell } from "../../cell/cell.js";
import type { Expr } from "../../cell/expr.js";
import { mul, tanh } from "../../cell/functions.js";
import { joinCell, partBlock } from "../../cell/join.js";
import { product } from "../../cell/nodes.js";
import type { RecurrenceBody } from "../../plan/index.js";
import { type BlockSpec, type BlockStart, type ParameterSpec, type Shape, vectorSpec } from "./layer.js";
import { cellParameter, type InputPart } from "./recurrent.js";

/** What the equations depend on. */
export interface DecoderParts {
  readonly cell: Cell;
  /** Hidden widths, from the lowest cell to the highest. */
  readonly units: readonly number[];
  readonly attention: AttentionScore | "none";
  readonly attentionWidth: number;
  readonly inputFeeding: boolean;
}

/** What the decoder reads: a step of the target, and a row of the source. */
export interface DecoderShapes {
  readonly target: Shape;
  readonly source: Shape;
}

/** The state that holds h̃, and the parts of the lowest cell's input. */
const attended = "h̃";
const parts = { target: "y", fed: "fed" } as const;

/** The body, and the names of what comes out of it and goes into it. */
export interface DecoderBody {
  readonly body: RecurrenceBody;
  /** The state that is the layer's output. */
  readonly output: string;
  /** The states of the cells, by name "1.c", with their widths: they start where the encoder ends. */
  readonly states: Readonly<Record<string, number>>;
  /** Inputs between the cells, by name, with their widths: masks of dropout. */
  readonly masks: Readonly<Record<string, number>>;
  readonly widths: Readonly<Record<string, number>>;
}

const top = ({ units }: DecoderParts): number => units[units.length - 1]!;

/** The width of the keys. */
export function keyWidth(parts: DecoderParts): number {
  return parts.attention !== "none" && attentionScores[parts.attention].ownWidth
    ? parts.attentionWidth
    : top(parts);
}

/** @param masked true if what a cell reads of the one below is multiplied by a mask */
export function decoderBody(
  layer: DecoderParts,
  { target, source }: DecoderShapes,
  masked: boolean,
): DecoderBody {
  const { units, inputFeeding, attention } = layer;
  const equations = layer.cell.equations();
  const H = (l: number): string => `H${l}`;
  const topWidth = H(units.length);
  const y: Expr = { op: "input", args: [], width: "X", name: parts.target };
  const fed: Expr = { op: "state", args: [], width: topWidth, name: attended };
  const masks: Record<string, number> = {};
  const next: Record<string, Expr> = {};
  const gates: Record<string, Expr> = {};
  const states: Record<string, number> = {};
  let below: Expr = y;
  units.forEach((width, i) => {
    const prefix = String(i + 1);
    if (i > 0 && masked) {
      const [name, from] = [`${i}.mask`, units[i - 1]!];
      masks[name] = from;
      below = mul(below, { op: "input", args: [], width: H(i), name });
    }
    const x = i === 0 && inputFeeding ? { [parts.target]: y, [parts.fed]: fed } : below;
    const joined = joinCell(equations, prefix, x, H(i + 1));
    for (const state of Object.keys(joined.next)) states[state] = width;
    Object.assign(next, joined.next);
    Object.assign(gates, joined.gates);
    below = joined.output;
  });
  const widths = {
    ...Object.fromEntries(units.map((width, i) => [H(i + 1), width])),
    X: target.width,
    S: source.width,
    A: keyWidth(layer),
  };
  const output = `${units.length}.${equations.output}`;
  if (attention === "none")
    return { body: { states: Object.keys(next), next, gates }, output, states, masks, widths };
  const keys = sourceInput("keys", attentionScores[attention].ownWidth ? "A" : topWidth);
  const { weights, context }: Attention = attend(attention, below, { keys, values: sourceInput("h", "S") });
  const weight = { gate: "h", parameter: "w_h", bias: "b_h", blocks: ["w_hs", "w_hc"] };
  next[attended] = tanh(product(weight, [below, context], topWidth));
  const body = { states: Object.keys(next), next, gates: { ...gates, α: weights, context } };
  return { body, output: attended, states, masks, widths };
}

const glorot = (fanIn: number): BlockStart => ({ glorot: { fanIn } });

/** A weight of dense blocks. */
function weightSpec(name: string, rows: number, blocks: Readonly<Record<string, number>>): ParameterSpec {
  const all = Object.entries(blocks).map(
    ([buffer, columns]): BlockSpec => ({ buffer, columns, transposed: false, start: glorot(columns) }),
  );
  return { name, shape: [rows, all.reduce((sum, { columns }) => sum + columns, 0)], blocks: all };
}

/** The parameters, those of the start and of the keys too, which are used before the loop. */
export function decoderParameters(
  layer: DecoderParts,
  { target, source }: DecoderShapes,
  name: string,
): readonly ParameterSpec[] {
  const { cell, units, inputFeeding, attention } = layer;
  const { parameters, states } = cell.equations();
  const [H, S, A] = [top(layer), source.width, keyWidth(layer)];
  const whole = (shape: Shape): InputPart[] => [{ block: (block) => block, shape }];
  const part = (of: string, shape: Shape): InputPart => ({ block: (block) => partBlock(block, of), shape });
  const vectors = (width: number): Shape => ({ over: "tokens", width });
  const specs = units.flatMap((width, i) => {
    const prefix = `${name}.${i + 1}`;
    const lowest = inputFeeding ? [part(parts.target, target), part(parts.fed, vectors(H))] : whole(target);
    const input = i === 0 ? lowest : whole(vectors(units[i - 1]!));
    return [
      ...parameters.map((p) => cellParameter(p, width, input, prefix)),
      ...states.flatMap((state) => [
        weightSpec(`${prefix}.w_0_${state}`, width, { [`${prefix}.w_0_${state}`]: S }),
        vectorSpec(`${prefix}.b_0_${state}`, width, 0),
      ]),
    ];
  });
  if (attention === "none") return specs;
  const { key, parameters: own } = attentionScores[attention];
  // As of a matrix of one row.
  const limit = Math.sqrt(6 / (1 + A));
  return [
    ...specs,
    weightSpec(`${name}.${key}`, A, { [`${name}.${key}`]: S }),
    ...own.map((p) =>
      p.kind === "weight"
        ? weightSpec(`${name}.${p.name}`, A, { [`${name}.${p.name}`]: H })
        : vectorSpec(`${name}.${p.name}`, A, { from: -limit, to: limit }),
    ),
    weightSpec(`${name}.w_h`, H, { [`${name}.w_hs`]: H, [`${name}.w_hc`]: S }),
    vectorSpec(`${name}.b_h`, H, 0),
  ];
}
