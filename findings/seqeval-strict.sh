#!/bin/sh
# seqeval: mode="strict" without a scheme is the lenient mode, and a scheme without mode="strict" is not looked at.
#
# Versions: seqeval 1.2.2, Python 3.11.7.
# Behaviour: a prediction whose entity begins with I is wrong in IOB2. Strictness needs both options; either of them alone is
# accepted, says nothing, and counts the entity as found.
# Here: the option `reading` of src/train/metrics/spans.ts is one choice; "IOB2" is strict by itself, and unknown names are
# refused.
#
# Output seen:
#   neither                      F1 1.0
#   mode="strict"                F1 1.0
#   scheme=IOB2                  F1 1.0
#   mode="strict", scheme=IOB2   F1 0.0
. "$(dirname "$0")/lib.sh"
python_packages seqeval==1.2.2
python -W ignore - <<'PY'
from finding import expect
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

truth, predicted = [["B-PER", "I-PER", "O"]], [["I-PER", "I-PER", "O"]]


def f1(name, **options):
    score = f1_score(truth, predicted, **options)
    print(f"{name:28} F1 {score:.1f}")
    return score


lenient = f1("neither")
expect(f1('mode="strict"', mode="strict") == lenient == 1, "strict without a scheme counts leniently")
expect(f1("scheme=IOB2", scheme=IOB2) == lenient, "a scheme without strict makes no difference")
expect(f1('mode="strict", scheme=IOB2', mode="strict", scheme=IOB2) == 0, "both together are strict")
PY
