"""Entities in tag sequences, as read by seqeval and counted by conlleval.pl (version 2004-01-26).

seqeval: `get_entities` of sequence_labeling.py at commit ce1df87 of its repository, scheme.py at commit 52f742b.

Usage: python spans.py conlleval.pl > spans.json      (with seqeval installed; the Perl script is that of CoNLL-2000,
and lies in seqeval's repository too)
"sequences" has the spans [type, first, end after the last] by reading: seqeval's default, and its strict mode by
scheme. "corpora" has sentences, true and predicted, and what conlleval prints: [correct, predicted, actual].
The sequences come from a linear congruential generator, so they are the same everywhere.
"""
import json, re, subprocess, sys
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB1, IOB2, IOBES, Tokens

state = 2024
def below(n):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return (state >> 8) % n

def tags(prefixes, length):
    return [(lambda p: "O" if p == "O" else p + "-" + "XY"[below(4) // 3])(prefixes[below(len(prefixes))]) for _ in range(length)]
def lenient(seq): return [[kind, first, last + 1] for kind, first, last in get_entities(seq)]
def strict(seq, scheme): return [[e.tag, e.start, e.end] for e in Tokens(seq, scheme).entities]

def sequence(prefixes, schemes):
    seq = tags(prefixes, 1 + below(8))
    return dict(tags=" ".join(seq), seqeval=lenient(seq), **{s.__name__: strict(seq, s) for s in schemes})

def perturbed(seq, prefixes): return [tags(prefixes, 1)[0] if below(4) == 0 else tag for tag in seq]
def corpus(prefixes):
    truth = [tags(prefixes, below(7)) for _ in range(4)]
    predicted = [perturbed(seq, prefixes) for seq in truth]
    lines = "\n".join("".join(f"w {a} {b}\n" for a, b in zip(*pair)) for pair in zip(truth, predicted) if pair[0])
    text = subprocess.run(["perl", sys.argv[1]], input=lines, capture_output=True, text=True, check=True).stdout
    actual, found, correct = map(int, re.search(r"with (\d+) phrases; found: (\d+) phrases; correct: (\d+)", text).groups())
    return dict(truth=[" ".join(s) for s in truth], predicted=[" ".join(s) for s in predicted], conlleval=[correct, found, actual])

print(json.dumps(dict(
    sequences=[sequence("OBII", [IOB1, IOB2, IOBES]) for _ in range(120)] + [sequence("OBIIES", [IOBES]) for _ in range(120)],
    corpora=[corpus("OBII") for _ in range(40)] + [corpus("OIIE") for _ in range(20)] + [corpus("OBIES") for _ in range(40)],
), separators=(",", ":")).replace('{"t', '\n{"t'))
