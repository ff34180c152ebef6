#!/bin/sh
# PyTorch: exported with a free number of steps, an LSTM says that its output has as many as the example, and an RNN really has.
#
# Versions: torch 2.13.0, onnx 1.23.1, onnxscript 0.7.2, onnxruntime 1.30.0, Python 3.11.7.
# Behaviour: dynamic_shapes declares batch and time as free, and the example has 5 steps. LSTM: the graph's output is said to have 5
# steps always, though it has as many as the input (ONNX Runtime warns and goes on). RNN: no operator RNN is written but its
# equations five times over; the input has 5 steps in spite of the declaration, without an error, and ONNX Runtime refuses
# any other number.
# Here: import believes operators, not the shapes that a graph says it has, and a certificate is of several lengths
# (src/io/onnx/import/walk.ts, src/io/certificate.ts). An RNN written out like this is refused (docs/onnx.md); its state dict
# can be imported (docs/pytorch.md).
#
# Output seen:
#   LSTM: input ['batch', 'time', 3], output ['batch', 5, 4]; 1 operators LSTM, 0 Tanh
#     an input of 7 steps gives 7
#   RNN: input ['batch', 5, 3], output ['batch', 5, 4]; 0 operators RNN, 5 Tanh
#     an input of 7 steps is refused (InvalidArgument)
. "$(dirname "$0")/lib.sh"
python_packages torch==2.13.0 onnx==1.23.1 onnxscript==0.7.2 onnxruntime==1.30.0
cat >export.py <<'PY'
import sys

import onnx
import onnxruntime
import torch
from finding import expect

kind = sys.argv[1]


class Outputs(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = getattr(torch.nn, kind)(3, 4, batch_first=True)

    def forward(self, x):
        return self.layer(x)[0]


free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("time")}
torch.onnx.export(Outputs().eval(), (torch.zeros(2, 5, 3),), "out.onnx", dynamic_shapes=(free,), verbose=False)
graph = onnx.load("out.onnx").graph
taken, given = (
    [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim] for value in (graph.input[0], graph.output[0])
)
operators = [node.op_type for node in graph.node]
print(f"{kind}: input {taken}, output {given}; {operators.count(kind)} operators {kind}, {operators.count('Tanh')} Tanh")
session = onnxruntime.InferenceSession("out.onnx")
try:
    steps = session.run(None, {"x": torch.zeros(2, 7, 3).numpy()})[0].shape[1]
    print(f"  an input of 7 steps gives {steps}")
except Exception as error:
    steps = None
    print(f"  an input of 7 steps is refused ({type(error).__name__})")
expect(given == ["batch", 5, 4], "the output has the example's number of steps")
if kind == "LSTM":
    expect(taken == ["batch", "time", 3] and steps == 7, "the input's number of steps is free, and others run")
else:
    expect(kind not in operators and operators.count("Tanh") == 5, "the steps are written out one after the other")
    expect(taken == ["batch", 5, 3] and steps is None, "the input has the example's number of steps, and others are refused")
PY
for kind in LSTM RNN; do
  quietly python -W ignore export.py $kind
done
