#!/bin/sh
# Keras and TensorFlow.js: of their poolings over time, only Keras' mean goes by the mask. Keras' maximum and both poolings of
# TensorFlow.js count the padding.
#
# Versions: keras 3.15.1 on jax 0.10.2, Python 3.11.7; @tensorflow/tfjs 4.22.0, Node 20.20.2.
# Behaviour: the sequence −3, −1 is padded with two zeros, which are masked. Keras' mean is −2, that of the sequence; its maximum
# is 0, which does not occur in the sequence (Keras warns that the mask is dropped here). In TensorFlow.js the mean is −1 and
# the maximum 0, without a warning. If all of a sequence is masked, Keras' mean is NaN, and with it the loss of its batch.
# Here: pooling is over the steps of each sequence, of nothing it is 0 (src/nn/layers/pool.ts). An imported model therefore gives
# what the original gives without padding; where the original pools like this, not what it gives with padding (docs/keras.md).
#
# Output seen:
#   Keras         mean -2, maximum 0, mean of nothing but padding nan
#   TensorFlow.js mean -1, maximum 0
. "$(dirname "$0")/lib.sh"
python_packages keras==3.15.1 jax==0.10.2
npm_packages @tensorflow/tfjs@4.22.0
KERAS_BACKEND=jax python -W ignore - <<'PY'
import math

import keras
import numpy as np
from finding import expect

layers = keras.layers
masked = layers.Masking()(np.array([[[-3.0], [-1.0], [0.0], [0.0]]], "float32"))
nothing = layers.Masking()(np.zeros((1, 4, 1), "float32"))
mean = float(np.asarray(layers.GlobalAveragePooling1D()(masked)).item())
maximum = float(np.asarray(layers.GlobalMaxPooling1D()(masked)).item())
empty = float(np.asarray(layers.GlobalAveragePooling1D()(nothing)).item())
print(f"Keras         mean {mean:g}, maximum {maximum:g}, mean of nothing but padding {empty:g}")
expect(mean == -2, "the mean goes by the mask")
expect(maximum == 0, "the maximum does not go by the mask")
expect(math.isnan(empty), "the mean of a sequence that is masked whole is not a number")
PY
quietly node --input-type=module - <<'JS'
import * as tf from "@tensorflow/tfjs";
import { expect } from "./finding.mjs";

const input = tf.input({ shape: [4, 1] });
const masked = tf.layers.masking({ maskValue: 0 }).apply(input);
const pooled = (layer) =>
  tf.model({ inputs: input, outputs: layer.apply(masked) }).predict(tf.tensor3d([-3, -1, 0, 0], [1, 4, 1])).dataSync()[0];
const mean = pooled(tf.layers.globalAveragePooling1d({}));
const maximum = pooled(tf.layers.globalMaxPooling1d({}));
console.log(`TensorFlow.js mean ${mean}, maximum ${maximum}`);
expect(mean === -1 && maximum === 0, "neither pooling of TensorFlow.js goes by the mask");
JS
