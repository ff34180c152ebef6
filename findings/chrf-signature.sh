#!/bin/sh
# sacrebleu: two chrF scores with the same signature are not the same metric.
#
# Versions: sacrebleu 2.6.0, Python 3.11.7.
# Behaviour: the signature is there so that scores can be compared if it is equal. β, which says how much more recall counts
# than precision, changes the score and is not in it; nor is BLEU's largest order of n-grams.
# Here: src/train/metrics/chrf.ts has β = 2 alone, and docs/metrics.md says to write chrF2.
#
# Output seen:
#   chrF1 = 74.0  nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no
#   chrF2 = 67.7  nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no
#   BLEU of orders 1 to 2 = 56.8  nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp
#   BLEU of orders 1 to 4 = 48.4  nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp
. "$(dirname "$0")/lib.sh"
python_packages sacrebleu==2.6.0
python - <<'PY'
from finding import expect
from sacrebleu.metrics import BLEU, CHRF

predicted = ["a train left the station before noon"]
references = [["the early train had left the station before noon"]]


def scored(name, metric):
    score = metric.corpus_score(predicted, references).score
    signature = str(metric.get_signature()).split("|version")[0]
    print(f"{name} = {score:.1f}  {signature}")
    return score, signature


for one, other in [
    (("chrF1", CHRF(beta=1)), ("chrF2", CHRF(beta=2))),
    (("BLEU of orders 1 to 2", BLEU(max_ngram_order=2)), ("BLEU of orders 1 to 4", BLEU(max_ngram_order=4))),
]:
    (a, signed), (b, also_signed) = scored(*one), scored(*other)
    expect(abs(a - b) > 1, "the option changes the score")
    expect(signed == also_signed, "the signature does not tell the option")
PY
