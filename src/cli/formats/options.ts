/**
 * What `import` and `export` share: a table of formats with options of their own; options of other formats are
 * refused.
 */
import type { Command, Option } from "commander";
import { UsageError } from "../terminal/errors.js";

/** Rows that bring options. */
type Formats = Readonly<Record<string, { readonly describes: string; readonly options: readonly Option[] }>>;

/** "pytorch: state dicts …" for each format, for the help. */
export function formatsText(formats: Formats): string {
  const width = Math.max(...Object.keys(formats).map((name) => name.length));
  return Object.entries(formats)
    .map(([name, { describes }]) => `  ${name.padEnd(width)}  ${describes}`)
    .join("\n");
}

/** Adds the options of all formats to a command; one that several formats share is added once. */
export function addFormatOptions(command: Command, formats: Formats): void {
  const known = new Set<string>();
  for (const option of Object.values(formats).flatMap(({ options }) => options)) {
    if (known.has(option.attributeName())) continue;
    known.add(option.attributeName());
    command.addOption(option);
  }
}

/**
 * The values of a format's own options.
 *
 * @param flag the option that chose the format: "--from"
 * @throws UsageError if an option of other formats was given
 */
export function chosenFor(
  command: Command,
  formats: Formats,
  { format, flag }: { readonly format: string; readonly flag: string },
): Readonly<Record<string, unknown>> {
  const own = new Set(formats[format]?.options.map((option) => option.attributeName()));
  const chosen: Record<string, unknown> = {};
  for (const [name, { options }] of Object.entries(formats)) {
    for (const option of options) {
      const key = option.attributeName();
      const value: unknown = command.getOptionValue(key);
      if (own.has(key)) {
        if (value !== undefined) chosen[key] = value;
      } else if (command.getOptionValueSource(key) === "cli")
        throw new UsageError(`${option.long} is for ${flag} ${name}, not for ${format}`);
    }
  }
  return chosen;
}
