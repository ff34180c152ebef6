// Our contestants: node bench/ours/serve.mjs (run | limit) "TIER THREADS". One row per kind of task.
import { prepareLimit } from "../limit.mjs";
import { serve } from "../protocol.mjs";
import { prepareBatch } from "./batch.mjs";
import { prepareStartup } from "./startup.mjs";
import { prepareStream } from "./stream.mjs";
import { tiers } from "./tiers.mjs";

const kinds = { train: prepareBatch, forward: prepareBatch, stream: prepareStream, startup: prepareStartup };
const [, , what, tier] = process.argv;
const row = tiers.find(({ name, threads }) => `${name} ${threads}` === tier);
if (!row)
  throw new Error(`there is no tier "${tier}"; there are ${tiers.map((t) => `${t.name} ${t.threads}`)}`);

await serve(async (task) =>
  (what === "limit" ? prepareLimit : kinds[task.kind])(task, await row.create(), tier),
);
