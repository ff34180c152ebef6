/**
 * `unrolled/nn`: layers and networks as frozen records, parameters as a named tree, predictions, streams and decoding.
 * What plans and runs are made of stands in `unrolled/nn/build`.
 */

export { extendVocabulary } from "./extend.js";
export type { LayerFrom } from "./graph.js";
export { initialParameters } from "./initial.js";
export type { FlatInput, NamedInput, NetworkInput } from "./input.js";
export { type ActivationLayer, type ActivationName, activation } from "./layers/activation.js";
export { type ConvolutionLayer, type ConvolutionOptions, convolution } from "./layers/convolution.js";
export { type DecoderLayer, type DecoderOptions, decoder } from "./layers/decoder.js";
export { type DropoutLayer, type DropoutMask, type DropoutOptions, dropout } from "./layers/dropout.js";
export { type EmbeddingLayer, embedding } from "./layers/embedding.js";
export { type FeaturesLayer, features } from "./layers/features.js";
export {
  type AttentionComparison,
  type AttentionLayer,
  attention,
} from "./layers/graph/attention.js";
export { type Joining, type JoinLayer, join } from "./layers/graph/join.js";
export { type RepeatLayer, repeat } from "./layers/graph/repeat.js";
export { NetworkError, type ParameterSpec, type Shape } from "./layers/layer.js";
export { type LinearLayer, linear } from "./layers/linear.js";
export type { Zoneout } from "./layers/noise.js";
export { type NormaliseLayer, normalise } from "./layers/normalise.js";
export { type Pooling, type PoolLayer, pool, poolings } from "./layers/pool.js";
export {
  type Direction,
  type InitialState,
  type RecurrentLayer,
  type RecurrentOptions,
  recurrent,
  stack,
} from "./layers/recurrent.js";
export { type ScaleLayer, scale } from "./layers/scale.js";
export type { Layer } from "./layers/single.js";
export type { NetworkLayer } from "./layers/table.js";
export { type ChainScores, chainProbability, viterbi } from "./losses/chain.js";
export type { LossName } from "./losses/loss.js";
export { type Network, type NetworkOptions, network, type PlacedLayer, parameterCount } from "./network.js";
export type { Parameters, Tensor } from "./parameters.js";
export type { Example, ExampleInput, NamedValues } from "./run/example.js";
export { createLongScorer, type LongScore, type LongScorer, type LongScorerOptions } from "./run/long.js";
export { createPredictor, type Prediction, type Predictor, type PredictorOptions } from "./run/predictor.js";
export { exampleOf, inputOf, type Sample, type SampleInput, type SampleValues } from "./run/sample.js";
export type { States } from "./run/states.js";
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
  createSampler,
  type Drawn,
  type DrawPlace,
  type Sampler,
  type SamplingOptions,
} from "./search/sampling.js";
