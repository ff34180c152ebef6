/** ONNX: files of real tools. A row: what is done, and what is right, as a check. */
import { firstWrong } from "./run.mjs";

/** A file that is imported with its certificate, and compared with what ONNX Runtime gave where that lies beside it. */
const imports = (name, does, { beside = [], expected } = {}) => ({
  name,
  files: [`${name}.onnx`, ...beside, ...(expected ? [expected] : [])],
  does,
  async check({ file, out, run }) {
    const more = expected ? ["--expected", file(expected)] : [];
    const args = ["import", file(`${name}.onnx`), ...more, "--out", out("m.safetensors")];
    return firstWrong(await run(args), { says: ["whole network"] });
  },
});

/** A file that is refused for the true reason. */
const refuses = (name, does, reason) => ({
  name,
  files: [`${name}.onnx`],
  does,
  async check({ file, out, run }) {
    const { stdout, stderr, status } = await run([
      "import",
      file(`${name}.onnx`),
      "--out",
      out("m.safetensors"),
    ]);
    if (status === 0) return "was imported";
    return `${stdout}${stderr}`.includes(reason) ? undefined : `does not say "${reason}", but ${stderr}`;
  },
});

/** The rows. */
export const onnx = [
  imports("torch213-default-export", "weights in a file beside the graph", {
    beside: ["default-16.onnx.data"],
  }),
  imports("o1-lstm", "weights in a file beside the graph", { beside: ["lstm_last.dynamo.onnx.data"] }),
  imports("float16", "float16 weights"),
  imports("ids-uint8", "ids of 8 bits"),
  imports("lstm-hardsigmoid", "activations with numbers of their own"),
  imports("lstm-relu", "other activations"),
  imports("two-lstm-states", "states handed on"),
  imports("torch-batchnorm", "a folded batch normalisation"),
  imports("torch-residual", "a residual"),
  imports("torch-LSTM-attention", "attention over steps"),
  imports("torch-bidirectional-out-last-step", "the last step of both directions"),
  imports("torch-dynamo-two-lstm-fixed-batch1", "a fixed batch of 1"),
  imports("torch-dynamo-nn.RNN-unrolled", "steps that were written out"),
  refuses("keras-torch-backend-lstm", "steps that were written out", "written out one by one"),
  imports("o2b-classes-first", "a softmax over classes that stand before the steps"),
  imports("o3-log-softmax", "logarithms are compared with logarithms", { expected: "o3-log-softmax.jsonl" }),
  refuses("o2-softmax-time", "a softmax over the steps", "softmax over the steps"),
  refuses("torch-dynamo-proj-invalid-but-imported", "states of the wrong shape", "proj_size"),
  refuses("ort-quantized-dynamic", "a quantised model", "quantised model"),
  refuses("onnx-node-test_lstm_defaults", "weights that are inputs", 'the graph\'s input "W"'),
];
