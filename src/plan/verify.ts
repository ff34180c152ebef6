/**
 * Checks a plan: every buffer exists, shapes fit, spaces may meet, nothing is read before it is written. Runs
 * after every pass in tests and once when a model's plan is built; a failure is a mistake of ours, not of data.
 */
import { leafAccess } from "./access.js";
import {
  bufferOf,
  type LeafStep,
  operandOf,
  type Plan,
  type PlanBuffer,
  PlanError,
  type Space,
  type Start,
  spaceParts,
} from "./plan.js";
import { describeStep } from "./print.js";

/** @throws PlanError naming the step and what is wrong with it */
export function verify(plan: Plan): void {
  const written = new Set<string>();
  for (const [name, buffer] of Object.entries(plan.buffers)) {
    if (buffer.name !== name) throw new PlanError(`buffer "${name}" is called "${buffer.name}"`);
    const parts = spaceParts(buffer.space);
    if ("packing" in parts && !plan.packings.includes(parts.packing))
      throw new PlanError(
        `buffer "${name}" needs the packing "${parts.packing}", which the plan does not declare`,
      );
    if (buffer.role !== "temporary" && buffer.role !== "output") written.add(name);
  }
  const check = (step: LeafStep, where: string, loop?: string): void => {
    const fail = (problem: string): never => {
      throw new PlanError(`plan "${plan.name}", step ${where} (${describeStep(step)}): ${problem}`);
    };
    const { reads, writes } = leafAccess(step);
    for (const name of [...reads, ...writes]) if (!plan.buffers[name]) fail(`there is no buffer "${name}"`);
    const partly = step.kind === "columns" ? step.into : undefined;
    for (const name of reads)
      if (!written.has(name) && name !== partly) fail(`"${name}" is read before it is written`);
    for (const name of writes) {
      if (bufferOf(plan, name).role === "input") fail(`"${name}" is an input and may not be written`);
      written.add(name);
    }
    checkShapes(plan, step, loop, fail);
  };
  plan.steps.forEach((step, i) => {
    if (step.kind !== "loop") return check(step, `${i}`);
    if (!plan.packings.includes(step.packing))
      throw new PlanError(`step ${i} loops over "${step.packing}", which the plan does not declare`);
    step.body.forEach((leaf, j) => check(leaf, `${i}.${j}`, step.packing));
  });
}

type Fail = (problem: string) => never;

