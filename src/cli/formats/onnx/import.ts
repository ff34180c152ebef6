/**
 * `unrolled import --from onnx`: graphs of recurrent networks as the exporters of PyTorch, Keras and tf2onnx write them.
 */
import { filesBelow, limitsHere, readFileBytes, readPart } from "../../../data/node.js";
import { readSafetensors, toFloat32 } from "../../../io/index.js";
import type { OnnxImportOptions } from "../../../io/onnx/index.js";
import { option } from "../../terminal/options.js";
import { headingOfUnknown, headOption } from "../head-option.js";
import type { ImportRow } from "../import-row.js";

/** The importer's row. */
export const onnxImporter: ImportRow = {
  describes: "a graph of an embedding, LSTM, GRU and RNN layers, pooling and dense layers",
  recognises: (file) => /\.onnx$/i.test(file),
  options: [
    headOption,
    option(
      headingOfUnknown,
      "--tensors <path>",
      "numbers of the graph's inputs that are weights: .safetensors, one tensor (.pb), or a folder of such files (default: none are)",
    ),
  ],
  async read({ file, bytes, chosen }) {
    const { loadOnnx } = await import("../../../io/onnx/index.js");
    const { head, tensors } = chosen as Pick<OnnxImportOptions, "head"> & { readonly tensors?: string };
    const beside = (name: string): Promise<Uint8Array> => readPart(file, name);
    return loadOnnx(bytes, beside, {
      ...(head ? { head } : {}),
      ...(tensors === undefined ? {} : { weights: await weightsIn(tensors) }),
      name: file,
      limits: limitsHere(),
    });
  },
};

type Weights = NonNullable<OnnxImportOptions["weights"]>;

/** The tensors of a file or a folder by name. */
async function weightsIn(path: string): Promise<Weights> {
  const { readOnnxTensor } = await import("../../../io/onnx/index.js");
  const weights: Record<string, Weights[string]> = {};
  for (const file of await filesBelow(path)) {
    const bytes = await readFileBytes(file);
    if (/\.safetensors$/i.test(file))
      for (const tensor of readSafetensors(bytes, file).tensors.values())
        weights[tensor.name] = { shape: tensor.shape, data: toFloat32(tensor) };
    else {
      const { name, ...tensor } = readOnnxTensor(bytes, { name: file, limits: limitsHere() });
      weights[name] = tensor;
    }
  }
  return weights;
}
