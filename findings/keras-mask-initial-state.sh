#!/bin/sh
# Keras: a recurrent layer that is given an initial state forgets the mask of its input and reads the padding.
#
# Versions: keras 3.15.1 on jax 0.10.2 (the same on torch 2.13.0), Python 3.11.7.
# Behaviour: Masking (or an embedding with mask_zero) marks the padding, and an LSTM leaves those steps out. Given the very
# state from which it starts anyway, zeros, it runs through them: another answer, no warning. A mask that is handed over as
# an argument is obeyed in both cases. Every decoder that starts from an encoder's state is such a call.
# Here: the engine never sees padding, and import refuses calls with a state (docs/keras.md): there is no answer to agree with.
#
# Output seen:
#   padded, masked                                differs from the sequence alone by 0.000
#   padded, masked, initial state of zeros        differs from the sequence alone by 0.044
#   padded, mask as argument, the same state      differs from the sequence alone by 0.000
. "$(dirname "$0")/lib.sh"
python_packages keras==3.15.1 jax==0.10.2
KERAS_BACKEND=jax python - <<'PY'
import keras
import numpy as np
from finding import expect

keras.utils.set_random_seed(1)
lstm = keras.layers.LSTM(4)
sequence = np.sin(np.arange(1, 10, dtype="float32")).reshape(1, 3, 3)
padded = np.concatenate([sequence, np.zeros((1, 2, 3), "float32")], axis=1)
masked = keras.layers.Masking()(padded)
zeros = [np.zeros((1, 4), "float32")] * 2
alone = np.asarray(lstm(sequence))


def difference(name, output):
    largest = float(np.abs(np.asarray(output) - alone).max())
    print(f"{name:45} differs from the sequence alone by {largest:.3f}")
    return largest


expect(difference("padded, masked", lstm(masked)) < 1e-6, "the mask is obeyed")
expect(
    difference("padded, masked, initial state of zeros", lstm(masked, initial_state=zeros)) > 0.01,
    "the mask is dropped where an initial state is given",
)
mask = np.array([[True, True, True, False, False]])
expect(
    difference("padded, mask as argument, the same state", lstm(padded, mask=mask, initial_state=zeros)) < 1e-6,
    "a mask that is an argument is obeyed",
)
PY