function checkShapes(plan: Plan, step: LeafStep, loop: string | undefined, fail: Fail): void {
  const buffer = (name: string): PlanBuffer => bufferOf(plan, name);
  /** Two spaces have the same rows at this place. */
  const meets = (a: Space, b: Space): boolean =>
    a === b || (loop !== undefined && isRowOf(a, loop) && isRowOf(b, loop));
  const over = (name: string, space: Space): void => {
    if (!meets(buffer(name).space, space))
      fail(`"${name}" has the rows ${buffer(name).space}, the step ${space}`);
  };
  const wide = (name: string, width: number): void => {
    if (buffer(name).width !== width) fail(`"${name}" has width ${buffer(name).width}, not ${width}`);
  };
  const tall = (name: string, rows: number): void => {
    if (buffer(name).space !== `rows:${rows}`) fail(`"${name}" has ${buffer(name).space}, not rows:${rows}`);
  };
  const index = (name: string, yes: boolean): void => {
    if ((buffer(name).dtype === "index") !== yes) fail(`"${name}" ${yes ? "must" : "may not"} hold indices`);
  };
  /** A result that rows are read for more than once, or other rows than its own, is not one of its operands. */
  const apart = (into: string, operand: string): void => {
    if (into === operand) fail(`"${into}" is its own operand`);
  };
  const started = (start: Start, width: number): void => {
    if (typeof start !== "object") return;
    tall(start.row, 1);
    wide(start.row, width);
  };
  /** The buffer has a row for each place whose rows an aligned space holds. */
  const perPlace = (name: string, space: Space): void => {
    const parts = spaceParts(space);
    if (parts.over !== "aligned") fail(`segments need an aligned space, not ${space}`);
    else if (!meets(buffer(name).space, `sequences:${parts.packing}`))
      fail(`"${name}" is not per sequence of ${parts.packing}`);
  };
  switch (step.kind) {
    case "gemm": {
      const a = buffer(step.a);
      over(step.a, step.space);
      if (step.outputs.length === 0) fail("it has no outputs");
      for (const output of step.outputs) {
        const { b, c, transpose, start } = output;
        const own = operandOf(step, output);
        if (step.form === "apply" && output.a !== undefined) fail("operands of outputs are for gradients");
        over(own, step.space);
        apart(c, own);
        apart(c, b);
        if (step.form === "gradient") {
          over(b, step.space);
          tall(c, buffer(own).width);
          wide(c, buffer(b).width);
          if (transpose) fail("a gradient product is not transposed");
        } else {
          over(c, step.space);
          tall(b, transpose ? buffer(c).width : a.width);
          wide(b, transpose ? a.width : buffer(c).width);
        }
        started(start, buffer(c).width);
      }
      return;
    }
    case "elementwise": {
      for (const name of step.inputs) {
        const { space, width } = buffer(name);
        index(name, false);
        if (space !== "rows:1" && !meets(space, step.space))
          fail(`"${name}" has the rows ${space}, the step ${step.space}`);
        if (width !== 1 && width !== step.width) fail(`"${name}" has width ${width}, the step ${step.width}`);
      }
      for (const { buffer: name, register } of step.outputs) {
        over(name, step.space);
        wide(name, step.width);
        if (register >= step.inputs.length + step.program.length) fail(`register ${register} does not exist`);
      }
      step.program.forEach((instruction, i) => {
        if (instruction.args.some((arg) => arg >= step.inputs.length + i))
          fail(`instruction ${i} reads a later register`);
      });
      return;
    }
    case "reduce": {
      const from = buffer(step.from);
      apart(step.into, step.from);
      over(step.from, step.space);
      index(step.into, step.op === "argmax");
      if (step.along === "features") over(step.into, step.space);
      if (step.along === "rows" || step.along === "all") tall(step.into, 1);
      wide(step.into, step.along === "features" || step.along === "all" ? 1 : from.width);
      if (step.along === "segments") perPlace(step.into, step.space);
      return;
    }
    case "spread":
      apart(step.into, step.from);
      over(step.into, step.space);
      wide(step.into, buffer(step.from).width);
      for (const name of [step.from, step.into]) index(name, false);
      perPlace(step.from, step.space);
      return;
    case "gather":
    case "scatter-add": {
      apart(step.into, step.from);
      apart(step.into, step.index);
      const [whole, rows] = step.kind === "gather" ? [step.from, step.into] : [step.into, step.from];
      index(step.index, true);
      wide(step.index, 1);
      over(step.index, step.space);
      over(rows, step.space);
      if (step.axis === "columns") {
        over(whole, step.space);
        wide(rows, 1);
      } else wide(rows, buffer(whole).width);
      if (step.kind === "gather") started(step.start, buffer(step.into).width);
      return;
    }
    case "columns":
      over(step.from, step.space);
      over(step.into, step.space);
      if (step.fromColumn + step.width > buffer(step.from).width)
        fail(`"${step.from}" does not have that many columns`);
      if (step.intoColumn + step.width > buffer(step.into).width)
        fail(`"${step.into}" does not have that many columns`);
      return;
    case "random":
      over(step.into, step.space);
      wide(step.into, step.width);
      for (const name of [step.seed, step.step]) tall(name, 1);
      for (const name of [step.sequence, ...(step.time ? [step.time] : [])]) over(name, step.space);
      for (const name of [step.seed, step.step, step.sequence]) index(name, true);
      return;
    default:
      step satisfies never;
  }
}

const isRowOf = (space: Space, packing: string): boolean =>
  space === `tokens:${packing}` || space === `sequences:${packing}`;
