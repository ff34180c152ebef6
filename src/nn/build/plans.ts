/**
 * From a network to plans: forward, loss and predictions. The training plan (backward and update) is put on
 * top of it in train/. Executors verify the plans that they are given.
 */
import { Builder, optimise, type Plan, stepPasses, type Value } from "../../plan/index.js";
import { firstReason } from "../graph.js";
import { inputShape, type NetworkInput, ownInput } from "../input.js";
import {
  type Activation,
  blockBuffer,
  NetworkError,
  type Observer,
  type OnlyStep,
  type PackedActivation,
  type Shape,
  type StreamedState,
} from "../layers/layer.js";
import type { LossContext, LossOptions } from "../losses/loss.js";
import { losses } from "../losses/losses.js";
import { inputName, names, packingOf } from "../names.js";
import type { Network } from "../network.js";
import { layersOn } from "./values.js";

/** What building forward gives. */
export interface Forward {
  /** The linear output z of the last layer. */
  readonly z: Value;
  readonly finals: ReadonlyMap<string, Value>;
}

/** For what forward is built. */
export interface ForwardOptions {
  /** Dropout acts. Default false. */
  readonly training?: boolean;
  /** States that would start at zero are inputs, as truncated back-propagation carries them on. Default false. */
  readonly carried?: boolean;
  /** Looks into the network: takes what its loops compute. */
  readonly observer?: Observer;
  /** The network is read at one step alone: pooling is given no other. Default: at all steps. */
  readonly only?: OnlyStep;
  /** There for one step of a stream: takes the states. */
  readonly streamed?: Map<string, StreamedState>;
}

/** Emits the network's forward steps. */
export function buildForward(
  builder: Builder,
  net: Network,
  { training = false, carried = false, ...looks }: ForwardOptions = {},
): Forward {
  builder.packing(names.packing);
  const finals = new Map<string, Value>();
  const input = inputActivation(builder, net.input);
  const layers = layersOn(input, { builder, training, carried, finals, ...looks });
  const last = net.layers.reduce((_, placed, index) => layers.build(placed, index), input);
  return { z: last.value, finals };
}

/** Declares the inputs. */
export function inputActivation(builder: Builder, input: NetworkInput): Activation {
  const declare = (shape: Shape, name: string, packing: string): Activation => {
    const [width, dtype] = shape.over === "ids" ? ([1, "index"] as const) : ([shape.width, "real"] as const);
    const rows = shape.over === "sequences" ? "sequences" : "tokens";
    return { shape, value: builder.input(name, `${rows}:${builder.packing(packing)}`, width, dtype) };
  };
  const shape = inputShape(input);
  if (!("inputs" in input)) return declare(shape, names.input, names.packing);
  const inputs = new Map(
    Object.entries(shape.inputs ?? {}).map(([name, of]): [string, PackedActivation] => {
      const packing = of.place === "step" || of.place === "once" ? names.packing : packingOf(name);
      return [name, { ...declare(of, inputName(name), packing), packing }];
    }),
  );
  // No layer reads the value of several inputs but through their names.
  const first = inputs.get(ownInput(input.inputs)) ?? [...inputs.values()][0]!;
  return { shape, value: first.value, inputs };
}

/** Declares the target that fits the network's loss. */
export function targetInput(builder: Builder, net: Network): Value {
  const space = `${net.output.over === "tokens" ? "tokens" : "sequences"}:${names.packing}` as const;
  const isClass = losses[net.loss].target === "class";
  return builder.input(names.target, space, isClass ? 1 : net.output.width, isClass ? "index" : "real");
}

/** What a loss is built with. */
function lossContext(builder: Builder, net: Network): LossContext {
  return {
    packing: names.packing,
    parameter(name) {
      const spec = net.parameters.find((p) => p.name === name)!;
      return blockBuffer(builder, spec, spec.blocks[0]!);
    },
    previous: () => builder.input(names.previousTarget, `tokens:${names.packing}`, 1, "index"),
    quantiles: () => builder.input(names.quantiles, "rows:1", net.output.width),
  };
}

/** The loss of each row, width 1. @param z the network's linear output */
export function buildLoss(builder: Builder, net: Network, z: Value, options: LossOptions = {}): Value {
  return losses[net.loss].loss(builder, z, targetInput(builder, net), options, lossContext(builder, net));
}

/** The loss of each row as if it stood alone: of a loss that scores whole sequences another one stands for it. */
export function buildLossAlone(builder: Builder, net: Network, z: Value): Value {
  const { alone = net.loss } = losses[net.loss];
  return losses[alone].loss(builder, z, targetInput(builder, net), {}, lossContext(builder, net));
}

/** ŷ = g₂(z). @param z the network's linear output */
export function buildPrediction(builder: Builder, net: Network, z: Value): Value {
  return losses[net.loss].predict(builder, z, lossContext(builder, net));
}

/** What a plan that does not train should give. */
export interface PredictionOptions {
  /** Also the loss of each row, for which runs must bring targets. Default false. */
  readonly loss?: boolean;
  /** The predictions themselves. Default true. */
  readonly rows?: boolean;
  /** Also z, the scores that the prediction is made of. Default false. */
  readonly scores?: boolean;
  /** Also the final states of recurrent layers. Default false. */
  readonly states?: boolean;
  /** States that would start at zero are inputs, so that a long sequence can be read in pieces. Default false. */
  readonly carried?: boolean;
}

/** The plan that predicts: ŷ of every token or sequence as output "out.prediction". */
export function predictionPlan(net: Network, options: PredictionOptions = {}): Plan {
  // Nothing is trained here; a prediction may be a derivative itself.
  const builder = new Builder(options.loss ? "evaluate" : "predict", () => true);
  const { z, finals } = buildForward(builder, net, { carried: options.carried ?? false });
  if (options.rows ?? true) builder.output(names.prediction, buildPrediction(builder, net, z));
  if (options.loss) builder.output(names.loss, buildLoss(builder, net, z));
  if (options.scores) builder.output(names.scores, z);
  if (options.states) for (const [name, value] of finals) builder.output(names.final + name, value);
  return optimise(builder.finish());
}

/** One step of a network for any number of streams, and the states that it keeps. */
export interface StepPlan {
  readonly plan: Plan;
  /** By name: "recurrent1.c". */
  readonly states: ReadonlyMap<string, StreamedState>;
}

/** Why a network cannot run step by step: "pool1 pools over all steps …"; undefined if it can. */
export function wholeSequenceReason(net: Network): string | undefined {
  const reason = firstReason(net.layers, "wholeSequence");
  if (reason !== undefined) return reason;
  const { joint } = losses[net.loss];
  return joint === undefined ? undefined : `${net.loss} ${joint}`;
}

/**
 * The plan of one step of a network: ŷ of one token of each stream as output "out.prediction". All of it lies in
 * one loop, which a batch of T = 1 runs once: row i is stream i, and the batch's `offsets` and `active` choose the
 * rows that take a step.
 *
 * @throws NetworkError naming the layer that needs the whole sequence
 */
export function stepPlan(net: Network): StepPlan {
  const reason = wholeSequenceReason(net);
  if (reason !== undefined) throw new NetworkError(`the network cannot run step by step: ${reason}`);
  const builder = new Builder("step");
  const states = new Map<string, StreamedState>();
  builder.loop(builder.packing(names.packing), false, () => {
    const { z } = buildForward(builder, net, { streamed: states });
    builder.output(names.prediction, buildPrediction(builder, net, z));
  });
  return { plan: optimise(builder.finish(), undefined, stepPasses), states };
}
