/**
 * What `unrolled train generator` can be told beside what the library takes, and the library's options for what was chosen.
 * Each unit has a table of options; the help shows them as one.
 */
import { exampleFormats } from "../../../data/index.js";
import type { Facts, OptionRow, OptionTable } from "../../../options/index.js";
import { generatorOptions, type OptionsOfTask, optionsOfUnit } from "../../../tasks/help/index.js";
import type { GeneratorUnit } from "../../../tasks/index.js";
import {
  type ChosenOf,
  type CommandTable,
  commandTable,
  type OwnOptions,
} from "../../terminal/command-table.js";
import { UsageError } from "../../terminal/errors.js";
import { refuseIdle, settingsOf } from "../../terminal/row-options.js";
import { trainingConversions } from "../../training/options.js";
import { formOptions } from "../columns.js";
import {
  type ChosenTask,
  layerSizes,
  layersOption,
  ownOptions,
  refuseLayers,
  splitOption,
  taskConversions,
} from "../options.js";

/** The names of the units on the command line, and in the library. */
const unitNames = {
  char: "character",
  word: "word",
  bpe: "subword",
  note: "note",
  event: "event",
} as const satisfies Record<string, GeneratorUnit>;

/** The name of a unit on the command line. */
export type UnitName = keyof typeof unitNames;

const ofText = { unit: ["char", "word", "bpe"] } as const;
const heading = "Data:" as const;

/** Steps per quarter note by default: of files of rolls, and of MIDI files. */
export const usualSteps = { rolls: 1, midi: 4 } as const;

const form = formOptions("unit");

const own = {
  unit: {
    of: "unit",
    row: { kind: "name", names: Object.keys(unitNames) as UnitName[] },
    text: "what is learned",
    usual: "by the files, note or char",
  },
  split: { ...splitOption, row: { ...splitOption.row, needs: { ...ofText, valid: false } } },
  lines: {
    row: { kind: "flag", default: false, needs: { ...ofText, text: false, label: false } },
    after: "unit",
    heading,
    text: "each line of a text is a sequence of its own, as rows of a table are",
  },
  format: {
    row: {
      kind: "name",
      names: [...exampleFormats.filter((name) => name !== "ts"), "txt"],
      needs: ofText,
    },
    after: "unit",
    heading,
    text: "format of all the files",
    usual: "by extension",
  },
  text: {
    row: { kind: "text", needs: ofText },
    after: "unit",
    heading,
    value: "column",
    text: "column of the text in a table, by name or number",
    usual: "found",
  },
  label: {
    row: { kind: "text", needs: ofText },
    after: "unit",
    heading,
    value: "column",
    text: "column of what each text is written for",
    usual: "none",
  },
  header: { ...form.header, row: { ...form.header.row, needs: ofText } },
  delimiter: { ...form.delimiter, row: { ...form.delimiter.row, needs: ofText } },
  vocabulary: { of: "vocabularySize" },
  stepsPerBeat: {
    of: "stepsPerBeat",
    row: { kind: "whole", most: 96, derived: usualSteps },
    usual: "{midi} for MIDI files, {rolls} for JSON",
  },
  // The files tell.
  beatsPerMinute: null,
  zoneout: { of: "zoneout", row: { kind: "number", least: 0, below: 1, default: 0 } },
  layers: layersOption,
} as const satisfies OwnOptions;

type Rows = (typeof generatorOptions)["text"]["rows"] & (typeof generatorOptions)["note"]["rows"];

/** The parsed options. What was not chosen is left to the library's defaults, which the help repeats. */
export type ChosenGenerator = ChosenTask & ChosenOf<Omit<Rows, "unit">, Omit<typeof own, "beatsPerMinute">>;

/** Rows in which the units are called as they are here. */
function withUnitNames(rows: OptionTable): OptionTable {
  const here = new Map<unknown, string>(Object.entries(unitNames).map(([name, unit]) => [unit, name]));
  const renamed = (row: OptionRow): OptionRow => {
    const { by, defaults = {}, needs } = row;
    const special = Object.entries(defaults).map(([unit, value]) => [here.get(unit) ?? unit, value]);
    const units = needs?.["unit"];
    return {
      ...row,
      ...(by === "unit" ? { defaults: Object.fromEntries(special) } : {}),
      ...(Array.isArray(units)
        ? { needs: { ...needs, unit: units.map((unit) => here.get(unit) ?? String(unit)) } }
        : {}),
    };
  };
  return Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, renamed(row)]));
}

const tableOf = (options: OptionsOfTask): CommandTable =>
  commandTable(
    { ...options, rows: withUnitNames(options.rows) },
    { ...ownOptions("generator", options), ...own },
  );

/** The tables that the help is made of, by what they are for. */
export const generatorTables: Readonly<Record<string, CommandTable>> = Object.fromEntries(
  Object.entries(generatorOptions).map(([name, options]) => [name, tableOf(options)]),
);

/** @throws OptionError or UsageError naming options that have no effect, or contradict each other */
export function refuse(chosen: ChosenGenerator, unit: UnitName): void {
  const { split: parts, test, lines } = chosen;
  const facts: Facts = { unit, ...(lines ? { data: "lines" } : {}) };
  refuseIdle(tableOf(optionsOfUnit(unitNames[unit])), chosen, "train generator", facts);
  refuseLayers(chosen);
  if (parts !== undefined && parts.split(",").length > 2 && test !== undefined)
    throw new UsageError("--split has a part to test on, and so has --test; give one of the two");
}

/** The library's options of a unit for what was chosen. @param facts of the data, by which they may differ */
export function modelOptions<Settings extends object>(
  chosen: ChosenGenerator,
  options: OptionsOfTask,
  facts: Facts = {},
): Promise<Settings> {
  return settingsOf<Settings, ChosenGenerator>(
    tableOf(options),
    chosen,
    {
      ...taskConversions,
      ...trainingConversions(options),
      unit: ({ unit }) => unit && unitNames[unit],
      units: layerSizes(options.rows),
      // What was read of the files says it.
      stepsPerBeat: () => undefined,
    },
    facts,
  );
}
