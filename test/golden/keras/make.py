"""Models that Keras wrote, with what Keras computes: the fixtures of the import of Keras' files.

Usage: pip install keras==3.15.1 jax==0.10.2 h5py==3.16.0; KERAS_BACKEND=jax python make.py   (writes beside itself)
NAME.keras and NAME.h5 are Keras' own files; NAME.json has, for a few inputs, the output of every layer. keras2.h5 is the
exception: it is written with h5py in the layout of tf.keras 2 (keras/saving/legacy/hdf5_format.py), whose names and
hard sigmoid differ. Weights are value(i, k) = 0.6 * cos(1.7 * i + 0.9 * k), i = number of the weight in the model,
k = row-major index.
"""
import json
import pathlib

import h5py
import keras
import numpy as np
from keras import layers

here = pathlib.Path(__file__).parent
ids = [[[3, 1, 4, 1, 5]], [[2]], [[8, 8, 7]]]
vectors = [[[[0.5, -1.0], [0.25, 2.0], [-1.5, 0.0]]], [[[1.0, 1.0]]]]


def weigh(model):
    model.set_weights(
        [0.6 * np.cos(1.7 * i + 0.9 * np.arange(w.size)).reshape(w.shape) for i, w in enumerate(model.get_weights())]
    )


def expect(name, model, inputs):
    """Every layer's output for each input, in batches of one: nothing is padded."""
    placed = [layer for layer in model.layers if not isinstance(layer, layers.InputLayer) and "not_equal" not in layer.name]
    rows = []
    for batch in inputs:
        outputs = {}
        for layer in placed:
            part = keras.Model(model.inputs, layer.output)
            outputs[layer.name] = np.asarray(part(np.array(batch)))[0].tolist()
        rows.append({"input": batch[0], "layers": outputs})
    (here / f"{name}.json").write_text(json.dumps(rows) + "\n")


def save(name, model, inputs):
    weigh(model)
    expect(name.split(".")[0], model, inputs)
    model.save(here / name)


# Two LSTMs and two Dense layers, so that weights are numbered; an optimizer, whose state lies beside them.
sentiment = keras.Sequential(
    [
        keras.Input((None,), dtype="int32"),
        layers.Embedding(9, 4, mask_zero=True, name="words"),
        layers.SpatialDropout1D(0.2, name="drop"),
        layers.Bidirectional(layers.LSTM(3, return_sequences=True), name="both"),
        layers.LSTM(3, return_sequences=True, dropout=0.1, name="first"),
        layers.LSTM(2, return_sequences=True, name="second"),
        layers.GRU(4, name="gated"),
        layers.Dense(5, activation="relu", name="hidden"),
        layers.Dropout(0.5, name="drop_again"),
        layers.Dense(3, activation="softmax", name="classes"),
    ]
)
sentiment.compile("adam", "sparse_categorical_crossentropy")
sentiment.optimizer.build(sentiment.trainable_variables)
save("sentiment.keras", sentiment, ids)

# A graph in a row, with the edges of masks; both forms of the GRU; TimeDistributed.
source = keras.Input((None,), dtype="int32", name="ids")
x = layers.Embedding(9, 3, mask_zero=True, name="words")(source)
x = layers.GRU(4, return_sequences=True, reset_after=False, name="before")(x)
x = layers.Bidirectional(layers.SimpleRNN(3, return_sequences=True, activation="relu"), name="both")(x)
x = layers.TimeDistributed(layers.Dense(2, activation="sigmoid"), name="tags")(x)
save("tagger.keras", keras.Model(source, x, name="tagger"), ids)

