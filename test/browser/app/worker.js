// The worker of the application: trains a classifier as a user would and asks it.
import { classifier } from "unrolled";

async function main() {
  const words = { good: "a fine and lovely day", bad: "a dull and dreary night" };
  const train = Array.from({ length: 40 }, (_, i) => {
    const label = i % 2 ? "good" : "bad";
    return { text: words[label], label };
  });
  const model = await classifier.train({ train, units: [8], embedding: 8, epochs: 20 });
  const answers = await model.predict(Object.values(words));
  postMessage({ found: answers.map(({ label }) => label) });
}

main().catch((error) => postMessage({ error: String(error) }));
