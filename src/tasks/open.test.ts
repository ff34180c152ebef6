/** Models of any task by one opener: what they are told of their file, what they refuse, and that they answer side by side. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createReferenceExecutor } from "../exec/reference/index.js";
import { createWasmExecutor } from "../exec/wasm/index.js";
import { readModel, writeModel } from "../io/index.js";
import { initialParameters, linear, network } from "../nn/index.js";
import { type AnyInput, openModel, taskNames } from "./index.js";

const bytesOf = (name: string): Uint8Array =>
  readFileSync(new URL(`../../test/golden/model-files/${name}.format-1.safetensors`, import.meta.url));

/** A model of each task, and something to ask it. */
const asked: Readonly<Record<string, readonly AnyInput[]>> = {
  "classifier-texts": ["a fine day", "isn't it dreary?"],
  tagger: ["Anna went to Graz", ["in", "Rome"]],
  translator: ["ab b", "ba"],
  "generator-lines": [{ label: "good", length: 9 }],
  forecaster: [
    { columns: { load: Array.from({ length: 20 }, (_, t) => t % 5), sun: new Array(20).fill(1) } },
  ],
};

const plain = network({ input: { width: 1 }, layers: [linear({ units: 2 })], loss: "squaredError" });
const plainBytes = writeModel({
  task: "network",
  network: plain,
  parameters: initialParameters(plain, 1),
  data: {},
});

describe("weights that are no numbers", () => {
  it.each(Object.keys(asked))("are named when a %s is opened", async (name) => {
    const model = readModel(bytesOf(name));
    const [parameter = "", tensor] = [...model.parameters][0] ?? [];
    tensor?.data.fill(Number.NaN, 1, 2);
    await expect(
      openModel(writeModel(model), { name: "m", executor: await createReferenceExecutor() }),
    ).rejects.toThrow(
      `m, tensor ${parameter}: holds NaN at place 1. With such weights every answer is nonsense`,
    );
  });
});

