"""Files of PyTorch of many kinds, with inputs and the outputs that PyTorch gives: what matrix.mjs imports and compares.

Usage: python make.py FOLDER [NAME,...]   (torch 2.13; writes files and cases.json there, all or those of the names)
test/golden/pytorch/forms holds some of them, for tests that have no Python.
A kind of network is a row of `kinds`: how it is made of nn.LSTM, nn.GRU or nn.RNN, and the options that say what a state dict does
not tell. Each is saved in several forms: a state dict, a checkpoint with other objects around it, a module that is saved whole,
safetensors, a TorchScript trace and a TorchScript script.
"""
import argparse, json, os, pathlib, struct, sys, warnings, zipfile
import numpy
import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(0)
lengths = [6, 3, 1]


class Net(nn.Module):
    """All kinds in one class: what is there is used."""

    def __init__(self, make, **parts):
        super().__init__()
        self.many = make.pop("num_layers", 1)
        options = dict(num_layers=self.many, **make)
        module = options.pop("module")
        self.first = options["batch_first"]
        self.both = options.get("bidirectional", False)
        X, H = options.pop("X"), options.pop("H")
        self.out = H * (2 if self.both else 1)
        self.embedding = nn.Embedding(9, X) if parts.get("embedding") else None
        self.inp = nn.Linear(X, X) if parts.get("inp") else None
        self.rnn = module(X, H, **options)
        self.bn = nn.BatchNorm1d(self.out) if parts.get("bn") else None
        self.ln = nn.LayerNorm(self.out) if parts.get("ln") else None
        self.attn = nn.Linear(self.out, 1) if parts.get("attention") else None
        self.drop = nn.Dropout(0.4)
        hidden = parts.get("hidden")
        self.fc1 = nn.Linear(self.out, hidden) if hidden else None
        self.fc = nn.Linear(hidden or self.out, parts.get("classes", 2)) if parts.get("head", True) else None
        self.lstm = module is nn.LSTM
        self.pool = parts.get("pool", "none")
        self.end = parts.get("end", "none")
        self.between = parts.get("between", "relu")
        self.residual = parts.get("residual", False)

    def forward(self, x):
        if self.embedding is not None:
            x = self.embedding(x)
        if self.inp is not None:
            x = self.inp(x)
        y, state = self.rnn(x)
        h = state[0] if self.lstm else state
        if self.residual:
            y = y + x
        time = 1 if self.first else 0
        if self.bn is not None:
            y = self.bn(y.transpose(1, 2)).transpose(1, 2)
        if self.ln is not None:
            y = self.ln(y)
        if self.pool == "last":
            y = torch.cat([h[-2], h[-1]], dim=1) if self.both else h[-1]
        elif self.pool == "ends":
            y = y[:, -1] if self.first else y[-1]
        elif self.pool == "mean":
            y = y.mean(dim=time)
        elif self.pool == "max":
            y = y.max(dim=time).values
        elif self.attn is not None:
            weights = torch.softmax(self.attn(y), dim=time)
            y = (weights * y).sum(dim=time)
        y = self.drop(y)
        if self.fc1 is not None:
            y = self.fc1(y)
            y = torch.relu(y) if self.between == "relu" else torch.tanh(y) if self.between == "tanh" else y
        if self.fc is not None:
            y = self.fc(y)
        if self.end == "softmax":
            return torch.softmax(y, dim=-1)
        if self.end == "sigmoid":
            return torch.sigmoid(y)
        return y


class Chain(nn.Module):
    """A head in an nn.Sequential, whose activations a saved module tells."""

    def __init__(self, make, **_):
        super().__init__()
        module, X, H = make.pop("module"), make.pop("X"), make.pop("H")
        self.lstm = module(X, H, num_layers=make.pop("num_layers", 1), **make)
        self.head = nn.Sequential(nn.Linear(H, 6), nn.Tanh(), nn.Dropout(0.2), nn.Linear(6, 2))

    def forward(self, x):
        return self.head(self.lstm(x)[0])


