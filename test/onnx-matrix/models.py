"""The models of the matrix: what people build of nn.RNN, nn.LSTM and nn.GRU, each a name, a module and how it is called."""
import itertools

import torch
from torch import nn

V, E, X, H, Y = 11, 4, 3, 4, 3
KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Net(nn.Module):
    """A recurrent layer between what comes before it and what follows; `head` says what that is."""

    def __init__(self, kind, head="seq", layers=1, both=False, batch_first=True, embedding=False, dropout=0.0, **more):
        super().__init__()
        self.head, self.both, self.batch_first, self.kind = head, both, batch_first, kind
        self.embed = nn.Embedding(V, E) if embedding else None
        width = E if embedding else X
        D = 2 if both else 1
        self.first = None
        if head == "residual":
            self.first, width = nn.Linear(width, D * H), D * H
        if head == "conv":
            self.conv, width = nn.Conv1d(width, 5, 3, padding=1), 5
        if head == "norm-first":
            self.norm = nn.LayerNorm(width)
        self.rnn = KINDS[kind](width, H, num_layers=layers, bidirectional=both, batch_first=batch_first, dropout=dropout, **more)
        self.drop = nn.Dropout(0.5)
        out = D * H
        if head == "states":
            self.decoder = KINDS[kind](width, H, batch_first=batch_first)
        if head == "batchnorm":
            self.norm = nn.BatchNorm1d(out)
            self.norm.running_mean.uniform_(-1, 1)
            self.norm.running_var.uniform_(0.5, 2)
            nn.init.uniform_(self.norm.weight, 0.5, 2)
            nn.init.uniform_(self.norm.bias, -1, 1)
        if head == "layernorm":
            self.norm = nn.LayerNorm(out)
            nn.init.uniform_(self.norm.weight, 0.5, 2)
            nn.init.uniform_(self.norm.bias, -1, 1)
        if head == "attention":
            self.score = nn.Linear(out, 1)
        if head == "tanh-attention":
            self.inner, self.score = nn.Linear(out, 5), nn.Linear(5, 1, bias=False)
        if head == "mean-max":
            out *= 2
        if head == "gelu":
            self.hidden = nn.Sequential(nn.Linear(out, 6), nn.GELU(), nn.Linear(6, 6), nn.SiLU())
            out = 6
        if head == "mlp":
            self.hidden = nn.Sequential(nn.Linear(out, 6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 5), nn.LeakyReLU(0.2), nn.Linear(5, 4), nn.Tanh())
            out = 4
        self.fc = nn.Linear(out, Y)

    def forward(self, x, lengths=None):
        head, time = self.head, 1 if self.batch_first else 0
        z = self.embed(x) if self.embed is not None else x
        if self.first is not None:
            z = self.first(z)
        if head == "conv":
            z = torch.relu(self.conv(z.transpose(1, 2)).transpose(1, 2))
        if head == "norm-first":
            z = self.norm(z)
        if lengths is not None:
            z = nn.utils.rnn.pack_padded_sequence(z, lengths, batch_first=self.batch_first, enforce_sorted=False)
        out, last = self.rnn(z)
        hidden = last[0] if isinstance(last, tuple) else last
        if lengths is not None and head != "hn":
            out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=self.batch_first)
        if head == "residual":
            out = out + z
        if head == "states":
            out, _ = self.decoder(z, last)
        if head == "batchnorm":
            out = self.norm(out.transpose(1, 2)).transpose(1, 2)
        if head == "layernorm":
            out = self.norm(out)
        if head in ("last", "mlp", "gelu", "last-norm"):
            out = out[:, -1] if self.batch_first else out[-1]
        if head in ("mlp", "gelu"):
            out = self.hidden(out)
        if head == "hn":
            out = torch.cat([hidden[-2], hidden[-1]], 1) if self.both else hidden[-1]
        if head == "cn":
            out = last[1][-1]
        if head == "mean":
            out = out.mean(time)
        if head == "max":
            out = out.max(time).values
        if head == "mean-max":
            out = torch.cat([out.mean(time), out.max(time).values], 1)
        if head == "halves":
            out = out[..., :H] + out[..., H:]
            out = torch.cat([out, out], -1) if self.both else out
        if head == "attention":
            weights = torch.softmax(self.score(out), dim=time)
            out = (weights * out).sum(time)
        if head == "tanh-attention":
            weights = torch.softmax(self.score(torch.tanh(self.inner(out))), dim=time)
            out = torch.bmm(weights.transpose(1, 2), out).squeeze(1)
        z = self.fc(self.drop(out))
        if head == "softmax":
            z = torch.softmax(z, -1)
        if head == "log-softmax":
            z = torch.log_softmax(z, -1)
        if head == "sigmoid":
            z = torch.sigmoid(z)
        if head == "classes-first":
            z = torch.softmax(z.permute(0, 2, 1), 1)
        return z


def row(name, kind, group, shape="dynamic", **options):
    return {"name": f"{name}-{kind}-{shape}", "kind": kind, "group": group, "shape": shape, "options": options}


def rows():
    """The combinations: everything that changes the graph, and what goes with it."""
    for kind in KINDS:
        for layers, both, head in itertools.product((1, 2), (False, True), ("seq", "last", "hn")):
            name = f"{head}{'-both' if both else ''}{'-two' if layers == 2 else ''}"
            yield row(name, kind, head, layers=layers, both=both, head=head)
        for both, head in itertools.product((False, True), ("mean", "max")):
            yield row(f"{head}{'-both' if both else ''}", kind, "pooling", both=both, head=head)
        for both, head in itertools.product((False, True), ("seq", "last")):
            side = "-both" if both else ""
            yield row(f"{head}{side}", kind, "fixed batch of 1", "fixed1", both=both, head=head)
            yield row(f"{head}{side}", kind, "fixed sizes", "fixed3", both=both, head=head)
        yield row("embedded", kind, "embedding", embedding=True, head="seq", layers=2, dropout=0.2)
        yield row("embedded-last", kind, "embedding", embedding=True, head="last", both=True)
        yield row("time-first", kind, "time first", batch_first=False, head="seq", both=True)
        yield row("time-first-last", kind, "time first", batch_first=False, head="last")
        for head in ("softmax", "log-softmax", "sigmoid", "classes-first"):
            yield row(head, kind, "activations at the end", head=head, both=kind == "gru")
        for head in ("residual", "batchnorm", "layernorm", "norm-first", "mlp", "gelu", "attention", "tanh-attention", "states", "conv", "mean-max", "halves"):
            yield row(head, kind, head, head=head, both=head == "halves")
        yield row("packed", kind, "packed", "lengths", head="seq", embedding=True)
        yield row("packed-hn", kind, "packed", "lengths", head="hn", both=True)
    yield row("relu", "rnn", "activations", head="seq", nonlinearity="relu")
    yield row("relu-both-last", "rnn", "activations", head="last", both=True, nonlinearity="relu")
    yield row("no-bias", "lstm", "no bias", head="seq", bias=False)
    yield row("no-bias", "gru", "no bias", head="last", bias=False)
    yield row("memory", "lstm", "final memory", head="cn")
