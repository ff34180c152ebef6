"""Makes models of every layer that meets recurrent ones, with what Keras computes for some inputs: what test/keras/matrix.mjs imports
and compares. Run by it; alone: python test/keras/make.py FOLDER (Keras 3.15 with TensorFlow, PyTorch or JAX as its backend; or Keras
2.15, which lacks some of the options: their models are left out). With a second argument it also writes what npm test compares with:
python test/keras/make.py FOLDER test/golden/keras/models.json."""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np
from keras import layers as L

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
is3 = keras.__version__ >= "3"
random = np.random.default_rng(1)
cases = []


def case(kind, name, build, save="keras", inputs=None, output=None):
    cases.append((kind, name, build, save, inputs, output))


def seq(*layers, shape=(None, 3)):
    return lambda: keras.Sequential([L.Input(shape), *[layer() for layer in layers]])


def ids(*layers):
    return lambda: keras.Sequential([L.Input((None,), dtype="int32", name="ids"), L.Embedding(11, 4), *[layer() for layer in layers]])


def graph(build, shape=(None, 3)):
    def made():
        x = L.Input(shape)
        return keras.Model(x, build(x))

    return made


def d(units=2, activation=None, **options):
    return lambda: L.Dense(units, activation=activation, **options)


def lstm(units=4, **options):
    return lambda: L.LSTM(units, **options)


def steps(units=4, **options):
    return lambda: L.LSTM(units, return_sequences=True, **options)


# Cells, with and without their options.
for cell in ["SimpleRNN", "LSTM", "GRU"]:
    layer = getattr(L, cell)
    case("cells", f"{cell} last", seq(lambda layer=layer: layer(4), d()))
    case("cells", f"{cell} steps", seq(lambda layer=layer: layer(4, return_sequences=True), d()))
    case("cells", f"{cell} no bias", seq(lambda layer=layer: layer(4, use_bias=False), d()))
    case("cells", f"{cell} stacked", seq(lambda layer=layer: layer(4, return_sequences=True), lambda layer=layer: layer(3), d()))
    case("cells", f"{cell} unroll", seq(lambda layer=layer: layer(4, unroll=True), d(), shape=(5, 3)))
    case("cells", f"{cell} alone", seq(lambda layer=layer: layer(4)))
case("cells", "GRU reset before", seq(lambda: L.GRU(4, reset_after=False), d()))
case("cells", "GRU reset before steps no bias", seq(lambda: L.GRU(4, reset_after=False, use_bias=False, return_sequences=True), d()))
case("cells", "LSTM dropout inside", seq(lambda: L.LSTM(4, dropout=0.2, recurrent_dropout=0.3), d()))
case("cells", "LSTM no forget bias", seq(lambda: L.LSTM(4, unit_forget_bias=False), d()))

functions = ["relu", "gelu", "elu", "selu", "silu", "leaky_relu", "hard_sigmoid", "softplus", "softsign", "sigmoid", "tanh", "relu6", "mish", "hard_silu", "celu", "log_sigmoid", "hard_tanh", "tanh_shrink", "softmax"]
for name in functions:
    if name != "softmax":
        case("activations of cells", f"LSTM {name}", seq(lambda name=name: L.LSTM(4, activation=name), d()))
    case("activations between", f"Dense {name}", seq(lstm(), d(5, name), d()))
for name in ["hard_sigmoid", "relu", "tanh", "softsign"]:
    case("activations of cells", f"GRU gates {name}", seq(lambda name=name: L.GRU(4, recurrent_activation=name, return_sequences=True), d()))
case("activations of cells", "SimpleRNN linear", seq(lambda: L.SimpleRNN(4, activation="linear"), d()))
case("activations between", "Dense softmax of steps", seq(steps(), d(5, "softmax"), d(2, "softmax")))
case("activations between", "Dense relu twice of steps", seq(steps(), d(5, "relu"), d(4, "relu"), d(2, "sigmoid")))

