"""The notes of MIDI files as pretty_midi reads them: paths on standard input, for each a line of JSON."""
import json
import sys
import warnings

import pretty_midi

warnings.simplefilter("ignore")
for path in sys.stdin.read().split("\n"):
    midi = pretty_midi.PrettyMIDI(path)
    notes = [[n.pitch, n.start, n.end, n.velocity] for i in midi.instruments for n in i.notes]
    print(json.dumps(notes))
