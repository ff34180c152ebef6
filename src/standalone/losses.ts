/** What a network's predictions are made of its scores by: a row per loss, in the module's own words. */
import type { LossName } from "../nn/index.js";

/** The row of a loss. */
interface OutputCode {
  /** Pieces of the kit. */
  readonly needs: readonly string[];
  /** Name of the function from the scores of one step or sequence to its prediction. Absent: all steps go together. */
  readonly row?: string;
  /** An expression for the predictions of all steps, from `scores` and the weights `w`, where they go together. */
  readonly rows?: string;
}

/** The scores of a conditional random field, out of the weights. */
export const chainText = `{ transitions: w["crf.w_t"], start: w["crf.b_start"], end: w["crf.b_end"] }`;

/** The rows. */
export const outputCode: Readonly<Record<LossName, OutputCode>> = {
  binaryCrossEntropy: { needs: ["sigmoids"], row: "sigmoids" },
  crossEntropy: { needs: ["softmax"], row: "softmax" },
  squaredError: { needs: ["asTheyAre"], row: "asTheyAre" },
  meanSquaredError: { needs: ["asTheyAre"], row: "asTheyAre" },
  pinball: { needs: ["asTheyAre"], row: "asTheyAre" },
  crf: { needs: ["marginals"], rows: `marginals(scores, ${chainText})` },
};
