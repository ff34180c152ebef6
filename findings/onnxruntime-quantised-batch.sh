#!/bin/sh
# ONNX Runtime: in a quantised LSTM the answer for one sequence depends on which others are in its batch, and a GRU in the
# same call is not quantised at all.
#
# Versions: onnxruntime 1.30.0, onnx 1.23.1, numpy 2.4.6, Python 3.11.7.
# Behaviour: quantize_dynamic turns LSTM into DynamicQuantizeLSTM, which rounds its inputs to 8 bits with one scale for the
# whole batch. A sequence beside another of tenfold values is rounded tenfold as coarsely as alone. In float32 the
# answer is the same. GRU and RNN stay in float32 without a word, and the file does not get smaller.
# Here: int8 is for storage, with one scale for each row of a matrix, and arithmetic stays float32 (docs/model-file.md), so that
# a sequence has the same bits in any batch.
#
# Output seen:
#   LSTM becomes DynamicQuantizeLSTM, 25% of the size; first sequence together and alone: 0.0000 apart in float32, 0.2602 quantised
#   GRU becomes GRU, 100% of the size; first sequence together and alone: 0.0000 apart in float32, 0.0000 quantised
#   RNN becomes RNN, 100% of the size; first sequence together and alone: 0.0000 apart in float32, 0.0000 quantised
. "$(dirname "$0")/lib.sh"
python_packages onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
quietly python - <<'PY'
import os

import numpy as np
import onnx
import onnxruntime
from finding import expect
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import quantize_dynamic

H, X = 64, 32
x = np.sin(np.arange(5 * 2 * X, dtype="float32")).reshape(5, 2, X)
x[:, 1] *= 10
for op, gates in {"LSTM": 4, "GRU": 3, "RNN": 1}.items():
    shapes = {"w": (1, gates * H, X), "r": (1, gates * H, H)}
    weights = [
        numpy_helper.from_array(np.sin(np.arange(np.prod(shape)) * 1.7).astype("float32").reshape(shape), name)
        for name, shape in shapes.items()
    ]
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "w", "r"], ["y"], hidden_size=H)],
        "one operator",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", "batch", X])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["time", 1, "batch", H])],
        weights,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), f"{op}.onnx")
    quantize_dynamic(f"{op}.onnx", f"{op}.int8.onnx")
    apart = []
    for file in (f"{op}.onnx", f"{op}.int8.onnx"):
        run = onnxruntime.InferenceSession(file).run
        together, alone = run(None, {"x": x})[0][:, :, :1], run(None, {"x": x[:, :1].copy()})[0]
        apart.append(float(np.abs(together - alone).max()))
    node = onnx.load(f"{op}.int8.onnx").graph.node[0].op_type
    size = os.path.getsize(f"{op}.int8.onnx") / os.path.getsize(f"{op}.onnx")
    print(
        f"{op} becomes {node}, {size:.0%} of the size; first sequence together and alone: "
        f"{apart[0]:.4f} apart in float32, {apart[1]:.4f} quantised"
    )
    if op == "LSTM":
        expect(node == "DynamicQuantizeLSTM" and size < 0.5, "LSTM is quantised")
        expect(apart[0] < 1e-6 and apart[1] > 1e-3, "a quantised LSTM's answer depends on the batch")
    else:
        expect(node == op and size > 0.99, f"{op} is left as it is")
PY
