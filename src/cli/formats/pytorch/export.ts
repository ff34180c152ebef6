/**
 * `unrolled export --to pytorch`: a state dict as safetensors, and the lines of PyTorch that load it.
 */
import { basename } from "node:path";
import { writeSafetensors } from "../../../io/index.js";
import type { ExportRow } from "../export-row.js";

/** The exporter's row. */
export const pytorchExporter: ExportRow = {
  describes: "a state dict with PyTorch's names, as safetensors",
  options: [],
  async write({ model, out }) {
    const { exportPyTorch } = await import("../../../io/pytorch/index.js");
    const { tensors, mapped, notes, code } = exportPyTorch(model.network, model.parameters);
    const kept = Object.keys(model.data).filter((key) => key !== "imported");
    const left =
      kept.length > 0
        ? [`What the model keeps besides its network (${kept.join(", ")}) is not in the file.`]
        : [];
    // As Hugging Face's library marks tensors of PyTorch.
    return {
      files: [{ path: out, bytes: writeSafetensors(tensors, { format: "pt" }) }],
      mapped,
      notes: [...notes, ...left],
      loading: code(basename(out)),
    };
  },
};
