/**
 * What `unrolled import` needs to know of a format: the type of its row. The table of rows is importers.ts.
 */
import type { Option } from "commander";
import type { Imported } from "../../io/index.js";

/** A file to import. */
export interface ImportRequest {
  /** Its path, by which files next to it are found. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The values of the row's own options, by commander's names for them. */
  readonly chosen: Readonly<Record<string, unknown>>;
}

/** The row of a format. */
export interface ImportRow {
  /** For the help: "state dicts of PyTorch (.pt, .pth, .safetensors)". */
  readonly describes: string;
  /** Whether a file looks like this format; `bytes` is the whole file. If several rows say so, the first is taken. */
  readonly recognises: (file: string, bytes: Uint8Array) => boolean;
  /** Options of this format. Rows may share an option: the same flags, described once. */
  readonly options: readonly Option[];
  /** @throws FileFormatError, NetworkError or DataError saying what cannot be imported and what would be right */
  readonly read: (request: ImportRequest) => Promise<Imported>;
}
