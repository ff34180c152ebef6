/**
 * What can be done with the model file of a generator of text: evaluate it, have it write, show what is in it.
 */
import type { GenerateOptions, GeneratorData, TextGenerator } from "../../../../tasks/index.js";
import { Interrupted } from "../../../terminal/errors.js";
import type { Surroundings } from "../../../terminal/surroundings.js";
import { counted, print } from "../../../terminal/talk.js";
import { given } from "../../../training/options.js";
import { lookAt } from "../../diagnose.js";
import { refuseIdle } from "../idle.js";
import { oneByOne } from "../one-by-one.js";
import type { UnitModels } from "../unit.js";
import { readGeneratorData, type TextRequest } from "./data.js";
import { onText, scoreText } from "./report.js";

/** Options of music. */
const idle = {
  most: "--most",
  out: "--out",
  picture: "--picture",
  force: "--force",
  tempo: "--tempo",
  repeat: "--repeat",
} as const;

/** The rows of text. */
export const textModels: UnitModels<TextGenerator> = {
  takes: ({ data: { labels } }) => [
    ...(["format", "text", "header", "delimiter"] as const),
    ...(Array.isArray(labels) && labels.length > 0 ? (["label"] as const) : []),
  ],
  async evaluate(model, { sources, format, text, label }) {
    const data = await readFor(model, { sources, format, text, label });
    const result = await model.evaluate(data);
    return {
      metrics: result.metrics,
      count: result.count,
      facts: { unknown: result.unknown },
      lines: [scoreText(result) + onText(result)],
      remarks: [],
    };
  },
  async look(model, { sources, format, text, label }, request) {
    const data = await readFor(model, { sources, format, text, label });
    const examples = typeof data === "string" ? passages(data) : data;
    return lookAt(model, { examples, remarks: [], ...request });
  },
  async generate(file, { json, count = 1, ...chosen }, around) {
    refuseIdle(chosen, idle, "text");
    const opened = await file.opened();
    const model = opened.model as TextGenerator;
    await oneByOne({ count, noun: "text", streamed: !json, around }, async (sequence, signal) => {
      const options = { ...given<GenerateOptions>(chosen as GenerateOptions), sequence };
      if (json) {
        const [answer] = await opened.answer([options], { signal });
        print(around, JSON.stringify(answer!.json));
      } else {
        if (sequence > 0 && model.kind === "text") print(around, "---");
        await write(model, options, around, signal);
      }
      return [];
    });
  },
  facts({ data }) {
    const unit = String(data["unit"]);
    const { tokens } = { tokens: data["tokens"] };
    const size = sizeOf(tokens);
    const labels = Array.isArray(data["labels"]) ? (data["labels"] as string[]) : [];
    return {
      unit: { value: unit, text: unit },
      learned: { value: data["kind"], text: data["kind"] === "text" ? "one long text" : "lines" },
      vocabulary: { value: size, text: counted(size, "token") },
      ...(labels.length > 0 ? { labels: { value: labels, text: labels.join(", ") } } : {}),
    };
  },
};

/** Data in the form that the model learned: one long text, or lines. */
const readFor = (
  { kind, labels }: TextGenerator,
  { label, ...request }: TextRequest,
): Promise<GeneratorData> =>
  readGeneratorData({
    ...request,
    lines: kind === "lines",
    // If the model knows no labels, they are just another column of the table.
    label,
    labelled: labels.length > 0,
  });

/** Characters in a passage: as far back as gradients are followed. */
const PASSAGE = 100;

/** A long text cut into consecutive passages; the last may be shorter. */
function passages(text: string): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / PASSAGE) }, (_, i) =>
    characters.slice(PASSAGE * i, PASSAGE * (i + 1)).join(""),
  );
}

/** Prints a text while it is being written, after its prime. */
async function write(
  model: TextGenerator,
  options: GenerateOptions,
  { stdout }: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const stream = model.stream(options);
  stdout.exact(options.prime ?? "");
  let [ended, rested] = ["", performance.now()];
  try {
    for (const { text } of stream) {
      if (text !== "") [ended] = [text];
      stdout.exact(text);
      signal.throwIfAborted();
      if (performance.now() - rested < 40) continue;
      // Yields to the event loop, so that Ctrl-C is noticed and what was written is shown.
      await new Promise((resolve) => setTimeout(resolve));
      await stdout.drained();
      rested = performance.now();
    }
  } catch (error) {
    // The message about it starts on a new line.
    if (error instanceof Interrupted && !ended.endsWith("\n")) stdout.write("\n");
    throw error;
  }
  if (!ended.endsWith("\n")) stdout.write("\n");
}

const sizeOf = (tokens: unknown): number => {
  const list = Array.isArray(tokens) ? tokens : ((tokens ?? {}) as { readonly tokens?: unknown }).tokens;
  return Array.isArray(list) ? list.length : 0;
};
