/**
 * Messages that name options. A template holds their keys in braces, and each surface writes a key as its users know it:
 * `{batchSize}` is batchSize to whoever writes code and --batch on the command line.
 */

/** How a surface writes the key of an option. */
export type Spelling = (key: string) => string;

/** A template with its keys written out; by default as they are in code. A doubled brace stands for one. */
export const spelled = (template: string, spelling: Spelling = (key) => key): string =>
  template.replace(/\{\{|\{([A-Za-z]\w*)\}/g, (_, key?: string) => (key === undefined ? "{" : spelling(key)));

/** A template in which options are called otherwise. @param names by the keys that stand there */
export const renamedKeys = (template: string, names: Readonly<Record<string, string>>): string =>
  template.replace(/\{\{|\{([A-Za-z]\w*)\}/g, (whole, key?: string) =>
    key === undefined || names[key] === undefined ? whole : `{${names[key]}}`,
  );

/** A sentence that names options, with their keys in braces. */
export interface Keyed {
  readonly template: string;
}

/** Marks a sentence as a template, where plain texts may stand too. */
export const keyed = (template: string): Keyed => ({ template });

/** Any text as a part of a template: its braces are no keys. */
export const plain = (text: string): string => text.replaceAll("{", "{{");

/** Names for a message: "a, b, c", and of very many the first ones and how many more there are. */
export function someOf(names: readonly string[], most = 20): string {
  if (names.length <= most) return names.join(", ");
  const more = (names.length - most).toLocaleString("en-US");
  return `${names.slice(0, most).join(", ")} … and ${more} more`;
}

/** A value as a part of a template: short, and in quotation marks if it is a text. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  const text =
    typeof value === "object" && value !== null
      ? (JSON.stringify(value) ?? "an object")
      : typeof value === "string"
        ? JSON.stringify(value)
        : String(value);
  return plain(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}

/**
 * Options that cannot be used as they are: there is none of the name, the value is of the wrong kind or out of range, or it
 * would have no effect beside the others. Its message is for people, and names the option and what would be right.
 */
export class OptionError extends RangeError implements Keyed {
  override readonly name = "OptionError";
  /** The message with keys in braces, for surfaces that write options in their own way. */
  readonly template: string;

  /** @param template the message, with the keys of options in braces: "{units} is 0; …" */
  constructor(template: string) {
    super(spelled(template));
    this.template = template;
  }
}

/**
 * The names of this package's errors whose messages are for people: what is wrong with data, files, cells, networks or
 * options, where, and what would be right. By name, as a user's cell may come with another copy of the package. An error of
 * any other name that leaves a function of ours is a bug.
 */
export const libraryErrors: ReadonlySet<string> = new Set([
  "DataError",
  "FileFormatError",
  "CellError",
  "NetworkError",
  "ExecutorError",
  "TrainingError",
  "CertificateError",
  "OptionError",
]);
