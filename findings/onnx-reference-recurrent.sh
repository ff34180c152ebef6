#!/bin/sh
# onnx: the reference evaluator, which stands for what the operators mean, leaves out lengths, clipping, activations and
# coupled gates of LSTM, GRU and RNN.
#
# Versions: onnx 1.23.1, onnxruntime 1.30.0, numpy 2.4.6, Python 3.11.7.
# Behaviour: each graph passes the checker, and ONNX Runtime's answer follows the input or attribute. The evaluator gives the
# same numbers as without it, and neither refuses nor warns. Of an
# RNN's activations it knows Tanh and not Relu, which it refuses.
# Here: exports are compared with our own interpreter and run in ONNX Runtime (src/io/onnx/export/export.test.ts); the
# evaluator judges none of them.
#
# Output seen:
#   LSTM lengths of 5 and 3: the last state moves by 0.259 in ONNX Runtime, 0.000 in the evaluator
#   GRU lengths of 5 and 3: the last state moves by 0.578 in ONNX Runtime, 0.000 in the evaluator
#   RNN lengths of 5 and 3: the last state moves by 1.372 in ONNX Runtime, 0.000 in the evaluator
#   LSTM clip=0.5: the last state moves by 0.333 in ONNX Runtime, 0.000 in the evaluator
#   GRU clip=0.5: the last state moves by 0.957 in ONNX Runtime, 0.000 in the evaluator
#   RNN clip=0.5: the last state moves by 0.684 in ONNX Runtime, 0.000 in the evaluator
#   LSTM input_forget=1: the last state moves by 0.180 in ONNX Runtime, 0.000 in the evaluator
#   LSTM activations=['Sigmoid', 'Relu', 'Tanh']: the last state moves by 0.370 in ONNX Runtime, 0.000 in the evaluator
#   GRU activations=['Sigmoid', 'Relu']: the last state moves by 1.803 in ONNX Runtime, 0.000 in the evaluator
#   RNN activations=['Relu'] in the evaluator: Unknown activation function 'Relu'.
. "$(dirname "$0")/lib.sh"
python_packages onnx==1.23.1 onnxruntime==1.30.0 numpy==2.4.6
cat >recurrent.py <<'PY'
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

H, X = 4, 3
gates = {"LSTM": 4, "GRU": 3, "RNN": 1}


def graph(op, lengths=False, **attributes):
    """One operator of one direction, with weights by a formula, that gives Y and Y_h."""
    shapes = {"w": (1, gates[op] * H, X), "r": (1, gates[op] * H, H), "b": (1, 2 * gates[op] * H)}
    weights = [
        numpy_helper.from_array((2 * np.sin(np.arange(1, np.prod(shape) + 1) + k)).astype("float32").reshape(shape), name)
        for k, (name, shape) in enumerate(shapes.items())
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["time", "batch", X])
    steps = helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"])
    node = helper.make_node(
        op, ["x", "w", "r", "b", *(["lengths"] if lengths else [])], ["y", "y_h"], hidden_size=H, **attributes
    )
    outputs = [
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["time", 1, "batch", H]),
        helper.make_tensor_value_info("y_h", TensorProto.FLOAT, [1, "batch", H]),
    ]
    inputs = [x, steps] if lengths else [x]
    made = helper.make_graph([node], "one operator", inputs, outputs, weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def input_of(steps, batch):
    return np.sin(np.arange(steps * batch * X, dtype="float32")).reshape(steps, batch, X)
PY
python - <<'PY'
import numpy as np
import onnxruntime
from finding import expect
from onnx.reference import ReferenceEvaluator
from recurrent import graph, input_of


def both(model, feeds):
    runtime = onnxruntime.InferenceSession(model.SerializeToString())
    return [run(None, feeds)[1] for run in (runtime.run, ReferenceEvaluator(model).run)]


x = {"x": input_of(5, 2)}
for op, attributes in [
    ("LSTM", "lengths"), ("GRU", "lengths"), ("RNN", "lengths"),
    ("LSTM", {"clip": 0.5}), ("GRU", {"clip": 0.5}), ("RNN", {"clip": 0.5}),
    ("LSTM", {"input_forget": 1}), ("LSTM", {"activations": ["Sigmoid", "Relu", "Tanh"]}),
    ("GRU", {"activations": ["Sigmoid", "Relu"]}),
]:
    plain = both(graph(op), x)
    expect(np.abs(plain[0] - plain[1]).max() < 1e-5, f"without options both agree on {op}")
    if attributes == "lengths":
        name = "lengths of 5 and 3"
        changed = both(graph(op, lengths=True), {**x, "lengths": np.array([5, 3], "int32")})
    else:
        name = ", ".join(f"{key}={value}" for key, value in attributes.items())
        changed = both(graph(op, **attributes), x)
    moved = [float(np.abs(a - b).max()) for a, b in zip(plain, changed)]
    print(f"{op} {name}: the last state moves by {moved[0]:.3f} in ONNX Runtime, {moved[1]:.3f} in the evaluator")
    expect(moved[0] > 0.01, f"ONNX Runtime obeys {name}")
    expect(moved[1] == 0, f"the evaluator leaves out {name} of {op}")
try:
    both(graph("RNN", activations=["Relu"]), x)
    expect(False, "the evaluator refuses an RNN of Relu")
except RuntimeError as error:
    print("RNN activations=['Relu'] in the evaluator:", error)
PY
