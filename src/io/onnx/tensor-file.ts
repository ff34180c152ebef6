/**
 * A file of one tensor, as ONNX's own test data and other tools keep weights that a graph takes as inputs.
 */
import type { Tensor } from "../../nn/index.js";
import { checkArguments } from "../../options/check.js";
import { FileFormatError } from "../errors.js";
import { fileBudget, type ReadLimits } from "../limits.js";
import { decodeTensor, type OnnxTensor } from "./messages.js";
import { ProtobufError } from "./protobuf.js";
import { readNumbers } from "./tensors.js";

/**
 * Reads a file of one tensor (a TensorProto, `.pb`), for the option `weights` of an import.
 *
 * @example
 * const { name, ...tensor } = readOnnxTensor(readFileSync("test_data_set_0/input_1.pb"));
 * importOnnx(bytes, { weights: { [name]: tensor } });
 * @throws FileFormatError if the bytes are no tensor, or one of a type that is not read
 */
export function readOnnxTensor(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly limits?: ReadLimits } = {},
): Tensor & { readonly name: string } {
  checkArguments("readOnnxTensor", { bytes }, { bytes: { kind: "bytes" } });
  const { name: file = "tensor.pb", limits } = options;
  const budget = fileBudget(file, limits, bytes.length);
  const fail = (problem: string): FileFormatError =>
    new FileFormatError({
      file,
      where: "tensor",
      problem,
      remedy: "Such a file holds one TensorProto of ONNX.",
    });
  let tensor: OnnxTensor;
  try {
    tensor = decodeTensor(bytes, (taken) => budget.take(taken, "bytes", "holds more and more messages"));
  } catch (error) {
    if (error instanceof ProtobufError) throw fail(error.message);
    throw error;
  }
  const read = readNumbers(tensor, (taken) => budget.take(taken, "tensor", "makes more and more numbers"));
  if ("problem" in read) throw fail(read.problem);
  if (!tensor.name) throw fail("has no name, by which it would be an input of the graph");
  return { name: tensor.name, shape: read.dims, data: Float32Array.from(read.data) };
}
