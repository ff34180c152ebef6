/**
 * `unrolled export --to onnx`: one file, or two for a translator, and the lines of JavaScript that run it in ONNX Runtime.
 */
import { basename } from "node:path";
import type { Mapping } from "../../../io/index.js";
import type { OnnxPart } from "../../../io/onnx/index.js";
import { option } from "../../terminal/options.js";
import type { ExportRow } from "../export-row.js";

/** The exporter's row. */
export const onnxExporter: ExportRow = {
  describes:
    "a graph for ONNX Runtime and others; for a translator two, NAME.encoder.onnx and NAME.step.onnx",
  options: [
    option(
      "Of onnx:",
      "--stream",
      "make all states inputs and outputs, so that a stream can run step by step",
    ),
  ],
  async write({ model, out, chosen }) {
    const { exportOnnx } = await import("../../../io/onnx/index.js");
    const parts = exportOnnx(model, { stream: chosen["stream"] === true });
    const path = ({ part }: OnnxPart): string =>
      part === "model" ? out : `${out.replace(/\.onnx$/i, "")}.${part}.onnx`;
    return {
      files: parts.map((part) => ({ path: path(part), bytes: part.bytes })),
      mapped: parts.flatMap(mappedOf),
      notes: notesOf(parts, model.network.loss === "crf"),
      loading: [
        'import { InferenceSession, Tensor } from "onnxruntime-node"; // or onnxruntime-web',
        ...parts.flatMap((part) => loadingOf(part, basename(path(part)))),
      ],
    };
  },
};

const mappedOf = ({ operators }: OnnxPart): Mapping[] =>
  operators.map(({ layer, cell, operator }) => ({
    from: `${layer} (${cell})`,
    to: operator,
    how: hows[operator] ?? "the operator that computes this cell",
  }));

const hows: Readonly<Record<string, string>> = {
  Scan: "a loop over the cell's equations",
  equations: "one step of the cell's equations",
};

function notesOf(parts: readonly OnnxPart[], chain: boolean): string[] {
  return [
    "Steps come before sequences, [time, batch]; values beyond a sequence's length are ignored.",
    'Vocabulary, labels and initial states are in the metadata, as JSON under the key "unrolled".',
    ...(chain
      ? [
          "The output scores holds the emissions; the scores of neighbouring tags are in the metadata, under chain.",
        ]
      : []),
    ...(parts.length > 1
      ? ["Run the encoder once, then the step for each token, starting from the encoder's states."]
      : []),
  ];
}

/** A call with all its inputs, and the outputs by name. */
function loadingOf({ part, inputs, outputs }: OnnxPart, file: string): string[] {
  const feeds = inputs.map(({ name, type, shape }) => {
    const dims = shape.map((size) =>
      typeof size === "number" ? size : size.replace(/\W+(\w)/g, (_, c) => c.toUpperCase()),
    );
    return `  ${JSON.stringify(name)}: new Tensor("${type}", …, [${dims.join(", ")}]),`;
  });
  return [
    `const ${part} = await InferenceSession.create(${JSON.stringify(file)});`,
    `const from${part[0]?.toUpperCase()}${part.slice(1)} = await ${part}.run({`,
    ...feeds,
    `}); // ${outputs.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join("; ")}`,
  ];
}
