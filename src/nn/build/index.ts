/**
 * `unrolled/nn/build`: for whoever builds on networks (trainers, exporters, tools that look inside) and not only with them.
 * The rows of layers and losses, plans out of a network, batches bound to plans, networks as data. What networks are
 * written and used with stands in `unrolled/nn`, and no name in both.
 */

export { type LayerData, type NetworkData, networkData, networkFormat, networkFromData } from "../data.js";
export { networkDifference } from "../difference.js";
export { firstReason, INPUT, reasonAgainst, type Sources, stepsOf } from "../graph.js";
export { initialSteps, zeroParameters } from "../initial.js";
export { inputShape } from "../input.js";
export type {
  Activation,
  BlockSpec,
  BlockStart,
  BuildContext,
  InputShape,
  LayerFields,
  LayerKind,
  LayerRecord,
  LayerWriter,
  NamedShape,
  ObservedLoop,
  Observer,
  OnlyStep,
  PackedActivation,
  StreamedState,
} from "../layers/layer.js";
export { kindOf, layerKinds, layersInside } from "../layers/table.js";
export { weightsPerStep } from "../layers/weights-per-step.js";
export type { LossContext, LossOptions, LossRow } from "../losses/loss.js";
export { losses } from "../losses/losses.js";
export { modelName } from "../model-name.js";
export { names, packingOf } from "../names.js";
export { checkNetwork, layerList } from "../network.js";
export { type BufferStore, checkModel, readParameters, writeParameters } from "../parameters.js";
export { type BoundBatch, bindBatch, readOutput, unpackOutput } from "../run/batch.js";
export { checkFinite, checkTargets, exampleLength, extentOf, targetWidth } from "../run/check-example.js";
export {
  capacityFor,
  type Extent,
  largestExtents,
  type Room,
  roomFor,
  stepsOfExtent,
} from "../run/extent.js";
export { type NetworkHome, networkHome } from "../run/home.js";
export { checkText } from "../run/ids.js";
export { type RunFacts, runInput } from "../run/inputs.js";
export { type GrowingProgram, growingProgram } from "../run/program.js";
export { checkStates, givenStates, readStates, stateOutputs, unpackStates } from "../run/states.js";
export {
  buildForward,
  buildLoss,
  buildLossAlone,
  buildPrediction,
  type Forward,
  type ForwardOptions,
  type PredictionOptions,
  predictionPlan,
  type StepPlan,
  stepPlan,
  targetInput,
  wholeSequenceReason,
} from "./plans.js";