for name, layer in {
    "ReLU": lambda: L.ReLU(),
    "ReLU 6": lambda: L.ReLU(max_value=0.3),
    "ReLU slope": lambda: L.ReLU(negative_slope=0.1),
    "LeakyReLU": lambda: L.LeakyReLU(negative_slope=0.05),
    "LeakyReLU default": lambda: L.LeakyReLU(),
    "ELU": lambda: L.ELU(alpha=0.7),
    "PReLU": lambda: L.PReLU(alpha_initializer="uniform"),
    "Softmax": lambda: L.Softmax(),
    "Activation gelu": lambda: L.Activation("gelu"),
    "Activation tanh": lambda: L.Activation("tanh"),
}.items():
    case("activation layers", name, seq(lstm(), d(5), layer, d()))
case("activation layers", "PReLU of steps", seq(steps(), lambda: L.PReLU(alpha_initializer="uniform", shared_axes=[1]), d()))
case("activation layers", "LeakyReLU as an option", seq(lstm(), lambda: L.Dense(5, activation=L.LeakyReLU(negative_slope=0.2)), d()))
case("activation layers", "Softmax at the end", seq(steps(), d(3), lambda: L.Softmax()))
case("activation layers", "Activation sigmoid at the end", seq(lstm(), d(1), lambda: L.Activation("sigmoid")))

for name, layer in {
    "Dropout": lambda: L.Dropout(0.3),
    "Dropout by step": lambda: L.Dropout(0.3, noise_shape=(None, 1, None)),
    "SpatialDropout1D": lambda: L.SpatialDropout1D(0.2),
    "GaussianNoise": lambda: L.GaussianNoise(0.1),
    "GaussianDropout": lambda: L.GaussianDropout(0.1),
    "AlphaDropout": lambda: L.AlphaDropout(0.1),
    "ActivityRegularization": lambda: L.ActivityRegularization(0.1),
    "Identity": lambda: L.Identity(),
}.items():
    case("dropout", name, seq(layer, steps(), layer, lstm(), d()))
case("dropout", "Dropout at the end", seq(lstm(), d(2, "softmax"), lambda: L.Dropout(0.2)))
case("dropout", "Dropout after pooling", seq(lstm(), lambda: L.Dropout(0.4), d(5, "relu"), lambda: L.Dropout(0.4), d()))

for name, layer in {
    "Dense": lambda: L.Dense(3, activation="relu"),
    "Dropout": lambda: L.Dropout(0.2),
    "Activation": lambda: L.Activation("relu"),
    "BatchNormalization": lambda: L.BatchNormalization(),
    "LayerNormalization": lambda: L.LayerNormalization(),
    "LeakyReLU": lambda: L.LeakyReLU(),
    "Flatten": lambda: L.Flatten(),
    "Sequential": lambda: keras.Sequential([L.Dense(5, activation="relu"), L.Dense(3)]),
}.items():
    case("TimeDistributed", name, seq(steps(), lambda layer=layer: L.TimeDistributed(layer()), d()))
case("TimeDistributed", "Dense at the end", seq(steps(), lambda: L.TimeDistributed(L.Dense(3, activation="softmax"))))
case("TimeDistributed", "Flatten of pictures", seq(lambda: L.TimeDistributed(L.Flatten()), lstm(), d(), shape=(None, 2, 3)))

for name, layer in {
    "BatchNormalization": lambda: L.BatchNormalization(),
    "BatchNormalization no scale": lambda: L.BatchNormalization(scale=False),
    "BatchNormalization no center": lambda: L.BatchNormalization(center=False, epsilon=0.1),
    "LayerNormalization": lambda: L.LayerNormalization(),
    "LayerNormalization epsilon": lambda: L.LayerNormalization(epsilon=0.1, scale=False),
}.items():
    case("normalisation", f"{name} first", seq(layer, lstm(), d()))
    case("normalisation", f"{name} of steps and vectors", seq(steps(), layer, lstm(), layer, d()))

for name, options in {
    "same": dict(padding="same"),
    "same even": dict(padding="same", kernel_size=4),
    "causal": dict(padding="causal", activation="relu"),
    "causal dilated": dict(padding="causal", dilation_rate=2),
    "same dilated": dict(padding="same", dilation_rate=2),
    "of one step": dict(kernel_size=1, activation="tanh"),
    "no bias": dict(padding="same", use_bias=False, activation="gelu"),
}.items():
    case("Conv1D", name, seq(lambda options=options: L.Conv1D(4, **{"kernel_size": 3, **options}), lstm(), d()))
