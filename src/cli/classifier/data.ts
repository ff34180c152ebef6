// The data that a classifier is trained and judged with: read, split or held back, and checked, before training starts.
import {
  DataError,
  type ExampleColumns,
  type ReadTextExamplesOptions,
  readTextExamples,
  requireClasses,
  splitByPosition,
  stratifiedHoldOut,
  type TextExample,
} from "../../data/index.js";
import { fileSource } from "../../data/node.js";
import { count } from "../talk.js";
import { skippedText } from "./report.js";

/** Where the data comes from. */
export interface DataOptions {
  readonly train: readonly string[];
  readonly valid?: readonly string[] | undefined;
  readonly test?: readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly text?: string | undefined;
  readonly label?: string | undefined;
  readonly split?: string | undefined;
  /** Seed of what is held back where there is no validation data; default 1, as in the library. */
  readonly seed?: number | undefined;
}

/** Examples to train with, to choose the best epoch by, and to test on. */
export interface ClassifierData {
  readonly train: readonly TextExample[];
  readonly valid: readonly TextExample[];
  readonly test?: readonly TextExample[];
  /** Where the validation data comes from, if not from files of its own. */
  readonly validFrom?: string;
  /** What a person should know: what was read from where, skipped and held back. */
  readonly remarks: readonly string[];
}

/** @throws DataError naming file and line of what cannot be used */
export async function readClassifierData(options: DataOptions): Promise<ClassifierData> {
  const { format, text, label, split, seed = 1 } = options;
  const all = await read(options.train, { format, text, label });
  const remarks = [...all.remarks];
  // Further files are read like the first, in which the columns may have been found by their contents.
  const like = { format, text: text ?? all.columns.text, label: label ?? all.columns.label };
  const others = async (
    files: readonly string[] | undefined,
  ): Promise<readonly TextExample[] | undefined> => {
    if (files === undefined) return undefined;
    const { examples, remarks: more } = await read(files, like);
    remarks.push(...more);
    return examples;
  };
  const given = { valid: await others(options.valid), test: await others(options.test) };
  const whole = { train: all.examples, ...given };
  const parts = split === undefined ? whole : { ...whole, ...byPosition(all.examples, split) };
  const training = parts.train;
  const known = new Set(requireClasses(training, options.train.join(", ")));
  for (const example of [...(parts.valid ?? []), ...(parts.test ?? [])]) requireKnown(example, known);
  const test = parts.test === undefined ? {} : { test: parts.test };
  if (parts.valid !== undefined) {
    const validFrom = split === undefined ? {} : { validFrom: `--split ${split}` };
    return { train: training, valid: parts.valid, ...test, ...validFrom, remarks };
  }
  const held = holdOut(training, seed);
  return { ...held, ...test, validFrom: "held back from training", remarks };
}

interface Read {
  readonly examples: readonly TextExample[];
  readonly columns: ExampleColumns;
  readonly remarks: readonly string[];
}

async function read(files: readonly string[], options: ReadTextExamplesOptions): Promise<Read> {
  const { examples, columns, skipped, notices } = await readTextExamples(files.map(fileSource), options);
  const from = skippedText(skipped).map((text) => `${files.join(", ")}: ${text}`);
  return { examples, columns, remarks: [...notices, ...from] };
}

function byPosition(
  examples: readonly TextExample[],
  split: string,
): { train: readonly TextExample[]; valid: readonly TextExample[]; test?: readonly TextExample[] } {
  const [train, valid, test] = splitByPosition(examples.length, split).map(({ start, end }) =>
    examples.slice(start, end),
  );
  return { train: train!, valid: valid!, ...(test === undefined ? {} : { test }) };
}

/** As the library would hold back itself; done here so that the report can say how the model does on it. */
function holdOut(examples: readonly TextExample[], seed: number): Pick<ClassifierData, "train" | "valid"> {
  const parts = stratifiedHoldOut(
    examples.map((example) => example.label),
    { seed },
  );
  const take = (rows: Int32Array): TextExample[] => Array.from(rows, (i) => examples[i]!);
  return { train: take(parts.train), valid: take(parts.held) };
}

function requireKnown({ label, file = "data", line }: TextExample, known: ReadonlySet<string>): void {
  if (known.has(label)) return;
  const labels = [...known];
  const listed = labels.slice(0, 20).join(", ") + (labels.length > 20 ? `, … (${count(labels.length)})` : "");
  throw new DataError({
    file,
    line,
    problem: `has the label ${JSON.stringify(label)}, which does not occur in the training data`,
    remedy: `Labels there are ${listed}. If this line is a header, name the columns with --text and --label.`,
  });
}
