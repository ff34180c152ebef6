/**
 * Writes ONNX models: the few messages of onnx.proto that a graph of one recurrent node needs, as protobuf bytes. Not
 * a general writer. Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 */

const text = (value) => new TextEncoder().encode(value);

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** A field: whole numbers as varints, bytes with their length. */
const field = (number, value) =>
  typeof value === "number"
    ? [...varint(number * 8), ...varint(value)]
    : [Uint8Array.from([...varint(number * 8 + 2), ...varint(value.length)]), value];

/** A message of fields, as bytes. */
function message(...fields) {
  const parts = fields.flat().map((part) => (typeof part === "number" ? Uint8Array.of(part) : part));
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const FLOAT = 1;
/** ONNX's numbers of element types. */
export const elementTypes = { float32: FLOAT, int32: 6 };

const valueInfo = ({ name, shape, type = "float32" }) => {
  const dims = message(...shape.map((size) => field(1, message(field(1, size)))));
  const tensor = message(field(1, elementTypes[type]), field(2, dims));
  return message(field(1, text(name)), field(2, message(field(1, tensor))));
};

const tensor = ({ name, shape, data }) =>
  message(
    ...shape.map((size) => field(1, size)),
    field(2, FLOAT),
    field(8, text(name)),
    field(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

/** An attribute that is a whole number; INT is type 2. */
const attribute = ([name, value]) => message(field(1, text(name)), field(3, value), field(20, 2));

/**
 * A model of one node. `inputs` and `outputs` are { name, shape, type? }, `weights` are { name, shape, data };
 * `nodeInputs` and `nodeOutputs` are names in the operator's order, "" for those left out.
 */
export function onnxModel({ op, attributes, inputs, outputs, weights, nodeInputs, nodeOutputs }) {
  const node = message(
    ...nodeInputs.map((name) => field(1, text(name))),
    ...nodeOutputs.map((name) => field(2, text(name))),
    field(4, text(op)),
    ...Object.entries(attributes).map((entry) => field(5, attribute(entry))),
  );
  const graph = message(
    field(1, node),
    field(2, text("bench")),
    ...weights.map((weight) => field(5, tensor(weight))),
    ...inputs.map((input) => field(11, valueInfo(input))),
    ...outputs.map((output) => field(12, valueInfo(output))),
  );
  const [irVersion, opset] = [8, 14];
  return message(
    field(1, irVersion),
    field(7, graph),
    field(8, message(field(1, text("")), field(2, opset))),
  );
}