case("Conv1D", "after LSTM", seq(steps(), lambda: L.Conv1D(5, 3, padding="same", activation="relu"), lambda: L.GlobalMaxPooling1D(), d()))
case("Conv1D", "valid, pooled", seq(lambda: L.Conv1D(4, 3), lambda: L.MaxPooling1D(2), lstm(), d()))

fix = (5, 3)
case("shapes", "Flatten", seq(steps(), lambda: L.Flatten(), d(), shape=fix))
case("shapes", "Flatten relu", seq(steps(), lambda: L.Flatten(), d(6, "relu"), d(3, "softmax"), shape=fix))
case("shapes", "Flatten Dropout", seq(steps(), lambda: L.Flatten(), lambda: L.Dropout(0.3), d(), shape=fix))
case("shapes", "Flatten BatchNormalization", seq(steps(), lambda: L.Flatten(), lambda: L.BatchNormalization(), d(), shape=fix))
case("shapes", "Flatten at the end", seq(steps(), d(1), lambda: L.Flatten(), shape=fix))
case("shapes", "Flatten of a vector", seq(lstm(), lambda: L.Flatten(), d()))
case("shapes", "Reshape first", seq(lambda: L.Reshape((5, 1)), lstm(), d(1), shape=(5,)))
case("shapes", "Reshape first to pairs", seq(lambda: L.Reshape((-1, 2)), lstm(), d(1), shape=(8,)))
case("shapes", "Reshape to a vector", seq(steps(), lambda: L.Reshape((20,)), d(), shape=fix))
case("shapes", "Reshape at the end", seq(steps(), d(1), lambda: L.Reshape((5,)), shape=fix))
case("shapes", "RepeatVector", seq(lstm(), lambda: L.RepeatVector(5), steps(), lambda: L.TimeDistributed(L.Dense(3)), shape=fix))
case("shapes", "RepeatVector to other steps", seq(lstm(), lambda: L.RepeatVector(2), steps(), d(), shape=fix))
case("shapes", "RepeatVector to more steps", seq(lstm(), lambda: L.RepeatVector(7), steps(), lambda: L.TimeDistributed(L.Dense(1)), shape=fix))
case("shapes", "last step of steps", graph(lambda x: L.Dense(2)(L.LSTM(4, return_sequences=True)(x)[:, -1])))
case("shapes", "last step of both", graph(lambda x: L.Dense(2)(L.Bidirectional(L.LSTM(4, return_sequences=True))(x)[:, -1, :])))

merges = {"Add": L.Add, "Subtract": L.Subtract, "Multiply": L.Multiply, "Average": L.Average, "Maximum": L.Maximum, "Minimum": L.Minimum, "Concatenate": L.Concatenate}
for name, layer in merges.items():
    case("merges", f"{name} of steps", graph(lambda x, layer=layer: L.Dense(2)(L.LSTM(3)(layer()([x, L.GRU(3, return_sequences=True)(x)])))))
    case("merges", f"{name} of vectors", graph(lambda x, layer=layer: L.Dense(2)(layer()([L.LSTM(4)(x), L.GRU(4)(x)]))))
case("merges", "three", graph(lambda x: L.Dense(2)(L.Add()([L.LSTM(4)(x), L.GRU(4)(x), L.SimpleRNN(4)(x)]))))
case("merges", "plus", graph(lambda x: L.Dense(2)(L.LSTM(3, return_sequences=True)(x) + x)))
case("merges", "times a number", graph(lambda x: L.Dense(2)(L.LSTM(3)(x) * 0.5 + 1.0)))
case("merges", "gate", graph(lambda x: L.Dense(2)(L.Multiply()([L.LSTM(4)(x), L.Dense(4, activation="sigmoid")(L.GRU(4)(x))]))))
case("merges", "pools side by side", graph(lambda x: (lambda h: L.Dense(2)(L.Concatenate()([L.GlobalMaxPooling1D()(h), L.GlobalAveragePooling1D()(h)])))(L.LSTM(4, return_sequences=True)(x))))
case("merges", "vector beside steps", graph(lambda x: (lambda h: L.Dense(2)(L.Concatenate()([h, L.RepeatVector(5)(L.GRU(3)(x))])))(L.LSTM(4, return_sequences=True)(x)), shape=fix))


def side(build, first=(None, 3), second=(2,), dtypes=("float32", "float32"), names=("a", "b")):
    def made():
        a = L.Input(first, name=names[0], dtype=dtypes[0])
        b = L.Input(second, name=names[1], dtype=dtypes[1])
        return keras.Model([a, b], build(a, b))

    return made


