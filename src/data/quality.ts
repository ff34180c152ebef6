/**
 * What is wrong with a data set: the same input with different labels, and inputs of the validation or test data that also
 * occur in the training data. For any task: an example is a key (its input as the model sees it, such as its tokens
 * joined by blanks) and its label as one text.
 */

/** The part of an example that matters for quality. */
export interface KeyedExample {
  /** Equal for inputs that a model cannot tell apart. */
  readonly key: string;
  readonly label: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** An input that occurs with more than one label. */
export interface Conflict {
  readonly key: string;
  /** Its labels, in the order in which they occur. */
  readonly labels: readonly string[];
  /** All of its examples. */
  readonly examples: readonly KeyedExample[];
}

/** An example of other data whose input also occurs in the training data. */
export interface Overlap {
  readonly example: KeyedExample;
  /** The first training example with the same input. */
  readonly trained: KeyedExample;
  /** Whether any training example with the same input has the same label. */
  readonly sameLabel: boolean;
}

/** Inputs that occur with different labels, in the order in which they first occur. */
export function labelConflicts(examples: readonly KeyedExample[]): Conflict[] {
  return [...byKey(examples)].flatMap(([key, group]) => {
    const labels = [...new Set(group.map(({ label }) => label))];
    return labels.length > 1 ? [{ key, labels, examples: group }] : [];
  });
}

/**
 * The examples of other data whose inputs occur in the training data: scores on them say nothing about new inputs.
 *
 * ```ts
 * import { overlap } from "unrolled/data";
 * const train = [{ key: "so good", label: "up" }];
 * overlap(train, [{ key: "so good", label: "down" }, { key: "so bad", label: "down" }]); // one, with another label
 * ```
 */
export function overlap(train: readonly KeyedExample[], other: readonly KeyedExample[]): Overlap[] {
  const known = byKey(train);
  return other.flatMap((example): Overlap[] => {
    const group = known.get(example.key) ?? [];
    const [trained] = group;
    if (trained === undefined) return [];
    const sameLabel = group.some(({ label }) => label === example.label);
    return [{ example, trained, sameLabel }];
  });
}

/** What was found in the data of a training run. */
export interface DataQuality {
  /** Within the training data. */
  readonly conflicts: readonly Conflict[];
  /** By the name of the other data set: "valid", "test". */
  readonly overlaps: Readonly<Record<string, readonly Overlap[]>>;
}

/** Looks for both in the data of a run. @param others the data by which a model is chosen or judged, by name */
export function dataQuality(
  train: readonly KeyedExample[],
  others: Readonly<Record<string, readonly KeyedExample[]>>,
): DataQuality {
  return {
    conflicts: labelConflicts(train),
    overlaps: Object.fromEntries(
      Object.entries(others).map(([name, other]) => [name, overlap(train, other)]),
    ),
  };
}

function byKey(examples: readonly KeyedExample[]): Map<string, KeyedExample[]> {
  const groups = new Map<string, KeyedExample[]>();
  for (const example of examples) {
    const group = groups.get(example.key);
    if (group === undefined) groups.set(example.key, [example]);
    else group.push(example);
  }
  return groups;
}
