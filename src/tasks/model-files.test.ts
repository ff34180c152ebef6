/**
 * Model files that earlier versions wrote, of every task and format: they load and answer as they did. test/golden/model-files/make.mjs
 * made them; none may ever be made anew, and a format that is added adds files.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type TimeSeriesParts, timeSeries } from "../data/index.js";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { readModel } from "../io/index.js";
import { classifier, forecaster, generator, tagger, translator } from "./index.js";

const folder = new URL("../../test/golden/model-files/", import.meta.url);
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
const page = readFileSync(new URL("../../docs/model-file.md", import.meta.url), "utf8");
const tasks = { classifier, forecaster, generator, tagger, translator };

/** What a model says to what is asked: a generator writes, a forecaster is given series as their parts. */
function answer(model: object, asked: unknown): Promise<unknown> {
  type Says = (asked: unknown) => Promise<unknown>;
  const { generate, predict } = model as { readonly generate?: Says; readonly predict: Says };
  if (generate) return generate(asked);
  return predict("settings" in model ? (asked as TimeSeriesParts[]).map(timeSeries) : asked);
}

/** Numbers by their place in a value, and the value without them. */
function parted(value: unknown): { readonly numbers: readonly number[]; readonly words: unknown } {
  const numbers: number[] = [];
  const words = JSON.parse(JSON.stringify(value), (_, of) => {
    if (typeof of !== "number") return of;
    numbers.push(of);
    return 0;
  });
  return { numbers, words };
}

describe("a model file of", () => {
  it.each(names)("%s loads, and answers as when it was written", async (name) => {
    const bytes = readFileSync(new URL(`${name}.safetensors`, folder));
    const { task: kind, stored, data } = readModel(bytes, name);
    expect(name).toContain(`format-${stored?.format}`);
    expect(stored?.storage).toBe(/float16|int8/.exec(name)?.[0] ?? "float32");
    // What opens any of them: a generator's kind is told beforehand.
    const load = tasks[kind as keyof typeof tasks].load as (
      bytes: Uint8Array,
      options: object,
    ) => Promise<object>;
    const executor = await createReferenceExecutor();
    const model = await load(bytes, { name, executor, unit: data["unit"] });
    const { asked, answers } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
    const [found, expected] = [parted(await answer(model, asked)), parted(answers)];
    expect(found.words).toEqual(expected.words);
    // Float64, whose exponentials are the engine's own and may come in another last digit.
    expected.numbers.forEach((value, i) => expect(found.numbers[i]).toBeCloseTo(value, 10));
  });
  it.each(names)("%s keeps what docs/model-file.md says", (name) => {
    const { data, task } = readModel(readFileSync(new URL(`${name}.safetensors`, folder)), name);
    // A task has rows of the table, and an item of the list below where a row does not hold it.
    const own = page.split(/\n(?=[|-])/).filter((item) => new RegExp(`^(\\| \`|- A )${task}`).test(item));
    for (const key of Object.keys(data)) expect(own.join("\n")).toContain(`\`${key}\``);
  });
  it("every task and every format is there", () => {
    const kinds = [
      "classifier-texts",
      "classifier-series",
      "classifier-vectors",
      "forecaster",
      "generator-events",
      "generator-lines",
      "generator-notes",
      "generator-text",
      "tagger",
      "translator",
    ];
    const formats = ["format-1", "format-1-float16", "format-2-int8"];
    expect(names.sort()).toEqual(
      kinds.flatMap((kind) => formats.map((format) => `${kind}.${format}`)).sort(),
    );
  });
});
