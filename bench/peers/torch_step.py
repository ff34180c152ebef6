"""PyTorch on the CPU: bench/peers/.venv/bin/python bench/peers/torch_step.py (THREADS | build), run by bench/pytorch.mjs.

It speaks the lines of JSON of bench/protocol.mjs and does what our step does: forward, loss summed over steps and
averaged over sequences, backward, clipping to norm 1, gradient descent. rnn, gruResetAfter and lstm are torch.nn's own
layers; the notes' cells are loops in Python over its operations, as its users write a cell. With "build" it only says
which PyTorch this is.
"""

import json
import platform
import re
import resource
import sys
import time

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pack_sequence

LAYERS = {"rnn": nn.RNN, "gruResetAfter": nn.GRU, "lstm": nn.LSTM}
HAND_WRITTEN = "the notes' cells are loops in Python over its operations"


class Notes(nn.Module):
    """One of the notes' cells over [T, B, X]; all input products are taken at once, as many as can be are merged."""

    def __init__(self, cell, X, H):
        super().__init__()
        self.cell, self.H = cell, H
        self.gates = {"gru": 2, "lstmNotes": 3}[cell]
        columns = (self.gates + 1) * H
        self.w = nn.Parameter(torch.empty(X, columns).uniform_(-0.1, 0.1))
        self.b = nn.Parameter(torch.zeros(columns))
        self.r_gates = nn.Parameter(torch.empty(H, self.gates * H).uniform_(-0.1, 0.1))
        self.r_candidate = nn.Parameter(torch.empty(H, H).uniform_(-0.1, 0.1))

    def forward(self, x):
        projected = x @ self.w + self.b
        gates, candidates = projected.split([self.gates * self.H, self.H], dim=2)
        zeros = x.new_zeros(x.shape[1], self.H)
        step = self.gru if self.cell == "gru" else self.lstm_notes
        return torch.stack(step(gates, candidates, zeros)), None

    def gru(self, gates, candidates, c):
        outputs = []
        for g, n in zip(gates.unbind(0), candidates.unbind(0)):
            r, u = torch.sigmoid(g + c @ self.r_gates).chunk(2, dim=1)
            candidate = torch.tanh(n + (r * c) @ self.r_candidate)
            c = u * candidate + (1 - u) * c
            outputs.append(c)
        return outputs

    def lstm_notes(self, gates, candidates, c):
        outputs, a = [], c
        for g, n in zip(gates.unbind(0), candidates.unbind(0)):
            u, f, o = torch.sigmoid(g + c @ self.r_gates).chunk(3, dim=1)
            candidate = torch.tanh(n + a @ self.r_candidate)
            c = u * candidate + f * c
            a = o * c
            outputs.append(a)
        return outputs


class Words(nn.Module):
    """Embedding, recurrent layers, a linear layer: the language model and the tagger of bench/ours/networks.mjs."""

    def __init__(self, task):
        super().__init__()
        both = task["model"] == "tagger"
        H = task["H"]
        self.embedding = nn.Embedding(task["vocabulary"], task["X"])
        self.recurrent = nn.LSTM(task["X"], H, num_layers=task["layers"], bidirectional=both)
        self.linear = nn.Linear(2 * H if both else H, task["Y"])

    def forward(self, x):
        return self.linear(self.recurrent(self.embedding(x))[0]), None


def numbers(i, T, width, wave, scale):
    """The formulas of bench/data.mjs."""
    k = torch.arange(T * width, dtype=torch.float64)
    return (scale * wave(i + k)).float().reshape(T, width)


def ids(i, T, size):
    return (i * 7919 + torch.arange(T) * 104729) % size


def batch(task):
    """Input and target, [T, B, width] or packed where lengths differ; of words [T, B]."""
    lengths, X, H = task["lengths"], task["X"], task["H"]
    if task["vocabulary"] > 0:
        x = [ids(i, T, task["vocabulary"]) for i, T in enumerate(lengths)]
        y = [ids(i + 1, T, task["Y"]) for i, T in enumerate(lengths)]
    else:
        x = [numbers(i, T, X, torch.sin, 1) for i, T in enumerate(lengths)]
        y = [numbers(i, T, H, torch.cos, 0.5) for i, T in enumerate(lengths)]
    if len(set(lengths)) > 1:
        return pack_sequence(x, enforce_sorted=False), pack_sequence(y, enforce_sorted=False)
    return torch.stack(x, dim=1), torch.stack(y, dim=1)


def model_of(task):
    if task["model"] != "recurrent":
        return Words(task)
    cell = task["cell"]
    return LAYERS[cell](task["X"], task["H"]) if cell in LAYERS else Notes(cell, task["X"], task["H"])


def data_of(value):
    """The rows of a packed sequence; a tensor as it is."""
    return value if isinstance(value, torch.Tensor) else value.data


def train(task):
    model = model_of(task)
    x, y = batch(task)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    B = len(task["lengths"])

    def run():
        optimizer.zero_grad(set_to_none=True)
        z, target = data_of(model(x)[0]), data_of(y)
        if task["Y"] > 0:
            loss = nn.functional.cross_entropy(z.reshape(-1, task["Y"]), target.reshape(-1), reduction="sum") / B
        else:
            loss = ((z - target) ** 2).sum() / B
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    return run


def forward(task):
    model = model_of(task).eval()
    x, _ = batch(task)

    def run():
        with torch.inference_mode():
            model(x)

    return run


def stream(task):
    """One step at batch 1 through the layer's own call, which takes and returns the state."""
    model = model_of(task).eval()
    x, _ = batch(task)
    state = None

    def run():
        nonlocal state
        with torch.inference_mode():
            _, state = model(x, state)

    return run


def build():
    """What is measured: versions, and the BLAS that products go to, by torch.__config__ ("generic": loops of its own)."""
    config = torch.__config__.show()
    blas = re.search(r"BLAS_INFO=(\w+)", config)
    mkl = re.search(r"Math Kernel Library Version ([\w.]+)", config)
    named = f"MKL {mkl[1]}" if mkl and torch.backends.mkl.is_available() else blas[1] if blas else "unknown"
    return {"python": platform.python_version(), "version": torch.__version__, "blas": named}


KINDS = {"train": train, "forward": forward, "stream": stream}


def say(answer):
    print(json.dumps(answer), flush=True)


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def serve():
    torch.set_num_threads(int(sys.argv[1]))
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    before, run, losses = peak_bytes(), None, []
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "prepare" in request:
                losses = []
                task = request["prepare"]
                run = KINDS[task["kind"]](task)
                hand_written = task["model"] == "recurrent" and task["cell"] not in LAYERS
                note = {"note": HAND_WRITTEN} if hand_written else {}
                say({"ready": {"blas": build()["blas"], **note}})
            elif "run" in request:
                for _ in range(request["settle"]):
                    run()
                start = time.perf_counter()
                for _ in range(request["run"]):
                    loss = run()
                say({"ms": (time.perf_counter() - start) * 1000 / request["run"]})
                if loss is not None:
                    losses.append(loss)
            else:
                facts = {"loss": [losses[0], losses[-1]]} if len(losses) > 1 else {}
                say({"facts": facts, "peakBytes": max(peak_bytes() - before, 0)})
        except Exception as error:  # whatever goes wrong is an answer, and no end of the session
            say({"refused": f"{type(error).__name__}: {error}"})


if sys.argv[1] == "build":
    say(build())
else:
    serve()
