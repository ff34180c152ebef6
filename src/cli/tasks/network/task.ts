/**
 * The row of bare networks, as imported models are: numbers or token ids go in, numbers come out; there are no labels.
 */
import type { ModelFile } from "../../../io/index.js";
import {
  createPredictor,
  type Example,
  losses,
  type Prediction,
  type PredictorOptions,
} from "../../../nn/index.js";
import { insightOf, type ReadInput } from "../../../tasks/index.js";
import type { Surroundings } from "../../terminal/surroundings.js";
import { counted } from "../../terminal/talk.js";
import { lookAt } from "../look.js";
import type { Answer, OpenedFile, TaskRow } from "../tasks.js";
import { readSequences, type Sequence, targetOf } from "./data.js";

/** Sequences that are predicted before the first answers are printed. */
const chunk = 256;

/** The row. */
export const networkTask: TaskRow = {
  takes: () => ["format", "series", "channels", "label"],
  async evaluate(opened, data, around) {
    const { network } = opened.model;
    const { sequences, notices } = await readSequences(data, network);
    const examples = sequences.map((each) => ({ ...exampleOf(each), target: targetOf(each, network) }));
    const options = { loss: true, rows: false };
    let loss = 0;
    for await (const some of predictions(opened, { examples, options, around }))
      for (const each of some) loss += each.loss!;
    const pools = network.output.over === "sequences";
    const rows = pools
      ? examples.length
      : examples.reduce((sum, { input }) => sum + stepsOf(opened, input), 0);
    const per = `${network.loss} per ${pools ? "sequence" : "step"}`;
    return {
      metrics: { loss: loss / rows },
      count: sequences.length,
      lines: [`loss ${(loss / rows).toFixed(4)} (${per}) on ${counted(sequences.length, "sequence")}`],
      remarks: notices,
    };
  },
  async look(opened, data, around, request) {
    const { network: net, parameters } = opened.model;
    const { sequences: examples, notices: remarks } = await readSequences(data, net);
    const executor = await around.createExecutor();
    try {
      const read = (each: Sequence): ReadInput => ({
        example: { ...exampleOf(each), target: targetOf(each, net) },
        steps: each.input.map((_, t) => String(t + 1)),
      });
      const model = insightOf({ net, session: executor.session(), parameters, read });
      return await lookAt(model, { examples, remarks, ...request });
    } finally {
      executor.dispose();
    }
  },
  // Every input is data: `predict` refuses --text by itself.
  predict: async function* () {},
  takesData: () => true,
  async predictData(opened, data, around) {
    const { sequences, notices } = await readSequences(data, opened.model.network);
    const examples = sequences.map(exampleOf);
    return { notices, answers: answers(opened, { examples, options: {}, around }) };
  },
  facts({ data, network }) {
    const { imported } = data as {
      readonly imported?: { readonly format?: unknown; readonly file?: unknown };
    };
    const from = `${String(imported?.format)}, ${String(imported?.file)}`;
    const { equation } = losses[network.loss];
    return {
      ...(imported ? { imported: { value: imported, text: from } } : {}),
      output: { value: network.loss, text: `${network.loss}: ${equation}` },
    };
  },
};

const exampleOf = ({ input }: Sequence): { readonly input: readonly number[] } => ({ input: input.flat() });

const stepsOf = ({ model }: OpenedFile, input: readonly number[]): number => {
  const { input: takes } = model.network;
  return input.length / ("width" in takes ? takes.width : 1);
};

interface Work {
  readonly examples: readonly Example[];
  readonly options: PredictorOptions;
  readonly around: Surroundings;
}

async function* predictions(
  { model }: { readonly model: ModelFile },
  { examples, options, around }: Work,
): AsyncGenerator<readonly Prediction[]> {
  const { network, parameters } = model;
  const executor = await around.createExecutor();
  try {
    const predictor = createPredictor(network, executor, { ...options, parameters });
    for (let from = 0; from < examples.length; from += chunk)
      yield predictor.predict(examples.slice(from, from + chunk));
  } finally {
    executor.dispose();
  }
}

async function* answers(opened: OpenedFile, work: Work): AsyncGenerator<readonly Answer[]> {
  const pools = opened.model.network.output.over === "sequences";
  for await (const some of predictions(opened, work)) {
    yield some.map(({ rows }): Answer => {
      const output = pools ? (rows[0] ?? []) : rows;
      // Seven digits are what float32 holds; the JSON has all that was computed.
      const short = JSON.stringify(output, (_, value) =>
        typeof value === "number" ? Number(value.toPrecision(7)) : value,
      );
      return { json: { output }, line: short };
    });
  }
}
