"""BLEU and chrF of small corpora, computed by sacrebleu 2.6.0.

Usage: pip install sacrebleu==2.6.0; python bleu-chrf.py > bleu-chrf.json
Each case is a corpus (texts, and for each text its references) under some options; the numbers are sacrebleu's.
The random corpora come from a linear congruential generator, so they are the same everywhere. Texts are written with
escapes beyond ASCII.
"""
import json, re
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

state = 12345
def below(n):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return (state >> 8) % n

words = ["the", "cat", "sat", "on", "a", "mat", "The", "dog,", "3.5", "it's", "(well)", "end.", "caf\u00e9", "\u4f60\u597d"]
def text(least, most): return " ".join(words[below(len(words))] for _ in range(least + below(most - least + 1)))
def near(reference):
    return " ".join(words[below(len(words))] if below(4) == 0 else word for word in reference.split() if below(8) > 0)

corpora = {
    "one word, equal": (["cat"], [["cat"]]),
    "one word, other": (["dog"], [["cat"]]),
    "three words, equal": (["the cat sat"], [["the cat sat"]]),
    "four words, equal": (["the cat sat down"], [["the cat sat down"]]),
    "empty text": ([""], [["the cat sat on the mat"]]),
    "empty reference": (["the cat"], [[""]]),
    "both empty": ([""], [[""]]),
    "blank": (["  \t "], [["the cat"]]),
    "an empty line among others": (["", "the cat sat on the mat today"], [["a dog"], ["the cat sat on a mat today"]]),
    "the the the": (["the the the the the the the"], [["the cat is on the mat", "there is a cat on the mat"]]),
    "short": (["the cat sat on"], [["the cat sat on the mat with the dog"]]),
    "long": (["the cat sat on the mat with the dog"], [["the cat sat on"]]),
    "ties in length": (["a b c d"], [["a b c d e", "a b c"]]),
    "references of both cases": (["The Cat sat on the mat."], [["the cat sat on the mat.", "THE CAT SAT ON THE MAT."]]),
    "different numbers of references": (["the cat sat on the mat", "a dog ran off in fear"],
        [["the cat sat on a mat"], ["a dog ran away in fear", "one dog ran off in fear", "dogs run"]]),
    "no match": (["w x y z"], [["a b c d"]]),
    "only short matches": (["a x b y c z"], [["c p a q b r"]]),
    "entities and dashes": (["&quot;Hi&quot;, he said &amp;lt; 3-4 times; 1,000.50 (e.g. 5.) x-y"],
        [["\"Hi\", he said < 3-4 times; 1,000.50 (e.g., 5) x - y"]]),
    "beyond the basic plane": (["\U0001F600 ok \U0001F601"], [["\U0001F600\U0001F601 ok"]]),
    "odd spaces": (["a\u00a0b\u3000c\ufeffd\u0085e\u001cf g h"], [["a b c\ufeffd e f g h"]]),
    "punctuated words": (["(hi) ,hello, ... ? \"yes\" a."], [["(hi) hello ... ? yes a."]]),
}
for k in range(6):
    references = [[text(1, 14) for _ in range(1 + k % 3)] for _ in range(8)]
    corpora[f"random {k}"] = ([near(lines[0]) for lines in references], references)
corpora["random, an own number of references each"] = (
    *(lambda r: ([near(lines[-1]) for lines in r], r))([[text(1, 9) for _ in range(1 + below(3))] for _ in range(8)]),)

bleus = [dict(), dict(effective_order=True), dict(smooth_method="none"), dict(smooth_method="floor"),
    dict(smooth_method="add-k"), dict(lowercase=True), dict(tokenize="none"), dict(tokenize="char")]
chrfs = [dict(), dict(word_order=2), dict(lowercase=True), dict(whitespace=True), dict(char_order=3, word_order=1, beta=3)]

def streams(references):
    most = max(map(len, references))
    return [[lines[k] if k < len(lines) else None for lines in references] for k in range(most)]
def signature(metric): return re.sub(r"version:.*", "version:", str(metric.get_signature()))
def bleu(options, texts, references):
    metric = BLEU(force=True, **options)
    score = metric.corpus_score(texts, streams(references))
    sums = [sum(column) for column in zip(*metric._extract_corpus_statistics(texts, streams(references)))]
    return dict(options=options, score=score.score, precisions=score.precisions, bp=score.bp, sums=sums, signature=signature(metric))
def chrf(options, texts, references):
    metric = CHRF(**options)
    return dict(options=options, score=metric.corpus_score(texts, streams(references)).score, signature=signature(metric))

lines = ["It's 3.5 km, isn't it?", "a.b,c 1.5 1,5 .5 5. ,a a,", "U.S.A. 10-20 well-known -5 5-", "{x}[y]~`^_|\\\\/@:;<=>?!\"#$%&'()*+",
    "&quot;a&quot; &amp;lt; &lt;b&gt; &amp;", "<skipped>one two- three", "-\nx a-\nb c\nd", "caf\u00e9,na\u00efve. \u4f60\u597d,\u3002", "...", " , ", "", "1,2.3,4",
    "a\u00a0b\u3000c\ufeffd\u0085e\u001cf ", "\U0001F600.\U0001F601,"]
print(json.dumps(dict(
    sacrebleu=sacrebleu.__version__,
    tokens=[dict(text=line, tokens=Tokenizer13a()(line.rstrip()).split()) for line in lines],
    corpora=[dict(name=name, texts=texts, references=references,
        bleu=[bleu(options, texts, references) for options in bleus],
        chrf=[chrf(options, texts, references) for options in chrfs]) for name, (texts, references) in corpora.items()],
), separators=(",", ":")).replace('{"name"', '\n{"name"'))
