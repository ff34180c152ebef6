#!/bin/sh
# PyTorch: clipping the norm of gradients spreads one NaN to every gradient, and turns one infinity into zeros everywhere else.
#
# Versions: torch 2.13.0, Python 3.11.7.
# Behaviour: clip_grad_norm_ multiplies all gradients by largest / norm. If one number is NaN, so is the norm, and every gradient of
# every parameter becomes NaN: the next step spoils the whole model instead of one row. If one is infinite the factor is 0: all
# others become zeros, and that one becomes NaN (∞ · 0). Nothing is raised unless error_if_nonfinite is set.
# Here: a step whose norm is not finite changes nothing, and the detective names the number (docs/detective.md).
#
# Output seen:
#   one NaN:      first [nan, nan], second [nan, nan]
#   one infinity: first [0.0, nan], second [0.0, 0.0]
. "$(dirname "$0")/lib.sh"
python_packages torch==2.13.0
python -W ignore - <<'PY'
import math

import torch
from finding import expect


def clipped(name, bad):
    first, second = (torch.nn.Parameter(torch.zeros(2)) for _ in range(2))
    first.grad, second.grad = torch.tensor([1.0, bad]), torch.tensor([3.0, 4.0])
    torch.nn.utils.clip_grad_norm_([first, second], 1.0)
    print(f"{name:13} first {first.grad.tolist()}, second {second.grad.tolist()}")
    return first.grad.tolist() + second.grad.tolist()


expect(all(map(math.isnan, clipped("one NaN:", math.nan))), "one NaN makes all gradients NaN")
a, b, *others = clipped("one infinity:", math.inf)
expect(a == 0 and others == [0, 0] and math.isnan(b), "one infinity makes all others zero and itself NaN")
PY
