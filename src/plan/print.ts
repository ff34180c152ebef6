/**
 * A plan as text, one step a line: what golden tests compare and `--plan` shows.
 */
import {
  bufferOf,
  type Instruction,
  type LeafStep,
  operandOf,
  type Plan,
  type Space,
  type Start,
  spaceParts,
} from "./plan.js";

/** The whole plan: buffers that outlive a run first, then the steps; loop bodies are indented. */
export function printPlan(plan: Plan): string {
  const lines = [`plan ${plan.name}`];
  for (const buffer of Object.values(plan.buffers)) {
    if (buffer.role === "temporary") continue;
    lines.push(
      `  ${buffer.role} ${buffer.name} [${spaceSymbol(buffer.space)}, ${buffer.width}]${buffer.dtype === "index" ? " index" : ""}`,
    );
  }
  for (const step of plan.steps) {
    if (step.kind !== "loop") {
      lines.push(`  ${stepLine(plan, step)}`);
      continue;
    }
    lines.push(`  loop t over ${step.packing}${step.reverse ? ", last to first" : ""}`);
    for (const leaf of step.body) lines.push(`    ${stepLine(plan, leaf)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** N, B and the like for a space. */
export function spaceSymbol(space: Space): string {
  const parts = spaceParts(space);
  if (parts.over === "rows") return String(parts.count);
  if (parts.over === "aligned") return `N(${parts.source} by ${parts.packing})`;
  return `${parts.over === "tokens" ? "N" : "B"}(${parts.packing})`;
}

/** A step without shapes, for messages. */
export function describeStep(step: LeafStep): string {
  switch (step.kind) {
    case "gemm":
      return step.outputs.map((o) => `${o.c} = ${operandOf(step, o)} · ${o.b}`).join(", ");
    case "elementwise":
      return `${step.outputs.map((o) => o.buffer).join(", ")} = f(${step.inputs.join(", ")})`;
    case "reduce":
      return `${step.into} = ${step.op} of ${step.from}`;
    case "spread":
      return `${step.into} = spread of ${step.from}`;
    case "gather":
    case "scatter-add":
      return `${step.into} = ${step.kind} of ${step.from} at ${step.index}`;
    case "columns":
      return `${step.into} = columns of ${step.from}`;
    case "random":
      return `${step.into} = random`;
    default:
      step satisfies never;
      return "";
  }
}

const assign = (start: Start): string => (start === "accumulate" ? "+=" : "=");
const bias = (start: Start): string => (typeof start === "object" ? ` + ${start.row}` : "");

function stepLine(plan: Plan, step: LeafStep): string {
  const rows = spaceSymbol(step.space);
  switch (step.kind) {
    case "gemm": {
      const parts = step.outputs.map((o) => {
        const k = bufferOf(plan, operandOf(step, o)).width;
        const n = bufferOf(plan, o.c).width;
        if (step.form === "gradient")
          return `${o.c} ${assign(o.start)} ${operandOf(step, o)}ᵀ ${o.b}  (${k} × ${n}, sum over ${rows})`;
        return `${o.c} ${assign(o.start)} ${step.a} ${o.b}${o.transpose ? "ᵀ" : ""}${bias(o.start)}  (${rows} × ${k} × ${n})`;
      });
      return `gemm ${parts.join("; ")}`;
    }
    case "elementwise":
      return `elementwise [${rows}, ${step.width}] ${step.outputs.map((o) => `${o.buffer} = ${formula(step.inputs, step.program, o.register)}`).join("; ")}`;
    case "reduce":
      return `reduce ${step.into} ${assign(step.start)} ${step.op} of ${step.from} along ${step.along}  [${rows}]`;
    case "spread":
      return `spread ${step.into} = ${step.from}  [${rows}]`;
    case "gather":
      return step.axis === "rows"
        ? `gather ${step.into} ${assign(step.start)} ${step.from}[${step.index}, :]${bias(step.start)}  [${rows}]`
        : `gather ${step.into} ${assign(step.start)} ${step.from}[:, ${step.index}]  [${rows}]`;
    case "scatter-add":
      return `scatter-add ${step.into}[${step.axis === "rows" ? `${step.index}, :` : `:, ${step.index}`}] += ${step.from}  [${rows}]`;
    case "columns":
      return `columns ${step.into}[:, ${step.intoColumn}..${step.intoColumn + step.width}] = ${step.from}[:, ${step.fromColumn}..${step.fromColumn + step.width}]  [${rows}]`;
    case "random":
      return `random ${step.into} [${rows}, ${step.width}] purpose ${step.purpose} layer ${step.layer}${step.time ? "" : " once per sequence"}`;
    default:
      step satisfies never;
      return "";
  }
}

/** A register written out as nested calls. */
function formula(inputs: readonly string[], program: readonly Instruction[], register: number): string {
  const input = inputs[register];
  if (input !== undefined) return input;
  const instruction = program[register - inputs.length]!;
  if (instruction.op === "constant") return String(instruction.value);
  return `${instruction.op}(${instruction.args.map((arg) => formula(inputs, program, arg)).join(", ")})`;
}
