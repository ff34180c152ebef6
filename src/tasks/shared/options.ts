/**
 * The rows of the options that all tasks share, and kinds of values that many options have. A task's own rows stand in its
 * folder (options.ts), together with the interface that they are of; what is said about options stands in help/.
 */
import type { FlagKind, ListKind, NumberKind, ObjectKind, WholeKind } from "../../options/index.js";
import type { RowsOf } from "../../options/row.js";
import { fitRows } from "../../train/options.js";
import type { TaskTraining } from "../task.js";

/** True or false. */
export const flag: FlagKind = { kind: "flag" };
/** A whole number from 1. */
export const whole: WholeKind = { kind: "whole" };
/** A probability of dropping. */
export const rate: NumberKind = { kind: "number", least: 0, below: 1 };
/** The most layers of a kind that a task stacks: nobody has learned anything with more, and plans grow with them. */
export const mostLayers = 100;
/** Sizes of layers. */
export const sizes: ListKind<WholeKind> = { kind: "list", of: whole, most: mostLayers };
/** A recurrent cell. */
export const cell: ObjectKind = { kind: "object", what: "a cell, as gru is one" };

/** The rows of `TaskTraining`. */
export const trainingRows = {
  ...fitRows,
  executor: { kind: "object", what: "an executor" },
  threads: { kind: "whole", most: 64, default: 1, needs: { executor: false } },
  worker: { kind: "either", of: [{ kind: "flag" }, { kind: "function" }], needs: { executor: false } },
  checkpoints: { kind: "object", what: "where checkpoints go: { store }" },
} as const satisfies RowsOf<TaskTraining>;
