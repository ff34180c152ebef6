/**
 * What `unrolled generate` was asked for: the parsed options of the command. Which of them apply is up to the task.
 */

/** The parsed options. What was not chosen is left to the library's defaults, which the help repeats. */
export interface ChosenGenerate {
  readonly prime?: string;
  readonly label?: string;
  readonly length?: number;
  readonly stop?: readonly string[];
  readonly count?: number;
  readonly seed?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly typical?: number;
  readonly repetitionPenalty?: number;
  readonly repetitionWindow?: number;
  readonly most?: number;
  readonly out?: string;
  readonly tempo?: number;
  readonly repeat?: boolean;
  readonly picture?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}
