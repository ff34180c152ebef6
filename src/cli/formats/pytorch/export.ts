/**
 * `unrolled export --to pytorch`: a state dict as safetensors, and the lines of PyTorch that load it.
 */
import { basename, dirname, extname, join } from "node:path";
import { type ModelFile, writeSafetensors } from "../../../io/index.js";
import type { PyTorchExportOptions } from "../../../io/pytorch/index.js";
import type { ExportRow } from "../export-row.js";

/** The exporter's row. */
export const pytorchExporter: ExportRow = {
  describes:
    "a state dict with PyTorch's names, as safetensors; beside it NAME.py, where a class of its own is needed",
  options: [],
  async write({ model, out }) {
    const { exportPyTorch } = await import("../../../io/pytorch/index.js");
    const scaler = scalerOf(model);
    const made = exportPyTorch(model.network, model.parameters, scaler ? { scaler } : {});
    const { tensors, mapped, notes, code, hasClasses } = made;
    const left = Object.keys(model.data).filter((key) => !["imported", "kind", "scaler"].includes(key));
    // As Hugging Face's library marks tensors of PyTorch.
    const weights = { path: out, bytes: writeSafetensors(tensors, { format: "pt" }) };
    const all = [
      ...notes,
      ...(left.length > 0
        ? [`What the model keeps besides its network (${left.join(", ")}) is not in the file.`]
        : []),
    ];
    if (!hasClasses) return { files: [weights], mapped, notes: all, loading: code(basename(out)) };
    // A name that Python can import.
    const name = basename(out, extname(out))
      .replaceAll(/\W/g, "_")
      .replace(/^(?=\d)/, "_");
    const text = [
      `"""Loads ${basename(out)}, which lies beside it: from ${name} import model."""`,
      ...code(basename(out), true),
      "",
    ];
    return {
      files: [
        weights,
        { path: join(dirname(out), `${name}.py`), bytes: new TextEncoder().encode(text.join("\n")) },
      ],
      mapped,
      notes: [...all, `${name}.py holds the module, with the classes of its cells.`],
      loading: [`from ${name} import model`],
    };
  },
};

/** What a classifier of vectors or series scales by. */
function scalerOf({ data, network: { input } }: ModelFile): PyTorchExportOptions["scaler"] {
  const { mean, deviation } = Object(data["scaler"]) as {
    readonly mean?: unknown;
    readonly deviation?: unknown;
  };
  const isList = (value: unknown): value is readonly number[] =>
    Array.isArray(value) &&
    "width" in input &&
    value.length === input.width &&
    value.every((each) => typeof each === "number");
  return isList(mean) && isList(deviation) ? { mean, deviation } : undefined;
}
