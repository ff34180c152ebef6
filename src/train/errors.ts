// What can go wrong with training: one class, whose message says what and what would be right.

/** Training that cannot start, go on or be trusted: says why, where, and what to try. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
}
