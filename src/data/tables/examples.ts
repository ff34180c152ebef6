/**
 * Labelled texts from tables. It says what was read from where, what was left out and why, so that a report can repeat it;
 * tokens are left to tokenise.ts. Texts without labels are in texts.ts.
 */

import { compareCodePoints } from "../../io/order.js";
import { keyed } from "../../options/error.js";
import { isObject } from "../../options/items.js";
import { DataError } from "../errors.js";
import { requireItems } from "../items.js";
import { requireSource, type Source } from "../source.js";
import { type ColumnName, type ResolvedTable, resolveColumns } from "./columns.js";
import type { Labels, Place } from "./labels.js";
import type { TableForm } from "./rows.js";
import { type Field, tableFormats } from "./table.js";
import { emptyNotices, formatFor, isEmpty, textOf } from "./texts.js";

/** A text and its class. */
export interface TextExample {
  readonly text: string;
  readonly label: string;
  readonly file?: string;
  readonly line?: number;
}

/** A text with one label, or with any number of them. */
export type LabelledText = Omit<TextExample, "label"> & Labels;

/** Options of {@link readTextExamples}. */
export interface ReadTextExamplesOptions extends TableForm {
  /** "tsv", "csv" or "jsonl"; default: by the file's name. */
  readonly format?: string | undefined;
  /** Name or number (from 1) of the text's column; default: by the header, or the column that is not the label. */
  readonly text?: ColumnName | undefined;
  /** Name or number (from 1) of the label's column; default: by the header, or the column with few different values. */
  readonly label?: ColumnName | undefined;
}

/** Which columns were read, in the form of options for reading further files of the same kind. */
export interface ExampleColumns {
  readonly text: ColumnName;
  readonly label: ColumnName;
}

/** What {@link readTextExamples} read. */
export interface TextExamples<Example = TextExample> {
  /** At least one, in the order of the files. */
  readonly examples: readonly Example[];
  /** How many rows were left out, by reason; reasons that did not occur are absent. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The columns of the first source. */
  readonly columns: ExampleColumns;
  /** Sentences about the data that a person should see. */
  readonly notices: readonly string[];
}

/**
 * Reads labelled texts. Labels are trimmed; a row without one is skipped and counted. Texts are kept as they are,
 * including empty ones (a sequence of length zero is valid).
 *
 * ```ts
 * const { examples } = await readTextExamples([textSource("mood.tsv", "good\tI like it\nbad\tI do not\n")],
 *   { label: 1 });
 * examples[0]; // { text: "I like it", label: "good", file: "mood.tsv", line: 1 }
 * ```
 *
 * @throws DataError if a file is empty or not of its format, or it is unclear which column is which
 */
export async function readTextExamples(
  sources: readonly Source[],
  options: ReadTextExamplesOptions = {},
): Promise<TextExamples> {
  const read = await readLabelledTexts(sources, options, (table, line, field) => ({
    label: labelOf(table, line, field),
  }));
  return read as TextExamples;
}

/**
 * Reads texts with one label each or with lists of labels.
 *
 * @param labelsOf the labels in a row's field; if it is "", the row is skipped
 */
export async function readLabelledTexts(
  sources: readonly Source[],
  { format, text, label, header, ...form }: ReadTextExamplesOptions,
  labelsOf: (table: ResolvedTable, line: number, field: Field) => Labels,
): Promise<TextExamples<LabelledText>> {
  for (const source of Array.isArray(sources) ? sources : []) requireSource(source);
  const found: string[] = [];
  const tables = await inOrder(sources, (source) =>
    tableFormats[formatFor(source, format)].read(source, form, found),
  );
  const resolved = resolveColumns(tables, { text, label, header }, "both");
  const examples: LabelledText[] = [];
  let unlabelled = 0;
  for (const table of resolved) {
    for (const { line, fields } of table.rows) {
      const labels = labelsOf(table, line, fields[table.label!]);
      if (labels.label === "") unlabelled++;
      else
        examples.push({ text: textOf(table, line, fields[table.text]), ...labels, file: table.file, line });
    }
  }
  const [first] = resolved;
  if (first === undefined) throw new RangeError("readTextExamples needs at least one source");
  if (examples.length === 0) {
    throw new DataError({
      file: sources.map((source) => source.name).join(", "),
      problem: `none of the ${unlabelled} rows has a label in column ${JSON.stringify(first.names.label)}`,
      remedy: keyed("Is this the column of the label? Choose another one with {label}."),
    });
  }
  if (label === undefined) requireFewClasses(examples);
  return {
    examples,
    skipped: unlabelled > 0 ? { "no label": unlabelled } : {},
    columns: { text: first.names.text, label: first.names.label! },
    notices: [
      ...found,
      ...resolved.map(({ told }) => told),
      ...emptyNotices(examples.filter(isEmpty).length),
      ...headerNotices(resolved, examples),
    ],
  };
}