class Two(nn.Module):
    """Two modules whose widths tell their order, and not that of the file."""

    def __init__(self, make, **_):
        super().__init__()
        module, X, H = make.pop("module"), make.pop("X"), make.pop("H")
        make.pop("num_layers", 1)
        self.fc = nn.Linear(H + 1, 2)
        self.second = module(H, H + 1, **make)
        self.first = module(X, H, **make)

    def forward(self, x):
        return self.fc(self.second(self.first(x)[0])[0])


class Cell(nn.Module):
    """A cell that a loop calls."""

    def __init__(self, make, **_):
        super().__init__()
        self.cell = {nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell, nn.RNN: nn.RNNCell}[make["module"]](make["X"], make["H"])
        self.fc = nn.Linear(make["H"], 2)

    def forward(self, x):
        state, out = None, []
        for t in range(x.shape[1]):
            state = self.cell(x[:, t], state)
            out.append(state[0] if isinstance(state, tuple) else state)
        return self.fc(torch.stack(out, 1))


# Of each kind: how it is made, its parts, and the options for forms that do not tell: "dict" for state dicts, "whole" for modules.
kinds = {
    "steps": ({}, {}, {}),
    "no head": ({}, {"head": False}, {}),
    "two layers": ({"num_layers": 2}, {}, {}),
    "three layers, dropout": ({"num_layers": 3, "dropout": 0.3}, {}, {}),
    "both directions": ({"bidirectional": True}, {}, {}),
    "two layers, both": ({"num_layers": 2, "bidirectional": True}, {}, {}),
    "no bias": ({"bias": False}, {}, {}),
    "steps first": ({"batch_first": False}, {}, {}),
    "embedding": ({}, {"embedding": True}, {}),
    "embedding, last": ({}, {"embedding": True, "pool": "last"}, {"pooling": "last"}),
    "last state": ({}, {"pool": "last"}, {"pooling": "last"}),
    "last state, both": ({"bidirectional": True}, {"pool": "last"}, {"pooling": "last"}),
    "last state, two layers, both": ({"num_layers": 2, "bidirectional": True}, {"pool": "last"}, {"pooling": "last"}),
    "last step": ({}, {"pool": "ends"}, {"pooling": "ends"}),
    "last step, both": ({"bidirectional": True}, {"pool": "ends"}, {"pooling": "ends"}),
    "last step, steps first": ({"batch_first": False}, {"pool": "ends"}, {"pooling": "last"}),
    "mean": ({}, {"pool": "mean"}, {"pooling": "mean"}),
    "max, both": ({"bidirectional": True}, {"pool": "max"}, {"pooling": "max"}),
    "softmax": ({}, {"end": "softmax", "classes": 3}, {"head": "softmax"}),
    "sigmoid, last": ({}, {"end": "sigmoid", "classes": 1, "pool": "last"}, {"head": "sigmoid", "pooling": "last"}),
    "two linear, relu": ({}, {"hidden": 6, "pool": "last"}, {"modules": ["rnn", "last", "fc1", "relu", "fc"]}),
    "two linear, tanh": ({}, {"hidden": 6, "between": "tanh"}, {"modules": ["rnn", "fc1", "tanh", "fc"]}),
    "two linear, nothing": ({}, {"hidden": 6, "between": ""}, {"modules": ["rnn", "fc1", "fc"]}),
    "batch norm": ({}, {"bn": True}, {}),
    "layer norm": ({}, {"ln": True, "pool": "mean"}, {"modules": ["rnn", "ln", "mean", "fc"]}),
    "residual": ({"X": 4}, {"inp": True, "residual": True}, {"modules": ["inp", "rnn", "add:inp", "fc"]}),
    "attention": ({}, {"attention": True}, {"modules": ["rnn", "attend:attn", "fc"]}),
    "sequential head": ({}, {"net": Chain}, {"dict": {"modules": ["lstm", "head.0", "tanh", "head.3"]}}),
    "odd order": ({}, {"net": Two}, {}),
    "cell": ({}, {"net": Cell}, {}),
}
modules = {
    "LSTM": {"module": nn.LSTM},
    "GRU": {"module": nn.GRU},
    "RNN": {"module": nn.RNN},
    "RNN, relu": {"module": nn.RNN, "nonlinearity": "relu"},
}
forms = ["state dict", "checkpoint", "module", "safetensors", "trace", "script", "data parallel", "legacy"]


