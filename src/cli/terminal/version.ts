/**
 * The version of the package that runs.
 */
import { createRequire } from "node:module";

/** As in package.json, which the package finds by its own name: where this module ends up in the bundle is not known here. */
export function version(): string {
  const packageJson: { version: string } = createRequire(import.meta.url)("unrolled/package.json");
  return packageJson.version;
}
