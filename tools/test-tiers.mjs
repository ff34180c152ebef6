// @ts-check
/**
 * Runs the tests of the WebAssembly executor and of training in every tier, on this Node and on Node 24 where
 * `npm ci --prefix tools/node24` has installed it. `npm run test:tiers`; not part of `npm test`, which runs the tiers
 * that its own Node has.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const newer = fileURLToPath(new URL("node24/node_modules/.bin/node", import.meta.url));
const runs = [{ node: process.execPath, tiers: ["simd"] }];
if (existsSync(newer)) runs.push({ node: newer, tiers: ["simd", "relaxed", "paired"] });
else console.error("Node 24 is not installed in tools/node24: its tiers relaxed and paired are left out");

let failed = 0;
for (const { node, tiers } of runs) {
  for (const tier of tiers) {
    console.error(`\n${node}: tier ${tier}`);
    const args = ["node_modules/vitest/vitest.mjs", "run", "src/exec/wasm", "src/train/step/wasm.test.ts"];
    const { status } = spawnSync(node, args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, UNROLLED_TIER: tier },
    });
    if (status !== 0) failed++;
  }
}
process.exitCode = failed > 0 ? 1 : 0;
