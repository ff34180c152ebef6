/** Which modules a state dict has and in which order, told by names and shapes; and what is refused by its name. */
import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../nn/index.js";
import { FileFormatError, type TensorData, tensorFrom } from "../../index.js";
import { importPyTorch, type PyTorchOptions } from "../index.js";

const zeros = (name: string, ...shape: number[]): TensorData =>
  tensorFrom(name, shape, new Float32Array(shape.reduce((n, size) => n * size, 1)));
const dict = (...tensors: readonly TensorData[]): Map<string, TensorData> =>
  new Map(tensors.map((each) => [each.name, each]));

/** A recurrent module's tensors. */
function rnn(
  path: string,
  gates: number,
  X: number,
  H: number,
  { layers = 1, both = false } = {},
): TensorData[] {
  const suffixes = Array.from({ length: layers }, (_, l) => [`_l${l}`, ...(both ? [`_l${l}_reverse`] : [])]);
  return suffixes.flatMap((all, l) =>
    all.flatMap((suffix) => [
      zeros(`${path}.weight_ih${suffix}`, gates * H, l === 0 ? X : H * (both ? 2 : 1)),
      zeros(`${path}.weight_hh${suffix}`, gates * H, H),
      zeros(`${path}.bias_ih${suffix}`, gates * H),
      zeros(`${path}.bias_hh${suffix}`, gates * H),
    ]),
  );
}
const linear = (path: string, from: number, to: number): TensorData[] => [
  zeros(`${path}.weight`, to, from),
  zeros(`${path}.bias`, to),
];
const table = (path: string, count: number, width: number): TensorData =>
  zeros(`${path}.weight`, count, width);

/** Names and widths of the layers: "embedding1 9→4". */
function layersOf(tensors: readonly TensorData[], options?: PyTorchOptions): string[] {
  const { network } = importPyTorch(dict(...tensors), options);
  return network.layers.map(({ name, layer, input, output }) => {
    const cell =
      layer.kind === "recurrent" ? ` ${layer.cell.name}${layer.direction === "both" ? " both" : ""}` : "";
    return `${name}${cell} ${input.width}→${output.width}`;
  });
}

