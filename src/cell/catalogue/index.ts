/**
 * The catalogue: the cells that come with the package, one file each. A model that is loaded does not need
 * it, for its file carries the equations; it is here for those who choose a cell by name.
 */
import type { Cell } from "../cell.js";
import { gru } from "./gru.js";
import { gruResetAfter } from "./gruResetAfter.js";
import { indRnn } from "./indRnn.js";
import { lstm } from "./lstm.js";
import { lstmCoupled } from "./lstmCoupled.js";
import { lstmLayerNorm } from "./lstmLayerNorm.js";
import { lstmNotes } from "./lstmNotes.js";
import { lstmPeephole } from "./lstmPeephole.js";
import { minGru } from "./minGru.js";
import { rnn, rnnRelu } from "./rnn.js";

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
