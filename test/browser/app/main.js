// The page of an application that bundlers.test.ts bundles: it starts the worker and waits.
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
  window.result = data;
};
