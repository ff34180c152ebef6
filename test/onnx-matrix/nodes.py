"""
Writes onnx's own node tests of LSTM, GRU, RNN and Scan as the package makes them, each with the numbers of its inputs that are no
sequence, its sequences, and what it says that comes out.

    python nodes.py OUT
"""
import json
import os
import sys

import numpy as np
from onnx.backend.test.case.node import collect_testcases

OPERATORS = ("LSTM", "GRU", "RNN", "Scan")
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
count = 0
for test in collect_testcases(None):
    graph = test.model.graph
    if len(graph.node) != 1 or graph.node[0].op_type not in OPERATORS:
        continue
    node = graph.node[0]
    count += 1
    inputs, outputs = test.data_sets[0]
    named = {value.name: np.asarray(array) for value, array in zip(graph.input, inputs)}
    given = {value.name: np.asarray(array) for value, array in zip(graph.output, outputs)}
    scan = node.op_type == "Scan"
    sequence = "x" if scan else "X"
    x = named.pop(sequence)
    first = any(a.name == "layout" and a.i == 1 for a in node.attribute)
    if scan:
        # [batch, time, X] before version 9, then [time, X] or [time].
        batches = x if x.ndim == 3 else x.reshape(1, x.shape[0], -1)
    else:
        batches = x if first else x.transpose(1, 0, 2)
    lengths = named.pop("sequence_lens", None)

    def rows(name, value, b):
        """Of sequence b: a row for each step, or one row."""
        if scan:
            single = value[b] if x.ndim == 3 else value
            return single.reshape(x.shape[-2] if x.ndim > 1 else x.shape[0], -1).tolist() if name == "z" else [single.reshape(-1).tolist()]
        if name == "Y":
            own = value[b] if first else value[:, :, b]
            return own.reshape(own.shape[0], -1).tolist()
        own = value[b] if first else value[:, b]
        return [own.reshape(-1).tolist()]

    examples = [
        {"input": batches[b].tolist(), "outputs": {name: rows(name, value, b) for name, value in given.items()}}
        for b in range(batches.shape[0])
    ]
    weights = {name: {"shape": list(array.shape), "data": array.reshape(-1).astype(float).tolist()} for name, array in named.items()}
    with open(os.path.join(out, f"{test.name}.onnx"), "wb") as to:
        to.write(test.model.SerializeToString())
    with open(os.path.join(out, f"{test.name}.json"), "w") as to:
        json.dump({"name": test.name, "group": node.op_type, "weights": weights, "lengths": lengths is not None, "examples": examples}, to)
with open(os.path.join(out, "failed.json"), "w") as to:
    to.write("{}")
print(count, "node tests")
