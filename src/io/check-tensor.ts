/**
 * Tensors as callers without types may give them to a writer: what is no tensor is refused in a sentence before a byte is
 * made. Readers do not need it, and pages that only read do not load it.
 */
import { checkArguments } from "../options/check.js";
import type { ValueKind } from "../options/value.js";
import { dtypes, type TensorData } from "./dtypes.js";

const sizes: ValueKind = { kind: "list", of: { kind: "whole", least: 0 }, least: 0 };

/** The kind of a tensor, for arguments. */
export const tensorKind: ValueKind = { kind: "object", what: "a tensor, { name, dtype, shape, data }" };

/** @throws OptionError if something is no tensor */
export function checkTensor(what: string, tensor: TensorData): void {
  checkArguments(what, { tensor }, { tensor: tensorKind });
  const { name, dtype, shape, data } = tensor;
  checkArguments(
    what,
    { name, dtype, shape, data },
    {
      name: { kind: "text" },
      dtype: { kind: "name", names: Object.keys(dtypes) },
      shape: sizes,
      data: { kind: "bytes" },
    },
  );
}
