/**
 * The plan of a trace: the network's prediction with the gates and states of every loop as outputs, and, where gradients are
 * wanted, the loss and the way back through all of it. It stands beside the plans that predict and train, which stay as
 * they are.
 */

import {
  buildForward,
  buildLoss,
  buildPrediction,
  names,
  type ObservedLoop,
  type Observer,
  weightsPerStep,
} from "../nn/build/index.js";
import type { Network } from "../nn/index.js";
import {
  Builder,
  type LoopValues,
  loopValues,
  optimise,
  type Plan,
  type Value,
  verify,
} from "../plan/index.js";

/** What a value is in a trace. */
export type ValueKind = "gates" | "states" | "gradients" | "attention";

/** An output of the plan. */
export interface TracedValue {
  readonly kind: ValueKind;
  /** The gate's or state's own name; of a gradient that of the value it belongs to. */
  readonly name: string;
  /** The plan's output. Absent: no gradient reaches the value, so it is zero. */
  readonly output: string | undefined;
  /** Numbers per step. */
  readonly width: number;
}

/** A layer that a trace tells of. */
export interface TracedLayer {
  /** "recurrent1", "recurrent1.reverse", "decoder1", "pool1". */
  readonly name: string;
  readonly packing: string;
  /** The loop; absent for a pooling, of which the weights of attention are told. */
  readonly loop?: ObservedLoop;
  readonly values: readonly TracedValue[];
}

/** The plan, and what its outputs are. */
export interface TracePlan {
  readonly plan: Plan;
  readonly layers: readonly TracedLayer[];
}

/** The output that holds dL/dz. */
export const scoresGradient = "trace.dz";

/** What is taken from a network while it is built. */
export interface Observation {
  readonly observer: Observer;
  readonly loops: { readonly loop: ObservedLoop; readonly values: LoopValues }[];
  readonly poolings: { readonly name: string; readonly packing: string; readonly weights: Value }[];
}

/** Somebody who looks into a network and notes all. @param sourceSteps steps of the longest source of a batch */
export function observation(sourceSteps: number): Observation {
  const loops: Observation["loops"] = [];
  const poolings: Observation["poolings"] = [];
  const observer: Observer = {
    weights: (builder, loop) => weightsPerStep(builder, loop, sourceSteps),
    loop(loop) {
      const values = loopValues();
      loops.push({ loop, values });
      return values;
    },
    attention: (layer, weights) => void poolings.push({ ...layer, weights }),
  };
  return { observer, loops, poolings };
}

/** The loops of a network, in the order in which they run. */
export function observedLoops(net: Network): readonly ObservedLoop[] {
  const { observer, loops } = observation(1);
  buildForward(new Builder("look"), net, { observer });
  return loops.map(({ loop }) => loop);
}

/** Builds the plan. @param options.sourceSteps steps of the longest source that it can be given */
export function tracePlan(
  net: Network,
  { gradients, sourceSteps }: { readonly gradients: boolean; readonly sourceSteps: number },
): TracePlan {
  const b = new Builder("trace", () => !gradients);
  const { observer, loops, poolings } = observation(sourceSteps);
  const { z } = buildForward(b, net, { observer });
  if (gradients) {
    const loss = buildLoss(b, net, z);
    const one = b.buffer("one", "rows:1", 1);
    b.fill(one, 1);
    b.backward(loss, one);
    b.output(names.loss, loss);
    // Before the prediction, which may be a derivative itself and so add to this one.
    b.output(scoresGradient, b.gradient(z)!);
  }
  const layers = [
    ...loops.map(({ loop, values }) => loopOutputs(b, loop, values, gradients)),
    ...poolings.map(({ name, packing, weights }): TracedLayer => {
      const output = b.output(`trace.${name}.attention`, weights).buffer;
      return { name, packing, values: [{ kind: "attention", name: "attention", output, width: 1 }] };
    }),
  ];
  b.output(names.scores, z);
  b.output(names.prediction, buildPrediction(b, net, z));
  const plan = optimise(b.finish());
  verify(plan);
  return { plan, layers };
}

/** Declares the outputs of a loop. */
function loopOutputs(b: Builder, loop: ObservedLoop, seen: LoopValues, gradients: boolean): TracedLayer {
  const { name: layer, packing } = loop;
  const told = (kind: ValueKind, name: string, value: Value): TracedValue => ({
    kind,
    name,
    width: value.width,
    output: b.output(`trace.${layer}.${kind}.${name}`, value).buffer,
  });
  const forward = [
    ...[...seen.gates].map(([name, v]) => told(name === loop.attention ? "attention" : "gates", name, v)),
    ...[...seen.states].map(([name, v]) => told("states", name, v)),
  ];
  const back = (gradients ? forward : [])
    .filter(({ kind }) => kind !== "attention")
    .map(({ name, width }): TracedValue => {
      const value = seen.gradients.get(name);
      return value ? told("gradients", name, value) : { kind: "gradients", name, width, output: undefined };
    });
  return { name: layer, packing, loop, values: [...forward, ...back] };
}
