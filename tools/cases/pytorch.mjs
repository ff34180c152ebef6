/** Files of PyTorch. A row: with which options it is imported, and what is said, or why it is refused. */
import { firstWrong } from "./run.mjs";

/** What every import ends with. */
const equal = { says: ["is now "] };

/** @param {string} folder "files" or "reports" */
const imported =
  (folder) =>
  (file, does, { args = [], expected = equal, given } = {}) => ({
    name: file.replace(/\.\w+$/, ""),
    files: given === undefined ? [file] : [file, given],
    does,
    async check({ file: path, out, run }) {
      const at = folder === "files" ? `../files/${file}` : file;
      const more = given === undefined ? [] : ["--expected", path(given)];
      return firstWrong(
        await run(["import", path(at), ...args, ...more, "--force", "--out", out("m.safetensors")]),
        expected,
      );
    },
  });

const [form, report] = [imported("files"), imported("reports")];
const refused = (...says) => ({ status: 1, says });
const modules = (...names) => ["--modules", names.join(",")];

/** The rows. */
export const pytorch = [
  form("form-whole-module.pt", "a module that was saved whole"),
  form("form-dtype-in-config.pt", "a checkpoint with a dtype and a device"),
  form("form-with-namespace.pt", "a checkpoint with a Namespace"),
  form("form-with-numpy.pt", "a checkpoint with arrays of numpy"),
  form("form-with-vocab.pt", "a checkpoint with a Path"),
  form("form-torchscript.pt", "a TorchScript program"),
  form("form-two-nets.pt", "two networks are named", {
    expected: refused("holds several networks: encoder, decoder", "--part"),
  }),
  form("form-two-nets.pt", "one of two networks", { args: ["--part", "encoder"] }),
  form("form-quantized-dynamic.pt", "a quantised LSTM is refused with the way round", {
    expected: refused("which is quantised", "before quantize_dynamic"),
  }),
  form("statedict-LSTM-two-relu-last.pt", "two linear layers are refused with the option that says it", {
    expected: refused("both nn.Linear", "rnn,fc1,relu,fc"),
  }),
  form("statedict-LSTM-two-relu-last.pt", "two linear layers", {
    args: modules("rnn", "last", "fc1", "relu", "fc"),
  }),
  form("statedict-seqhead.pt", "a head in an nn.Sequential", {
    args: modules("lstm", "last", "head.0", "relu", "head.3"),
  }),
  form("statedict-residual.pt", "a residual", { args: modules("inp", "gru", "add:inp", "fc") }),
  form("statedict-batchnorm.pt", "batch normalisation in inference", { expected: { says: ["scale1"] } }),
  form("statedict-LSTM-attention.pt", "attention", { args: modules("rnn", "attend:attn", "fc") }),
  form("statedict-LSTM-proj.pt", "a projection is refused by name", {
    expected: refused("is a projection (proj_size)"),
  }),
  report("p1-tied.safetensors", "the embedding that is tied", {
    expected: { says: ["encoder.weight is decoder.weight"] },
  }),
  report("p2-misorder.pt", "an order that is a guess is refused", {
    expected: refused("second, first; or first, second"),
  }),
  report("p2-misorder.pt", "the order as it is", {
    args: modules("first", "second"),
    given: "p2-misorder.jsonl",
  }),
  report("p4-bi-lstm.pt", "the last step of both directions", {
    args: ["--pooling", "ends"],
    given: "p4-bi-lstm-lastcolumn.jsonl",
  }),
  report("p4-bi-lstm.pt", "the last states, with outputs in the flat form", {
    args: ["--pooling", "last"],
    given: "p6-flat-output.jsonl",
  }),
  report("p5-odd.pt", "the one order that fits"),
  report("p5-device.pt", "a checkpoint with a device"),
];