def save_safetensors(tensors, path):
    header, data = {}, b""
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        raw = tensor.numpy().tobytes()
        kind = {torch.float32: "F32", torch.int64: "I64"}[tensor.dtype]
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def save_script(program, path):
    """Without what is there for error messages, which holds the paths of this machine."""
    torch.jit.save(program, path)
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist() if not name.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data)


def save(net, form, path, example):
    if form == "state dict":
        torch.save(net.state_dict(), path)
    elif form == "checkpoint":
        others = {
            "epoch": 3,
            "args": argparse.Namespace(lr=0.1, folder=pathlib.Path("runs")),
            "best": numpy.float64(0.5),
            "history": numpy.arange(3.0),
            "device": torch.device("cpu"),
            "dtype": torch.float32,
            "size": torch.Size([2, 3]),
            "optimizer_state_dict": torch.optim.Adam(net.parameters()).state_dict(),
        }
        torch.save({**others, "model_state_dict": net.state_dict()}, path)
    elif form == "module":
        torch.save(net, path)
    elif form == "safetensors":
        save_safetensors(net.state_dict(), path)
    elif form == "trace":
        save_script(torch.jit.trace(net, example), path)
    elif form == "script":
        save_script(torch.jit.script(net), path)
    elif form == "data parallel":
        torch.save({f"module._orig_mod.{name}": value for name, value in net.state_dict().items()}, path)
    else:
        torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False)


def main(folder, only=None):
    cases = []
    for kind, (more, parts, options) in kinds.items():
        for name, base in modules.items():
            make = {"X": 3, "H": 4, "batch_first": True, **base, **more}
            X = make["X"]
            if name.startswith("RNN") and kind in ("residual", "attention", "cell", "odd order", "two linear, nothing", "max, both"):
                continue
            if name == "RNN, relu" and kind in ("cell", "sigmoid, last", "embedding, last", "layer norm", "batch norm"):
                continue
            cls = parts.get("net", Net)
            net = cls(dict(make), **{key: value for key, value in parts.items() if key != "net"}).eval()
            for parameter in net.parameters():
                parameter.data.mul_(2.0)
            for buffer_name, buffer in net.named_buffers():
                if buffer_name.endswith("running_mean"):
                    buffer.normal_()
                if buffer_name.endswith("running_var"):
                    buffer.uniform_(0.5, 2.0)
            first = make["batch_first"]
            ids = parts.get("embedding", False)

            def given(length):
                if ids:
                    return torch.randint(0, 9, (1, length) if first else (length, 1))
                return torch.randn((1, length, X) if first else (length, 1, X))

            inputs = [given(length) for length in lengths]
            examples = []
            for x in inputs:
                with torch.no_grad():
                    y = net(x)
                steps = x[0] if first else x[:, 0]
                out = y[0] if y.dim() == 2 or first else y[:, 0]
                examples.append({"input": steps.tolist(), "output": out.tolist()})
            for form in forms:
                if form == "trace" and kind == "cell":
                    continue
                if name != "LSTM" and form in ("data parallel", "legacy"):
                    continue
                ending = "safetensors" if form == "safetensors" else "pt"
                file = f"{name}-{kind}-{form}.{ending}".replace(", ", "-").replace(" ", "-")
                if only is not None and file.rsplit(".", 1)[0] not in only:
                    continue
                try:
                    save(net, form, pathlib.Path(folder) / file, inputs[0])
                except (RuntimeError, TypeError) as error:
                    # What torch.jit.script does not take is no file to import.
                    if form != "script":
                        raise error
                    continue
                own = {} if form in ("trace", "script") else options.get("dict", {} if "dict" in options else options)
                if form == "module" and "dict" in options:
                    own = {}
                own = dict(own)
                if name == "RNN, relu" and form not in ("module", "trace", "script"):
                    own["activation"] = "relu"
                cases.append({"module": name, "kind": kind, "form": form, "file": file, "options": own, "examples": examples})
    (pathlib.Path(folder) / "cases.json").write_text(json.dumps(cases, indent=1 if only else None) + "\n")
    print(len(cases), "files")


main(sys.argv[1], sys.argv[2].split(",") if len(sys.argv) > 2 else None)
