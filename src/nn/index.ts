/**
 * `unrolled/nn`: layers, losses and networks as frozen records, parameters as a named tree, and prediction.
 */

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
export { type LayerData, type NetworkData, networkData, networkFromData } from "./data.js";
export { networkDifference } from "./difference.js";
export { extendVocabulary } from "./extend.js";
export { type ActivationLayer, type ActivationName, activation } from "./layers/activation.js";
export { type DecoderLayer, type DecoderOptions, decoder } from "./layers/decoder.js";
export { type DropoutLayer, type DropoutMask, type DropoutOptions, dropout } from "./layers/dropout.js";
export { type EmbeddingLayer, embedding } from "./layers/embedding.js";
export { type FeaturesLayer, features } from "./layers/features.js";
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
} from "./layers/layer.js";
export { type LinearLayer, linear } from "./layers/linear.js";
export type { Zoneout } from "./layers/noise.js";
export { type Pooling, type PoolLayer, pool, poolings } from "./layers/pool.js";
export {
  type Direction,
  type InitialState,
  type RecurrentLayer,
  type RecurrentOptions,
  recurrent,
  stack,
} from "./layers/recurrent.js";
export type { Layer } from "./layers/single.js";
export { kindOf, layerKinds, layersInside, type NetworkLayer } from "./layers/table.js";
export { type ChainScores, chainProbability, viterbi } from "./losses/chain.js";
export type { LossContext, LossName, LossOptions, LossRow } from "./losses/loss.js";
export { losses } from "./losses/losses.js";
export { modelName } from "./model-name.js";
export { names, packingOf } from "./names.js";
export {
  type FlatInput,
  inputShape,
  type NamedInput,
  type Network,
  type NetworkInput,
  type NetworkOptions,
  network,
  type PlacedLayer,
  parameterCount,
} from "./network.js";
export {
  type BufferStore,
  initialParameters,
  type Parameters,
  readParameters,
  type Tensor,
  writeParameters,
} from "./parameters.js";
export { type BoundBatch, bindBatch, readOutput } from "./run/batch.js";
export { checkTargets, exampleLength, extentOf, targetWidth } from "./run/check-example.js";
export type { Example, ExampleInput, NamedValues } from "./run/example.js";
export { capacityFor, type Extent, largestExtents, type Room, roomFor, stepsOfExtent } from "./run/extent.js";
export { type NetworkHome, networkHome } from "./run/home.js";
export { checkText } from "./run/ids.js";
export { type RunFacts, runInput } from "./run/inputs.js";
export { createLongScorer, type LongScore, type LongScorer, type LongScorerOptions } from "./run/long.js";
export { createPredictor, type Prediction, type Predictor, type PredictorOptions } from "./run/predictor.js";
export { type GrowingProgram, growingProgram } from "./run/program.js";
export { exampleOf, inputOf, type Sample, type SampleInput, type SampleValues } from "./run/sample.js";
export { checkStates, givenStates, readStates, type States } from "./run/states.js";
export {
  createStream,
  createStreams,
  type SingleStream,
  type StepPrediction,
  type Stream,
  type StreamOptions,
  type Streams,
  type StreamsOptions,
} from "./run/stream.js";
export {
  ownStates,
  type RestoreOptions,
  type StateValues,
  type StreamState,
  statesOf,
} from "./run/stream-state.js";
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
} from "./search/beam.js";
export { createDecoding, type Decoding, type DecodingOptions } from "./search/decoding.js";
export { createNoteSampler, type NoteSampler, type NoteSamplingOptions } from "./search/note-sampling.js";
export {
  checkSampling,
  createSampler,
  type Drawn,
  type DrawPlace,
  type Sampler,
  type SamplingOptions,
} from "./search/sampling.js";
