/** What a run of training tells of itself while it goes on. */

/** What is reported after every step and every epoch. */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  /** Epochs of the run; undefined while a budget of minutes is being measured. */
  readonly epochs?: number | undefined;
  /** Steps done in all, and planned. */
  readonly step: number;
  readonly steps?: number | undefined;
  /** Mean loss of the epoch so far, per token or per sequence as the network has it. */
  readonly loss: number;
  /** The same of the last step alone. */
  readonly stepLoss: number;
  /** Global norm of the last step's gradients before clipping. */
  readonly norm: number;
  /** Learning rate of the last step. */
  readonly rate: number;
  /** Steps left out so far, because a gradient was not finite. */
  readonly skipped: number;
  /** Seconds of work since the run began, over all its parts. */
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
  /** Score on the validation data: present in the report that ends an epoch, where there is validation data. */
  readonly valid?: number;
}
