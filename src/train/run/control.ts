/**
 * Pausing: a switch that the caller who started a training keeps. Stopping for good is an AbortSignal's, as everywhere.
 */

/** A switch between going on and waiting. */
export interface TrainingControl {
  readonly paused: boolean;
  /** Training waits after the step it is at. */
  pause(): void;
  /** Training goes on. */
  resume(): void;
  /** Resolves at once, or when training is to go on. */
  whenRunning(): Promise<void>;
}

/** A switch that starts as running. */
export function trainingControl(): TrainingControl {
  let waiting: Promise<void> | undefined;
  let release: (() => void) | undefined;
  return {
    get paused() {
      return waiting !== undefined;
    },
    pause() {
      waiting ??= new Promise((resolve) => {
        release = resolve;
      });
    },
    resume() {
      release?.();
      [waiting, release] = [undefined, undefined];
    },
    async whenRunning() {
      await waiting;
    },
  };
}
