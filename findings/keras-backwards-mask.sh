#!/bin/sh
# Keras: go_backwards with return_sequences turns the outputs round and hands the mask on as it was, so that the next layer
# leaves out real steps and reads padding.
#
# Versions: keras 3.15.1 on jax 0.10.2 (the same on torch 2.13.0), Python 3.11.7.
# Behaviour: of five steps three are real. The layer that goes backwards gives its outputs last step first, those of the
# padding (zeros) before all others. The mask that goes with them says that the first three are real: two of them are
# padding, and two of the real ones are taken for padding. A mean over the masked outputs is then another number than that of
# the sequence without padding. Bidirectional turns the outputs back and is right.
# Here: import refuses go_backwards with return_sequences (docs/keras.md); the reverse direction of a layer here keeps the order
# of the steps.
#
# Output seen:
#   outputs without padding [0.427, -0.661, 0.732]
#   outputs, masked         [0.0, 0.0, 0.427, -0.661, 0.732]
#   mask handed on          [True, True, True, False, False]
#   mean without padding [0.166] masked [0.142]
. "$(dirname "$0")/lib.sh"
python_packages keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax python - <<'PY'
import keras
import numpy as np
from finding import expect

keras.utils.set_random_seed(1)
layers = keras.layers
backwards = layers.SimpleRNN(1, go_backwards=True, return_sequences=True)
both = layers.Bidirectional(layers.SimpleRNN(1, return_sequences=True))
sequence = np.sin(np.arange(1, 10, dtype="float32")).reshape(1, 3, 3)
padded = np.concatenate([sequence, np.zeros((1, 2, 3), "float32")], axis=1)
masked, mean = layers.Masking()(padded), layers.GlobalAveragePooling1D()


def row(values):
    return [round(float(v), 3) for v in np.asarray(values).ravel()]


given, expected = backwards(masked), backwards(sequence)
mask = np.asarray(given._keras_mask).ravel().tolist()
print("outputs without padding", row(expected))
print("outputs, masked        ", row(given))
print("mask handed on         ", mask)
print("mean without padding", row(mean(expected)), "masked", row(mean(given)))
expect(row(given) == [0, 0, *row(expected)], "outputs of the padding come first")
expect(mask == [True, True, True, False, False], "the mask is not turned round with the outputs")
expect(abs(row(mean(given))[0] - row(mean(expected))[0]) > 0.01, "the mean that goes by the mask is another")
expect(np.abs(np.asarray(mean(both(masked)) - mean(both(sequence)))).max() < 1e-6, "Bidirectional is right")
PY