describe("a model of any task", () => {
  it("is told from its file, bytes or read", async () => {
    const files = [...Object.keys(asked).map(bytesOf), plainBytes];
    const tasks = await Promise.all(
      files.map(
        async (bytes) => (await openModel(bytes, { executor: await createReferenceExecutor() })).task,
      ),
    );
    expect([...tasks].sort()).toEqual([...taskNames].sort());
    const opened = await openModel(readModel(plainBytes), { executor: await createReferenceExecutor() });
    expect(opened).toMatchObject({ task: "network", inputs: expect.stringContaining("token ids") });
  });
  it("answers as its own verb does, as value, as JSON and as text", async () => {
    const opened = await openModel(bytesOf("classifier-texts"), {
      executor: await createReferenceExecutor(),
    });
    if (opened.task !== "classifier") throw new Error(opened.task);
    const [value] = await opened.model.predict(["a fine day"]);
    const [answer] = await opened.answer(["a fine day"]);
    const { label, probabilities } = value!;
    const text = `${label}\t${probabilities[label]!.toFixed(3)}\ta fine day`;
    expect(answer).toEqual({ value, json: { label, probabilities }, text });
  });
  it.each([...Object.keys(asked), "classifier-series", "classifier-vectors"])(
    "answers a stream as it answers a list, however the inputs of %s come",
    async (name) => {
      const numbers: Readonly<Record<string, AnyInput[]>> = {
        "classifier-series": [
          [[0.5, 2]],
          [
            [5, 0.25],
            [1, 1],
          ],
        ],
        "classifier-vectors": [
          [0.5, -1],
          [3, 3],
        ],
      };
      const few = asked[name] ?? numbers[name]!;
      const inputs = Array.from({ length: 40 }, (_, i) => few[i % few.length]!);
      const model = await openModel(bytesOf(name), { executor: await createWasmExecutor() });
      const whole = JSON.stringify(await model.answer(inputs));
      async function* slowly(): AsyncGenerator<AnyInput> {
        for (const [i, input] of inputs.entries()) {
          if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
          yield input;
        }
      }
      for (const stream of [inputs, slowly()]) {
        const answers = [];
        for await (const answer of model.answers(stream)) answers.push(answer);
        // Also the numbers that name inputs go on from group to group.
        expect(JSON.stringify(answers)).toBe(whole);
      }
      model.dispose();
    },
  );
  it("answers a stream up to the input that it cannot take, and names inputs by a function", async () => {
    const model = await openModel(bytesOf("classifier-vectors"), {
      executor: await createReferenceExecutor(),
    });
    const seen: string[] = [];
    const ask = async (inputs: readonly AnyInput[]): Promise<void> => {
      const names = (input: readonly number[], i: number): string => `${i}: ${input[0]}`;
      for await (const { text } of model.answers(inputs, { names })) seen.push(text.split("\t")[2]!);
    };
    await expect(ask([[1, 2], [3, 4], [5]])).rejects.toThrow(
      "input 3: the vector is [5]. It needs 2 finite numbers",
    );
    await expect(ask([[1, 2], [3, 4], "a"])).rejects.toThrow("is a text, where vectors belong");
    await expect(ask([[7, 2], null as never])).rejects.toThrow("input 2 is null");
    expect(seen).toEqual(["0: 1", "1: 3", "0: 1", "1: 3", "0: 7"]);
    expect(() => model.answers([], { horizon: 3 })).toThrow("a classifier cannot use the option horizon");
  });
  it("keeps a label with a tab or a line end in its column", async () => {
    const { tabbed } = await import("./answer.js");
    expect(tabbed(["a\tb\n\r", undefined, "c"])).toBe("a\\tb\\n\\r\t\tc");
  });
  it("takes null for a number that JSON cannot write", async () => {
    const executor = await createReferenceExecutor();
    const opened = await openModel(bytesOf("classifier-vectors"), { executor });
    const [missing] = await opened.answer([[0.5, null as unknown as number]]);
    expect(missing!.json).toEqual((await opened.answer([[0.5, Number.NaN]]))[0]!.json);
    expect(missing!.json).not.toEqual((await opened.answer([[0.5, 0]]))[0]!.json);
  });
  it("refuses inputs of another form and options without effect, by name", async () => {
    const executor = await createReferenceExecutor();
    const opened = await openModel(bytesOf("translator"), { executor });
    await expect(opened.answer(["ab", ["b"]])).rejects.toThrow(
      "input 2 is a list. This translator takes texts.",
    );
    await expect(opened.answer([null as never])).rejects.toThrow("input 1 is null");
    await expect(opened.answer(["ab"], { horizon: 3 })).rejects.toThrow(
      "a translator cannot use the option horizon; leave it out",
    );
    const net = await openModel(plainBytes, { executor: await createReferenceExecutor() });
    await expect(net.answer([[[1, 2]]])).rejects.toThrow("step 1 has 2 numbers, but the network takes 1");
  });
  it("refuses files of no known task, naming those that there are", async () => {
    const data = { task: "oracle", network: plain, parameters: initialParameters(plain, 1), data: {} };
    await expect(openModel(writeModel(data), { name: "x.safetensors" })).rejects.toThrow(
      /x\.safetensors.*is of the task "oracle".*This version knows classifier, /,
    );
  });
  it("answers on an executor beside four others, in turns and at once, as alone", async () => {
    const names = Object.keys(asked);
    const alone = new Map<string, string>();
    for (const name of names) {
      const model = await openModel(bytesOf(name), { executor: await createWasmExecutor() });
      alone.set(name, JSON.stringify(await model.answer(asked[name]!)));
      model.dispose();
    }
    const executor = await createWasmExecutor();
    const models = await Promise.all(names.map((name) => openModel(bytesOf(name), { executor })));
    for (let round = 0; round < 3; round++)
      for (const [i, name] of names.entries())
        expect(JSON.stringify(await models[i]!.answer(asked[name]!))).toBe(alone.get(name));
    const at = await Promise.all(models.map((model, i) => model.answer(asked[names[i]!]!)));
    expect(at.map((answers) => JSON.stringify(answers))).toEqual(names.map((name) => alone.get(name)));
    models[0]!.dispose();
    expect(JSON.stringify(await models[1]!.answer(asked[names[1]!]!))).toBe(alone.get(names[1]!));
    for (const model of models.slice(1)) model.dispose();
    executor.dispose();
  });
});
