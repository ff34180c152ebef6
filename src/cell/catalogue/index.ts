/**
 * The catalogue: the cells that come with the package, one file each. A model that is loaded does not need
 * it, for its file carries the equations; it is here for those who choose a cell by name.
 */
import type { Cell } from "../cell.js";
import { gru } from "./gru/gru.js";
import { gruResetAfter } from "./gru/gruResetAfter.js";
import { minGru } from "./gru/minGru.js";
import { lstm } from "./lstm/lstm.js";
import { lstmCoupled } from "./lstm/lstmCoupled.js";
import { lstmLayerNorm } from "./lstm/lstmLayerNorm.js";
import { lstmNotes } from "./lstm/lstmNotes.js";
import { lstmPeephole } from "./lstm/lstmPeephole.js";
import { indRnn } from "./rnn/indRnn.js";
import { rnn, rnnRelu } from "./rnn/rnn.js";

export {
  gru,
  gruResetAfter,
  indRnn,
  lstm,
  lstmCoupled,
  lstmLayerNorm,
  lstmNotes,
  lstmPeephole,
  minGru,
  rnn,
  rnnRelu,
};

/** All cells of the catalogue by name. */
export const catalogue: Readonly<Record<string, Cell>> = {
  rnn,
  rnnRelu,
  gru,
  gruResetAfter,
  lstm,
  lstmNotes,
  lstmPeephole,
  lstmCoupled,
  lstmLayerNorm,
  indRnn,
  minGru,
};
