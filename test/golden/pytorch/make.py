"""State dicts of PyTorch with inputs and expected outputs, for the tests of src/io/pytorch.

Usage: python make.py   (PyTorch 1.6 or later; writes beside itself)
Each case is NAME.pt (torch.save of the state dict), some also NAME.safetensors (written by the few lines below, names
sorted as the safetensors library sorts them) and in expected.json: what the case is, inputs of several lengths, and the
module's outputs for each, run one by one. The parameters come from torch's generator, seed 0, scaled to be larger than
its own initial ones; "half" and "double" are stored as such and evaluated as what they are in float64.
"""
import collections, json, os, struct
import torch

torch.manual_seed(0)
here = os.path.dirname(os.path.abspath(__file__))
lengths = [5, 3, 1]


def save_safetensors(tensors, path):
    names = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}
    header, data = {}, b""
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        raw = bytes(tensor.view(torch.uint8).reshape(-1).tolist()) if tensor.numel() else b""
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


class Tagger(torch.nn.Module):
    """Ids in; embedding, a recurrent module, a linear layer for each step or, with `last`, for the sequence."""

    def __init__(self, module, embedding, linear, last=False):
        super().__init__()
        if embedding:
            self.embedding = torch.nn.Embedding(*embedding)
        self.rnn = module
        if linear:
            self.head = torch.nn.Linear(*linear)
        self.last = last

    def forward(self, x):
        x = self.embedding(x) if hasattr(self, "embedding") else x
        x, state = self.rnn(x)
        if self.last:
            h = state[0] if isinstance(state, tuple) else state
            x = torch.cat([h[-2], h[-1]], -1) if self.rnn.bidirectional else h[-1]
        return self.head(x) if hasattr(self, "head") else x


nn = torch.nn
cases = {
    "lstm": (nn.LSTM(3, 4, batch_first=True), {}),
    "gru": (nn.GRU(3, 4, batch_first=True), {}),
    "rnn": (nn.RNN(3, 4, batch_first=True), {}),
    "rnn-relu": (nn.RNN(3, 4, nonlinearity="relu", batch_first=True), {"activation": "relu"}),
    "lstm-tagger": (Tagger(nn.LSTM(4, 3, 2, bidirectional=True, batch_first=True), (7, 4), (6, 5)), {"head": "softmax"}),
    "gru-classifier": (
        Tagger(nn.GRU(4, 3, 2, bidirectional=True, batch_first=True), (7, 4), (6, 2), last=True),
        {"head": "sigmoid", "pooling": "last"},
    ),
    "rnn-no-bias": (Tagger(nn.RNN(2, 3, bias=False, batch_first=True), None, (3, 2)), {}),
    "gru-double": (nn.GRU(2, 3, batch_first=True).double(), {}),
    "lstm-half": (nn.LSTM(2, 3, batch_first=True), {}),
}
heads = {"softmax": lambda z: torch.softmax(z, -1), "sigmoid": torch.sigmoid}
expected = {}
for name, (module, options) in cases.items():
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(1.5)
    if name == "lstm-half":
        module = module.half()
    state = module.state_dict()
    torch.save(state, os.path.join(here, name + ".pt"))
    if name in ("lstm-tagger", "gru"):
        save_safetensors(state, os.path.join(here, name + ".safetensors"))
    module = module.double().eval()
    examples = []
    for i, length in enumerate(lengths):
        if hasattr(module, "embedding"):
            x = torch.tensor([[(3 * i + 2 * t) % 7 for t in range(length)]])
        else:
            size = (module.rnn if hasattr(module, "rnn") else module).input_size
            x = torch.tensor([[[((5 * t + 3 * k + i) % 7) / 3.5 - 1 for k in range(size)] for t in range(length)]], dtype=torch.float64)
        y = module(x)
        y = (y[0] if isinstance(y, tuple) else y)[0].detach()
        y = heads.get(options.get("head"), lambda z: z)(y)
        examples.append({"input": x[0].tolist(), "output": y.tolist() if y.dim() == 2 else [y.tolist()]})
    expected[name] = {"options": options, "examples": examples}

# The same state dict in the other forms that files have.
gru = cases["gru"][0].float().state_dict()
torch.save(gru, os.path.join(here, "gru-legacy.pt"), _use_new_zipfile_serialization=False)
torch.save({"epoch": 3, "lr": 0.1, "model_state_dict": gru, "notes": ["a", None, True]}, os.path.join(here, "gru-checkpoint.pt"))
# Tensors that are views: transposed, and two parts of one storage.
flat = torch.cat([gru["bias_ih_l0"], gru["bias_hh_l0"]])
views = collections.OrderedDict(gru)
views["weight_ih_l0"] = gru["weight_ih_l0"].t().contiguous().t()
views["bias_ih_l0"], views["bias_hh_l0"] = flat[:12], flat[12:]
torch.save(views, os.path.join(here, "gru-views.pt"))
torch.save(cases["gru"][0], os.path.join(here, "gru-module.pt"))
json.dump({"torch": torch.__version__, "cases": expected}, open(os.path.join(here, "expected.json"), "w"), separators=(",", ":"))
