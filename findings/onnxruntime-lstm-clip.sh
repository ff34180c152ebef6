#!/bin/sh
# ONNX Runtime: `clip` of LSTM is kept from one of its activations, that of the cell state.
#
# Versions: onnxruntime 1.30.0, onnx 1.23.1, numpy 2.4.6, Python 3.11.7.
# Behaviour: the operator's definition says of clip that it bounds the input of activations, and H_t = o ∘ h(C_t) has the
# activation h. Gates and candidate are clipped; h gets C_t as it is. With open gates, clip = 1 and a large input the state grows
# past 1 and h with it: the last output is what h of the state unclipped gives, and 24 % above h of the clipped one.
# Here: import refuses `clip` (docs/onnx.md) instead of choosing a reading.
#
# Output seen:
#   state 1.754, output 0.689
#   by hand, h of the state as it is 0.689, of the clipped state 0.557
. "$(dirname "$0")/lib.sh"
python_packages onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
python - <<'PY'
import math

import numpy as np
import onnxruntime
from finding import expect
from onnx import TensorProto, helper, numpy_helper

# One unit, whose gates have only a bias of 20, and whose candidate is tanh of the input.
weights = {"w": np.zeros((1, 4, 1)), "r": np.zeros((1, 4, 1)), "b": np.zeros((1, 8))}
weights["w"][0, 3, 0] = 1
weights["b"][0, :3] = 20
node = helper.make_node("LSTM", ["x", "w", "r", "b"], ["", "y_h", "y_c"], hidden_size=1, clip=1.0)
graph = helper.make_graph(
    [node],
    "one unit",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", 1, 1])],
    [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 1]) for name in ("y_h", "y_c")],
    [numpy_helper.from_array(value.astype("float32"), name) for name, value in weights.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString())
output, state = (float(v.item()) for v in session.run(None, {"x": np.full((6, 1, 1), 5, "float32")}))

gate, candidate, c = 1 / (1 + math.exp(-1)), math.tanh(1), 0.0  # sigmoid and tanh of what is clipped to 1
for _ in range(6):
    c = gate * c + gate * candidate
free, clipped = gate * math.tanh(c), gate * math.tanh(min(c, 1))
print(f"state {state:.3f}, output {output:.3f}")
print(f"by hand, h of the state as it is {free:.3f}, of the clipped state {clipped:.3f}")
expect(abs(output - free) < 1e-5, "the input of h is not clipped")
PY