/**
 * The classes of examples: their different labels. Whole numbers are in numeric order, anything else in the order
 * of code points.
 *
 * @param file the name to report
 * @throws DataError if there are fewer than two
 */
export function requireClasses(examples: readonly Pick<TextExample, "label">[], file: string): string[] {
  const classes = [...new Set(examples.map((example) => example.label))].sort(compareCodePoints);
  if (classes.length < 2) {
    throw new DataError({
      file,
      problem: `all ${examples.length} examples have the label ${JSON.stringify(classes[0])}`,
      remedy: "A classifier needs examples of two classes or more. Is this the column of the label?",
    });
  }
  const numeric = classes.every((name) => /^-?[0-9]{1,15}$/.test(name));
  return numeric ? classes.sort((a, b) => Number(a) - Number(b)) : classes;
}

/** From how many examples on there have to be fewer classes than half of them. */
const FEW = 20;

/**
 * Refuses a label that was guessed and has almost as many classes as there are examples.
 *
 * @throws DataError naming how many
 */
export function requireFewClasses(examples: readonly (Labels & Place)[]): void {
  const classes = new Set(examples.map(({ label, labels }) => label ?? labels!.join()));
  if (examples.length < FEW || examples[0]?.labels !== undefined || 2 * classes.size <= examples.length)
    return;
  throw new DataError({
    file: examples[0]?.file ?? "data",
    problem: `what was taken for the label has ${classes.size} different values in ${examples.length} examples, such as ${[
      ...classes,
    ]
      .slice(0, 3)
      .map((each) => JSON.stringify(each))
      .join(", ")}`,
    remedy: keyed(
      "These are hardly classes: choose the column of the label with {label}, by name or number.",
    ),
  });
}

/** One after the other: sources may share a disk or a connection. */
export async function inOrder<S, T>(items: readonly S[], read: (item: S) => Promise<T>): Promise<T[]> {
  requireItems(items, { what: "sources", one: "a source, as textSource() makes one", takes: isObject });
  const results: T[] = [];
  for (const item of items) results.push(await read(item));
  return results;
}

/** A row's single label, trimmed. @throws DataError if it is a list or an object */
export function labelOf(table: ResolvedTable, line: number, field: Field): string {
  if (field === undefined || typeof field === "string") return field?.trim() ?? "";
  throw new DataError({
    file: table.file,
    line,
    problem: `${JSON.stringify(table.names.label)} is a list or an object`,
    remedy: "A label is a text, a number, true or false.",
  });
}

/** A first row with a label that no other row has, while all others repeat, is probably a header with unusual names. */
function headerNotices(tables: readonly ResolvedTable[], examples: readonly LabelledText[]): string[] {
  const counts = new Map<string, number>();
  for (const { label } of examples) if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  const single = [...counts].filter(([, count]) => count === 1).map(([label]) => label);
  return tables.flatMap(({ file, header, rows, label, names }) => {
    const field = rows[0]?.fields[label!];
    const value = typeof field === "string" ? field.trim() : undefined;
    if (header || single.length !== 1 || counts.size < 3 || value !== single[0]) return [];
    return [
      `${file}:${rows[0]!.line} was read as an example with the label ${JSON.stringify(value)}, which no other row ` +
        `has. If it is a header, say which columns are the text and the label (the label is column ${names.label}).`,
    ];
  });
}
