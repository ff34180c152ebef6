/**
 * The page of an application that bundlers.test.ts bundles. It trains a classifier as a user would, who has read that
 * training on a page goes on in a worker, and notes its own tasks of more than 50 ms meanwhile.
 */
import { classifier } from "unrolled";

const words = { good: "a fine and lovely day", bad: "a dull and dreary night" };
const train = Array.from({ length: 400 }, (_, i) => {
  const label = i % 2 ? "good" : "bad";
  return { text: words[label], label };
});

async function main() {
  await new Promise((resolve) => setTimeout(resolve, 200));
  const long = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) long.push(duration);
  });
  observer.observe({ entryTypes: ["longtask"] });
  let steps = 0;
  const onProgress = ({ step }) => {
    steps = step;
  };
  const model = await classifier.train({ train, batchSize: 100, epochs: 30, onProgress });
  observer.disconnect();
  const answers = await model.predict(Object.values(words));
  return { labels: answers.map(({ label }) => label), steps, long };
}

main().then(
  (found) => {
    window.result = { found };
  },
  (error) => {
    window.result = { error: String(error) };
  },
);
