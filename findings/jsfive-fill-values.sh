#!/bin/sh
# jsfive: numbers that an HDF5 file leaves to the fill value come out as holes of an array, with no word.
#
# Versions: jsfive 0.4.2, Node 20.20.2; h5py 3.16.0 writes the file, Python 3.11.7.
# Behaviour: in a dataset of pieces only the pieces that were written are stored; all others are the dataset's fill value.
# jsfive reads that value (`fillvalue` is 7) and does not use it: `value` is an array with empty places, as undefined as any
# other element that was never there, and a Float32Array made of it has NaN.
# Here: src/io/hdf5 reads models, and gives such places the fill value; jsfive is what its tests compare with. Keras writes its
# tensors whole, so none of its files has such places.
#
# Output seen:
#   h5py   [7.0, 7.0, 1.0, 2.0, 7.0, 7.0]
#   jsfive 6 places, of which 2 hold numbers; fill value 7
#   as numbers NaN NaN 1 2 NaN NaN
. "$(dirname "$0")/lib.sh"
python_packages h5py==3.16.0 numpy==2.4.6
npm_packages jsfive@0.4.2
python - <<'PY'
import h5py
from finding import expect

with h5py.File("pieces.h5", "w") as file:
    pieces = file.create_dataset("w", shape=(6,), chunks=(2,), dtype="f4", fillvalue=7)
    pieces[2:4] = [1, 2]
    print("h5py  ", pieces[:].tolist())
    expect(pieces[:].tolist() == [7, 7, 1, 2, 7, 7], "places that were not written hold the fill value")
PY
node --input-type=module - <<'JS'
import { readFileSync } from "node:fs";
import { File } from "jsfive";
import { expect } from "./finding.mjs";

const { value, fillvalue } = new File(new Uint8Array(readFileSync("pieces.h5")).buffer).get("w");
const held = Object.keys(value).length;
console.log(`jsfive ${value.length} places, of which ${held} hold numbers; fill value ${fillvalue}`);
console.log("as numbers", ...Float32Array.from(value));
expect(value.length === 6 && held === 2 && fillvalue === 7, "the fill value is known and not used");
JS
