/**
 * What can go wrong with training: one class, whose message says what and what would be right. Where a step was not
 * finite, it carries what the detective (detective/) found as plain data.
 */

import { type Keyed, spelled } from "../options/error.js";

/** Why a step was not finite, as far as it shows. */
export type FindingCause =
  /** A number in the data that is none, or far too large. */
  | "badInput"
  /** A weight that was no number from the start. */
  | "badWeights"
  /** Weights that grew by orders of magnitude within few updates. */
  | "learningRate"
  /** The logarithm of zero, or a division by it. */
  | "logOfZero"
  /** A state that grows from time step to time step. */
  | "explodingState"
  /** A gradient that grows on its way back through time. */
  | "explodingGradient"
  /** A number too large for float32 that none of these explains. */
  | "overflow"
  /** Nothing was found: the replay was finite. */
  | "unknown";

/** What the detective found out about a step that was not finite. */
export interface Finding {
  /** Number of the step, from 1. */
  readonly step: number;
  readonly cause: FindingCause;
  /** What was seen that speaks for the cause, and what to try. */
  readonly evidence: string;
  readonly advice: string;
  /** The advice with the keys of options in braces, for surfaces that write options in their own way. */
  readonly template: string;
  /** Where the first number is that is not finite, in words. */
  readonly where: string;
  /** The same in parts: the buffer of the plan, the number, what the example is called, and its time step from 0. */
  readonly tensor?: string;
  readonly value?: number;
  readonly example?: string;
  readonly time?: number;
}

/** What a training error may carry beside its message. */
export interface TrainingErrorFacts {
  /** Why a step was not finite, where that ended training. */
  readonly finding?: Finding | undefined;
  /** What is not as a run had it that was to go on: "network", "data", "tier", or the name of a setting. */
  readonly changed?: string | undefined;
  /** The message with the keys of options in braces, where it names any, for surfaces that write them in their own way. */
  readonly template?: string | undefined;
}

/** Training that cannot start, go on or be trusted: says why, where, and what to try. */
export class TrainingError extends Error implements TrainingErrorFacts {
  override readonly name = "TrainingError";
  readonly finding?: Finding;
  readonly changed?: string;
  readonly template?: string;

  /** @param message a text, or where it names options a template: keyed("… with another {learningRate}") */
  constructor(message: string | Keyed, { finding, changed, template }: TrainingErrorFacts = {}) {
    super(typeof message === "string" ? message : spelled(message.template));
    const written = typeof message === "string" ? template : message.template;
    if (written !== undefined) this.template = written;
    if (finding) this.finding = finding;
    if (changed !== undefined) this.changed = changed;
  }
}
