/**
 * What the models of all tasks offer to those who look inside: traces and a diagnosis. A task says how its network
 * reads an input or a labelled example, and what the steps are called. The rest is loaded on demand.
 */

import { DataError } from "../../data/errors.js";
import type { Session } from "../../exec/executor.js";
import type { Diagnosis, ExampleTrace, TraceKind } from "../../insight/index.js";
import { checkModel } from "../../nn/build/index.js";
import type { Example, Network, Parameters } from "../../nn/index.js";

/** The name of a step that should write the end. */
export const END = "‹end›";

/** An input as a network reads it. It has a target if the input came with one. */
export interface ReadInput {
  readonly example: Example;
  /** What each step is called: the words of a text. */
  readonly steps: readonly string[];
  /** For a translation: the source's tokens. */
  readonly source?: readonly string[];
}

/** A trace, and what its steps are called. */
export interface TaskTrace extends ExampleTrace {
  /** Words; "1", "2", … for a series; for generated output (translations, texts) what each step should write. */
  readonly steps: readonly string[];
  /** For a translation: the source's tokens, which attention weighs. */
  readonly source?: readonly string[];
}

/** What a task's model reveals of its inside. */
export interface Insight<Input, Labelled> {
  /**
   * Gates, states, outputs and gradients at every step, computed afresh. `trace` says which, default ["gates", "states"];
   * "gradients" are those of the loss, so they need labelled examples.
   *
   * @throws DataError if an input does not fit the model, or gradients are requested for one without a label
   */
  trace(
    inputs: readonly (Input | Labelled)[],
    options?: { readonly trace?: readonly TraceKind[] },
  ): Promise<TaskTrace[]>;
  /**
   * How gradients flow back through time and how gates and units are used, averaged over labelled examples; a few dozen are
   * enough.
   *
   * @throws DataError if there are no examples, or one does not fit the model
   */
  diagnose(examples: readonly Labelled[]): Promise<Diagnosis>;
}

const usual: readonly TraceKind[] = ["gates", "states"];

/** Steps named only by their numbers. */
export const numbered = (count: number): string[] => Array.from({ length: count }, (_, t) => String(t + 1));

/**
 * The methods of a model.
 *
 * @example
 * const insight = insightOf({ net, session, parameters, read: (input: number[]) => ({ example: { input }, steps: [] }) });
 */
export function insightOf<Input, Labelled>(of: {
  readonly net: Network;
  readonly session: Session;
  readonly parameters: Parameters;
  readonly read: (input: Input | Labelled) => ReadInput;
}): Insight<Input, Labelled> {
  const { net, session, parameters, read } = Object(of) as typeof of;
  checkModel("insightOf", { network: net, parameters });
  return {
    async trace(inputs, { trace = usual } = {}) {
      const { createTracer } = await import("../../insight/index.js");
      const all = inputs.map(read);
      const bare = trace.includes("gradients") ? all.findIndex(({ example }) => !example.target) : -1;
      if (bare >= 0)
        throw new DataError({
          file: "data",
          problem: `input ${bare + 1} has no label`,
          remedy: "Gradients are those of the loss: give labelled examples.",
        });
      const tracer = createTracer(net, session, { parameters, trace });
      try {
        const traces = tracer.trace(all.map(({ example }) => example));
        return traces.map((each, i) => {
          const { steps, source } = all[i]!;
          return { ...each, steps, ...(source ? { source } : {}) };
        });
      } finally {
        tracer.dispose();
      }
    },
    async diagnose(examples) {
      if (examples.length === 0)
        throw new DataError({
          file: "data",
          problem: "has no examples",
          remedy: "Give at least one labelled example.",
        });
      const { diagnose } = await import("../../insight/index.js");
      return diagnose(net, session, { parameters, examples: examples.map((each) => read(each).example) });
    },
  };
}
