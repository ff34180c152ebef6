/**
 * The plan of a whole training step: one run computes the gradients of a batch and updates the weights, so that data
 * crosses into the executor once. The two halves (gradients.ts, update.ts) are also plans of their own.
 */
import type { Network } from "../../nn/index.js";
import { optimise, type Plan, verify } from "../../plan/index.js";
import type { TrainingSettings } from "../settings.js";
import { addsUp, buildGradients, summed, trainingBuilder } from "./gradients.js";
import { buildUpdate, clipped } from "./update.js";

/** Builds the training plan. @throws NetworkError or PlanError if there is nothing to train, or a setting makes no sense */
export function trainingPlan(net: Network, settings: TrainingSettings): Plan {
  const b = trainingBuilder("train", net, settings);
  const { gradients, total, finish } = buildGradients(b, net, settings);
  const shaped = gradients.map(({ parameter, gradient: own }) => {
    const gradient = summed(b, { parameter, gradient: own }, settings);
    return { parameter, gradient: clipped(b, { parameter, gradient }, settings) };
  });
  // Of several runs the earlier ones' losses are looked at by whoever asks for the update.
  buildUpdate(b, shaped, { net, settings, finite: [total], asked: addsUp(settings) });
  finish();
  const plan = optimise(b.finish());
  verify(plan);
  return plan;
}
