#!/bin/sh
# PyTorch: an ONNX export is two files even for a model of a few kilobytes, and the second may be empty.
#
# Versions: torch 2.13.0, onnx 1.23.1, onnxscript 0.7.2, Python 3.11.7.
# Behaviour: torch.onnx.export writes tensors of more than 256 bytes into NAME.onnx.data and refers to them by name; with
# smaller ones alone, NAME.onnx.data is there with 0 bytes. The graph by itself cannot be loaded or sent; renaming the second file
# breaks it. `external_data=False` gives one file.
# Here: import reads the second file by the name that the first gives, never out of its folder; in code loadOnnx is given what
# loads it (src/io/onnx/file.ts, docs/onnx.md).
#
# Output seen:
#   4 units {}: 5 kB; beside it 0 bytes, 0 tensors there
#   8 units {}: 5 kB; beside it 1408 bytes, 2 tensors there
#   8 units {'external_data': False}: 6 kB; beside it None bytes, 0 tensors there
. "$(dirname "$0")/lib.sh"
python_packages torch==2.13.0 onnx==1.23.1 onnxscript==0.7.2
quietly python -W ignore - <<'PY'
import os

import onnx
import torch
from finding import expect


def exported(units, file, **options):
    torch.onnx.export(torch.nn.LSTM(3, units).eval(), (torch.zeros(5, 1, 3),), file, verbose=False, **options)
    beside = f"{file}.data"
    outside = [
        tensor
        for tensor in onnx.load(file, load_external_data=False).graph.initializer
        if tensor.data_location == onnx.TensorProto.EXTERNAL
    ]
    data = os.path.getsize(beside) if os.path.exists(beside) else None
    print(f"{units} units {options}: {os.path.getsize(file) / 1000:.0f} kB; beside it {data} bytes, {len(outside)} tensors there")
    return data, len(outside)


expect(exported(4, "small.onnx") == (0, 0), "a model of small tensors has an empty file beside it")
data, outside = exported(8, "larger.onnx")
expect(data > 0 and outside > 0, "tensors of more than 256 bytes are in another file")
expect(exported(8, "one.onnx", external_data=False) == (None, 0), "external_data=False gives one file")
PY
