/**
 * Options for what several formats leave unsaid about a network; their rows share them.
 */
import { choice } from "../terminal/options.js";

/** The heading of such options in the help. */
export const headingOfUnknown = "What the file does not say:";

/** What follows the last layer. */
export const headOption = choice(
  headingOfUnknown,
  "--head <name>",
  "what follows the last layer (default: linear, which adds nothing; for onnx, what the graph ends in)",
  ["linear", "softmax", "sigmoid"],
);
