/**
 * What the package publishes of tensors: random numbers by place.
 */

export {
  fillNormal,
  fillNormalLike,
  fillUniform,
  fillWords,
  normalLike,
  type Purpose,
  permutation,
  purposes,
  type RandomPlace,
  randomWord,
  uniform,
  wordBelow,
} from "./random.js";
