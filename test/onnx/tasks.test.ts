/**
 * Models of the tasks as whoever runs them elsewhere has them: from the file of a trained model to ONNX, and there from real
 * data, with what stands in the file's metadata (vocabularies, labels, the chain of tags, scalers), to the same answers.
 */
import { describe, expect, it } from "vitest";
import { mgu } from "../../src/cell/cells.cases.js";
import { encode, type Vocabulary, vocabularyFromJson, wordTokens } from "../../src/data/index.js";
import { readModel } from "../../src/io/index.js";
import { feedsFor, rowsOf } from "../../src/io/onnx/export/export.cases.js";
import { exportOnnx, type OnnxPart } from "../../src/io/onnx/index.js";
import { decodeModel } from "../../src/io/onnx/messages.js";
import { viterbi } from "../../src/nn/index.js";
import { directExample } from "../../src/tasks/forecaster/direct.js";
import { settingsFromJson } from "../../src/tasks/forecaster/file.js";
import { salesSeries } from "../../src/tasks/forecaster/forecaster.cases.js";
import { scaledSeries } from "../../src/tasks/forecaster/series.js";
import { levelOf } from "../../src/tasks/forecaster/windows.js";
import { noteExample } from "../../src/tasks/generator/notes/network.js";
import { tokensFromJson } from "../../src/tasks/generator/text/tokens.js";
import { classifier, forecaster, generator, tagger, translator } from "../../src/tasks/index.js";
import { taggerInput, vocabulariesFromJson } from "../../src/tasks/tagger/input.js";
import { sideFromJson } from "../../src/tasks/translator/text.js";
import { isMissing, type RunTensor, runtime, runtimeNames, suiteName } from "./runtimes.js";

/** Probabilities of float32 softmaxes after some twenty steps, ours in WebAssembly and theirs, each within some 1e-6. */
const TOLERANCE = 2e-5;

/** What stands under "unrolled" in a file's metadata. */
function about({ bytes }: OnnxPart): {
  readonly data: Readonly<Record<string, unknown>>;
  readonly chain: Readonly<Record<string, number[][] & number[]>>;
} {
  const entry = decodeModel(bytes).metadata.find(({ key }) => key === "unrolled");
  return JSON.parse(entry!.value!) as ReturnType<typeof about>;
}

const texts = [
  ["a lovely film , not dull at all", "good"],
  ["dull and poor", "bad"],
  ["fine work and a lovely book", "good"],
  ["not fine , it is poor work", "bad"],
] as const;
const train = Array.from({ length: 24 }, (_, i) => {
  const [text, label] = texts[i % 4]!;
  return { text, label };
});

type States = Readonly<Record<string, RunTensor>>;

/** Where one sequence starts, from numbers or what an encoder gave. */
const startStates = ({ states }: OnnxPart, given: States = {}): States =>
  Object.fromEntries(
    states.map(({ name, input = "", width, start }): [string, RunTensor] => {
      const row = typeof start === "number" ? Array<number>(width).fill(start) : start;
      return [input, row ? { type: "float32", dims: [1, width], data: row } : given[`${name}.start`]!];
    }),
  );

/** The states that a step gave, as it takes them. */
const nextStates = ({ states }: OnnxPart, found: States): States =>
  Object.fromEntries(states.map(({ input = "", output }) => [input, found[output]!]));

const ids = (dims: readonly number[], data: readonly number[]): RunTensor => ({ type: "int32", dims, data });

/** The most probable of a row. */
const best = ({ data }: RunTensor): number => {
  const row = Array.from(data as ArrayLike<number>);
  return row.indexOf(Math.max(...row));
};

