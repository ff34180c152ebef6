/**
 * The defaults of the tasks' options: what the tables and sentences of docs/ say, what the help says and what training does
 * all follow from the rows. `npx vitest run src/cli/option-tables.test.ts -u` writes the tables anew.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { timeSeries } from "../data/index.js";
import { listed, type OptionTable, spelled, withDefaults } from "../options/index.js";
import {
  classifierOptions,
  type DefaultStyle,
  defaultText,
  forecasterOptions,
  generatorOptions,
  type OptionsOfTask,
  taggerOptions,
  trainingOptions,
  translatorOptions,
} from "../tasks/help/index.js";
import { forecaster, tagger, translator } from "../tasks/index.js";
import { classifierTable } from "./tasks/classifier/options.js";
import { forecasterTable } from "./tasks/forecaster/options.js";
import { generatorTables } from "./tasks/generator/options.js";
import { taggerTable } from "./tasks/tagger/options.js";
import { translatorTable } from "./tasks/translator/options.js";
import { type CommandTable, commandTable } from "./terminal/command-table.js";
import { flagOf } from "./terminal/flags.js";
import { optionsOf } from "./terminal/row-options.js";

interface Documented {
  readonly page: string;
  readonly options: OptionsOfTask;
  readonly command: CommandTable;
}

const documented: Readonly<Record<string, Documented>> = {
  training: { page: "training.md", options: trainingOptions, command: classifierTable },
  classifier: { page: "classifier.md", options: classifierOptions, command: classifierTable },
  tagger: { page: "tagger.md", options: taggerOptions, command: taggerTable },
  translator: { page: "translator.md", options: translatorOptions, command: translatorTable },
  forecaster: { page: "forecaster.md", options: forecasterOptions, command: forecasterTable },
  text: { page: "generator.md", options: generatorOptions.text, command: generatorTables["text"]! },
  note: { page: "music.md", options: generatorOptions.note, command: generatorTables["note"]! },
  event: { page: "music.md", options: generatorOptions.event, command: generatorTables["event"]! },
};
const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const contents = (page: string): string => readFileSync(docs + page, "utf8");

/** As it is written in code. */
function written(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value);
  const { name, kind, ...rest } = value as { readonly name?: string; readonly kind?: string };
  if (name !== undefined) return name;
  const { learningRate } = rest as { readonly learningRate?: number };
  return learningRate === undefined ? `${kind}` : `${kind}({ learningRate: ${learningRate} })`;
}
const code = (text: string): string => `\`${text}\``;
const style: DefaultStyle = { value: (value) => code(written(value)), key: code };

/** The default as the tables have it; of what training shares, also which tasks have another. */
function usualOf(key: string, options: OptionsOfTask): string {
  if (options.rows[key]!.required) return "required";
  const usual = defaultText(key, options, style) ?? "none";
  if (options !== trainingOptions) return usual;
  const others = new Map<string, string[]>();
  for (const [name, { options: of }] of Object.entries(documented)) {
    const row = of.rows[key];
    const here =
      row?.default === options.rows[key]!.default && !row?.derived ? usual : defaultText(key, of, style);
    if (here !== undefined && here !== usual) others.set(here, [...(others.get(here) ?? []), name]);
  }
  const told = [...others.values()].flat();
  if (usual === "none" && told.length > 2) return "the task's";
  return [usual, ...[...others].map(([value, names]) => `${listed(names)}: ${value}`)].join("; ");
}

/** Whether an option of a task is what all tasks have, with the default that they have. */
const isShared = (key: string, options: OptionsOfTask): boolean =>
  options !== trainingOptions &&
  Object.hasOwn(trainingOptions.rows, key) &&
  defaultText(key, options, style) === defaultText(key, trainingOptions, style);

