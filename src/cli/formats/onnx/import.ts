/**
 * `unrolled import --from onnx`: graphs of recurrent networks as the exporters of PyTorch, Keras and tf2onnx write them.
 */
import { limitsHere, readPart } from "../../../data/node.js";
import type { OnnxImportOptions } from "../../../io/onnx/index.js";
import { headOption } from "../head-option.js";
import type { ImportRow } from "../import-row.js";

/** The importer's row. */
export const onnxImporter: ImportRow = {
  describes: "a graph of an embedding, LSTM, GRU and RNN layers, pooling and a dense head",
  recognises: (file) => /\.onnx$/i.test(file),
  options: [headOption],
  async read({ file, bytes, chosen }) {
    const { loadOnnx } = await import("../../../io/onnx/index.js");
    const options = chosen as Pick<OnnxImportOptions, "head">;
    const beside = (name: string): Promise<Uint8Array> => readPart(file, name);
    return loadOnnx(bytes, beside, { ...options, name: file, limits: limitsHere() });
  },
};
