"""Makes the fixtures of the HDF5 reader: the same tree, as h5py writes it for old readers and for new ones.
Run: python test/golden/hdf5/make.py (h5py 3.14 over HDF5 1.14). Number i of a data set is i mod 97 - 48, so that tests need no file of answers."""
import pathlib

import h5py
import numpy as np

here = pathlib.Path(__file__).parent


def numbers(*shape):
    return (np.arange(int(np.prod(shape)), dtype="f4") % 97 - 48).reshape(shape)


for name, libver in [("old", "earliest"), ("new", "latest"), ("v108", ("v108", "v108"))]:
    with h5py.File(here / f"{name}.h5", "w", libver=libver) as file:
        # More names, and more attributes, than fit into a header: newer files keep them in heaps.
        many = file.create_group("many")
        for i in range(300):
            many.create_group(f"a layer with a longer name {i}") if i % 50 else many.create_dataset(f"{i}", data=numbers(3))
        for i in range(120):
            many.attrs[f"attribute {i}"] = f"value {i}"
        many.attrs["fixed"] = np.array([f"name {i}".encode() for i in range(5)])
        # Larger than a block of such a heap.
        many.attrs["long"] = np.array([f"a rather long name of a weight {i}".encode() for i in range(300)])
        file.attrs["one"] = "a text"
        pieces = file.create_group("pieces")
        pieces.create_dataset("whole", data=numbers(5, 7))
        pieces.create_dataset("one", data=numbers(5, 7), chunks=(5, 7))
        pieces.create_dataset("one packed", data=numbers(5, 7), chunks=(5, 7), compression="gzip", shuffle=True)
        pieces.create_dataset("some", data=numbers(11, 7), chunks=(4, 3))
        pieces.create_dataset("some packed", data=numbers(11, 7), chunks=(4, 3), compression="gzip", fletcher32=True)
        pieces.create_dataset("paged", data=numbers(1300, 2), chunks=(1, 2))
        pieces.create_dataset("growing", data=numbers(9, 8), chunks=(2, 3), maxshape=(None, None), compression="gzip")
        pieces.create_dataset("double", data=numbers(6).astype(">f8"))
        pieces.create_dataset("half", data=numbers(6).astype("f2"))
        pieces.create_dataset("never", shape=(4, 2), chunks=(2, 2), dtype="f4", fillvalue=7)
        # Written without a time of their allocation being left open: in order, without any list.
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_chunk((4, 3))
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple((11, 7))
        data = h5py.h5d.create(pieces.id, b"early", h5py.h5t.IEEE_F32LE, space, dcpl=early)
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, numbers(11, 7))
