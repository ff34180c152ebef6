// @ts-check
/** Our contestants' process: node bench/ours/serve.mjs (run | limit) "TIER THREADS". One row per kind of task. */
import { serve } from "../protocol.mjs";
import { prepareBatch } from "./batch.mjs";
import { prepareLimit } from "./limit.mjs";
import { prepareStartup } from "./startup.mjs";
import { prepareStream } from "./stream.mjs";
import { tierOf } from "./tiers.mjs";

const kinds = { train: prepareBatch, forward: prepareBatch, stream: prepareStream, startup: prepareStartup };
const [, , what, tier = ""] = process.argv;
const row = tierOf(tier);

await serve(async (task) =>
  (what === "limit" ? prepareLimit : kinds[task.kind])(task, await row.create(), tier),
);
