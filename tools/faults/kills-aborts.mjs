// @ts-check
/**
 * node kills-aborts.mjs NUMBER COUNT: trainings of all tasks that are aborted in this process, half of them paused, some in a
 * worker, some on threads. Each must end with the signal's reason and its checkpoint, from which it goes on to the bits of one
 * left alone; and at the end there are as many threads as at the beginning. Prints a line for each fault.
 */
import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { classifier, forecaster, generator, tagger, translator } from "unrolled";
import { timeSeries } from "unrolled/data";
import { newestCheckpoint, trainingControl } from "unrolled/train";

const [number = 0, count = 10] = process.argv.slice(2).map(Number);
const texts = Array.from({ length: 40 }, (_, i) => ({
  text: `${i % 2 ? "a fine" : "no"} day ${"and so on ".repeat(i % 5)}`,
  label: i % 2 ? "good" : "bad",
}));
const small = { units: [8], embedding: 8, epochs: 16, batchSize: 8 };
const load = Array.from({ length: 200 }, (_, i) => 10 + 3 * Math.sin(i / 2) + (i % 7));

/** @type {readonly { readonly name: string, readonly train: (options: object) => Promise<any> }[]} */
const tasks = [
  { name: "classifier", train: (more) => classifier.train({ ...small, train: texts, ...more }) },
  {
    name: "tagger",
    train: (more) =>
      tagger.train({
        ...small,
        characters: 4,
        train: texts.map(({ text }) => {
          const tokens = text.trim().split(" ");
          return { tokens, tags: tokens.map((token) => (token === "day" ? "B-DAY" : "O")) };
        }),
        ...more,
      }),
  },
  {
    name: "translator",
    train: (more) =>
      translator.train({
        ...small,
        units: 8,
        vocabularySize: 30,
        train: texts.map(({ text, label }) => ({ source: text.trim(), target: `so ${label}` })),
        ...more,
      }),
  },
  {
    name: "generator",
    train: (more) => generator.train({ ...small, train: texts.map(({ text }) => text.trim()), ...more }),
  },
  {
    name: "forecaster",
    train: (more) =>
      forecaster.train({
        units: 8,
        epochs: 16,
        horizon: 4,
        train: timeSeries({ columns: { load } }),
        ...more,
      }),
  },
];

let state = number * 7919 + 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state >>> 8) / 2 ** 24;
};
const threads = () => (process.platform === "linux" ? readdirSync("/proc/self/task").length : 0);
/** @param {string} line */
const fault = (line) => console.log(line);

function memoryStore() {
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  return {
    save: async (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => void files.set(name, bytes),
    list: async () => [...files.keys()],
    load: async (/** @type {string} */ name) => /** @type {Uint8Array} */ (files.get(name)),
    remove: async (/** @type {string} */ name) => void files.delete(name),
  };
}

/** @param {any} model */
function savedAndGone(model) {
  const bytes = Buffer.from(model.save()).toString("latin1");
  model.dispose();
  return bytes;
}

/** Threads when those that end have ended. @param {number} most */
async function threadsLeft(most) {
  for (let tries = 0; tries < 40 && threads() > most; tries++) await wait(50);
  return threads();
}

/** @type {Map<string, { bytes: string, steps: number }>} */
const whole = new Map();
/** @param {(typeof tasks)[number]} task */
async function undisturbed({ name, train }) {
  const known = whole.get(name);
  if (known) return known;
  const model = await train({});
  const { steps } = model.training;
  const made = { steps, bytes: savedAndGone(model) };
  whole.set(name, made);
  return made;
}

/** @param {number} i */
async function abortOne(i) {
  const task = tasks[i % tasks.length];
  if (!task) return;
  const { bytes, steps } = await undisturbed(task);
  const isPaused = (i + Math.floor(i / tasks.length)) % 2 === 0;
  const worker = random() < 0.2;
  const place = random() < 0.3 ? { threads: 2 } : {};
  const what = `${task.name}${isPaused ? ", paused" : ""}${worker ? ", in a worker" : ""}`;
  const at = Math.floor(random() * (steps - 1));
  const store = memoryStore();
  const [stop, control] = [new AbortController(), trainingControl()];
  const reason = new Error("enough");
  const disturb = () => {
    if (stop.signal.aborted) return;
    if (!isPaused) return stop.abort(reason);
    control.pause();
    setTimeout(() => stop.abort(reason), 60 * random());
  };
  if (at === 0) disturb();
  const training = task.train({
    ...place,
    worker,
    control,
    signal: stop.signal,
    checkpoints: { store, everySteps: 50 },
    onProgress: (/** @type {{ step: number }} */ { step }) => {
      if (step === at) disturb();
    },
  });
  const timer = wait(20_000, "hangs", { ref: false });
  const ended = await Promise.race([
    training.then(
      (model) => {
        model.dispose();
        return "done";
      },
      (/** @type {unknown} */ error) => error,
    ),
    timer,
  ]);
  if (ended === "hangs") return fault(`${what}: it hangs when aborted at step ${at}`);
  // In a worker steps go on until the message is there.
  if (ended === "done") return worker ? undefined : fault(`${what}: it goes on to the end although aborted`);
  if (ended !== reason) return fault(`${what}: it ends with ${ended}`);
  const newest = await newestCheckpoint(store);
  if (!newest) return at === 0 ? undefined : fault(`${what}: its ${at} steps are lost`);
  if (newest.step < at) fault(`${what}: the steps from ${newest.step} to ${at} are lost`);
  const again = savedAndGone(await task.train({ ...place, resume: newest.bytes }));
  if (again !== bytes) fault(`${what}: other bits after going on from step ${newest.step}`);
}

// What an engine starts once is there after the first training.
await undisturbed(/** @type {(typeof tasks)[number]} */ (tasks[0]));
const before = await threadsLeft(0);
for (let i = 0; i < count; i++) await abortOne(number * count + i);
const after = await threadsLeft(before);
if (after > before) fault(`${after - before} threads are left over`);