/** The options of a task that are its own or have a default of its own, as a table. */
function tableOf({ options, command }: Documented): string {
  const lines = Object.keys(options.help)
    .filter((key) => Object.hasOwn(options.rows, key) && !isShared(key, options))
    .map((key) => {
      const { [key]: here } = command.names;
      const flag = here === undefined ? "" : flagOf(here);
      const isOff = command.rows[here ?? ""]?.kind === "flag" && command.rows[here!]!.default === true;
      const shown = isOff ? flag.replace("--", "--no-") : flag;
      const cells = [code(key), shown && code(shown), usualOf(key, options)];
      return `| ${[...cells, spelled(options.help[key]!.text, code)].join(" | ")} |`;
    });
  return [
    "| in code | on the command line | default | what it is |",
    "| --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

const marked = (name: string): RegExp =>
  new RegExp(`(<!-- options: ${name} -->\n)[\\s\\S]*?(<!-- end of options -->)`);

/** A page with the tables as they follow from the rows. */
const withTables = (page: string): string =>
  Object.entries(documented)
    .filter(([, one]) => one.page === page)
    .reduce(
      (text, [name, one]) => text.replace(marked(name), (_, begin, end) => `${begin}${tableOf(one)}\n${end}`),
      contents(page),
    );

describe("the options in docs/", () => {
  it.each(Object.entries(documented))("%s: there is a table", (name, { page }) => {
    expect(contents(page)).toMatch(marked(name));
  });

  it.each([...new Set(Object.values(documented).map(({ page }) => page))])(
    "%s: as in the rows",
    async (page) => {
      await expect(withTables(page)).toMatchFileSnapshot(docs + page);
    },
  );

  it.each(["tagger.md", "translator.md", "forecaster.md"])("%s: `option` (default) in sentences", (page) => {
    const { options } = Object.values(documented).find((one) => one.page === page)!;
    const said = [...contents(page).matchAll(/`(\w+)` \(([^ )]+)\)/g)].filter(
      ([, key = "", value = ""]) => Object.hasOwn(options.rows, key) && /^[\d.[\]"]/.test(value),
    );
    expect(said).not.toHaveLength(0);
    for (const [text, key = ""] of said)
      expect(text).toBe(`${code(key)} (${written(options.rows[key]!.default)})`);
  });
});

/** A default that nobody chose, of the kinds that can simply be counted up. */
function other(value: unknown): unknown {
  if (typeof value === "number") return value + 0.125;
  return Array.isArray(value) ? [...(value as readonly unknown[]), 7] : undefined;
}

const counted = Object.entries(documented).flatMap(([name, { options, command }]) =>
  Object.entries(options.rows).flatMap(([key, row]) =>
    other(row.default) === undefined ? [] : [{ name, key, row, options, command }],
  ),
);

describe("another default", () => {
  it.each(counted)(
    "of $key ($name) is in docs, in help and in what is done",
    ({ name, key, options, command }) => {
      const row = options.rows[key]!;
      const changed = {
        ...options,
        rows: { ...options.rows, [key]: { ...row, default: other(row.default) } },
      };
      const said = written(other(row.default));
      expect(tableOf({ ...documented[name]!, options: changed })).toContain(`| ${code(said)}`);
      const made = commandTable(changed, {});
      if (Object.hasOwn(made.rows, key)) {
        const { description } = optionsOf(made).find((option) => option.attributeName() === key)!;
        expect(description).toContain(`(default: ${said.replaceAll(/[[\]]/g, "")}`);
      }
      expect(withDefaults({}, changed.rows)).toMatchObject(
        row.by === "unit" || row.by === "data" ? {} : { [key]: other(row.default) },
      );
      // What stands in the command line's table now is the library's row, not a copy of what it said once.
      const here = command.rows[command.names[key] ?? ""];
      if (here?.kind === row.kind) expect(here.default).toEqual(row.default);
    },
  );

  const changed = (rows: OptionTable, key: string, row: object): void => {
    const before = rows[key]!;
    Object.assign(rows, { [key]: { ...before, ...row } });
    onTestFinished(() => void Object.assign(rows, { [key]: before }));
  };
  const bytesOf = async (model: { save(): Uint8Array; dispose(): void }): Promise<Uint8Array> => {
    onTestFinished(() => model.dispose());
    return model.save();
  };

  it("of the tagger's clip is what it trains with", async () => {
    const train = [
      { tokens: ["Ada", "sang"], tags: ["B-person", "O"] },
      { tokens: ["Ben", "sang"], tags: ["B-person", "O"] },
    ];
    const run = async (options: { readonly clip?: number }) =>
      bytesOf(await tagger.train({ train, valid: train, epochs: 2, units: [4], embedding: 4, ...options }));
    const [usual, small] = [await run({}), await run({ clip: 0.01 })];
    expect(await run({ clip: 5 })).toEqual(usual);
    changed(taggerOptions.rows, "clip", { default: 0.01 });
    expect(await run({})).toEqual(small);
    expect(small).not.toEqual(usual);
  });

  it("of the translator's smoothing is what it trains with", async () => {
    const train = [{ source: "one two", target: "eins zwei" }];
    const run = async (options: { readonly labelSmoothing?: number }) =>
      bytesOf(await translator.train({ train, valid: train, epochs: 2, units: 4, embedding: 4, ...options }));
    const [usual, none] = [await run({}), await run({ labelSmoothing: 0 })];
    expect(await run({ labelSmoothing: 0.1 })).toEqual(usual);
    changed(translatorOptions.rows, "labelSmoothing", { default: 0 });
    expect(await run({})).toEqual(none);
    expect(none).not.toEqual(usual);
  });

  it("of the forecaster's averaging is what it trains with", async () => {
    const train = timeSeries({ columns: { y: Array.from({ length: 60 }, (_, t) => Math.sin(t)) } });
    const run = async () =>
      bytesOf(await forecaster.train({ train, targets: ["y"], horizon: 2, window: 4, units: 4, epochs: 2 }));
    const usual = await run();
    changed(forecasterOptions.rows, "average", { derived: { share: 2 } });
    expect(await run()).not.toEqual(usual);
    expect(tableOf(documented["forecaster"]!)).toContain("over 2 of an epoch");
  });
});