case("several inputs", "vector beside", side(lambda a, b: L.Dense(2)(L.Concatenate()([L.LSTM(4)(a), b]))))
case("several inputs", "vector through Dense", side(lambda a, b: L.Dense(2)(L.Add()([L.LSTM(4)(a), L.Dense(4, activation="relu")(b)]))))
case("several inputs", "two sequences", side(lambda a, b: L.Dense(2)(L.Concatenate()([L.LSTM(4)(a), L.GRU(4)(b)])), second=(None, 2)))
case("several inputs", "two sequences, step by step", side(lambda a, b: L.Dense(2)(L.LSTM(4, return_sequences=True)(L.Concatenate()([a, b]))), second=(None, 2)))
case("several inputs", "ids and numbers", side(lambda a, b: L.Dense(2)(L.LSTM(4)(L.Concatenate()([L.Embedding(11, 3)(a), b]))), first=(None,), second=(None, 2), dtypes=("int32", "float32"), names=("ids", "b")))
case("several inputs", "ids and a vector", side(lambda a, b: L.Dense(2)(L.Concatenate()([L.LSTM(4)(L.Embedding(11, 3)(a)), b])), first=(None,), dtypes=("int32", "float32"), names=("ids", "b")))
case("several inputs", "state from a vector", side(lambda a, b: L.Dense(2)(L.LSTM(4, return_sequences=True)(a, initial_state=[L.Dense(4)(b), L.Dense(4)(b)]))))

for cell in ["SimpleRNN", "LSTM", "GRU"]:
    layer = getattr(L, cell)
    for mode in ["concat", "sum", "mul", "ave"]:
        if cell == "LSTM" or mode in ("concat", "sum"):
            case("Bidirectional", f"{cell} {mode} steps", seq(lambda layer=layer, mode=mode: L.Bidirectional(layer(4, return_sequences=True), merge_mode=mode), d()))
            case("Bidirectional", f"{cell} {mode} last", seq(lambda layer=layer, mode=mode: L.Bidirectional(layer(4), merge_mode=mode), d()))
case("Bidirectional", "two layers", seq(lambda: L.Bidirectional(L.LSTM(4, return_sequences=True)), lambda: L.Bidirectional(L.GRU(3)), d()))
case("Bidirectional", "other backward layer", seq(lambda: L.Bidirectional(L.LSTM(4, return_sequences=True), backward_layer=L.LSTM(4, use_bias=False, return_sequences=True, go_backwards=True)), d()))
case("Bidirectional", "other class backward", seq(lambda: L.Bidirectional(L.LSTM(4, return_sequences=True), backward_layer=L.GRU(4, return_sequences=True, go_backwards=True), merge_mode="sum"), d()))
case("Bidirectional", "kept apart", graph(lambda x: L.Dense(2)(L.Subtract()(L.Bidirectional(L.LSTM(4), merge_mode=None)(x)))))
case("Bidirectional", "states", graph(lambda x: L.Dense(2)(L.Concatenate()(L.Bidirectional(L.LSTM(4, return_state=True))(x)[1:]))))


def encoder_decoder(kind):
    def made():
        a = L.Input((None, 3), name="a")
        b = L.Input((None, 2), name="b")
        layer = getattr(L, kind)
        _, *states = layer(4, return_state=True)(a)
        y = layer(4, return_sequences=True)(b, initial_state=states)
        return keras.Model([a, b], L.Dense(2, activation="softmax")(y))

    return made


