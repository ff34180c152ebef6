/**
 * `unrolled/nn`: layers, losses and networks as frozen records, parameters as a named tree, and prediction.
 */
export { type ActivationLayer, type ActivationName, activation } from "./activation.js";
export {
  type BoundBatch,
  bindBatch,
  checkTargets,
  type Example,
  type ExampleInput,
  exampleLength,
  extentOf,
  type NamedValues,
  readOutput,
  targetWidth,
} from "./batch.js";
export {
  type Beam,
  type BeamModel,
  type BeamOptions,
  type BeamResult,
  beamSearch,
  type Followed,
  type Following,
  startBeam,
  type Waiting,
} from "./beam.js";
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
} from "./build.js";
export { type ChainScores, chainProbability, viterbi } from "./chain.js";
export { type LayerData, type NetworkData, networkData, networkFromData } from "./data.js";
export { type DecoderLayer, type DecoderOptions, decoder } from "./decoder.js";
export { createDecoding, type Decoding, type DecodingOptions } from "./decoding.js";
export { networkDifference } from "./difference.js";
export { type DropoutLayer, type DropoutMask, type DropoutOptions, dropout } from "./dropout.js";
export { type EmbeddingLayer, embedding } from "./embedding.js";
export { extendVocabulary } from "./extend.js";
export { capacityFor, type Extent, largestExtents, type Room, roomFor, stepsOfExtent } from "./extent.js";
export { type FeaturesLayer, features } from "./features.js";
export { type RunFacts, runInput } from "./inputs.js";
export {
  type Activation,
  type BlockSpec,
  type BlockStart,
  type BuildContext,
  type InputShape,
  type LayerKind,
  type LayerWriter,
  NetworkError,
  type ObservedLoop,
  type Observer,
  type OnlyStep,
  type PackedActivation,
  type ParameterSpec,
  type Shape,
  type StreamedState,
} from "./layer.js";
export { type LinearLayer, linear } from "./linear.js";
export { createLongScorer, type LongScore, type LongScorer, type LongScorerOptions } from "./long.js";
export { type LossContext, type LossName, type LossOptions, type LossRow, losses } from "./losses.js";
export { names, packingOf } from "./names.js";
export {
  type FlatInput,
  inputShape,
  kindOf,
  type Layer,
  layerKinds,
  type NamedInput,
  type Network,
  type NetworkInput,
  type NetworkOptions,
  network,
  type PlacedLayer,
  parameterCount,
} from "./network.js";
export type { Zoneout } from "./noise.js";
export { createNoteSampler, type NoteSampler, type NoteSamplingOptions } from "./note-sampling.js";
export {
  type BufferStore,
  initialParameters,
  type Parameters,
  readParameters,
  type Tensor,
  writeParameters,
} from "./parameters.js";
export { type Pooling, type PoolLayer, pool, poolings } from "./pool.js";
export { createPredictor, type Prediction, type Predictor, type PredictorOptions } from "./predictor.js";
export { growingProgram } from "./program.js";
export {
  type Direction,
  type InitialState,
  type RecurrentLayer,
  type RecurrentOptions,
  recurrent,
  stack,
} from "./recurrent.js";
export {
  checkSampling,
  createSampler,
  type Drawn,
  type DrawPlace,
  type Sampler,
  type SamplingOptions,
} from "./sampling.js";
export { checkStates, givenStates, readStates, type States } from "./states.js";
export {
  createStream,
  createStreams,
  type SingleStream,
  type StepPrediction,
  type Stream,
  type StreamOptions,
  type Streams,
  type StreamsOptions,
} from "./stream.js";
export type { StreamState } from "./stream-states.js";
