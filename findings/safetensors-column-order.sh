#!/bin/sh
# safetensors: saving a transposed NumPy array writes its numbers in another order, and loading it gives another matrix.
#
# Versions: safetensors 0.8.0 (0.7.0 was right), numpy 2.4.6, Python 3.11.7.
# Behaviour: the array's memory is written as it lies, the header has the shape that NumPy shows. For an array in column order
# (`.T`, or what many linear algebra routines return) the two do not fit, and nothing is raised. The same holds for `save`.
# The documentation asks for arrays that are "contiguous and dense", which such an array is.
# Here: weights of Keras are (inputs, outputs) and of PyTorch the other way round, so a script that turns one into the other
# writes such files. A reader (src/io/safetensors.ts) cannot tell; compare with outputs of the original by `--expected`.
#
# Output seen:
#   saved  [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
#   loaded [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
#   after numpy.ascontiguousarray [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
. "$(dirname "$0")/lib.sh"
python_packages safetensors==0.8.0 numpy==2.4.6
python - <<'PY'
import numpy as np
from finding import expect
from safetensors.numpy import load_file, save_file

kernel = np.arange(6, dtype=np.float32).reshape(2, 3)


def loaded(array):
    save_file({"w": array}, "weights.safetensors")
    return load_file("weights.safetensors")["w"]


print("saved ", kernel.T.tolist())
print("loaded", loaded(kernel.T).tolist())
print("after numpy.ascontiguousarray", loaded(np.ascontiguousarray(kernel.T)).tolist())
expect(not np.array_equal(loaded(kernel.T), kernel.T), "an array in column order comes back as another one")
expect(np.array_equal(loaded(kernel), kernel), "an array in row order comes back as it was")
PY
