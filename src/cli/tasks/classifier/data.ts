/**
 * The data that a classifier is trained and judged with: read, split or held back, and checked, before training starts.
 */
import {
  DataError,
  type Examples,
  haveSeveral,
  type LabelledExample,
  labelKey,
  plurals,
  type ReadExamplesOptions,
  readExamples,
  requireClasses,
  splitByPosition,
} from "../../../data/index.js";
import { fileSource } from "../../../data/node.js";
import { classifier } from "../../../tasks/index.js";
import { count } from "../../terminal/talk.js";
import { given } from "../../training/options.js";
import { type ChosenColumns, dataRequest } from "../columns.js";
import { type DataParts, heldBack, sizesText } from "../parts.js";
import { skippedText } from "./report.js";

/** Where the data comes from. */
export interface DataOptions extends ChosenColumns {
  readonly train: readonly string[];
  readonly valid?: readonly string[] | undefined;
  readonly test?: readonly string[] | undefined;
  readonly split?: string | undefined;
  /** Seed for holding back examples if there is no validation data; default 1, as in the library. */
  readonly seed?: number | undefined;
}

/** Texts, series or vectors to train with, to choose the best epoch by, and to test on. */
export interface ClassifierData extends DataParts<LabelledExample> {
  readonly kind: Examples["kind"];
  /** Names of the features of vectors, where the file has names. */
  readonly features?: readonly string[];
}

/** @throws DataError naming file and line of what cannot be used */
export async function readClassifierData(options: DataOptions): Promise<ClassifierData> {
  const { split, seed = 1 } = options;
  const asked = dataRequest(options);
  const all = await read(options.train, asked);
  const { kind, features } = all;
  const remarks = [...all.remarks];
  // Further files are read like the first, whose columns may have been found by their contents.
  const like = { ...all.columns, ...(features ? { features } : {}), ...given(asked) };
  const others = async (
    files: readonly string[] | undefined,
  ): Promise<readonly LabelledExample[] | undefined> => {
    if (files === undefined) return undefined;
    const { examples, kind: found, remarks: more } = await read(files, like);
    if (found !== kind) throw otherKind(files, found, kind);
    remarks.push(...more);
    return examples;
  };
  const further = { valid: await others(options.valid), test: await others(options.test) };
  const whole = { train: all.examples, ...further };
  const parts = split === undefined ? whole : { ...whole, ...byPosition(all.examples, split) };
  const training = parts.train;
  const rest = [...(parts.valid ?? []), ...(parts.test ?? [])];
  haveSeveral([...training, ...rest]);
  const known = new Set(requireLabels(training, options.train.join(", ")));
  for (const example of rest) requireKnown(example, known);
  const from = split === undefined ? undefined : `--split ${split}`;
  const validFrom = parts.valid === undefined ? heldBack : from;
  const data = {
    ...classifier.holdOut(parts, seed),
    ...(parts.test === undefined ? {} : { test: parts.test }),
    ...(validFrom === undefined ? {} : { validFrom }),
  };
  const named = features === undefined ? {} : { features };
  return { kind, ...named, ...data, remarks: [...remarks, sizesText("example", data)] };
}

interface Read extends Pick<Examples, "kind" | "examples" | "columns" | "features"> {
  readonly remarks: readonly string[];
}

async function read(files: readonly string[], options: ReadExamplesOptions): Promise<Read> {
  const { skipped, notices, ...found } = await readExamples(files.map(fileSource), options);
  const from = skippedText(skipped).map((text) => `${files.join(", ")}: ${text}`);
  return { ...found, remarks: [...notices, ...from] };
}

function otherKind(files: readonly string[], found: Examples["kind"], wanted: Examples["kind"]): DataError {
  return new DataError({
    file: files.join(", "),
    problem: `holds ${plurals[found]}, but the training data holds ${plurals[wanted]}`,
    remedy: "Give files of one kind.",
  });
}

/** The labels to tell apart. @throws DataError when there are too few */
function requireLabels(examples: readonly LabelledExample[], file: string): string[] {
  if (!haveSeveral(examples))
    return requireClasses(
      examples.map((example) => ({ label: labelKey(example) })),
      file,
    );
  const labels = [...new Set(examples.flatMap(labelsOf))].sort();
  if (labels.length > 0) return labels;
  throw new DataError({
    file,
    problem: `all ${examples.length} lists of labels are empty`,
    remedy: "A classifier needs at least one label.",
  });
}

function byPosition(
  examples: readonly LabelledExample[],
  split: string,
): Pick<ClassifierData, "train" | "valid" | "test"> {
  const [train, valid, test] = splitByPosition(examples.length, split).map(({ start, end }) =>
    examples.slice(start, end),
  );
  return { train: train!, valid: valid!, ...(test === undefined ? {} : { test }) };
}

const labelsOf = ({ label, labels }: LabelledExample): readonly string[] => labels ?? [label as string];

function requireKnown(example: LabelledExample, known: ReadonlySet<string>): void {
  const { file = "data", line } = example;
  const label = labelsOf(example).find((each) => !known.has(each));
  if (label === undefined) return;
  const labels = [...known];
  const listed = labels.slice(0, 20).join(", ") + (labels.length > 20 ? `, … (${count(labels.length)})` : "");
  throw new DataError({
    file,
    line,
    problem: `has the label ${JSON.stringify(label)}, which does not occur in the training data`,
    remedy: `The labels are ${listed}. If this line is a header, name the columns with --text and --label.`,
  });
}