for (const name of runtimeNames) {
  describe.skipIf(isMissing(name))(suiteName(name), () => {
    it("a classifier of texts, of a user's cell", async () => {
      const settings = { units: [6], embedding: 6, epochs: 4, minimumCount: 1, direction: "both" } as const;
      const model = await classifier.train({ train, ...settings, cell: mgu });
      const file = readModel(model.save());
      const [part] = exportOnnx(file) as [OnnxPart];
      const { data } = about(part);
      const vocabulary: Vocabulary = vocabularyFromJson(data["vocabulary"], "metadata");
      const asked = [
        "a fine film",
        "",
        "dull , dull , dull work and nothing that was ever heard of before",
        "poor",
      ];
      const examples = asked.map((text) => ({ input: encode(vocabulary, wordTokens(text)) }));
      const session = await (await runtime(name)).load(part.bytes);
      const { prediction } = await session.run(feedsFor(part, file.network, examples));
      const wanted = await model.predict(asked);
      model.dispose();
      wanted.forEach(({ label, probabilities }, i) => {
        const row = rowsOf(prediction!, i, 1)[0]!;
        const labels = data["labels"] as readonly string[];
        expect(labels[row.indexOf(Math.max(...row))]).toBe(label);
        labels.forEach((of, k) => {
          expect(Math.abs(row[k]! - probabilities[of]!)).toBeLessThan(TOLERANCE);
        });
      });
    });

    it("a tagger, with words, characters and look, its tags from emissions and the chain", async () => {
      const sentences = [
        { tokens: ["Ada", "Lovelace", "lives", "in", "London"], tags: ["B-p", "I-p", "O", "O", "B-t"] },
        { tokens: ["in", "Berlin", "it", "rains"], tags: ["O", "B-t", "O", "O"] },
        { tokens: ["Emmy", "Noether"], tags: ["B-p", "I-p"] },
      ];
      const many = Array.from({ length: 24 }, (_, i) => sentences[i % 3]!);
      const settings = { units: [6], embedding: 6, characters: 4, epochs: 6, batchSize: 8, minimumCount: 1 };
      const model = await tagger.train({ train: many, ...settings });
      const file = readModel(model.save());
      const [part] = exportOnnx(file) as [OnnxPart];
      const { data, chain } = about(part);
      const vocabularies = vocabulariesFromJson(data, "metadata");
      const asked = [
        ["Emmy", "rains", "in", "Lovelace"],
        ["Paris"],
        ["an", "incomprehensibilities-like", "Berlin"],
      ];
      const examples = asked.map((tokens) => ({ input: taggerInput(tokens, vocabularies, file.network) }));
      const session = await (await runtime(name)).load(part.bytes);
      const { scores } = await session.run(feedsFor(part, file.network, examples));
      const taggings = await model.predict(asked);
      model.dispose();
      taggings.forEach(({ tags }, i) => {
        const emissions = rowsOf(scores!, i, asked[i]!.length);
        const transitions = (chain["crf.w_t"] as number[][]).flat();
        const [start, end] = ["crf.b_start", "crf.b_end"].map((of) => chain[of] as number[]);
        const path = viterbi(emissions, { transitions, start: start!, end: end! });
        expect(path.map((k) => (data["tags"] as readonly string[])[k])).toEqual(tags);
      });
    });

    it("a generator of names, greedily, step by step", async () => {
      const names = ["mirasaurus", "dorodon", "baliraptor", "kemasaurus", "lunodon", "doraptor"];
      const settings = { units: [12], dropout: 0, epochs: 25, batchSize: 6 };
      const model = await generator.train({ train: names.map((text) => ({ text })), ...settings });
      const [part] = exportOnnx(readModel(model.save()), { stream: true }) as [OnnxPart];
      const { data } = about(part);
      const tokens = tokensFromJson(data["unit"], data["tokens"], "metadata");
      const [wanted] = await model.generate({ temperature: 0, length: 20 });
      model.dispose();
      const session = await (await runtime(name)).load(part.bytes);
      let states = startStates(part);
      // Of lines the mark after the vocabulary begins each, and ends it.
      let next = tokens.size;
      let written = "";
      for (let t = 0; t < 20; t++) {
        const found = await session.run({ input: ids([1, 1], [next]), ...states });
        next = best(found["prediction"]!);
        if (next === tokens.size) break;
        written += tokens.token(next);
        states = nextStates(part, found);
      }
      expect(written.length).toBeGreaterThan(3);
      expect(written).toBe(wanted?.text);
    });

    it("a generator of piano-rolls: the probability of every key at every step", async () => {
      const chords = [[48, 64, 67], [53, 65, 69], [43, 65, 71], []];
      const rolls = Array.from({ length: 6 }, (_, i) =>
        Array.from({ length: 16 }, (_, t) => chords[(i + t) % 4]!),
      );
      const settings = { unit: "note", units: [8], epochs: 3, batchSize: 4 } as const;
      const model = await generator.train({ ...settings, train: rolls });
      const file = readModel(model.save());
      const [part] = exportOnnx(file) as [OnnxPart];
      const roll = rolls[1]!;
      const session = await (await runtime(name)).load(part.bytes);
      const examples = [noteExample("independent", roll)];
      const { prediction } = await session.run(feedsFor(part, file.network, examples));
      const rows = rowsOf(prediction!, 0, roll.length);
      const { metrics } = await model.evaluate([roll]);
      model.dispose();
      // −log of what the rows say of the keys that are down and up, of all steps but the first: nats per step.
      const nats = rows.slice(1).map((row, t) => {
        const down = new Set(roll[t + 1]!.map((pitch) => pitch - 21));
        return row.reduce((sum, p, key) => sum - Math.log(down.has(key) ? p : 1 - p), 0);
      });
      expect(nats.reduce((a, b) => a + b) / nats.length / metrics.nllPerStep).toBeCloseTo(1, 4);
    });

    it("a forecaster with a shortcut and a column that is known ahead, in the units of the data", async () => {
      const series = salesSeries(400);
      const model = await forecaster.train({
        train: series,
        targets: ["sales"],
        future: ["promo"],
        horizon: 6,
        window: 48,
        segment: 6,
        units: 8,
        epochs: 2,
        split: [0.7, 0.15, 0.15],
      });
      const file = readModel(model.save());
      const [part] = exportOnnx(file) as [OnnxPart];
      const settings = settingsFromJson(about(part).data, "metadata");
      const known = { ...series, length: 394 };
      const held = Object.fromEntries(
        Object.entries(series.columns).map(([key, values]) => [
          key,
          key === "promo" ? values : values.map((v, row) => (row < 394 ? v : Number.NaN)),
        ]),
      );
      const [wanted] = await model.predict({ ...known, length: 400, columns: held });
      model.dispose();
      const window = {
        scaled: scaledSeries(settings, { ...series, columns: held }, 6),
        target: 0,
        origin: 394,
      };
      const examples = [directExample(settings, window, false)];
      const session = await (await runtime(name)).load(part.bytes);
      const { prediction } = await session.run(feedsFor(part, file.network, examples));
      const { level, scale } = levelOf(settings, window.scaled.targets[0]!.filled, 394);
      const { mean, deviation } = settings.scaler;
      const found = Array.from(prediction!.data as ArrayLike<number>, (v) => {
        return (v * scale + level) * deviation[0]! + mean[0]!;
      });
      // Numbers around 60, of float32.
      found.forEach((v, h) => expect(v).toBeCloseTo(wanted!.forecast["sales"]![h]!, 3));
      expect(found).toHaveLength(6);
    });

    it("a translator, greedily: the encoder once, then token by token", async () => {
      const words = ["one", "two", "three", "four", "five"];
      const pairs = Array.from({ length: 40 }, (_, i) => {
        const digits = [i % 5, (3 * i + 1) % 5, (i >> 1) % 5].slice(0, 2 + (i % 2));
        return { source: digits.map((d) => words[d]).join(" "), target: digits.map((d) => d + 1).join(" ") };
      });
      const settings = {
        units: 12,
        embedding: 8,
        dropout: 0,
        epochs: 20,
        batchSize: 8,
        unit: "word",
      } as const;
      const model = await translator.train({ train: pairs, ...settings });
      const [encoder, step] = exportOnnx(readModel(model.save())) as [OnnxPart, OnnxPart];
      const { data } = about(step);
      const [from, to] = [data["source"], data["target"]].map((side) => sideFromJson(side, "metadata"));
      const asked = ["two five", "three one four", "four"];
      const wanted = await model.predict(asked, { width: 1, lengthPenalty: 0 });
      model.dispose();
      const ort = await runtime(name);
      const [first, then] = [await ort.load(encoder.bytes), await ort.load(step.bytes)];
      for (const [i, text] of asked.entries()) {
        const source = Array.from(from!.encode(text));
        const fixed = { "source.lengths": ids([1], [source.length]) };
        const memory = await first.run({ source: ids([source.length, 1], source), ...fixed });
        const { h, keys } = memory as { h: RunTensor; keys: RunTensor };
        let states = startStates(step, memory);
        const written: number[] = [];
        // After the vocabulary's tokens come the end and the begin.
        const end = to!.size;
        for (let next = end + 1; written.length < 20; written.push(next)) {
          const found = await then.run({ target: ids([1], [next]), h, keys, ...fixed, ...states });
          next = best(found["prediction"]!);
          if (next === end) break;
          states = nextStates(step, found);
        }
        expect(to?.decode(written)).toBe(wanted[i]?.text);
        expect(written.length).toBeGreaterThan(0);
      }
    });
  });
}
