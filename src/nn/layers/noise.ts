/**
 * The noise of recurrent layers: from the rates in a layer's record to the equations that its plan runs and the
 * masks they read. While training these are random; a plan that predicts has no recurrent dropout and the
 * expectation of zoneout. The transformations themselves stand in cell/regularise.ts.
 */
import type { Cell } from "../../cell/cell.js";
import type { CellEquations } from "../../cell/equations.js";
import type { Expr } from "../../cell/expr.js";
import { dropStates, multipliedStates, zoneOut } from "../../cell/regularise.js";
import { map, type Value } from "../../plan/index.js";
import { purposes } from "../../tensor/random.js";
import { type BuildContext, NetworkError } from "./layer.js";
import { checkRate, keptOrZero, type MaskOptions, uniforms } from "./masks.js";

/** How likely each state is to keep its old value: one number for all, or numbers by name, 0 where left out. */
export type Zoneout = number | Readonly<Record<string, number>>;

/** The rates of a recurrent layer. */
export interface NoiseRates {
  /** Share of the features of each state that products do not see, the same at all steps of a sequence. */
  readonly recurrentDropout: number;
  /** By state. */
  readonly zoneout: Readonly<Record<string, number>>;
}

/** The rates, checked. @throws NetworkError if one is not a probability below 1, or would have no effect on this cell */
export function noiseRates(cell: Cell, recurrentDropout: number, zoneout: Zoneout): NoiseRates {
  if (recurrentDropout > 0 && multipliedStates(cell.equations()).length === 0)
    throw new NetworkError(
      `recurrentDropout has no effect on the cell ${cell.name}: it multiplies no state of the step before by weights; use zoneout`,
    );
  const named = typeof zoneout === "number" ? cell.states.map((s) => [s, zoneout] as const) : undefined;
  const rates = Object.fromEntries(named ?? Object.entries(zoneout));
  const states = new Set(cell.states);
  for (const [state, rate] of Object.entries(rates)) {
    if (!states.has(state))
      throw new NetworkError(
        `zoneout names "${state}", which is not a state of ${cell.name} (${cell.states.join(", ")})`,
      );
    checkRate(rate, "a rate of zoneout");
  }
  const acting = Object.entries(rates).filter(([, rate]) => rate > 0);
  return { recurrentDropout, zoneout: Object.freeze(Object.fromEntries(acting)) };
}

/** One direction of a layer: its prefix, its number among the layer's directions, its hidden width. */
export interface NoisyPass {
  readonly prefix: string;
  readonly number: number;
  readonly units: number;
}

/** Streams of random numbers that a layer may use: one for each state in each direction. */
const STREAMS = 64;

/** The equations of a pass with the noise in them, and the masks that they read beside x. */
export function noisy(
  equations: CellEquations,
  { recurrentDropout, zoneout }: NoiseRates,
  context: BuildContext,
  { prefix, number, units }: NoisyPass,
): { readonly body: CellEquations; readonly masks: Readonly<Record<string, Value>> } {
  const { training, builder, name: layer, index } = context;
  const masks: Record<string, Value> = {};
  const leaves = (
    states: readonly string[],
    what: "recurrentDropout" | "zoneout",
    draw: (place: MaskPlace) => Value,
  ): Record<string, Expr> => {
    const entries = states.map((state) => {
      const stream = number * equations.states.length + equations.states.indexOf(state);
      if (stream >= STREAMS)
        throw new NetworkError(
          `${layer} has more than ${STREAMS} states and directions; ${what} needs fewer`,
        );
      const name = `${state}.${what}`;
      const place = { width: units, purpose: purposes[what], stream: index * STREAMS + stream };
      masks[name] = draw({ ...place, name: `${prefix}.${name}` });
      return [state, Object.freeze({ op: "input" as const, args: [], width: "H", name })] as const;
    });
    return Object.fromEntries(entries);
  };
  let body = equations;
  if (training && recurrentDropout > 0) {
    const draw = (place: MaskPlace): Value => {
      const u = uniforms(context, { ...place, over: "sequences", overTime: false });
      return map(builder, `${place.name}.mask`, [u], (uniform) => keptOrZero(uniform, recurrentDropout));
    };
    body = dropStates(body, leaves(multipliedStates(equations), "recurrentDropout", draw));
  }
  const draw = (place: MaskPlace): Value => uniforms(context, { ...place, over: "tokens", overTime: true });
  body = zoneOut(body, zoneout, training ? leaves(Object.keys(zoneout), "zoneout", draw) : undefined);
  return { body, masks };
}

type MaskPlace = Pick<MaskOptions, "name" | "width" | "purpose" | "stream">;
