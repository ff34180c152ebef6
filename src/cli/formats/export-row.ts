/**
 * What `unrolled export` needs to know of a format: the type of its row. The table of rows is exporters.ts.
 */
import type { Option } from "commander";
import type { Mapping, ModelFile } from "../../io/index.js";

/** A model to export. */
export interface ExportRequest {
  readonly model: ModelFile;
  /** The model's file, for errors. */
  readonly file: string;
  /** The file that will be written, for the lines that say how to load it. */
  readonly out: string;
  /** The values of the row's own options, by commander's names for them. */
  readonly chosen: Readonly<Record<string, unknown>>;
}

/** A model in another format. */
export interface Exported {
  /** The files to write: the one that was asked for, or several named after it. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** Where each parameter went; `from` is ours. */
  readonly mapped: readonly Mapping[];
  /** Sentences on what the format cannot hold. */
  readonly notes: readonly string[];
  /** The few lines of code that load the file, where there are some. */
  readonly loading: readonly string[];
}

/** The row of a format. */
export interface ExportRow {
  /** For the help: "a state dict with PyTorch's names, as safetensors". */
  readonly describes: string;
  /** Options of this format. Rows may share an option: the same flags, described once. */
  readonly options: readonly Option[];
  /** @throws NetworkError naming the layer that the format cannot hold */
  readonly write: (request: ExportRequest) => Promise<Exported>;
}