case("states", "h of LSTM", graph(lambda x: L.Dense(2)(L.LSTM(4, return_state=True)(x)[1])))
case("states", "c of LSTM", graph(lambda x: L.Dense(2)(L.LSTM(4, return_state=True)(x)[2])))
case("states", "h of GRU with steps", graph(lambda x: L.Dense(2)(L.GRU(4, return_state=True, return_sequences=True)(x)[1])))
case("states", "handed on, LSTM", graph(lambda x: (lambda r: L.Dense(2)(L.LSTM(4)(r[0], initial_state=r[1:])))(L.LSTM(4, return_state=True, return_sequences=True)(x))))
case("states", "handed on, GRU", graph(lambda x: (lambda r: L.Dense(2)(L.GRU(4, return_sequences=True)(r[0], initial_state=r[1])))(L.GRU(4, return_state=True, return_sequences=True)(x))))
case("states", "handed on, SimpleRNN", graph(lambda x: (lambda r: L.Dense(2)(L.SimpleRNN(4, return_sequences=True)(x, initial_state=r[1])))(L.SimpleRNN(4, return_state=True)(x))))
case("states", "through Dense", graph(lambda x: (lambda r: L.Dense(2)(L.LSTM(3)(x, initial_state=[L.Dense(3)(r[1]), L.Dense(3, activation="tanh")(r[2])])))(L.LSTM(4, return_state=True)(x))))
case("states", "repeated", graph(lambda x: (lambda r: L.Dense(2)(L.LSTM(4, return_sequences=True)(L.RepeatVector(5)(r[0]), initial_state=r[1:])))(L.LSTM(4, return_state=True)(x)), shape=fix))
case("states", "of both directions", graph(lambda x: (lambda r: L.Dense(2)(L.LSTM(8, return_sequences=True)(x, initial_state=[L.Concatenate()([r[1], r[3]]), L.Concatenate()([r[2], r[4]])])))(L.Bidirectional(L.LSTM(4, return_state=True))(x))))
case("states", "into both directions", graph(lambda x: (lambda r: L.Dense(2)(L.Bidirectional(L.LSTM(4))(x, initial_state=r[1:])))(L.Bidirectional(L.LSTM(4, return_state=True))(x))))
case("states", "encoder and decoder, LSTM", encoder_decoder("LSTM"))
case("states", "encoder and decoder, GRU", encoder_decoder("GRU"))
case("states", "several outputs", graph(lambda x: list(L.LSTM(4, return_state=True, return_sequences=True)(x))), output="1")

for name, build in {
    "dot": lambda q, v: L.Attention()([q, v]),
    "scaled": lambda q, v: L.Attention(use_scale=True)([q, v]),
    "concat": lambda q, v: L.Attention(score_mode="concat")([q, v]),
    "additive": lambda q, v: L.AdditiveAttention()([q, v]),
    "additive, no scale": lambda q, v: L.AdditiveAttention(use_scale=False)([q, v]),
    "dropout": lambda q, v: L.Attention(dropout=0.3)([q, v]),
    "keys": lambda q, v: L.Attention()([q, L.Dense(3)(v), v]),
}.items():
    case("attention", name, graph(lambda x, build=build: L.Dense(2)(build(L.GRU(4, return_sequences=True)(x), L.LSTM(4, return_sequences=True)(x)))))
case("attention", "of itself", graph(lambda x: (lambda h: L.Dense(2)(L.GlobalAveragePooling1D()(L.Attention()([h, h]))))(L.LSTM(4, return_sequences=True)(x))))
case("attention", "beside its query", graph(lambda x: (lambda h: L.Dense(2)(L.Concatenate()([h, L.AdditiveAttention()([h, h])])))(L.LSTM(4, return_sequences=True)(x))))
case("attention", "causal", graph(lambda x: (lambda h: L.Dense(2)(L.Attention()([h, h], use_causal_mask=True)))(L.LSTM(4, return_sequences=True)(x))))


def decoder_attention():
    a = L.Input((None, 3), name="a")
    b = L.Input((None, 2), name="b")
    h, *states = L.LSTM(4, return_state=True, return_sequences=True)(a)
    y = L.LSTM(4, return_sequences=True)(b, initial_state=states)
    return keras.Model([a, b], L.Dense(2)(L.Concatenate()([y, L.Attention()([y, h])])))


case("attention", "decoder over encoder", decoder_attention)