describe("modules become layers", () => {
  it.each<[string, TensorData[], PyTorchOptions, string[]]>([
    [
      "embedding, LSTM in both directions and two layers, linear",
      [table("emb", 9, 4), ...rnn("lstm", 4, 4, 3, { layers: 2, both: true }), ...linear("fc", 6, 2)],
      {},
      ["embedding1 9→4", "recurrent1 lstm both 4→6", "recurrent2 lstm both 6→6", "linear1 6→2"],
    ],
    ["a GRU", rnn("gru", 3, 5, 3), {}, ["recurrent1 gruResetAfter 5→3"]],
    ["an RNN with tanh", rnn("rnn", 1, 5, 3), {}, ["recurrent1 rnn 5→3"]],
    ["an RNN with ReLU", rnn("rnn", 1, 5, 3), { activation: "relu" }, ["recurrent1 rnnRelu 5→3"]],
    [
      "pooling after the last recurrent layer",
      [...rnn("a", 4, 5, 3), ...rnn("b", 4, 3, 2), ...linear("fc", 2, 1)],
      { pooling: "max" },
      ["recurrent1 lstm 5→3", "recurrent2 lstm 3→2", "pool1 2→2", "linear1 2→1"],
    ],
    [
      "names sorted, as the safetensors library writes them",
      [table("embedding", 9, 4), ...linear("fc", 3, 2), ...rnn("rnn", 3, 4, 3)],
      {},
      ["embedding1 9→4", "recurrent1 gruResetAfter 4→3", "linear1 3→2"],
    ],
    [
      "a table of the decoder's before that of the words, told apart by the name",
      [table("decoder", 9, 4), table("embedding", 9, 4), ...rnn("rnn", 3, 4, 4)],
      {},
      ["embedding1 9→4", "recurrent1 gruResetAfter 4→4", "linear1 4→9"],
    ],
    [
      "numbers in sorted names, of which the tenth stands before the second",
      ["0", "1", "10", "2", "3", "4", "5", "6", "7", "8", "9"].flatMap((n) =>
        rnn(`m.${n}`, 1, n === "0" ? 5 : 2 + Number(n), 3 + Number(n)),
      ),
      {},
      Array.from({ length: 11 }, (_, n) => `recurrent${n + 1} rnn ${n === 0 ? 5 : n + 2}→${n + 3}`),
    ],
    [
      "sorted names, whose widths tell the order",
      [...rnn("decoder", 3, 4, 2), ...rnn("encoder", 3, 5, 4)],
      {},
      ["recurrent1 gruResetAfter 5→4", "recurrent2 gruResetAfter 4→2"],
    ],
    [
      "modules whose widths fit in one order, which is neither that of the file nor that of names",
      [...linear("fc", 6, 4), ...rnn("b", 4, 6, 6), ...rnn("a", 4, 5, 6), table("words", 9, 5)],
      {},
      ["embedding1 9→5", "recurrent1 lstm 5→6", "recurrent2 lstm 6→6", "linear1 6→4"],
    ],
    [
      "a cell, as a loop calls it",
      ["weight_ih", "weight_hh"].map((name) => zeros(`cell.${name}`, 12, name.endsWith("ih") ? 4 : 3)),
      {},
      ["recurrent1 lstm 4→3"],
    ],
    [
      "several linear layers, activations between them and a pooling, as the option modules says",
      [...rnn("lstm", 4, 5, 3), ...linear("head.0", 3, 6), ...linear("head.3", 6, 2)],
      { modules: ["lstm", "last", "tanh", "head.0", "relu", "head.3"] },
      [
        "recurrent1 lstm 5→3",
        "pool1 3→3",
        "activation1 3→3",
        "linear1 3→6",
        "activation2 6→6",
        "linear2 6→2",
      ],
    ],
    [
      "names that are no usual ones",
      [table("__proto__", 9, 4), ...rnn("constructor", 4, 4, 3), ...linear("to String.ü", 3, 2)],
      {},
      ["embedding1 9→4", "recurrent1 lstm 4→3", "linear1 3→2"],
    ],
    [
      "a linear layer before the recurrent one",
      [...linear("in", 7, 4), ...rnn("rnn", 3, 4, 3), ...linear("out", 3, 2)],
      {},
      ["linear1 7→4", "recurrent1 gruResetAfter 4→3", "linear2 3→2"],
    ],
    [
      "normalisations: batch statistics folded, and those of features",
      [
        ...rnn("rnn", 3, 4, 3),
        ...["weight", "bias", "running_mean", "running_var"].map((name) => zeros(`bn.${name}`, 3)),
        zeros("bn.num_batches_tracked"),
        ...linear("fc", 3, 2),
        zeros("ln.weight", 2),
        zeros("ln.bias", 2),
      ],
      {},
      ["recurrent1 gruResetAfter 4→3", "scale1 3→3", "linear1 3→2", "normalise1 2→2"],
    ],
    [
      "attention whose score is a linear layer's",
      [...rnn("rnn", 3, 4, 3), ...linear("attn", 3, 1), ...linear("fc", 3, 2)],
      { modules: ["rnn", "attend:attn", "fc"] },
      [
        "recurrent1 gruResetAfter 4→3",
        "linear1 3→1",
        "join1 2→4",
        "recurrent2 attentionMean 4→3",
        "pool1 3→3",
        "linear2 3→2",
      ],
    ],
    [
      "values that are put together",
      [...linear("in", 7, 3), ...rnn("rnn", 3, 3, 3), ...linear("fc", 6, 2)],
      { modules: ["in", "rnn", "add:in", "concatenate:input[:3]", "fc"] },
      ["linear1 7→3", "recurrent1 gruResetAfter 3→3", "join1 2→3", "linear2 7→3", "join2 2→6", "linear3 6→2"],
    ],
    [
      "the modules that are named, and those alone",
      [
        ...linear("aux", 4, 4),
        ...rnn("m.rnn", 3, 4, 4),
        table("m.emb", 9, 4),
        zeros("m.conv.weight", 1, 2, 3),
      ],
      { modules: ["m.emb", "m.rnn"] },
      ["embedding1 9→4", "recurrent1 gruResetAfter 4→4"],
    ],
  ])("%s", (_, tensors, options, layers) => {
    expect(layersOf(tensors, options)).toEqual(layers);
  });
  it("a prefix of all names does not matter", () => {
    const plain = layersOf([table("emb", 9, 4), ...rnn("rnn", 3, 4, 3)]);
    expect(layersOf([table("module.emb", 9, 4), ...rnn("module.rnn", 3, 4, 3)])).toEqual(plain);
  });
  it("what was taken for what is said", () => {
    const tensors = [table("emb", 9, 4), ...rnn("rnn", 1, 4, 4), table("out", 9, 4)];
    const shared = { ...tensors.at(-1)!, data: tensors[0]!.data };
    const { assumed } = importPyTorch(dict(...tensors.slice(0, -1), shared));
    expect(assumed).toEqual([
      "The order of the modules: emb, rnn, out.",
      "emb.weight has no bias and comes first: taken for an embedding.",
      "nn.RNN's nonlinearity is not in the file: tanh (option activation).",
      "Which steps go on after the last recurrent layer is not in the file: every one (option pooling).",
      "What follows the last layer is not in the file: nothing (option head).",
      "What a program does between its modules (functions, sums) is not in the file: nothing (option modules).",
      "emb and out have one weight in the file, and one each in the model.",
    ]);
  });
});

