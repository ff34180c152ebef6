"""
Exports the models of the matrix with torch.onnx.export and writes, beside each file, inputs with what ONNX Runtime gives for them.

    python make.py OUT [--script] [--only TEXT]

--script takes the exporter of TorchScript (dynamo=False) in place of PyTorch's default. A model that the exporter or ONNX Runtime
refuses is named in OUT/failed.json. What was interrupted goes on.
"""
import argparse
import json
import os
import warnings

import numpy as np
import onnxruntime
import torch

from models import H, Net, V, X, rows

warnings.filterwarnings("ignore")
parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("--script", action="store_true")
parser.add_argument("--only", default="")
options = parser.parse_args()
os.makedirs(options.out, exist_ok=True)
torch.set_num_threads(1)
failed = {}


def example(net, row, steps, batch):
    ids = row["options"].get("embedding")
    dims = (batch, steps) if net.batch_first else (steps, batch)
    return torch.randint(0, V, dims) if ids else torch.randn(*dims, X)


def export(net, row, file):
    """The exporter's own file, with the sizes that the row leaves open."""
    shape = row["shape"]
    steps, batch = 5, 1 if shape == "fixed1" else 3 if shape == "fixed3" else 2
    args = (example(net, row, steps, batch),)
    names = ["input"]
    if shape == "lengths":
        args, names = (*args, torch.tensor([5, 3])), ["input", "lengths"]
    time, one = (1, 0) if net.batch_first else (0, 1)
    open_sizes = shape in ("dynamic", "lengths")
    if options.script:
        axes = {"input": {time: "steps", one: "batch"}} if open_sizes else {}
        if shape == "lengths":
            axes["lengths"] = {0: "batch"}
        torch.onnx.export(net, args, file, input_names=names, output_names=["output"], dynamic_axes=axes, opset_version=17, dynamo=False, verbose=False)
        return
    sizes = None
    if open_sizes:
        sizes = ({time: torch.export.Dim("steps", min=2, max=512), one: torch.export.Dim("batch", min=2, max=512)},)
        if shape == "lengths":
            sizes = (*sizes, {0: torch.export.Dim.DYNAMIC})
    torch.onnx.export(net, args, file, input_names=names, output_names=["output"], dynamic_shapes=sizes, dynamo=True, verbose=False)


def cases(net, row, file):
    """Sequences with the rows that ONNX Runtime gives for each."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    shape = row["shape"]
    time, one = (1, 0) if net.batch_first else (0, 1)
    # The exporter may have fixed a size that it was told to leave open.
    fixed = [size if isinstance(size, int) else None for size in session.get_inputs()[0].shape]
    runs = sorted({(fixed[time] or steps, fixed[one] or batch) for steps, batch in [(5, 2), (7, 2), (2, 3)]})
    found = []
    for steps, batch in runs:
        x = example(net, row, steps, batch)
        feeds = {session.get_inputs()[0].name: x.numpy()}
        lengths = [steps] * batch
        if shape == "lengths":
            lengths = [steps, *([max(1, steps - 2)] * (batch - 1))]
            feeds[session.get_inputs()[1].name] = np.array(lengths, dtype=np.int64)
        given = session.run(None, feeds)[0]
        with torch.no_grad():
            wanted = net(*(torch.from_numpy(v) for v in feeds.values())).numpy()
        apart = float(np.abs(given - wanted).max()) if given.shape == wanted.shape else None
        if net.head == "classes-first":
            given = given.transpose(0, 2, 1)
        for b in range(batch):
            rows_in = (x[b] if net.batch_first else x[:, b])[: lengths[b]]
            rows_in = [[int(v)] for v in rows_in] if rows_in.dtype == torch.int64 else rows_in.tolist()
            if given.ndim == 3:
                rows_out = (given[b] if net.batch_first else given[:, b])[: lengths[b]].tolist()
            else:
                rows_out = [given[b].tolist()]
            found.append({"input": rows_in, "output": rows_out, "fromTorch": apart})
    return found


for row in rows():
    name = row["name"]
    if options.only not in name:
        continue
    torch.manual_seed(len(name) + sum(map(ord, name)))
    net = Net(row["kind"], **row["options"]).eval()
    file = os.path.join(options.out, f"{name}.onnx")
    if os.path.exists(os.path.join(options.out, f"{name}.json")):
        continue
    try:
        if not os.path.exists(file):
            with torch.no_grad():
                export(net, row, file)
        facts = {"name": name, "group": row["group"], "log": net.head == "log-softmax", "examples": cases(net, row, file)}
    except Exception as error:  # the exporter's errors are of any kind
        failed[name] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200] if str(error).strip() else ''}"
        continue
    with open(os.path.join(options.out, f"{name}.json"), "w") as to:
        json.dump(facts, to)
with open(os.path.join(options.out, "failed.json"), "w") as to:
    json.dump(failed, to, indent=1)
print(len(list(rows())), "models,", len(failed), "not exported")
