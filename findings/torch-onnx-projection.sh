#!/bin/sh
# PyTorch: an LSTM with projections (proj_size) is exported to ONNX as a plain LSTM, without an error and without the weights of
# the projection; the checker approves, and no run succeeds.
#
# Versions: torch 2.13.0, onnx 1.23.1, onnxscript 0.7.2, onnxruntime 1.30.0, Python 3.11.7.
# Behaviour: ONNX's LSTM has one width for output and cell state, and a projection makes them two. The exporter writes the
# operator all the same: hidden_size is that of the projection, the cell state that it starts from has the full width, and one of
# the five weights of the module is nowhere. check_model with full_check finds nothing, if the module returns its outputs only and
# not its states. ONNX Runtime loads the file and refuses to run it.
# Here: import refuses an operator whose states have another width than it has units (src/io/onnx/import/recurrent.ts), for by its
# weights alone such a file would be a model, and a wrong one. Projections in state dicts are refused by name (docs/pytorch.md).
#
# Output seen:
#   weights of the module [[16, 3], [16, 2], [16], [16], [2, 4]]
#   tensors of the graph  [[1, 1, 2], [1, 1, 4], [1, 8, 3], [1, 8, 2], [1, 16]]
#   the checker approves
#   ONNX Runtime does not run it: Input initial_c must have shape {1,1,2}. Actual:{1,1,4}
. "$(dirname "$0")/lib.sh"
python_packages torch==2.13.0 onnx==1.23.1 onnxscript==0.7.2 onnxruntime==1.30.0
quietly python -W ignore - <<'PY'
import onnx
import onnxruntime
import torch
from finding import expect


class Outputs(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(3, 4, proj_size=2)

    def forward(self, x):
        return self.lstm(x)[0]


module = Outputs().eval()
torch.onnx.export(module, (torch.zeros(5, 1, 3),), "out.onnx", external_data=False, verbose=False)
graph = onnx.load("out.onnx").graph
print("weights of the module", [list(p.shape) for p in module.parameters()])
print("tensors of the graph ", [list(tensor.dims) for tensor in graph.initializer if len(tensor.dims) > 1])
onnx.checker.check_model("out.onnx", full_check=True)
print("the checker approves")
session = onnxruntime.InferenceSession("out.onnx")
try:
    session.run(None, {"x": torch.zeros(5, 1, 3).numpy()})
    expect(False, "ONNX Runtime refuses to run it")
except Exception as error:
    said = str(error).split("Status Message: ")[-1].strip()
    print("ONNX Runtime does not run it:", said)
    expect("initial_c must have shape {1,1,2}" in said, "the cell state has not the width that the operator needs")
PY
