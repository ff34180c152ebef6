"""Makes layers.json: what PyTorch 2.13 computes of layers of networks, forward and the gradients of sum(out * weights).

    python make_layers.py > layers.json

Numbers are by formula, in float64, so that the tests need nothing but the file. Values are time-major, one sequence.
"""

import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def numbers(salt, *shape):
    count = math.prod(shape)
    return torch.tensor([math.sin(1.7 * k + salt) for k in range(count)]).reshape(shape)


def case(inputs, compute):
    for value in inputs.values():
        value.requires_grad_()
    out = compute(*inputs.values())
    (out * numbers(9, *out.shape)).sum().backward()
    return {
        "inputs": {name: value.detach().tolist() for name, value in inputs.items()},
        "out": out.detach().tolist(),
        "gradients": {name: value.grad.tolist() for name, value in inputs.items()},
    }


def conv(padding, dilation):
    def compute(x, w, b):
        rows = x.T.unsqueeze(0)
        if padding == "causal":
            rows, padding_ = F.pad(rows, ((w.shape[2] - 1) * dilation, 0)), 0
        else:
            padding_ = "same"
        return F.conv1d(rows, w, b, padding=padding_, dilation=dilation)[0].T

    return compute


def attend(scale):
    def compute(q, k, h):
        return F.scaled_dot_product_attention(q[None], k[None], h[None], scale=scale)[0]

    return compute


def cases():
    yield "normalise", case(
        {"x": numbers(1, 4, 5), "g": numbers(2, 5), "k": numbers(3, 5)},
        lambda x, g, k: F.layer_norm(x, (5,), g, k, 1e-5),
    )
    for name, function in {
        "gelu": F.gelu,
        "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
        "elu": F.elu,
        "selu": F.selu,
        "leakyRelu": F.leaky_relu,
        "silu": F.silu,
        "softplus": F.softplus,
        "softsign": F.softsign,
        "softmax": lambda x: F.softmax(x, -1),
    }.items():
        yield name, case({"x": 3 * numbers(4, 4, 5)}, function)
    for padding, dilation, kernel in [("same", 1, 3), ("same", 2, 4), ("causal", 1, 2), ("causal", 2, 3)]:
        yield f"convolution {padding} {dilation} {kernel}", case(
            {"x": numbers(5, 6, 2), "w": numbers(6, 3, 2, kernel), "b": numbers(7, 3)}, conv(padding, dilation)
        )
    for name, scale in [("scaledDot", None), ("dot", 1.0)]:
        yield f"attention {name}", case(
            {"q": numbers(1, 3, 4), "k": numbers(2, 5, 4), "h": numbers(3, 5, 2)}, attend(scale)
        )


print(json.dumps(dict(cases())))
