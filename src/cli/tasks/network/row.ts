/**
 * The row of plain networks, as imported models are: numbers or token ids go in, numbers come out; there are no labels.
 */
import { readingIn, readingText } from "../../../io/index.js";
import { losses } from "../../../nn/build/index.js";
import { counted } from "../../terminal/talk.js";
import { lookAt } from "../diagnose.js";
import { inputsOf, type TaskRow } from "../row.js";
import { readSequences, streamSequences } from "./data.js";

/** The row. */
export const networkTask: TaskRow<"network"> = {
  takes: () => ["format", "series", "channels", "label"],
  async evaluate({ model }, data) {
    const { sequences, notices } = await readSequences(data, model.network);
    const { metrics, count } = await model.evaluate(sequences);
    const { loss, output } = model.network;
    const per = `${loss} per ${output.over === "sequences" ? "sequence" : "step"}`;
    return {
      metrics,
      count,
      lines: [`loss ${metrics.loss.toFixed(4)} (${per}) on ${counted(count, "sequence")}`],
      remarks: notices,
    };
  },
  async look({ model }, data, request) {
    const { sequences: examples, notices: remarks } = await readSequences(data, model.network);
    return lookAt(model, { examples, remarks, ...request });
  },
  takesData: () => true,
  async streamInputs({ model }, { source, ...columns }) {
    const { items, notices } = streamSequences(source, columns, model.network);
    return { items: inputsOf(items, ({ input }) => input), notices };
  },
  facts({ data, network }) {
    const { imported, reading } = data as {
      readonly imported?: { readonly format?: unknown; readonly file?: unknown };
      readonly reading?: unknown;
    };
    const read = readingIn(reading);
    const from = `${String(imported?.format)}, ${String(imported?.file)}`;
    const { equation } = losses[network.loss];
    return {
      ...(imported ? { imported: { value: imported, text: from } } : {}),
      ...(read ? { sequences: { value: read, text: readingText(read) } } : {}),
      output: { value: network.loss, text: `${network.loss}: ${equation}` },
    };
  },
};
