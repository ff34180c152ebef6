// @ts-check
/**
 * The limit: what the tier's kernels reach at products and nothing else, 60 x 384 x 256, run as a plan of one product
 * after the other. A step's share of the limit counts the products that its plan executes. Which tile reaches this is
 * for kernels.mjs to show.
 */

/** @typedef {import("./tiers.mjs").Executor} Executor */
/** @typedef {import("unrolled/plan").Plan["buffers"][string]} Buffer */

const [rows, columns, inner, times] = [60, 384, 256, 40];

/** @param {Buffer["name"]} name @param {Buffer["role"]} role @param {Buffer["space"]} space @param {number} width @returns {Buffer} */
const buffer = (name, role, space, width) => ({ name, role, space, width, dtype: "real" });

/** @type {import("unrolled/plan").Plan} */
const plan = {
  name: "limit",
  packings: [],
  buffers: {
    a: buffer("a", "input", `rows:${rows}`, inner),
    b: buffer("b", "parameter", `rows:${inner}`, columns),
    c: buffer("c", "output", `rows:${rows}`, columns),
  },
  steps: new Array(times).fill({
    kind: "gemm",
    form: "apply",
    space: `rows:${rows}`,
    a: "a",
    outputs: [{ b: "b", transpose: false, c: "c", start: "zero" }],
  }),
};

/** Sets up the limit on an executor; any task will do, and its sizes do not matter. @param {unknown} _task @param {Executor} executor */
export function prepareLimit(_task, executor) {
  const session = executor.session();
  const program = session.prepare(plan, {});
  program.write(
    "a",
    Float32Array.from({ length: rows * inner }, (_, k) => Math.sin(k)),
  );
  session.write(
    "b",
    Float32Array.from({ length: inner * columns }, (_, k) => Math.cos(k)),
  );
  return {
    ready: { tier: executor.tier, flops: times * 2 * rows * columns * inner },
    run: () => program.run({ packings: {} }),
    dispose: () => executor.dispose(),
  };
}