# Vectors; activations of all kinds, the hard sigmoid of Keras 3 among them; backwards; no bias.
save(
    "forecast.keras",
    keras.Sequential(
        [
            keras.Input((None, 2)),
            layers.Masking(name="mask", mask_value=-9.0),
            layers.LSTM(3, return_sequences=True, activation="softsign", recurrent_activation="hard_sigmoid", name="lines"),
            layers.GRU(4, return_sequences=True, activation="elu", recurrent_activation="hard_sigmoid", name="after"),
            layers.GRU(3, return_sequences=True, reset_after=False, recurrent_activation="hard_sigmoid", name="before"),
            layers.LSTM(3, go_backwards=True, use_bias=False, name="back"),
            layers.Dense(4, name="hidden", use_bias=False),
            layers.Activation("swish", name="bent"),
            layers.Dense(1, activation="tanh", name="value"),
        ]
    ),
    vectors,
)

# The legacy format as Keras 3 writes it; pooling over all steps.
save(
    "legacy.h5",
    keras.Sequential(
        [
            keras.Input((3, 2), name="series"),
            layers.Bidirectional(layers.GRU(3, return_sequences=True), name="both"),
            layers.SimpleRNN(3, return_sequences=True, name="plain"),
            layers.GlobalMaxPooling1D(name="most"),
            layers.Dense(2, name="scores"),
            layers.Activation("sigmoid", name="squash"),
        ]
    ),
    vectors[:1],
)


# The layout of tf.keras 2: texts of variable length for the configuration, of fixed length for names, "kernel:0".
def old_hard_sigmoid(z):
    return keras.ops.clip(0.2 * z + 0.5, 0.0, 1.0)


old = keras.Sequential(
    [
        keras.Input((None,), dtype="int32"),
        layers.Embedding(9, 3, name="embedding"),
        layers.LSTM(4, return_sequences=True, recurrent_activation=old_hard_sigmoid, name="lstm"),
        layers.GRU(3, reset_after=False, recurrent_activation=old_hard_sigmoid, name="gru"),
        layers.Dense(2, activation="softmax", name="dense"),
    ]
)
weigh(old)
expect("keras2", old, ids)
common = {"trainable": True, "dtype": "float32"}
recurrent = {
    **{"activation": "tanh", "recurrent_activation": "hard_sigmoid", "use_bias": True, "dropout": 0.0},
    **{"return_state": False, "go_backwards": False, "stateful": False, "unroll": False, "time_major": False},
    **{"recurrent_dropout": 0.0, "implementation": 1, "kernel_regularizer": None, "bias_constraint": None},
    "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
}
config = {
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {
                "class_name": "Embedding",
                "config": {
                    **{"name": "embedding", **common, "batch_input_shape": [None, None], "input_dim": 9},
                    **{"output_dim": 3, "mask_zero": False, "input_length": None},
                },
            },
            {"class_name": "LSTM", "config": {"name": "lstm", **common, **recurrent, "return_sequences": True, "units": 4, "unit_forget_bias": True}},
            {"class_name": "GRU", "config": {"name": "gru", **common, **recurrent, "return_sequences": False, "units": 3, "reset_after": False}},
            {"class_name": "Dense", "config": {"name": "dense", **common, "units": 2, "activation": "softmax", "use_bias": True}},
        ],
    },
}
with h5py.File(here / "keras2.h5", "w") as file:
    file.attrs["keras_version"] = "2.3.1".encode("utf8")
    file.attrs["backend"] = "tensorflow".encode("utf8")
    file.attrs["model_config"] = json.dumps(config).encode("utf8")
    weights = file.create_group("model_weights")
    weights.attrs["layer_names"] = [layer.name.encode("utf8") for layer in old.layers]
    for layer in old.layers:
        group = weights.create_group(layer.name)
        names = [f"{layer.name}/{w.name}:0" for w in layer.weights]
        group.attrs["weight_names"] = [name.encode("utf8") for name in names]
        for number, (name, weight) in enumerate(zip(names, layer.weights)):
            # Nothing that Keras writes is cut into chunks or packed, but a file that was rewritten may be.
            packed = {"chunks": True, "compression": "gzip", "shuffle": True} if number == 0 else {}
            group.create_dataset(name, data=np.asarray(weight), **packed)