padded = lambda value, perStep=False: [np.array([[[0.1, 0.2, 0.3], [0.4, -0.5, 0.6], [value] * 3, [value] * 3]], "f4"), np.array([[[0.1, 0.2, 0.3], [value] * 3, [0.4, -0.5, 0.6]]], "f4")] + ([] if perStep else [np.array([[[value] * 3, [0.4, -0.5, 0.6], [1, value, 0.6]]], "f4")])
padded_ids = lambda perStep=False: [np.array([[3, 4, 0, 0]]), np.array([[3, 0, 5, 9]])] + ([] if perStep else [np.array([[0, 0, 7, 1]])])
case("masks", "Masking LSTM last", seq(lambda: L.Masking(), lstm(), d()), inputs=padded(0.0))
case("masks", "Masking -1 steps", seq(lambda: L.Masking(-1.0), steps(), d()), inputs=padded(-1.0, True))
case("masks", "Masking stack", seq(lambda: L.Masking(), steps(), lambda: L.GRU(3), d()), inputs=padded(0.0))
case("masks", "Masking both", seq(lambda: L.Masking(), lambda: L.Bidirectional(L.LSTM(4)), d()), inputs=padded(0.0))
case("masks", "Masking both steps, last", seq(lambda: L.Masking(), lambda: L.Bidirectional(L.GRU(4, return_sequences=True)), lstm(3), d()), inputs=padded(0.0))
case("masks", "Masking mean", seq(lambda: L.Masking(), steps(), lambda: L.GlobalAveragePooling1D(), d()), inputs=padded(0.0))
case("masks", "Masking TimeDistributed", seq(lambda: L.Masking(), steps(), lambda: L.TimeDistributed(L.Dense(3)), lstm(), d()), inputs=padded(0.0))
case("masks", "Embedding LSTM", lambda: keras.Sequential([L.Input((None,), dtype="int32", name="ids"), L.Embedding(11, 4, mask_zero=True), L.LSTM(4), L.Dense(2)]), inputs=padded_ids())
case("masks", "Embedding both", lambda: keras.Sequential([L.Input((None,), dtype="int32", name="ids"), L.Embedding(11, 4, mask_zero=True), L.Dropout(0.1), L.Bidirectional(L.LSTM(4)), L.Dense(2)]), inputs=padded_ids())
case("masks", "Embedding steps", lambda: keras.Sequential([L.Input((None,), dtype="int32", name="ids"), L.Embedding(11, 4, mask_zero=True), L.GRU(4, return_sequences=True), L.Dense(2)]), inputs=padded_ids(True))
case("masks", "Embedding backwards", lambda: keras.Sequential([L.Input((None,), dtype="int32", name="ids"), L.Embedding(11, 4, mask_zero=True), L.GRU(4, go_backwards=True), L.Dense(2)]), inputs=padded_ids())

case("go_backwards", "last", seq(lstm(go_backwards=True), d()))
case("go_backwards", "GRU last", seq(lambda: L.GRU(4, go_backwards=True), d()))
case("go_backwards", "steps", seq(steps(go_backwards=True), d()))
case("go_backwards", "steps, LSTM last", seq(steps(go_backwards=True), lstm(), d()))
case("go_backwards", "twice", seq(steps(go_backwards=True), steps(go_backwards=True), d()))
case("go_backwards", "steps, both", seq(steps(go_backwards=True), lambda: L.Bidirectional(L.LSTM(3)), d()))
case("go_backwards", "steps, mean", seq(steps(go_backwards=True), lambda: L.GlobalAveragePooling1D(), d()))
case("go_backwards", "steps, LayerNormalization, relu", seq(steps(go_backwards=True), lambda: L.LayerNormalization(), d(5, "relu"), d()))
case("go_backwards", "both by hand", graph(lambda x: L.Dense(2)(L.Concatenate()([L.LSTM(4)(x), L.LSTM(4, go_backwards=True)(x)]))))

case("RNN", "LSTMCell", seq(lambda: L.RNN(L.LSTMCell(4)), d()))
case("RNN", "GRUCell steps", seq(lambda: L.RNN(L.GRUCell(4), return_sequences=True), d()))
case("RNN", "SimpleRNNCell", seq(lambda: L.RNN(L.SimpleRNNCell(4, activation="relu")), d()))
case("RNN", "GRUCell reset before", seq(lambda: L.RNN(L.GRUCell(4, reset_after=False, use_bias=False)), d()))
case("RNN", "a list", seq(lambda: L.RNN([L.LSTMCell(4), L.LSTMCell(3)]), d()))
case("RNN", "a mixed list steps", seq(lambda: L.RNN([L.LSTMCell(4), L.GRUCell(3), L.SimpleRNNCell(2)], return_sequences=True), d()))
case("RNN", "StackedRNNCells", seq(lambda: L.RNN(L.StackedRNNCells([L.GRUCell(4), L.GRUCell(4)]), return_sequences=True), d()))
case("RNN", "both", seq(lambda: L.Bidirectional(L.RNN(L.LSTMCell(4))), d()))
case("RNN", "both, a list", seq(lambda: L.Bidirectional(L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True)), d()))
case("RNN", "backwards", seq(lambda: L.RNN(L.GRUCell(4), go_backwards=True), d()))
case("RNN", "state", graph(lambda x: L.Dense(2)(L.RNN(L.LSTMCell(4), return_state=True)(x)[2])))


