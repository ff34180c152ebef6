/**
 * Checks the kernels where the host was changed for their sake (tier paired): a product and the functions of gates,
 * against float64, first as the quick compiler made them and again after they ran long enough for the optimising
 * one. Results must be right both times, and the same bits.
 */
import type { ElementwiseStep, GemmStep, Plan, PlanBuffer } from "../../plan/plan.js";
import { packing } from "../../tensor/packing.js";
import { type Executor, ExecutorError } from "../executor.js";

const [ROWS, K, N] = [33, 48, 40];
/** Long enough for V8 to replace hot functions; its budget is a few hundred calls of this size. */
const MILLISECONDS = 25;
const meanings = { sigmoid: (x: number) => 1 / (1 + Math.exp(-x)), tanh: Math.tanh, exp: Math.exp };
const functions = Object.keys(meanings) as (keyof typeof meanings)[];

const buffer = (
  name: string,
  width: number,
  role: PlanBuffer["role"],
  space: PlanBuffer["space"],
): PlanBuffer => ({
  name,
  dtype: "real",
  space,
  width,
  role,
});

function checkPlan(): Plan {
  const space = "tokens:p";
  const list = [
    buffer("a", K, "input", space),
    buffer("b", K, "parameter", `rows:${N}`),
    buffer("z", N, "output", space),
    ...functions.map((op) => buffer(op, N, "output", space)),
  ];
  const product: GemmStep = {
    kind: "gemm",
    form: "apply",
    space,
    a: "a",
    outputs: [{ b: "b", transpose: true, c: "z", start: "zero" }],
  };
  const gates: ElementwiseStep = {
    kind: "elementwise",
    space,
    width: N,
    inputs: ["z"],
    program: functions.map((op) => ({ op, args: [0] })),
    outputs: functions.map((op, i) => ({ buffer: op, register: 1 + i })),
  };
  const buffers = Object.fromEntries(list.map((b) => [b.name, b]));
  return { name: "self-check", packings: ["p"], buffers, steps: [product, gates] };
}

/** @throws ExecutorError naming what was computed wrongly */
export function selfCheck(executor: Executor): void {
  const p = packing(new Array(ROWS).fill(1));
  const session = executor.session();
  const program = session.prepare(checkPlan(), { p });
  const a = Float32Array.from({ length: ROWS * K }, (_, i) => Math.sin(i));
  const b = Float32Array.from({ length: N * K }, (_, i) => 0.2 * Math.cos(3 * i));
  program.write("a", a);
  session.write("b", b);
  const z = Array.from({ length: ROWS * N }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < K; k++) {
      sum += a[Math.floor(i / N) * K + k]! * b[(i % N) * K + k]!;
    }
    return sum;
  });
  const check = (): Float64Array[] => {
    program.run({ packings: { p } });
    const wanted = [z, ...functions.map((op) => z.map((x) => meanings[op](x)))];
    return ["z", ...functions].map((name, n) => {
      const found = program.read(name);
      found.forEach((v, i) => {
        const w = wanted[n]![i]!;
        // float32 sums of 48 products below one, and approximations within 4e-7.
        if (!(Math.abs(v - w) <= 1e-5 * Math.max(1, Math.abs(w)))) {
          throw new ExecutorError(
            `the kernels of ${executor.tier} compute ${name} wrongly here (${v}, not ${w}); choose another tier`,
          );
        }
      });
      return found;
    });
  };
  const first = check();
  for (const began = performance.now(); performance.now() - began < MILLISECONDS; )
    program.run({ packings: { p } });
  check().forEach((values, n) => {
    if (values.some((v, i) => v !== first[n]?.[i])) {
      throw new ExecutorError(
        `the kernels of ${executor.tier} gave other bits after they were optimised; choose another tier`,
      );
    }
  });
  session.dispose();
}
