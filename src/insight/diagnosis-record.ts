/**
 * What a diagnosis is: plain data of a network and its layers, and what stands out of it.
 */
import type { Activity } from "./activity.js";
import type { GradientByDistance } from "./distance.js";

/** What a finding is about. */
export type FindingKind = "vanishing" | "exploding" | "saturated" | "stuck" | "silent" | "dead";

/** Something that stands out. */
export interface Finding {
  readonly kind: FindingKind;
  /** The layer: "recurrent1.forward". */
  readonly layer: string;
  /** What it is, in a sentence or two. */
  readonly text: string;
  /** What to try, the most promising first. */
  readonly advice: readonly string[];
  /** The same with the keys of options in braces, for surfaces that write options in their own way (`spelled`). */
  readonly templates: readonly string[];
}

/** What a layer's steps are: those of the sequence, those of sequences inside its steps, or those of a source. */
export type StepsOf = "sequence" | "inside" | "source";

/** What was found of a layer, or of one of its two directions. */
export interface LayerDiagnosis extends Activity {
  /** "recurrent1", "recurrent1.reverse", "decoder1". */
  readonly name: string;
  /** The cell's name. */
  readonly cell: string;
  readonly units: number;
  readonly reads: "forward" | "reverse";
  readonly of: StepsOf;
  /** True if one of its gates is a sigmoid. */
  readonly gated: boolean;
  /** Of layers over the sequence itself; absent where no example has two steps. */
  readonly gradient?: GradientByDistance;
}

/** What was found of a network. */
export interface Diagnosis {
  /** Examples and steps that were looked at. */
  readonly examples: number;
  readonly steps: number;
  readonly lengths: { readonly shortest: number; readonly median: number; readonly longest: number };
  /** The loss of a row, on average; undefined where there are no rows. */
  readonly loss: number | undefined;
  readonly layers: readonly LayerDiagnosis[];
  /** What stands out, and what to try. */
  readonly findings: readonly Finding[];
}