def shared():
    x = L.Input((None, 3))
    layer = L.Dense(3, activation="tanh")
    return keras.Model(x, L.Dense(2)(L.LSTM(4)(layer(layer(x)))))


def siamese():
    a, b = L.Input((None, 3), name="a"), L.Input((None, 3), name="b")
    branch = keras.Sequential([L.LSTM(4), L.Dense(3, activation="relu")])
    return keras.Model([a, b], L.Dense(1, activation="sigmoid")(L.Subtract()([branch(a), branch(b)])))


inner = lambda: keras.Sequential([L.Dense(4, activation="relu"), L.BatchNormalization(), L.Dense(3)])
case("models inside", "Sequential in Sequential", seq(inner, lstm(), d()))
case("models inside", "Sequential in a graph", graph(lambda x: L.Dense(2)(inner()(L.LSTM(4)(x)))))
case("models inside", "a graph in Sequential", seq(lambda: graph(lambda x: L.Add()([x, L.LSTM(3, return_sequences=True)(x)]))(), lstm(), d()))
case("models inside", "two deep", seq(lambda: keras.Sequential([L.Input((None, 3)), keras.Sequential([L.LSTM(4, return_sequences=True)]), L.Dense(3)]), lstm(), d()))
case("models inside", "shared layer", shared)
case("models inside", "shared model", siamese)
for form in ["h5", "weights"]:
    case("models inside", f"Sequential in Sequential, {form}", seq(inner, lstm(), d()), save=form)
    case("models inside", f"shared model, {form}", siamese, save=form)

for form in ["h5", "weights", "h5 weights"]:
    case("files", f"LSTM, {form}", seq(steps(), lstm(3), d(5, "relu"), d(2, "softmax")), save=form)
    case("files", f"Bidirectional GRU, {form}", seq(lambda: L.Bidirectional(L.GRU(4, return_sequences=True)), lambda: L.BatchNormalization(), d()), save=form)
    case("files", f"RNN of cells, {form}", seq(lambda: L.RNN([L.LSTMCell(4), L.GRUCell(3)]), d()), save=form)

case("pools", "max", seq(steps(), lambda: L.GlobalMaxPooling1D(), d()))
case("pools", "mean", seq(steps(), lambda: L.GlobalAveragePooling1D(), d(5, "relu"), d()))
case("pools", "of the input", seq(lambda: L.GlobalMaxPooling1D(), d()))
case("pools", "max of both", seq(lambda: L.Bidirectional(L.LSTM(4, return_sequences=True)), lambda: L.GlobalMaxPooling1D(), d()))
case("ids", "Embedding LSTM", ids(lstm(), d(3, "softmax")))
case("ids", "Embedding both, pooled", ids(lambda: L.SpatialDropout1D(0.2), lambda: L.Bidirectional(L.LSTM(4, return_sequences=True)), lambda: L.GlobalMaxPooling1D(), d(8, "relu"), lambda: L.Dropout(0.5), d(1, "sigmoid")))
case("ids", "Embedding tags", ids(lambda: L.Bidirectional(L.GRU(4, return_sequences=True)), lambda: L.TimeDistributed(L.Dense(5, activation="softmax"))))
case("ids", "Embedding Conv1D LSTM", ids(lambda: L.Conv1D(4, 3, padding="same", activation="relu"), lstm(), d()))
case("stateful", "LSTM", lambda: keras.Sequential([L.Input(batch_shape=(1, None, 3)), L.LSTM(4, stateful=True), L.Dense(2)]))
case("stateful", "GRU steps", lambda: keras.Sequential([L.Input(batch_shape=(1, None, 3)), L.GRU(4, stateful=True, return_sequences=True), L.Dense(2)]))


