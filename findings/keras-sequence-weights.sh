#!/bin/sh
# Keras: weights of sequences are laid along time if a batch has as many sequences as steps, and class weights of integer
# targets go by the wrong class.
#
# Versions: keras 3.15.1 on jax 0.10.2 (the same on torch 2.13.0), Python 3.11.7.
# Behaviour: `fit` and `evaluate` take one weight for each sample. For a target at every step, three sequences of three
# steps with weights 1, 0, 0 should leave the first sequence; what is left is the first step of each. With two sequences of three
# steps an error is raised. Integer targets (batch, steps), as a sparse cross-entropy takes them, are read by `class_weight` as
# if they were one-hot: the place of the largest number in time is taken for the class of the whole sequence.
# Here: `weight` belongs to an example, class weights to single steps (docs/training.md, src/train/settings.test.ts).
#
# Output seen:
#   first sequence alone 0.556, first steps alone 5.000, Keras 5.000
#   two sequences of three steps: ValueError
#   steps of class 0 alone 0.462, Keras 0.000
. "$(dirname "$0")/lib.sh"
python_packages keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax python - <<'PY'
import keras
import numpy as np
from finding import expect

# The model gives its input back, so that the loss is known: the squares of 0 to 8, rows are sequences.
values = np.arange(9, dtype="float32").reshape(3, 3, 1)
model = keras.Sequential([keras.Input((None, 1)), keras.layers.Activation("linear")])
model.compile(loss="mse")
weights = np.array([1, 0, 0], "float32")
loss = float(model.evaluate(values, np.zeros_like(values), sample_weight=weights, verbose=0))
squares = values[..., 0] ** 2
print(f"first sequence alone {squares[0].sum() / 9:.3f}, first steps alone {squares[:, 0].sum() / 9:.3f}, Keras {loss:.3f}")
expect(abs(loss - squares[:, 0].sum() / 9) < 1e-3, "weights of three sequences of three steps are those of the steps")
try:
    model.evaluate(values[:2], np.zeros_like(values[:2]), sample_weight=weights[:2], verbose=0)
    expect(False, "weights of two sequences of three steps raise an error")
except Exception as error:
    print("two sequences of three steps:", type(error).__name__)

# All targets are 0, 1, 2 in turn; only class 0 has a weight. Equal probabilities: the loss of a step is ln 4.
keras.utils.set_random_seed(1)
tagger = keras.Sequential([keras.Input((3, 1)), keras.layers.Dense(4, activation="softmax", kernel_initializer="zeros")])
tagger.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
targets = np.tile(np.arange(3), (3, 1))
only = {0: 1.0, 1: 0.0, 2: 0.0, 3: 0.0}
loss = tagger.fit(values, targets, class_weight=only, verbose=0).history["loss"][0]
print(f"steps of class 0 alone {np.log(4) / 3:.3f}, Keras {loss:.3f}")
expect(loss == 0, "the class is taken from the place of the largest integer, here that of class 2")
PY