describe("refused is", () => {
  const gru = rnn("rnn", 3, 4, 3);
  const without = (name: string): TensorData[] => gru.filter((each) => each.name !== `rnn.${name}`);
  const instead = (name: string, ...shape: number[]): TensorData[] =>
    gru.map((each) => (each.name === `rnn.${name}` ? zeros(each.name, ...shape) : each));
  it.each<[string, TensorData[], PyTorchOptions, string]>([
    ["nothing", [], {}, "state dict, state dict: holds no tensors"],
    [
      "a projection",
      [...gru, zeros("rnn.weight_hr_l0", 2, 3)],
      {},
      "tensor rnn.weight_hr_l0: is a projection (proj_size)",
    ],
    ["a missing tensor", without("weight_ih_l0"), {}, "tensor rnn.weight_ih_l0: is missing"],
    ["one of two biases", without("bias_hh_l0"), {}, "tensor rnn.bias_hh_l0: is missing"],
    [
      "a layer that is left out",
      [...gru, ...rnn("rnn", 3, 3, 3, { layers: 3 }).slice(8)],
      {},
      "tensor rnn.weight_ih_l1: is missing",
    ],
    [
      "a direction of one layer alone",
      [...gru, zeros("rnn.weight_hh_l0_reverse", 9, 3)],
      {},
      "tensor rnn.weight_ih_l0_reverse: is missing",
    ],
    ["two gates", instead("weight_hh_l0", 6, 3), {}, "has the shape (6, 3). It has 4, 3 or 1 times"],
    [
      "a bias of another size",
      instead("bias_ih_l0", 8),
      {},
      "tensor rnn.bias_ih_l0: has the shape (8). Beside the others of its module it should be (9).",
    ],
    [
      "a state of another kind",
      [...gru, zeros("rnn.weight", 3, 3)],
      {},
      "tensor rnn.weight: stands among those of a recurrent module",
    ],
    [
      "a gain without a shift",
      [...gru, zeros("norm.weight", 3)],
      {},
      "tensor norm.weight: of shape (3) belongs to no module that can be imported",
    ],
    [
      "weight normalisation, with the way out",
      [...gru, zeros("fc.weight_g", 2, 1), zeros("fc.weight_v", 2, 3)],
      {},
      "belongs to weight normalisation, which keeps a weight's length and direction apart. Call torch.nn.utils",
    ],
    [
      "attention of several heads",
      [...gru, zeros("att.in_proj_weight", 9, 3)],
      {},
      "tensor att.in_proj_weight: of shape (9, 3) belongs to nn.MultiheadAttention",
    ],
    [
      "a convolution",
      [zeros("conv.weight", 4, 4, 3), ...gru],
      {},
      "tensor conv.weight: of shape (4, 4, 3) belongs to a convolution (nn.Conv1d)",
    ],
    ["half an nn.LSTMCell", [zeros("cell.weight_ih", 12, 4)], {}, "tensor cell.weight_hh: is missing"],
    ["a bias alone", [zeros("fc.bias", 4)], {}, "fc: has a bias and no weight"],
    ["integers", [{ ...zeros("fc.weight", 2, 2), dtype: "I32" }], {}, "tensor fc.weight: holds I32"],
    ["no recurrent module", linear("fc", 3, 2), {}, "none of them is recurrent"],
    [
      "widths that do not meet",
      [...gru, ...linear("fc", 4, 2)],
      {},
      "modules: fc takes 4 features, and rnn gives 3",
    ],
    [
      "two linear layers in a row",
      [...gru, ...linear("a", 3, 4), ...linear("b", 4, 2)],
      {},
      "b follows a, both nn.Linear: what stands between them the file does not tell. modules says it: rnn,a,relu,b, or rnn,a,b where nothing does.",
    ],
    [
      "two orders of recurrent modules that fit, whatever that of the file is",
      [...rnn("encoder", 3, 4, 4), ...rnn("decoder", 4, 4, 4)],
      {},
      "can follow each other as encoder, decoder; or decoder, encoder. modules says in which order, as in encoder,decoder.",
    ],
    [
      "many recurrent modules of which one does not fit, at once",
      [..."abcdefghijklmno"].flatMap((name) => rnn(name, 1, name === "o" ? 5 : 4, name === "o" ? 3 : 4)),
      {},
      "modules: o takes 5 features, and n gives 4",
    ],
    [
      "a layer of an absurd number",
      [...gru, zeros("rnn.weight_ih_l99999999999", 9, 4)],
      {},
      "tensor rnn.weight_ih_l1: is missing",
    ],
    [
      "a tensor of nothing",
      [zeros("emb.weight", 0, 4), ...gru],
      {},
      "tensor emb.weight: of shape (0, 4) holds no numbers",
    ],
    [
      "two orders that fit",
      [...rnn("a", 3, 4, 4), ...linear("b", 4, 4), ...rnn("c", 3, 4, 4)],
      {},
      "can follow each other as a, b, c; or a, c, b; or c, a, b; or c, b, a. modules says in which order, as in a,b,c.",
    ],
    [
      "a place for a normalisation that is not certain",
      [table("emb", 9, 3), ...rnn("rnn", 3, 3, 3), zeros("ln.weight", 3), zeros("ln.bias", 3)],
      {},
      "can follow each other as emb, rnn, ln; or emb, ln, rnn. modules says",
    ],
    [
      "values of different widths added",
      [...gru, ...linear("fc", 3, 2)],
      { modules: ["rnn", "fc", "add:rnn"] },
      "part add:rnn: puts 3 and 2 features together. They are of one width, or side by side: concatenate",
    ],
    [
      "scores of two numbers",
      [...gru, ...linear("attn", 3, 2)],
      { modules: ["rnn", "attend:attn"] },
      "part attend:attn: gives 2 numbers for each step. A score is one number",
    ],
    [
      "an order that does not fit",
      [...gru, ...linear("fc", 3, 2)],
      { modules: ["fc", "rnn"] },
      "rnn takes 4 features, and fc gives 2. Name them in the order",
    ],
    [
      "a module that is not there",
      gru,
      { modules: ["rnn", "fc"] },
      "module fc: is not in the file. There are rnn; and without parameters relu, tanh,",
    ],
    [
      "a value that does not come before",
      gru,
      { modules: ["rnn", "add:fc"] },
      "part add:fc: takes fc, which does not come before it. Before it come input, rnn.",
    ],
  ])("%s", (_, tensors, options, says) => {
    expect(() => importPyTorch(dict(...tensors), options)).toThrow(FileFormatError);
    expect(() => importPyTorch(dict(...tensors), options)).toThrow(says);
  });
  it("an option that is none, or that nothing asks for", () => {
    const wrong = { head: "relu" } as unknown as PyTorchOptions;
    expect(() => importPyTorch(dict(...gru), wrong)).toThrow(NetworkError);
    expect(() => importPyTorch(dict(...gru), wrong)).toThrow(
      'the option head is "relu"; it can be linear, softmax, sigmoid',
    );
    expect(() => importPyTorch(dict(...gru), { activation: "relu" })).toThrow(
      "is for nn.RNN, and the state dict has none",
    );
  });
});
