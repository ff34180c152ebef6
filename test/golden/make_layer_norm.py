"""Golden values of lstmLayerNorm, computed by NumPy in float64 without any package for gradients.

Usage: python make_layer_norm.py OUT.json   (NumPy 1 or 2)
The formula of the values (offset 0), the loss and the form of the file are those of make.py. Its widths would make all
rows of a weight nearly equal (7 columns of 0.9 are 2 pi), which layer normalisation magnifies; these do not. Gradients come from complex steps:
for a function that is analytic, Im f(x + ih) / h with h = 1e-30 is its derivative to the last digits, for nothing is
subtracted (Squire and Trapp 1998).
"""
import json, math, sys
import numpy as np
out = sys.argv[1]
offset, lengths, X, H = 0, [7, 6, 2, 2, 1], 3, 5
T, B = max(lengths), len(lengths)
name = "lstmLayerNorm"

def code(text): return sum((i + 1) * ord(ch) for i, ch in enumerate(text)) % 97
def make(text, *shape):
    n = math.prod(shape)
    return np.array([0.6 * math.cos(1.7 * (offset + code(text)) + 0.9 * k) for k in range(n)], dtype=complex).reshape(shape)

shapes = {**{"w_" + g: (H, H + X) for g in "cufo"}, **{k + "_" + g: (H,) for g in "cufom" for k in "gk"}}
values = {k: make(name + "." + k, *s) for k, s in shapes.items()}
values["x"] = make("x", T, B, X)
for s in "ac": values["init." + s] = make(name + ".init." + s, B, H)

def sig(z): return 1 / (1 + np.exp(-z))
def norm(v, g, z):
    centred = z - z.sum() / H
    return v["g_" + g] * centred / np.sqrt((centred * centred).sum() / H + 1e-5) + v["k_" + g]

def run(v):
    """Loss, outputs [T][B] and final states, one sequence after the other."""
    loss, outputs, final = 0, np.zeros((T, B, H), dtype=complex), {s: np.zeros((B, H), dtype=complex) for s in "ac"}
    for b, length in enumerate(lengths):
        a, c = v["init.a"][b], v["init.c"][b]
        for t in range(length):
            ax = np.concatenate([a, v["x"][t, b]])
            u, f, o = (sig(norm(v, g, v["w_" + g] @ ax)) for g in "ufo")
            c = u * np.tanh(norm(v, "c", v["w_c"] @ ax)) + f * c
            a = o * np.tanh(norm(v, "m", c))
            outputs[t, b] = a
            loss = loss + (np.arange(1, H + 1) * a).sum() / (1 + t + b)
        final["a"][b], final["c"][b] = a, c
    return loss, outputs, final

def gradient(key):
    d, h = np.zeros(values[key].shape), 1e-30
    for at in np.ndindex(d.shape):
        moved = values[key].copy(); moved[at] += 1j * h
        d[at] = run({**values, key: moved})[0].imag / h
    return d.tolist()

loss, outputs, final = run(values)
doc = {"about": "see make_layer_norm.py", "numpy": np.__version__, "offset": offset, "lengths": lengths, "X": X, "H": H, "cells": {name: {
    "shapes": {k: list(s) for k, s in shapes.items()}, "loss": loss.real, "output": outputs.real.tolist(),
    "final": {k: v.real.tolist() for k, v in final.items()}, "grad": {k: gradient(k) for k in values}}}}
json.dump(doc, open(out, "w"), separators=(",", ":"))
