#!/bin/sh
# ONNX Runtime: a sequence of length 0 does not end in the state that it was given, but in zeros.
#
# Versions: onnxruntime 1.30.0, onnx 1.23.1, numpy 2.4.6, Python 3.11.7.
# Behaviour: with sequence_lens of 3 and 0 and initial states of ¼, the last state (Y_h) of the sequence without steps is
# zeros, for LSTM, GRU and RNN. A run cut in two, whose second part is empty for some of the batch, loses those states.
# Here: exported graphs put the initial state back (docs/onnx.md, src/io/onnx/export/native-node.ts).
#
# Output seen:
#   LSTM: last state of the empty sequence 0.00, given 0.25
#   GRU: last state of the empty sequence 0.00, given 0.25
#   RNN: last state of the empty sequence 0.00, given 0.25
. "$(dirname "$0")/lib.sh"
python_packages onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
python - <<'PY'
import numpy as np
import onnxruntime
from finding import expect
from onnx import TensorProto, helper, numpy_helper

for op, gates in {"LSTM": 4, "GRU": 3, "RNN": 1}.items():
    shapes = {"w": (1, gates * 2, 1), "r": (1, gates * 2, 2)}
    weights = [numpy_helper.from_array(np.full(shape, 0.5, "float32"), name) for name, shape in shapes.items()]
    inputs = {"x": (TensorProto.FLOAT, [3, 2, 1]), "lengths": (TensorProto.INT32, [2]), "h": (TensorProto.FLOAT, [1, 2, 2])}
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "w", "r", "", "lengths", "h"], ["", "y_h"], hidden_size=2)],
        "one operator",
        [helper.make_tensor_value_info(name, *described) for name, described in inputs.items()],
        [helper.make_tensor_value_info("y_h", TensorProto.FLOAT, [1, 2, 2])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    feeds = {
        "x": np.ones((3, 2, 1), "float32"),
        "lengths": np.array([3, 0], "int32"),
        "h": np.full((1, 2, 2), 0.25, "float32"),
    }
    (last,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)
    print(f"{op}: last state of the empty sequence {last[0, 1, 0]:.2f}, given 0.25")
    expect((last[0, 1] == 0).all(), f"{op} ends an empty sequence in zeros")
PY
