/**
 * `unrolled/nn`: layers, losses and networks as frozen records, parameters as a named tree, and prediction.
 */
export { type BoundBatch, type Example, bindBatch, capacityFor, exampleLength, readOutput } from "./batch.js";
export { type Forward, type PredictionOptions, buildForward, names, predictionPlan, targetInput } from "./build.js";
export { type LayerData, type NetworkData, networkData, networkFromData } from "./data.js";
export { type DropoutLayer, dropout } from "./dropout.js";
export { type EmbeddingLayer, embedding } from "./embedding.js";
export { type RunFacts, runInput } from "./inputs.js";
export { type Activation, type BlockSpec, type BlockStart, type BuildContext, type LayerKind } from "./layer.js";
export { NetworkError, type ParameterSpec, type Shape } from "./layer.js";
export { type LinearLayer, linear } from "./linear.js";
export { type LossName, type LossRow, losses } from "./losses.js";
export { type Layer, type Network, type NetworkInput, type NetworkOptions, type PlacedLayer } from "./network.js";
export { inputShape, layerKinds, network, parameterCount } from "./network.js";
export { type BufferStore, type Parameters, type Tensor } from "./parameters.js";
export { initialParameters, readParameters, writeParameters } from "./parameters.js";
export { type PoolLayer, type Pooling, pool } from "./pool.js";
export { type Prediction, type Predictor, type PredictorOptions, createPredictor } from "./predictor.js";
export { type Direction, type InitialState, type RecurrentLayer, type RecurrentOptions } from "./recurrent.js";
export { recurrent, stack } from "./recurrent.js";
