/**
 * Where the built package has its kernels: beside the code that loads them, whichever file the bundler put that into.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** The path of the kernels of a tier. @throws Error if the package is not built */
export function kernelsOf(tier: string): string {
  const name = `kernels.${tier}.wasm`;
  const found = readdirSync(dist, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith(name));
  if (found === undefined) throw new Error(`there is no ${name} in dist; build first: npm run build`);
  return join(dist, found);
}
