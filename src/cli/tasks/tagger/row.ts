/**
 * The tagger's row in the table of tasks: how its models are evaluated, asked and shown.
 */
import {
  DataError,
  isTaggedName,
  readTagged,
  type Source,
  streamTagged,
  type TaggedFormat,
  taggedFormats,
} from "../../../data/index.js";
import { counted } from "../../terminal/talk.js";
import { trainableRow } from "../../training/train.js";
import { lookAt } from "../diagnose.js";
import { inputsOf, type TaskRow } from "../row.js";
import { scoreText, typeLines } from "./report.js";
import { trainableTagger } from "./train.js";

/** The tagger's row. */
export const taggerTask: TaskRow<"tagger"> = {
  ...trainableRow(trainableTagger),
  takes: () => ["format", "tokenColumn", "tagColumn"],
  async evaluate({ model }, { sources, format: name, tokenColumn, tagColumn }) {
    const options = { format: formatOf(sources, name), tokenColumn, tagColumn };
    const read = await Promise.all(sources.map((source) => readTagged(source, options)));
    const sentences = read.flatMap((part) => part.sentences);
    const result = await model.evaluate(sentences);
    const lines = [
      `${scoreText(result)} on ${counted(result.count, "sentence")}`,
      ...typeLines(result).map(([, text]) => text!),
    ];
    const { metrics, count, interval, byType } = result;
    const skipped = read.reduce((sum, part) => sum + part.skipped, 0);
    const remarks = [
      ...read.flatMap((part) => part.notices),
      ...(skipped > 0 ? [`skipped ${counted(skipped, "line")} that hold no token`] : []),
    ];
    return { metrics, count, lines, remarks, facts: { interval, byType } };
  },
  async look({ model }, { sources, format: name, tokenColumn, tagColumn }, request) {
    const options = { format: formatOf(sources, name), tokenColumn, tagColumn };
    const read = await Promise.all(sources.map((source) => readTagged(source, options)));
    const examples = read.flatMap((part) => part.sentences);
    return lookAt(model, { examples, remarks: [], ...request });
  },
  takesData: (_model, { file, format }) =>
    taggedFormats.some((name) => name === format) || isTaggedName(file),
  async streamInputs({ model }, { source, format: name, tokenColumn }) {
    const format = formatOf([source], name);
    const sentences = streamTagged(source, { format, tokenColumn, tokensOnly: true, tags: model.tags });
    return { items: inputsOf(sentences, ({ tokens }) => tokens), notices: () => [] };
  },
  facts({ data }) {
    const size = (value: unknown): number => (Array.isArray(value) ? value.length : 0);
    const tags = Array.isArray(data["tags"]) ? data["tags"] : [];
    return {
      tags: {
        value: tags,
        text: `${tags.length}: ${tags.slice(0, 15).join(", ")}${tags.length > 15 ? ", …" : ""}`,
      },
      vocabulary: { value: size(data["words"]), text: counted(size(data["words"]), "word") },
      characters: { value: size(data["characters"]), text: counted(size(data["characters"]), "character") },
    };
  },
};

/** @throws DataError if that is not a format of tagged files */
function formatOf(sources: readonly Source[], name: string | undefined): TaggedFormat | undefined {
  const format = taggedFormats.find((known) => known === name);
  if (name === undefined || format !== undefined) return format;
  throw new DataError({
    file: sources.map((source) => source.name).join(", "),
    problem: `cannot be read as ${name}`,
    remedy: `A tagger reads ${taggedFormats.join(" and ")}.`,
  });
}
