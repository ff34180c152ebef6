// @ts-check
/** From a task to our network for it, and the cell that stands for a user's own. */
import { add, catalogue, cell, mul, sigmoid, sub, tanh } from "unrolled/cell";
import { embedding, linear, network, pool, recurrent } from "unrolled/nn";

/** @typedef {import("../tasks.mjs").Task} Task */

/**
 * The minimal gated unit of Zhou et al. 2016 (arXiv:1603.09420), which the catalogue does not have:
 *   f = σ(w_f [h⟨t−1⟩, x⟨t⟩] + b_f),  h̃ = tanh(w_h [f ∘ h⟨t−1⟩, x⟨t⟩] + b_h),  h⟨t⟩ = (1 − f) ∘ h⟨t−1⟩ + f ∘ h̃
 */
const own = cell("own", { states: ["h"], output: "h" }, ({ h, x, affine }) => {
  const f = sigmoid(affine("f", h, x));
  const candidate = tanh(affine("h", mul(f, h), x));
  return { h: add(mul(sub(1, f), h), mul(f, candidate)) };
});

/** The cell of a name: one of the catalogue, or "own". @param {string} name */
export function cellOf(name) {
  const found = name === "own" ? own : catalogue[/** @type {keyof typeof catalogue} */ (name)];
  if (found) return found;
  throw new Error(`there is no cell ${name}; there are ${Object.keys(catalogue).join(", ")} and own`);
}

/** One row per model: the layers between input and loss. @satisfies {Record<Task["model"], (task: Task) => import("unrolled/nn").Layer[]>} */
const models = {
  recurrent: ({ cell: name, H }) => [recurrent({ cell: cellOf(name), units: H })],
  language: ({ cell: name, X, H, Y, layers }) => [
    embedding({ width: X }),
    ...Array.from({ length: layers }, () => recurrent({ cell: cellOf(name), units: H })),
    linear({ units: Y }),
  ],
  tagger: ({ cell: name, X, H, Y }) => [
    embedding({ width: X }),
    recurrent({ cell: cellOf(name), units: H, direction: "both" }),
    linear({ units: Y }),
  ],
};

/** Our network for a task. @param {Task} task */
export function networkOf(task) {
  const { vocabulary, X, Y } = task;
  return network({
    input: vocabulary > 0 ? { vocabulary } : { width: X },
    layers: models[task.model](task),
    loss: Y > 0 ? "crossEntropy" : "squaredError",
  });
}

/** A network for one step of a stream: it takes its states with every example, and ends with the cell's output. @param {Task} task */
export const streamNetwork = ({ cell: name, X, H }) =>
  network({
    input: { width: X },
    layers: [recurrent({ cell: cellOf(name), units: H, initialState: "given" })],
    loss: "squaredError",
  });

/** A classifier's network: what the start-up task loads and asks. @param {Task} task */
export const classifierNetwork = ({ cell: name, vocabulary, X, H, Y }) =>
  network({
    input: { vocabulary },
    layers: [
      embedding({ width: X }),
      recurrent({ cell: cellOf(name), units: H }),
      pool({ by: "last" }),
      linear({ units: Y }),
    ],
    loss: "crossEntropy",
  });