def weigh(model):
    """Weights by a formula, so that no file of them is needed: number k of weight i is 0.6 cos(1.7 i + 0.9 k)."""
    for i, weight in enumerate(model.weights):
        value = 0.6 * np.cos(1.7 * i + 0.9 * np.arange(int(np.prod(weight.shape))))
        if "variance" in getattr(weight, "path", weight.name):
            value = np.abs(value) + 0.3
        weight.assign(value.reshape(tuple(weight.shape)).astype("f4"))


silent = ("_initializer", "_regularizer", "_constraint")
unneeded = {"module", "registered_name", "build_config", "compile_config", "shared_object_id", "trainable", "seed"}


def shortened(value):
    """A description without what says nothing of what is computed."""
    if isinstance(value, list):
        return [shortened(each) for each in value]
    if not isinstance(value, dict):
        return round(value, 7) if isinstance(value, float) else value
    if value.get("class_name") == "__keras_tensor__":
        return {"class_name": "__keras_tensor__", "config": {"keras_history": value["config"]["keras_history"]}}
    kept = {key: each for key, each in value.items() if key not in unneeded and not key.endswith(silent)}
    return {key: shortened(each) for key, each in kept.items() if not (key == "dtype" and isinstance(each, dict))}


def inputs_of(model):
    given = []
    for length in (5, 1, 8):
        example = {}
        for tensor in model.inputs:
            shape = [length if n is None else n for n in tensor.shape[1:]]
            if "int" in str(tensor.dtype):
                example[tensor.name] = random.integers(1, 11, (1, *shape))
            else:
                example[tensor.name] = random.normal(0, 1, (1, *shape)).astype("f4")
        given.append(example)
    return given if any(None in t.shape[1:] for t in model.inputs) else given[:1]


def rounded(value):
    """Seven digits, which is what float32 has."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else float(f"{value:.7g}") if isinstance(value, float) else value


index, golden = [], []
for number, (kind, name, build, save, inputs, output) in enumerate(cases):
    keras.backend.clear_session()
    try:
        model = build()
    except (AttributeError, TypeError, ValueError):
        if is3:
            raise
        continue
    weigh(model)
    file = f"{number:03d}.{'keras' if save == 'keras' else 'weights.h5' if save == 'weights' else 'h5'}"
    description = None
    if save in ("keras", "h5"):
        model.save(out / file)
    elif save == "weights":
        model.save_weights(out / file)
        description = f"{number:03d}.json"
        (out / description).write_text(model.to_json())
    elif not is3:
        model.save_weights(out / file)
        description = f"{number:03d}.json"
        (out / description).write_text(model.to_json())
    else:
        # Keras 3 writes the older form of weights alone no more, but reads it: as tf.keras wrote it.
        import h5py
        from keras.src.legacy.saving import legacy_h5_format

        with h5py.File(out / file, "w") as target:
            legacy_h5_format.save_weights_to_hdf5_group(target, model)
        description = f"{number:03d}.json"
        (out / description).write_text(model.to_json())
    examples = []
    given = [{model.inputs[0].name: value} for value in inputs] if inputs else inputs_of(model)
    for example in given:
        for layer in model.layers:
            if getattr(layer, "stateful", False):
                getattr(layer, "reset_state" if is3 else "reset_states")()
        values = [np.asarray(example[t.name]) for t in model.inputs]
        try:
            result = model(values if len(values) > 1 else values[0], training=False)
        except Exception:
            # Too short for it, as one step is for a convolution without padding.
            assert examples, name
            continue
        if isinstance(result, (list, tuple)):
            result = result[int(output or 1) - 1]
        examples.append({"input": {t.name: example[t.name][0].tolist() for t in model.inputs}, "output": np.asarray(result)[0].tolist()})
    if save == "keras":
        names = [[weight.path, list(weight.shape)] for weight in model.weights] if is3 else []
        golden.append({"kind": kind, "name": name, "model": shortened(json.loads(model.to_json())), "weights": names, "examples": rounded(examples), **({"output": output} if output else {})})
    index.append({"kind": kind, "name": name, "file": file, "examples": examples, **({"description": description} if description else {}), **({"output": output} if output else {})})
(out / "index.json").write_text(json.dumps({"keras": keras.__version__, "cases": index}))
if len(sys.argv) > 2:
    # For npm test, which has no Keras: one line for each model.
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in golden)
    pathlib.Path(sys.argv[2]).write_text(f"[\n{lines}\n]\n")
print(len(index), "files")
