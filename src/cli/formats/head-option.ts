/**
 * What several formats do not tell of a network, as options that their rows share.
 */
import { choice } from "../terminal/options.js";

/** The heading of such options in a help. */
export const headingOfUnknown = "What the file does not tell:";

/** What follows the last layer. */
export const headOption = choice(
  headingOfUnknown,
  "--head <name>",
  "what follows the last layer (default: linear, which is nothing; of onnx what the graph ends in)",
  ["linear", "softmax", "sigmoid"],
);
